/* Sums of powers by label, of which the digest of some rows is made: see state/digest.py. Included once a level. */

/* Add the first n of two rows of powers, `stride` apart, to the sums (2, size) that the codes name. They are whole numbers,
 * and so few that every sum is exact, in any order. Returns 0, with nothing added, for a code that is none of `size`. */
static int add_powers(const int32_t *codes, const double *powers, int64_t stride, int64_t n, int64_t size, double *sums) {
    int64_t bad = 0, several = 0;
    for (int64_t i = 0; i < n; i++) {
        bad |= (uint64_t)(int64_t)codes[i] >= (uint64_t)size;
        several |= codes[i] > 1;
    }
    if (bad) return 0;
    for (int lane = 0; lane < 2 && !several; lane++) {
        const double *restrict of_lane = powers + lane * stride;
        double all = 0.0, second = 0.0;
        REDUCED(reduction(+ : all) reduction(+ : second))
        for (int64_t i = 0; i < n; i++) {
            all += of_lane[i];
            second += codes[i] ? of_lane[i] : 0.0;
        }
        sums[lane * size] += all - second;
        if (size > 1) sums[lane * size + 1] += second;
    }
    for (int64_t i = 0; several && i < n; i++) {
        sums[codes[i]] += powers[i];
        sums[size + codes[i]] += powers[stride + i];
    }
    return 1;
}
