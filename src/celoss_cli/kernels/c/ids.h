/* Which rows of a column of ids are looked at. Included once a level, by passes.h.
 *
 * The hash is that of tables/id_prints.py, which says what it is for.
 */

/* Find the texts, n of them in `size` bytes, that have two bytes, `word`, so many bytes before their end. Returns how many;
 * `offsets` says where each begins and, behind it, ends, in 8 bytes each if `wide`, else in 4. */
static int64_t texts_ending(const void *offsets, int wide, int64_t n, const uint8_t *data, int64_t size, int64_t before, int word,
                            int64_t *rows) {
    const int64_t *far = offsets;
    const int32_t *near = offsets;
    int64_t found = 0, start = n ? (wide ? far[0] : near[0]) : 0;
    for (int64_t i = 0; i < n; i++) {
        int64_t end = wide ? far[i + 1] : near[i + 1];
        if (start >= 0 && end <= size && end - start >= before) {
            const uint8_t *place = data + (end - before);
            if ((place[0] | place[1] << 8) == word) rows[found++] = i;
        }
        start = end;
    }
    return found;
}

NOINLINE static uint64_t hash_numbers(const uint64_t *restrict bits, int n, int floating, uint64_t largest, uint64_t *restrict hashed) {
    uint64_t some = 0;
    EACH(i, n) {
        uint64_t mixed = bits[i];
        mixed ^= floating ? mixed >> 32 : 0;
        mixed *= 0x9E3779B97F4A7C15ULL;
        mixed ^= mixed >> 32;
        mixed *= 0xD6E8FEB86659FD93ULL;
        hashed[i] = mixed;
        some |= mixed <= largest;
    }
    return some;
}

/* Find the numbers of 8 bytes each, n of them, whose hash is at most `largest`: their rows and hashes. Returns how many. */
static int64_t numbers_below(const uint64_t *bits, int64_t n, int floating, uint64_t largest, int64_t *rows, uint64_t *prints) {
    uint64_t hashed[ROWS];
    int64_t found = 0;
    for (int64_t start = 0; start < n; start += ROWS) {
        int some = (int)(n - start < ROWS ? n - start : ROWS);
        if (!hash_numbers(bits + start, some, floating, largest, hashed)) continue;
        EACH(i, some)
            if (hashed[i] <= largest) {
                rows[found] = start + i;
                prints[found++] = hashed[i] < UINT64_MAX - 1 ? hashed[i] : UINT64_MAX - 1;
            }
    }
    return found;
}
