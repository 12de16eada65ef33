/* What `celoss diagnose` adds up of rows that have been scored. Included once a level, by passes.h.
 *
 * The NumPy code that says what it is stands in state/contradictions.py and state/scores.py.
 */

/* Rounded to a multiple of some quantum, of which `magic` is 1.5·2^52. */
INLINE double rounded(double x, double magic) { return (x + magic) - magic; }

#define MAGIC_CHANCES 0x1.8p+15
#define MAGIC_CLASS 0x1.8p+20
#define MAGIC_ROW 0x1.8p+52

/* The rows of one block: whether each contradicts its label, what it points to, how probable that was by chance. */
typedef struct {
    int32_t several[ROWS], near[ROWS], first[ROWS];
    double top[ROWS], chance[ROWS];
} judgement;

NOINLINE static void judge_two(const double *restrict p, int64_t stride, const int64_t *restrict code, const double *from,
                               double slack, int n, int64_t *restrict guess, uint8_t *restrict flagged, double *restrict chance) {
    const double *restrict zeroth = p, *restrict other = p + stride;
    EACH(i, n) {
        int zero = zeroth[i] >= from[0], one = other[i] >= from[1];
        int guess_one = one & ((other[i] > zeroth[i]) | !zero);
        int guess_zero = zero & !guess_one;
        int if_zero = guess_one & (zeroth[i] + slack < other[i]);
        int if_one = guess_zero & (other[i] + slack <= zeroth[i]);
        guess[i] = guess_one - !(guess_one | guess_zero);
        flagged[i] = (uint8_t)(code[i] == 1 ? if_one : if_zero);
        double if_labelled_one = if_one ? other[i] : 0.0;
        chance[i] = if_zero ? zeroth[i] : if_labelled_one;
    }
}

/* How many classes are confident, how many are as probable as the most probable one, and the first confident one. */
NOINLINE static void count_confident(const double *restrict p, int64_t stride, const double *from, double slack, int64_t classes,
                                     int n, judgement *restrict w) {
    EACH(i, n) w->several[i] = w->near[i] = w->first[i] = 0;
    for (int64_t k = classes - 1; k >= 0; k--) {
        const double *restrict column = p + k * stride;
        double least = from[k];
        int32_t class = (int32_t)k;
        EACH(i, n) {
            int confident = column[i] >= least;
            w->several[i] += confident;
            w->near[i] += column[i] >= w->top[i] - 2.0 * slack;
            w->first[i] = confident ? class : w->first[i];
        }
    }
}

/* The probability of the classes that would not be flagged as the label of a row in which several are as probable. */
static double close_to(const double *p, int64_t stride, int64_t classes, int64_t guess, double top, double slack) {
    double total = 0.0;
    for (int64_t k = 0; k < classes; k++) total += k == guess || p[k * stride] + slack > top ? p[k * stride] : 0.0;
    return total;
}

static void judge_several(const double *p, int64_t stride, const int64_t *best, const int64_t *code, const double *from,
                          double slack, int64_t classes, int n, int64_t *guess, uint8_t *flagged, judgement *w) {
    EACH(i, n) w->top[i] = p[best[i] * stride + i];
    count_confident(p, stride, from, slack, classes, n, w);
    EACH(i, n) {
        double top = w->top[i], chance = 0.0;
        guess[i] = !w->several[i] ? -1 : w->several[i] == 1 ? w->first[i] : best[i];
        if (guess[i] >= 0) {
            chance = (1.0 - p[guess[i] * stride + i]) - (guess[i] == best[i] ? 0.0 : top);
            if (w->near[i] > 1) chance = 1.0 - close_to(p + i, stride, classes, guess[i], top, slack);
        }
        chance = chance < 0.0 ? 0.0 : chance;
        w->chance[i] = chance > 1.0 ? 1.0 : chance;
        double raised = p[code[i] * stride + i] + slack;
        int behind = (raised < top) | ((raised == top) & (best[i] < code[i]));
        flagged[i] = (uint8_t)((guess[i] >= 0) & (guess[i] != code[i]) & behind);
    }
}

/* Judge rows stored by class, and add up the chances q and q (1 − q) in `quanta` (2,) of 2^-37, and rows by label and
 * guess in `pairs` (C·C,). Returns how many are flagged, −1 for a class that is none. */
static int64_t contradictions(const double *p, const int64_t *best, const int64_t *codes, const double *from, double slack,
                              int64_t classes, int64_t rows, int64_t *guess, uint8_t *flagged, int64_t *pairs, int64_t *quanta) {
    if (!are_groups(codes, rows, classes) || (classes > 2 && !are_groups(best, rows, classes))) return -1;
    judgement w;
    int64_t count = 0;
    for (int64_t start = 0; start < rows; start += ROWS) {
        int n = (int)(rows - start < ROWS ? rows - start : ROWS);
        const int64_t *code = codes + start;
        int64_t *guessed = guess + start;
        if (classes == 2)
            judge_two(p + start, rows, code, from, slack, n, guessed, flagged + start, w.chance);
        else
            judge_several(p + start, rows, best + start, code, from, slack, classes, n, guessed, flagged + start, &w);
        double sum = 0.0, spread = 0.0; /* of whole quanta, and far below 2^53 of them: exact */
        EACH(i, n) {
            sum += rounded(w.chance[i], MAGIC_CHANCES) * 0x1p+37;
            spread += rounded(w.chance[i] * (1.0 - w.chance[i]), MAGIC_CHANCES) * 0x1p+37;
        }
        quanta[0] += (int64_t)sum;
        quanta[1] += (int64_t)spread;
        EACH(i, n) count += flagged[start + i];
        EACH(i, n)
            if (guessed[i] >= 0) pairs[code[i] * classes + guessed[i]]++;
    }
    return count;
}

