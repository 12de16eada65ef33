/* Tokens of lists, laid flat: each one's loss, the exact sum of all, and one sum a list. Included once a level, by passes.h.
 *
 * What they come to is defined in kernels/truth.py, and the order of the sum of a list in kernels/lists.py.
 */

enum { TOKENS = 4096 }; /* of one chunk: its losses stay in the first cache */

/* The values of a chunk as losses; lists `row` up to `rows` begin in it. A list may begin with NaN: its first token has the
 * loss 0 then, and `lead` is 1 for it. Returns whether all others lie between the limits. */
static int losses_of(const ragged *job, int64_t first, int n, int64_t row, int64_t rows, double *x, double *low, double *high) {
    int led = 0;
    widen(x, job->values, job->type, first, n);
    for (int64_t i = row; i < rows; i++) {
        int64_t at = job->offsets[i] - first, length = job->offsets[i + 1] - job->offsets[i];
        job->lead[i] = 0;
        if (length < 1 || at < 0 || x[at] == x[at]) continue;
        if (length < 2 || at + 1 >= n) return 0; /* nothing stands for it while the range is looked at */
        x[at] = x[at + 1];
        led = job->lead[i] = 1;
    }
    if (!look(x, n, job->from, job->to, low, high)) return 0;
    double worth = job->worth;
    INDEPENDENT
    for (int i = 0; i < n; i++) x[i] = 0.0 - x[i] * worth;
    if (led)
        for (int64_t i = row; i < rows; i++)
            if (job->lead[i]) x[job->offsets[i] - first] = 0.0;
    return 1;
}

/* A list that is longer than a chunk. Nothing is added before all of it was looked at. */
static int add_long_list(const ragged *job, int64_t row, double *x, double *low, double *high) {
    int64_t start = job->offsets[row], stop = job->offsets[row + 1];
    double total = 0.0;
    for (int again = 0; again < 2; again++)
        for (int64_t first = start; first < stop; first += TOKENS) {
            int n = (int)(stop - first < TOKENS ? stop - first : TOKENS);
            if (!losses_of(job, first, n, row, first == start ? row + 1 : row, x, low, high)) return 0;
            if (!again) continue;
            add_values(x, NULL, n, 1, job->limbs, job->chunks);
            for (int from = 0; from < n; from += RUN) total += sum_of_run(x + from, n - from < RUN ? n - from : RUN, 0);
        }
    job->loss[row] = total;
    return 1;
}

/* Add the lists from `start` up to `stop`, or up to a chunk with a value that does not fit. Returns where it ended. */
static int64_t add_lists(ragged *job, int64_t start, int64_t stop) {
    double x[TOKENS];
    const int64_t *offsets = job->offsets;
    while (start < stop) {
        double low = job->low, high = job->high;
        int64_t end = start + 1, first = offsets[start];
        if (offsets[end] - first > TOKENS) {
            if (!add_long_list(job, start, x, &low, &high)) break;
        } else {
            while (end < stop && offsets[end + 1] - first <= TOKENS) end++;
            int n = (int)(offsets[end] - first);
            if (!losses_of(job, first, n, start, end, x, &low, &high)) break;
            add_values(x, NULL, n, 1, job->limbs, job->chunks);
            for (int64_t i = start; i < end; i++) job->loss[i] = sum_of_row(x + (offsets[i] - first), offsets[i + 1] - offsets[i], 0);
        }
        job->low = low, job->high = high;
        start = end;
    }
    return start;
}

/* The sum of each of n lists. */
static void sum_lists(const double *values, const int64_t *offsets, int64_t n, double *sums) {
    for (int64_t i = 0; i < n; i++) sums[i] = sum_of_row(values + offsets[i], offsets[i + 1] - offsets[i], 0);
}
