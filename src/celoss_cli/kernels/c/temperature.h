/* Rows at other temperatures than their own, as `celoss diagnose` tries them. Included once a level, by passes.h.
 *
 * The NumPy code that says what it is stands in scoring/log_scores.py and state/temperature.py.
 */

enum { TRIED = 5, AT_ONE = 6, LOW_BITS = 20 };

#define MAGIC_CURVE 0x1.8p+22  /* rounds to multiples of 2^-30 */
#define MAGIC_CURVE_FINE 0x1.8p+8    /* of 2^-44 */
#define MAGIC_CURVE_SPREAD 0x1.8p+16 /* of 2^-36 */

enum { MOST_AT_ONCE = 4096 };

/* How many rows of so many classes are worked on at a time, so that what is made of them stays in the nearest cache. */
static int64_t rows_at_once(int64_t classes) {
    int64_t rows = ROWS;
    while (rows > MOST_AT_ONCE / FEW_CLASSES && 2 * rows * classes > MOST_AT_ONCE) rows /= 2;
    return rows;
}

NOINLINE static double powers_below(const double *restrict x, const double *restrict best, double *restrict below,
                                    double *restrict power, double *restrict total, int n) {
    double least = 0.0;
    REDUCED(reduction(min : least))
    EACH(i, n) {
        double distance = x[i] - best[i];
        below[i] = distance;
        least = distance < least ? distance : least;
    }
    EACH(i, n) {
        power[i] = exp_of(below[i]);
        total[i] += power[i];
    }
    return least;
}

NOINLINE static void shares_of(const double *restrict power, const double *restrict total, double *restrict p, int n) {
    EACH(i, n) p[i] = power[i] / total[i];
}

NOINLINE static void note_largest(const double *restrict x, const double *restrict best, int64_t class, int64_t *restrict found,
                                  int n) {
    EACH(i, n) found[i] = x[i] == best[i] ? class : found[i];
}

/* Of log-scores by class (C, n), of at most FEW_CLASSES: the largest of each row, how far the others are below it, the
 * exponentials of that, their sum, what each is of the sum, and the first class that is the largest. Returns how far
 * the farthest is below. */
static double softmax(const double *x, int64_t classes, int64_t rows, double *best, double *below, double *power, double *total,
                      double *p, int64_t *predicted) {
    double least = 0.0;
    int64_t step = rows_at_once(classes);
    for (int64_t from = 0; from < rows; from += step) {
        int n = (int)(rows - from < step ? rows - from : step);
        largest_of_columns(x + from, rows, classes, n, best + from);
        EACH(i, n) total[from + i] = 0.0;
        for (int64_t k = 0; k < classes; k++) {
            int64_t at = k * rows + from;
            double lower = powers_below(x + at, best + from, below + at, power + at, total + from, n);
            least = lower < least ? lower : least;
        }
        for (int64_t k = 0; k < classes; k++) shares_of(power + k * rows + from, total + from, p + k * rows + from, n);
        for (int64_t k = classes - 1; k >= 0; k--) note_largest(x + k * rows + from, best + from, k, predicted + from, n);
    }
    return least;
}

NOINLINE static void powers_at(const double *restrict x, double beta, double *restrict power, int n) {
    EACH(i, n) power[i] = exp_of(x[i] * beta);
}

/* What rows lose at one temperature, and the slope and the curvature of that, from Σ w, Σ w x and Σ w x². */
typedef struct {
    double total[ROWS], first[ROWS], second[ROWS], loss[ROWS], slope[ROWS], curvature[ROWS];
} at_beta;

NOINLINE static void lose(at_beta *restrict at, const double *restrict truth, double beta, int n) {
    EACH(i, n) {
        double mean = at->first[i] / at->total[i], curvature = at->second[i] / at->total[i] - mean * mean;
        at->loss[i] = log_of(at->total[i]) - beta * truth[i];
        at->slope[i] = mean - truth[i];
        at->curvature[i] = curvature > 0.0 ? curvature : 0.0;
    }
}

/* Whether all values lie within ±most; a NaN does not. */
NOINLINE static int within(const double *restrict x, double most, int n) {
    int64_t beyond = 0;
    EACH(i, n) beyond |= !(magnitude(x[i]) < most);
    return !beyond;
}