NOINLINE static void add_class(const double *restrict p, int64_t rows, int64_t *sum, int64_t *spread) {
    for (int64_t start = 0; start < rows; start += ROWS) {
        int n = (int)(rows - start < ROWS ? rows - start : ROWS);
        int64_t all = 0, varying = 0;
        EACH(i, n) {
            double x = p[start + i];
            all += (int64_t)(bits_of(x + MAGIC_CLASS) - bits_of(MAGIC_CLASS));
            varying += (int64_t)(bits_of((1.0 - x) * x + MAGIC_CLASS) - bits_of(MAGIC_CLASS));
        }
        *sum += all;
        *spread += varying;
    }
}

/* Of two classes the rows of each, and what their own class has, are sums of vectors: of all rows, and of the second class.
 * `zeroth` is null where the first class has no sums. */
NOINLINE static void add_own_of_two(const double *zeroth, const double *restrict other, const int64_t *restrict codes, int64_t rows,
                                    int64_t *restrict own, int64_t *restrict counts) {
    int64_t ones = 0, second = 0, first = 0;
    for (int64_t i = 0; i < rows; i++) {
        ones += codes[i];
        second += (int64_t)(bits_of(other[i] + MAGIC_CLASS) - bits_of(MAGIC_CLASS)) & -codes[i];
    }
    if (zeroth)
        for (int64_t i = 0; i < rows; i++)
            first += (int64_t)(bits_of(zeroth[i] + MAGIC_CLASS) - bits_of(MAGIC_CLASS)) & (codes[i] - 1);
    counts[0] += rows - ones;
    counts[1] += ones;
    own[0] += first;
    own[1] += second;
}

/* Add up probabilities stored by class in quanta of 2^-32: `sums` (3, C) are Σ p, Σ p (1 − p), and Σ p of the rows of the
 * class; `counts` (C,) these rows. With `single`, p (n,) is that of the second of two classes, and the first has no sums.
 * Returns 0, with nothing added, for a class that is none. */
static int add_classes(const double *p, const int64_t *codes, int64_t classes, int64_t rows, int single, int64_t *sums,
                       int64_t *counts) {
    if (!are_groups(codes, rows, classes)) return 0;
    for (int64_t k = single; k < classes; k++)
        add_class(p + (k - single) * rows, rows, sums + k, sums + classes + k);
    if (classes == 2) {
        add_own_of_two(single ? NULL : p, single ? p : p + rows, codes, rows, sums + 2 * classes, counts);
        return 1;
    }
    for (int64_t i = 0; i < rows; i++) {
        int64_t code = codes[i];
        counts[code]++;
        if (code >= single)
            sums[2 * classes + code] +=
                (int64_t)(bits_of(p[(code - single) * rows + i] + MAGIC_CLASS) - bits_of(MAGIC_CLASS));
    }
    return 1;
}

/* Count rows with scores in [−bound, bound) and outcomes 0 or 1 in cells of equal width, `per_unit` of them a unit:
 * `counts` and `residuals` (cells, 2), the residuals from the middle of the cell in quanta of 2^-40.
 * Returns 0, with nothing added, where a score lies outside or an outcome is another. */
static int count_scores(const double *z, const int64_t *outcomes, int64_t rows, double bound, double per_unit, int64_t *counts,
                        int64_t *residuals) {
    int64_t bad = 0, half = (int64_t)(bound * per_unit);
    for (int64_t i = 0; i < rows; i++) bad |= !((z[i] >= -bound) & (z[i] < bound)) | ((uint64_t)outcomes[i] > 1);
    if (bad) return 0;
    int32_t cell[ROWS];
    int64_t rest[ROWS];
    for (int64_t start = 0; start < rows; start += ROWS) {
        int n = (int)(rows - start < ROWS ? rows - start : ROWS);
        EACH(i, n) {
            double scaled = z[start + i] * per_unit;
            double whole = rounded(scaled, MAGIC_ROW);
            whole = whole > scaled ? whole - 1.0 : whole;
            double left = z[start + i] - (whole + 0.5) / per_unit;
            cell[i] = (int32_t)whole;
            rest[i] = (int64_t)rounded(left * 0x1p+40, MAGIC_ROW);
        }
        EACH(i, n) {
            int64_t place = 2 * (cell[i] + half) + outcomes[start + i];
            counts[place]++;
            residuals[place] += rest[i];
        }
    }
    return 1;
}
