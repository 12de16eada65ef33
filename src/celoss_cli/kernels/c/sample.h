/* Which runs of neighbouring rows may be in the sample of a file, and what they hold. Included once a level, by passes.h.
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

/* Find the runs from `first` on, n of them, whose keys are below `bound`: the numbers and keys of the rows of the first `room`
 * of these. Returns how many runs there are. */
static int64_t rows_below(int64_t first, int64_t n, uint64_t mask, uint64_t bound, int64_t room, int64_t *rows, uint64_t *keys) {
    uint64_t hashed[ROWS];
    int64_t found = 0, run = (int64_t)(~mask + 1);
    for (int64_t start = 0; start < n; start += ROWS) {
        int some = (int)(n - start < ROWS ? n - start : ROWS);
        if (!hash_runs((uint64_t)(first + start), some, mask, bound, hashed)) continue;
        EACH(i, some)
            if (hashed[i] < bound && found++ < room)
                for (int64_t place = 0; place < run; place++) {
                    *rows++ = (first + start + i) * run + place;
                    *keys++ = hashed[i] | (uint64_t)place;
                }
    }
    return found;
}

/* Fill in what rows start to stop hold of the rows in `numbers`, m of them, ascending: the batch's first has number `base`. */
static void take_rows(const pass *job, int64_t base, int64_t start, int64_t stop, const int64_t *numbers, int64_t m, double *scores,
                      int64_t *codes) {
    int64_t at = 0, end = m;
    while (at < end) {
        int64_t middle = (at + end) / 2;
        if (numbers[middle] - base < start)
            at = middle + 1;
        else
            end = middle;
    }
    for (; at < m && numbers[at] - base < stop; at++) {
        int64_t place = numbers[at] - base;
        int32_t code = 0;
        read_labels(&code, job->labels, job->labels_type, place, 1, job->classes);
        codes[at] = code;
        for (int64_t from = 0; from < job->width; from += RUN) {
            double row[RUN];
            int64_t some = job->width - from < RUN ? job->width - from : RUN;
            if (job->by_row)
                widen(row, job->columns[0], job->scores_type, place * job->width + from, some);
            else
                for (int64_t k = 0; k < some; k++) widen(row + k, job->columns[from + k], job->scores_type, place, 1);
            for (int64_t k = 0; k < some; k++) scores[(from + k) * m + at] = row[k] / job->divisor;
        }
    }
}
