/* Which runs of neighbouring rows may be in the sample of a file. Included once a level, by passes.h.
 *
 * The hash is that of state/sample.py, which says what it is for.
 */

NOINLINE static int64_t hash_runs(uint64_t first, int n, uint64_t mask, uint64_t bound, uint64_t *restrict keys) {
    int64_t some = 0;
    EACH(i, n) {
        uint64_t mixed = (first + (uint64_t)i + 1) * 0x9E3779B97F4A7C15ULL;
        mixed ^= mixed >> 32;
        mixed *= 0xFF51AFD7ED558CCDULL;
        mixed ^= mixed >> 29;
        keys[i] = mixed & mask;
        some |= keys[i] < bound;
    }
    return some;
}

/* Find the runs from `first` on, n of them, whose keys are below `bound`: their numbers and keys. Returns how many. */
static int64_t runs_below(int64_t first, int64_t n, uint64_t mask, uint64_t bound, int64_t *runs, uint64_t *keys) {
    uint64_t hashed[ROWS];
    int64_t found = 0;
    for (int64_t start = 0; start < n; start += ROWS) {
        int some = (int)(n - start < ROWS ? n - start : ROWS);
        if (!hash_runs((uint64_t)(first + start), some, mask, bound, hashed)) continue;
        EACH(i, some)
            if (hashed[i] < bound) {
                runs[found] = first + start + i;
                keys[found++] = hashed[i];
            }
    }
    return found;
}