NOINLINE static int64_t curve_quanta(const double *restrict x, int n) {
    int64_t sum = 0;
    EACH(i, n) sum += (int64_t)(bits_of(x[i] + MAGIC_CURVE) - bits_of(MAGIC_CURVE));
    return sum;
}

/* Add the loss of rows of at most FEW_CLASSES, its slope and its curvature at five β, each twice the one before, to
 * quanta (3, 5) of 2^-30: x (C, n) are the scores below the largest, none below −2800, truth (n,) that of the label as it is.
 * Returns 0, with nothing added, where one of them is not below 2^16. */
static int curve(const double *x, const double *truth, double beta, int64_t classes, int64_t rows, int64_t *quanta) {
    double power[MOST_AT_ONCE];
    int64_t added[3 * TRIED] = {0}, step = rows_at_once(classes);
    at_beta at;
    for (int64_t from = 0; from < rows; from += step) {
        int n = (int)(rows - from < step ? rows - from : step);
        for (int64_t k = 0; k < classes; k++) powers_at(x + k * rows + from, beta, power + k * step, n);
        for (int j = 0; j < TRIED; j++) {
            moments_of_columns(x + from, rows, power, step, classes, n, j + 1 < TRIED, at.total, at.first, at.second);
            lose(&at, truth + from, beta * (1 << j), n);
            if (!within(at.loss, 0x1p+16, n) || !within(at.slope, 0x1p+16, n) || !within(at.curvature, 0x1p+16, n)) return 0;
            added[j] += curve_quanta(at.loss, n);
            added[TRIED + j] += curve_quanta(at.slope, n);
            added[2 * TRIED + j] += curve_quanta(at.curvature, n);
        }
    }
    for (int j = 0; j < 3 * TRIED; j++) quanta[j] += added[j];
    return 1;
}

/* Add values, rounded by `magic` to quanta, in two parts: sums of so many bits may be beyond 64. */
NOINLINE static void add_quanta(const double *restrict x, double magic, int64_t *parts, int n) {
    int64_t high = 0, low = 0;
    EACH(i, n) {
        int64_t quanta = (int64_t)(bits_of(x[i] + magic) - bits_of(magic));
        int64_t rest = quanta & ((1 << LOW_BITS) - 1);
        high += (quanta - rest) >> LOW_BITS;
        low += rest;
    }
    parts[0] += high;
    parts[1] += low;
}

/* At one β, of rows that lose `before` (n,) as they are: the sums of that, of the loss, its slope, its curvature, the squares
 * of the slope and of what the row gains, added to `parts` (6, 2): quanta of 2^-44, those of squares of 2^-36, the upper and
 * the lower 20 bits. Other arguments as for `curve`. Returns 0, with nothing added, where one is not below 2^50 of them. */
static int fixed(const double *x, const double *truth, const double *before, double beta, int64_t classes, int64_t rows,
                 int64_t *parts) {
    double power[MOST_AT_ONCE], slopes[ROWS], gains[ROWS];
    int64_t added[2 * AT_ONE] = {0}, step = rows_at_once(classes);
    at_beta at;
    for (int64_t from = 0; from < rows; from += step) {
        int n = (int)(rows - from < step ? rows - from : step);
        for (int64_t k = 0; k < classes; k++) powers_at(x + k * rows + from, beta, power + k * step, n);
        moments_of_columns(x + from, rows, power, step, classes, n, 0, at.total, at.first, at.second);
        lose(&at, truth + from, beta, n);
        EACH(i, n) {
            double gain = before[from + i] - at.loss[i];
            slopes[i] = at.slope[i] * at.slope[i];
            gains[i] = gain * gain;
        }
        const double *fine[] = {before + from, at.loss, at.slope, at.curvature}, *squares[] = {slopes, gains};
        for (int j = 0; j < 4; j++) {
            if (!within(fine[j], 0x1p+6, n)) return 0;
            add_quanta(fine[j], MAGIC_CURVE_FINE, added + 2 * j, n);
        }
        for (int j = 0; j < 2; j++) {
            if (!within(squares[j], 0x1p+14, n)) return 0;
            add_quanta(squares[j], MAGIC_CURVE_SPREAD, added + 2 * (4 + j), n);
        }
    }
    for (int j = 0; j < 2 * AT_ONE; j++) parts[j] += added[j];
    return 1;
}
