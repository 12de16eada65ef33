/* One pass over the rows of a batch: scores and labels in, exact sums and evidence out. Included once a level.
 *
 * A block of rows is computed and looked at as a whole, and only then added to the sums. A block with anything out of
 * the ordinary (a flaw, an infinite loss) adds nothing: the pass ends before it, and the caller goes the general way,
 * which is defined to give the same bits. What a row comes to is defined in kernels/binary.py and kernels/multiclass.py.
 */
#include <stdlib.h> /* first: Microsoft's has `restrict` in it, which elementary.h redefines */

#include "exact.h"
#include "core.h"

enum { LANES = 8, RUN = 128, CACHE_LINE = 64 };

/* ---- arrays ---- */

/* `out` may be `in`: no iteration needs another's result. */
#define ELEMENTWISE(name, function)                                   \
    static void name(const double *in, double *out, int64_t n) {      \
        INDEPENDENT                                                   \
        for (int64_t i = 0; i < n; i++) out[i] = function(in[i]);     \
    }
ELEMENTWISE(log_each, log_of)
ELEMENTWISE(exp_each, exp_of)
ELEMENTWISE(log1p_each, log1p_of)
ELEMENTWISE(log1mexp_each, log1mexp_of)

NOINLINE static void tails(const double *restrict x, double *restrict tail, int64_t n) {
    for (int64_t i = 0; i < n; i++) tail[i] = exp_of(-magnitude(x[i]));
}

NOINLINE static void softplus_from(const double *x, const double *restrict tail, double *out, int64_t n) {
    INDEPENDENT
    for (int64_t i = 0; i < n; i++) out[i] = log1p_of(tail[i]) + (x[i] > 0.0 ? x[i] : 0.0);
}

/* In two loops: one with both functions in it needs more registers than there are. */
static void softplus_each(const double *x, double *out, int64_t n) {
    double tail[ROWS];
    for (int64_t from = 0; from < n; from += ROWS) {
        int64_t rows = n - from < ROWS ? n - from : ROWS;
        tails(x + from, tail, rows);
        softplus_from(x + from, tail, out + from, rows);
    }
}

/* A float16, exactly; infinity and NaN both become NaN. */
INLINE double half_of(uint16_t half) {
    uint64_t wide = (uint64_t)(half & 0x7fff) << 42;
    double size = from_bits(wide) * 0x1p+1008;
    size = (half & 0x7c00) == 0x7c00 ? from_bits(NO_NUMBER) : size;
    return half & 0x8000 ? -size : size;
}

/* A bfloat16, exactly: the upper half of a float32. */
INLINE double brain_of(uint16_t upper) {
    uint32_t bits = (uint32_t)upper << 16;
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

NOINLINE static void widen(double *restrict out, const void *scores, char type, int64_t first, int64_t n) {
    if (type == 'f') {
        const float *restrict in = (const float *)scores + first;
        for (int64_t i = 0; i < n; i++) out[i] = in[i];
    } else if (type == 'd') {
        memcpy(out, (const double *)scores + first, (size_t)n * sizeof *out);
    } else if (type == 'E') {
        const uint16_t *restrict in = (const uint16_t *)scores + first;
        for (int64_t i = 0; i < n; i++) out[i] = brain_of(in[i]);
    } else {
        const uint16_t *restrict in = (const uint16_t *)scores + first;
        for (int64_t i = 0; i < n; i++) out[i] = half_of(in[i]);
    }
}

/* Rows of scores that lie side by side, turned by class. */
NOINLINE static void widen_by_class(double *restrict out, int64_t stride, const void *scores, char type, int64_t first,
                                    int64_t width, int n) {
#define TURN(letter, kind)                                                     \
    if (type == letter) {                                                      \
        const kind *restrict in = (const kind *)scores + first * width;        \
        for (int64_t k = 0; k < width; k++)                                    \
            for (int64_t i = 0; i < n; i++) out[k * stride + i] = in[i * width + k]; \
        return;                                                                \
    }
    TURN('f', float)
    TURN('d', double)
#undef TURN
    const uint16_t *restrict in = (const uint16_t *)scores + first * width;
    uint16_t column[ROWS]; /* two bytes are turned first: no gather takes them */
    for (int64_t k = 0; k < width; k++) {
        for (int i = 0; i < n; i++) column[i] = in[i * width + k];
        widen(out + k * stride, column, type, 0, n);
    }
}

/* Ask for scores that are read soon: they come while others are computed. */
static void ask_for(const void *scores, char type, int64_t first, int64_t n) {
    int64_t bytes = type == 'd' ? 8 : type == 'f' ? 4 : 2;
    const char *from = (const char *)scores + first * bytes;
    for (int64_t byte = 0; byte < n * bytes; byte += CACHE_LINE) PREFETCH(from + byte);
}

/* Labels as class codes; returns whether each of them is one. */
NOINLINE static int read_labels(int32_t *restrict out, const void *labels, char type, int64_t first, int n, int64_t classes) {
    uint64_t limit = (uint64_t)classes;
    int64_t bad = 0;
#define READ(letter, kind)                                              \
    case letter: {                                                      \
        const kind *restrict in = (const kind *)labels + first;         \
        for (int i = 0; i < n; i++) {                                   \
            uint64_t code = (uint64_t)(int64_t)in[i];                   \
            bad |= code >= limit;                                       \
            out[i] = (int32_t)code;                                     \
        }                                                               \
        break;                                                          \
    }
    switch (type) {
        READ('b', int8_t)
        READ('B', uint8_t)
        READ('h', int16_t)
        READ('H', uint16_t)
        READ('i', int32_t)
        READ('I', uint32_t)
        READ('l', int64_t)
        READ('L', uint64_t)
    default:
        return 0;
    }
#undef READ
    return !bad;
}

/* Whole numbers below `span` as codes; `seen` is 1 for those that there are. Returns whether each of them is one. */
static int mark_codes(const void *numbers, char type, int64_t n, int64_t span, uint8_t *seen, int32_t *codes) {
    for (int64_t start = 0; start < n; start += ROWS) {
        int some = (int)(n - start < ROWS ? n - start : ROWS);
        if (!read_labels(codes + start, numbers, type, start, some, span)) return 0;
        for (int i = 0; i < some; i++) seen[codes[start + i]] = 1;
    }
    return 1;
}

/* Whether n scores all lie between two limits; also the least and the largest of them and of those before.
 * Which is the least does not depend on the order: the compiler is told so, as it may not assume it of NaN. */
NOINLINE static int look(const double *restrict z, int64_t n, double from, double to, double *low, double *high) {
    double least = *low, most = *high;
    uint64_t bad = 0;
    REDUCED(reduction(min : least) reduction(max : most) reduction(| : bad))
    for (int64_t i = 0; i < n; i++) {
        least = z[i] < least ? z[i] : least;
        most = z[i] > most ? z[i] : most;
        bad |= (uint64_t)!(z[i] >= from) | (uint64_t)!(z[i] <= to);
    }
    *low = least;
    *high = most;
    return !bad;
}

/* The sum of up to RUN values that lie side by side, or of their squares: every eighth to the same of eight sums. */
INLINE double sum_of_run(const double *restrict x, int64_t n, int square) {
    double lane[LANES] = {0.0};
    int64_t k = 0;
    for (; k + LANES <= n; k += LANES)
        for (int j = 0; j < LANES; j++) lane[j] += square ? x[k + j] * x[k + j] : x[k + j];
    for (int j = 0; k + j < n; j++) lane[j] += square ? x[k + j] * x[k + j] : x[k + j];
    return ((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7]));
}

/* The sum of the classes of one row, or of their squares, whose scores lie side by side. */
static double sum_of_row(const double *restrict x, int64_t classes, int square) {
    double total = 0.0;
    if (classes <= FEW_CLASSES) {
        for (int64_t k = 0; k < classes; k++) total += square ? x[k] * x[k] : x[k];
        return total;
    }
    for (int64_t from = 0; from < classes; from += RUN) {
        int64_t left = classes - from;
        total += sum_of_run(x + from, left < RUN ? left : RUN, square);
    }
    return total;
}

/* The same of n rows stored by class, `stride` apart. */
NOINLINE static void sum_of_columns(const double *restrict x, int64_t stride, int64_t classes, int n, double *restrict out) {
    for (int i = 0; i < n; i++) out[i] = 0.0;
    if (classes <= FEW_CLASSES) {
        for (int64_t k = 0; k < classes; k++)
            for (int i = 0; i < n; i++) out[i] += x[k * stride + i];
        return;
    }
    for (int i = 0; i < n; i++)
        for (int64_t from = 0; from < classes; from += RUN) {
            int64_t to = from + RUN < classes ? from + RUN : classes;
            double lane[LANES] = {0.0};
            for (int64_t k = from; k < to; k++) lane[(k - from) % LANES] += x[k * stride + i];
            out[i] += ((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7]));
        }
}

static void sum_classes(const double *block, int64_t classes, int64_t rows, int by_row, double *out) {
    if (by_row)
        for (int64_t i = 0; i < rows; i++) out[i] = sum_of_row(block + i * classes, classes, 0);
    else
        for (int64_t i = 0; i < rows; i += ROWS)
            sum_of_columns(block + i, rows, classes, (int)(rows - i < ROWS ? rows - i : ROWS), out + i);
}

/* Σ w, Σ w x and Σ w x² of each of n rows stored by class, so far apart; then square the w, if asked to. */
NOINLINE static void moments_of_columns(const double *restrict x, int64_t x_stride, double *restrict w, int64_t w_stride,
                                        int64_t classes, int n, int square, double *restrict total, double *restrict first,
                                        double *restrict second) {
    for (int i = 0; i < n; i++) total[i] = first[i] = second[i] = 0.0;
    for (int64_t k = 0; k < classes; k++, x += x_stride, w += w_stride) {
        for (int i = 0; i < n; i++) {
            double once = w[i] * x[i];
            total[i] += w[i];
            first[i] += once;
            second[i] += once * x[i];
        }
        if (square)
            for (int i = 0; i < n; i++) w[i] *= w[i];
    }
}

/* For up to FEW_CLASSES: with more, sums are taken in another order. */
static void moments(const double *x, double *weights, int64_t classes, int64_t rows, int square, double *sums) {
    for (int64_t i = 0; i < rows; i += ROWS)
        moments_of_columns(x + i, rows, weights + i, rows, classes, (int)(rows - i < ROWS ? rows - i : ROWS), square, sums + i,
                           sums + rows + i, sums + 2 * rows + i);
}

/* ---- sums of values by group ---- */

NOINLINE static void add_limbs(const int32_t *restrict a, const int32_t *restrict b, const int32_t *restrict c,
                               int64_t *sums, int n) {
    int64_t first = 0, second = 0, third = 0;
    for (int i = 0; i < n; i++) {
        first += a[i];
        second += b[i];
        third += c[i];
    }
    sums[0] += first;
    sums[1] += second;
    sums[2] += third;
}

/* The same for two groups, 0 and 1: sums of vectors again, of all values and of those of the second. */
NOINLINE static void add_limbs_of_groups(const int32_t *restrict a, const int32_t *restrict b, const int32_t *restrict c,
                                         const int64_t *restrict groups, int64_t *restrict sums, int n) {
    int64_t all[LIMBS] = {0}, second[LIMBS] = {0};
    for (int i = 0; i < n; i++) {
        int32_t mask = -(int32_t)groups[i];
        all[0] += a[i], second[0] += a[i] & mask;
        all[1] += b[i], second[1] += b[i] & mask;
        all[2] += c[i], second[2] += c[i] & mask;
    }
    for (int j = 0; j < LIMBS; j++) sums[j] += all[j] - second[j], sums[LIMBS + j] += second[j];
}

NOINLINE static int are_groups(const int64_t *restrict groups, int64_t n, int64_t size) {
    uint64_t bad = 0;
    for (int64_t i = 0; i < n; i++) bad |= (uint64_t)groups[i] >= (uint64_t)size;
    return !bad;
}

/* Returns whether all values are finite: what is not has no place in the sums. −1 for a group that is none of `size`. */
static int add_values(const double *values, const int64_t *groups, int64_t n, int64_t size, int64_t *limbs, int64_t *chunks) {
    if (groups && !are_groups(groups, n, size)) return -1;
    int32_t a[ROWS], b[ROWS], c[ROWS];
    uint8_t odd[ROWS];
    for (int64_t from = 0; from < n; from += ROWS) {
        const double *x = values + from;
        int rows = (int)(n - from < ROWS ? n - from : ROWS);
        int any = split(x, a, b, c, odd, rows);
        if (!groups) add_limbs(a, b, c, limbs, rows);
        if (groups && size == 2) add_limbs_of_groups(a, b, c, groups + from, limbs, rows);
        for (int i = 0; groups && size != 2 && i < rows; i++) {
            int64_t *limb = limbs + LIMBS * groups[from + i];
            limb[0] += a[i];
            limb[1] += b[i];
            limb[2] += c[i];
        }
        if (any)
            for (int i = 0; i < rows; i++)
                if (odd[i]) {
                    if (!(magnitude(x[i]) < from_bits(INFINITE))) return 0;
                    add_double(chunks + CHUNKS * (groups ? groups[from + i] : 0), x[i]);
                }
    }
    return 1;
}

/* Returns whether all values are within ±2^500: the squares of others have no place in the sums. */
static int add_squares(const double *values, int64_t n, int64_t *chunks) {
    int32_t a[ROWS], b[ROWS], c[ROWS];
    uint8_t odd[ROWS];
    for (int64_t from = 0; from < n; from += ROWS) {
        int rows = (int)(n - from < ROWS ? n - from : ROWS);
        int any = split(values + from, a, b, c, odd, rows);
        add_limb_squares(chunks, a, b, c, rows);
        if (any)
            for (int i = 0; i < rows; i++)
                if (odd[i]) {
                    if (!(magnitude(values[from + i]) <= LARGEST_LOSS)) return 0;
                    add_square(chunks, values[from + i]);
                }
    }
    return 1;
}

/* ---- a block of rows ---- */

typedef struct {
    int32_t code[ROWS], a[ROWS], b[ROWS], c[ROWS], bin[ROWS], cell[ROWS], place[ROWS];
    uint8_t odd[ROWS], right[ROWS];
    double y[ROWS], loss[ROWS], confidence[ROWS], brier[ROWS], positive[ROWS];
    double truth[ROWS], best[ROWS], least[ROWS], others[ROWS], squares[ROWS], sums[ROWS];
    int64_t coarse[ROWS], fine[ROWS], spread[ROWS];
    int first, n;
    int64_t start;
    evidence seen;
    double z[]; /* by class: width × rows; of one row where rows are wide */
} block;

#define EACH(i, n) for (int i = 0; i < (n); i++)

NOINLINE static void binary_probabilities(block *restrict w, int report) {
    const double *restrict p = w->z;
    int n = w->n;
    EACH(i, n) {
        double shift = w->y[i] - 1.0;
        double truth = shift + p[i];
        double kept = truth - shift;
        double lost = p[i] - kept;
        w->loss[i] = lost - log_of(magnitude(truth));
    }
    if (!report) return;
    EACH(i, n) {
        double error = p[i] - w->y[i];
        w->brier[i] = error * error * 2.0;
        w->positive[i] = p[i];
    }
}

/* The positive class has probability `positive`: what the report needs of rows whose loss is known. */
NOINLINE static void binary_outcome(block *restrict w) {
    EACH(i, w->n) {
        double error = w->positive[i] - w->y[i];
        w->brier[i] = error * error * 2.0;
    }
}

NOINLINE static void binary_logits(block *restrict w, int report) {
    const double *restrict z = w->z;
    EACH(i, w->n) w->sums[i] = (1.0 - 2.0 * w->y[i]) * z[i];
    softplus_each(w->sums, w->loss, w->n);
    if (!report) return;
    EACH(i, w->n) w->positive[i] = 1.0 / (1.0 + exp_of(-z[i]));
    binary_outcome(w);
}

NOINLINE static void binary_log_probabilities(block *restrict w, int report) {
    const double *restrict logp = w->z;
    EACH(i, w->n) w->loss[i] = (w->y[i] == 0.0 ? -log1mexp_of(logp[i]) : -logp[i]) + 0.0;
    if (!report) return;
    EACH(i, w->n) w->positive[i] = exp_of(logp[i]);
    binary_outcome(w);
}

/* Whether no class before the true one has the same score as it: ties go to the first. */
INLINE int first_of_ties(const double *z, int64_t stride, int32_t code, double score) {
    for (int32_t k = 0; k < code; k++)
        if (z[k * stride] == score) return 0;
    return 1;
}

NOINLINE static void largest_of_columns(const double *restrict z, int64_t stride, int64_t width, int n, double *restrict best) {
    EACH(i, n) best[i] = z[i];
    for (int64_t k = 1; k < width; k++) {
        const double *restrict column = z + k * stride;
        EACH(i, n) best[i] = column[i] > best[i] ? column[i] : best[i];
    }
}

NOINLINE static void least_of_columns(const double *restrict z, int64_t stride, int64_t width, int n, double *restrict least) {
    EACH(i, n) least[i] = z[i];
    for (int64_t k = 1; k < width; k++) {
        const double *restrict column = z + k * stride;
        EACH(i, n) least[i] = column[i] < least[i] ? column[i] : least[i];
    }
}

/* Take the truth out of each row, putting `instead` in its place. */
static void take_truth(block *w, double instead, int64_t stride) {
    EACH(i, w->n) {
        double *score = w->z + w->code[i] * stride + i;
        w->truth[i] = *score;
        *score = instead;
    }
}

/* Scores of one class as terms of the sum of the others: the best of these is among them, and its term is 1. */
NOINLINE static void terms_of_column(double *restrict z, const double *restrict best, int n) {
    EACH(i, n) z[i] = term_of(z[i] - best[i]);
}

/* Add them up at once, and their squares. */
NOINLINE static void add_terms(const double *restrict z, const double *restrict best, double *restrict others, int n) {
    EACH(i, n) others[i] += term_of(z[i] - best[i]);
}

NOINLINE static void add_terms_and_squares(const double *restrict z, const double *restrict best, double *restrict others,
                                           double *restrict squares, int n) {
    EACH(i, n) {
        double term = term_of(z[i] - best[i]);
        others[i] += term;
        squares[i] += term * term;
    }
}

NOINLINE static void add_squares_of_column(const double *restrict z, double *restrict squares, int n) {
    EACH(i, n) squares[i] += z[i] * z[i];
}

/* Squares of classes stored by class; overwrites nothing. */
static void squares_of_columns(block *w, int64_t stride, int64_t width) {
    if (width <= FEW_CLASSES) {
        EACH(i, w->n) w->squares[i] = 0.0;
        for (int64_t k = 0; k < width; k++) add_squares_of_column(w->z + k * stride, w->squares, w->n);
        return;
    }
    for (int64_t k = 0; k < width; k++) EACH(i, w->n) w->z[k * stride + i] *= w->z[k * stride + i];
    sum_of_columns(w->z, stride, width, w->n, w->squares);
}

/* From the margin of each row, in `sums`: the loss, and with what is known of the others all that the report needs. */
NOINLINE static void outcome_of_margins(block *restrict w, int report) {
    int n = w->n;
    EACH(i, n) w->sums[i] = (w->best[i] - w->truth[i]) + log_of(w->others[i]);
    tails(w->sums, w->y, n);
    softplus_from(w->sums, w->y, w->loss, n);
    if (!report) return;
    EACH(i, n) {
        double larger = 1.0 / (1.0 + w->y[i]);
        double smaller = w->y[i] * larger;
        int ahead = w->sums[i] > 0.0;
        double p_true = ahead ? smaller : larger;
        double p_others = ahead ? larger : smaller;
        double squares = w->squares[i] / w->others[i] / w->others[i] + 1.0;
        w->brier[i] = squares * p_others * p_others;
        w->confidence[i] = w->right[i] ? p_true : p_others / w->others[i];
        w->positive[i] = w->code[i] ? p_true : p_others; /* of the second of two classes */
    }
}

static void logits_by_class(block *w, int64_t width, int64_t stride, int report) {
    int n = w->n;
    take_truth(w, from_bits(MINUS_INFINITE), stride);
    largest_of_columns(w->z, stride, width, n, w->best);
    EACH(i, n) w->right[i] = w->truth[i] > w->best[i];
    EACH(i, n)
        if (w->truth[i] == w->best[i]) w->right[i] = (uint8_t)first_of_ties(w->z + i, stride, w->code[i], w->best[i]);
    EACH(i, n) w->others[i] = w->squares[i] = 0.0;
    for (int64_t k = 0; k < width; k++) {
        double *column = w->z + k * stride;
        if (width > FEW_CLASSES)
            terms_of_column(column, w->best, n);
        else if (report)
            add_terms_and_squares(column, w->best, w->others, w->squares, n);
        else
            add_terms(column, w->best, w->others, n);
    }
    if (width > FEW_CLASSES) {
        sum_of_columns(w->z, stride, width, n, w->others);
        if (report) squares_of_columns(w, stride, width);
    }
    outcome_of_margins(w, report);
}

/* From probabilities by class, taken as they are; the loss may be known already. */
static void probabilities_by_class(block *w, int64_t width, int64_t stride, int known, int report) {
    int n = w->n;
    if (width == 2 && report) memcpy(w->positive, w->z + stride, (size_t)n * sizeof(double));
    take_truth(w, -1.0, stride);
    if (!known) EACH(i, n) w->loss[i] = 0.0 - log_of(w->truth[i]);
    if (!report) return;
    largest_of_columns(w->z, stride, width, n, w->best);
    EACH(i, n) {
        w->right[i] = w->truth[i] > w->best[i];
        w->confidence[i] = w->truth[i] > w->best[i] ? w->truth[i] : w->best[i];
    }
    EACH(i, n) {
        if (w->truth[i] == w->best[i]) w->right[i] = (uint8_t)first_of_ties(w->z + i, stride, w->code[i], w->best[i]);
        w->z[w->code[i] * stride + i] = w->truth[i] - 1.0;
    }
    squares_of_columns(w, stride, width);
    EACH(i, n) w->brier[i] = w->squares[i];
}

static void log_probabilities_by_class(block *w, int64_t width, int64_t stride, int report) {
    EACH(i, w->n) w->loss[i] = 0.0 - w->z[w->code[i] * stride + i];
    if (!report) return;
    for (int64_t k = 0; k < width; k++) exp_each(w->z + k * stride, w->z + k * stride, w->n);
    probabilities_by_class(w, width, stride, 1, 1);
}

/* ---- evidence ---- */

/* Note the sums of the rows of probabilities; returns whether all are 1, but for the tolerance. */
static int note_sums(const pass *job, block *w) {
    for (int i = 0; i < w->n; i++) {
        double off = magnitude(w->sums[i] - 1.0);
        if (off > job->tolerance) return 0;
        if (off > w->seen.deviation) {
            w->seen.deviation = off;
            w->seen.deviation_row = w->start + i;
        }
    }
    return 1;
}

/* Note rows of one logit that would do as probabilities. */
NOINLINE static void note_plausible_logits(block *restrict w) {
    int64_t plausible = 0;
    EACH(i, w->n) plausible += (w->z[i] >= 0.0) & (w->z[i] <= 1.0);
    w->seen.plausible += plausible;
}

/* Note a row of several that would do, if its sum says so; its least logit is not negative. */
static void note_plausible(const pass *job, block *w, double sum) {
    w->seen.least_sum = sum < w->seen.least_sum ? sum : w->seen.least_sum;
    w->seen.most_sum = sum > w->seen.most_sum ? sum : w->seen.most_sum;
    w->seen.plausible += magnitude(sum - 1.0) <= job->far;
}

/* Whether all of n scores are whole numbers and none is negative. From 2^52 on, all are whole. */
NOINLINE static int are_counts(const double *restrict z, int64_t n) {
    int64_t odd = 0;
    for (int64_t i = 0; i < n; i++) {
        double whole = (z[i] + 0x1p+52) - 0x1p+52;
        odd |= !((z[i] >= 0.0) & ((whole == z[i]) | (z[i] >= 0x1p+52)));
    }
    return !odd;
}

/* Look at the scores of a block by class: returns whether all are fit to be scored. */
static int fit_by_class(const pass *job, block *w, int64_t stride) {
    evidence *seen = &w->seen;
    int n = w->n;
    for (int64_t k = 0; k < job->width; k++)
        if (!look(w->z + k * stride, n, job->from, job->to, &seen->low, &seen->high)) return 0;
    if (job->kind == LOGITS && seen->whole)
        for (int64_t k = 0; k < job->width; k++) seen->whole &= are_counts(w->z + k * stride, n);
    if (job->kind == LOGITS && job->width == 1) {
        note_plausible_logits(w);
        return 1;
    }
    if (job->kind == LOGITS) {
        least_of_columns(w->z, stride, job->width, n, w->least);
        int64_t some = 0;
        EACH(i, n) some |= w->least[i] >= 0.0;
        if (!some) return 1;
        sum_of_columns(w->z, stride, job->width, n, w->sums);
        EACH(i, n)
            if (w->least[i] >= 0.0) note_plausible(job, w, w->sums[i]);
        return 1;
    }
    if (job->kind == PROBABILITIES && !seen->fractional)
        for (int64_t k = 0; k < job->width; k++)
            EACH(i, n) seen->fractional |= (w->z[k * stride + i] != 0.0) & (w->z[k * stride + i] != 1.0);
    if (job->width == 1) {
        if (job->kind == LOG_PROBABILITIES) EACH(i, n) seen->fractional |= (w->z[i] != 0.0) & (w->z[i] != 1.0);
        return 1;
    }
    if (job->kind == PROBABILITIES) {
        if (seen->squeezed) {
            largest_of_columns(w->z, stride, job->width, n, w->best);
            least_of_columns(w->z, stride, job->width, n, w->least);
            EACH(i, n) seen->squeezed &= w->best[i] <= job->evenness * w->least[i];
        }
        sum_of_columns(w->z, stride, job->width, n, w->sums);
        return note_sums(job, w);
    }
    seen->fractional = 1;
    for (int64_t i = 0; i < n; i++) w->sums[i] = 0.0;
    for (int64_t k = 0; k < job->width; k++) {
        exp_each(w->z + k * stride, w->best, n);
        EACH(i, n) w->sums[i] += w->best[i];
    }
    return note_sums(job, w);
}

/* ---- wide rows: one at a time, side by side ---- */

NOINLINE static double largest_of_row(const double *restrict z, int64_t n) {
    double high = z[0];
    REDUCED(reduction(max : high))
    for (int64_t k = 0; k < n; k++) high = z[k] > high ? z[k] : high;
    return high;
}

NOINLINE static void terms_of_row(double *restrict z, double best, int64_t n) {
    for (int64_t k = 0; k < n; k++) z[k] = term_of(z[k] - best);
}

static int logits_by_row(const pass *job, block *w, int64_t stop) {
    int64_t width = job->width;
    EACH(i, w->n) {
        double *z = w->z, low = from_bits(INFINITE), high = from_bits(MINUS_INFINITE);
        int64_t row = w->start + i;
        widen(z, job->columns[0], job->scores_type, row * width, width);
        if (row + 1 < stop) ask_for(job->columns[0], job->scores_type, (row + 1) * width, width);
        if (!look(z, width, job->from, job->to, &low, &high)) return 0;
        w->seen.low = low < w->seen.low ? low : w->seen.low;
        w->seen.high = high > w->seen.high ? high : w->seen.high;
        if (w->seen.whole) w->seen.whole = are_counts(z, width);
        if (low >= 0.0) note_plausible(job, w, sum_of_row(z, width, 0));
        int32_t code = w->code[i];
        w->truth[i] = z[code];
        z[code] = from_bits(MINUS_INFINITE);
        w->best[i] = w->truth[i] < high ? high : largest_of_row(z, width);
        w->right[i] = w->truth[i] > w->best[i];
        if (w->truth[i] == w->best[i]) w->right[i] = (uint8_t)first_of_ties(z, 1, code, w->best[i]);
        terms_of_row(z, w->best[i], width);
        w->others[i] = sum_of_row(z, width, 0);
        if (job->report) w->squares[i] = sum_of_row(z, width, 1);
    }
    outcome_of_margins(w, job->report);
    return 1;
}

/* ---- from a block to the sums ---- */

/* The bin (lo, hi] of a probability; 0 for one of exactly 0. */
INLINE int32_t bin_of(double p) {
    double bin = p * BINS;
    double whole = (bin + 0x1p+52) - 0x1p+52;
    whole = whole < bin ? whole + 1.0 : whole;
    return (int32_t)(whole > (double)BINS ? (double)BINS : whole);
}

/* What each probability adds to the sums of its bin: p, in two parts, and p (1 − p). */
NOINLINE static void parts_of(const double *restrict p, block *restrict w) {
    EACH(i, w->n) {
        w->coarse[i] = coarse_of(p[i]);
        w->fine[i] = fine_of(p[i]);
        w->spread[i] = spread_of(p[i] * (1.0 - p[i]));
    }
}

/* One score a row: a cell says in which bin the positive class is, and in which the predicted one.
 * The bins of the two mirror each other, but on an edge: (lo, hi] closes at the other end then. */
NOINLINE static void calibrate_single(block *restrict w) {
    int n = w->n;
    EACH(i, n) {
        double p = w->positive[i];
        int32_t bin = bin_of(p);
        int32_t edge = bin + bin_of(magnitude(p - 0.5) + 0.5) == BINS ? CELLS : 0;
        bin += p > 0.5 ? 2 * CELLS : edge;
        w->bin[i] = bin;
        w->cell[i] = w->code[i] * SINGLE_CELLS + bin;
    }
    parts_of(w->positive, w);
}

NOINLINE static void calibrate(block *restrict w) {
    int n = w->n;
    EACH(i, n) w->bin[i] = bin_of(w->confidence[i]);
    EACH(i, n) w->cell[i] = w->code[i] * (2 * CELLS) + w->bin[i] * 2 + w->right[i];
    parts_of(w->confidence, w);
}

NOINLINE static void calibrate_positive(block *restrict w) {
    int n = w->n;
    EACH(i, n) w->bin[i] = bin_of(w->positive[i]);
    EACH(i, n) w->cell[i] = w->code[i] * CELLS + w->bin[i];
    parts_of(w->positive, w);
}

NOINLINE static void add_brier(const double *restrict brier, int64_t *sums, int n) {
    int64_t coarse = 0, fine = 0;
    EACH(i, n) {
        coarse += coarse_of(brier[i]);
        fine += fine_of(brier[i]);
    }
    sums[0] += coarse;
    sums[1] += fine;
}

/* The place of each loss in the histogram of the tail. */
NOINLINE static void places(const pass *job, block *restrict w) {
    double least = job->tail_least, most = job->tail_most;
    uint64_t lowest = bits_of(least) >> TAIL_SHIFT;
    EACH(i, w->n) {
        double loss = w->loss[i] < least ? least : w->loss[i];
        loss = loss > most ? most : loss;
        w->place[i] = (int32_t)((bits_of(loss) >> TAIL_SHIFT) - lowest);
    }
}

INLINE void add_parts(int64_t *sums, const block *w, int64_t i) {
    sums += PARTS * w->bin[i];
    sums[0] += w->coarse[i];
    sums[1] += w->fine[i];
    sums[2] += w->spread[i];
}

NOINLINE static void scatter(const pass *job, const block *w) {
    int64_t *counts = job->counts, *calibration = job->calibration, *loss = job->loss, *tail = job->tail;
    EACH(i, w->n) {
        int64_t *of_class = loss + LIMBS * w->code[i];
        counts[w->cell[i]]++;
        tail[w->place[i]]++;
        add_parts(calibration, w, i);
        of_class[0] += w->a[i];
        of_class[1] += w->b[i];
        of_class[2] += w->c[i];
    }
}

NOINLINE static void scatter_of_two(const pass *job, const block *w) {
    int64_t *counts = job->counts, *calibration = job->calibration, *tail = job->tail;
    EACH(i, w->n) {
        counts[w->cell[i]]++;
        tail[w->place[i]]++;
        add_parts(calibration, w, i);
    }
}

/* The losses of two classes are sums of vectors: of all rows, and of those of the second class. */
NOINLINE static void add_limbs_of_two(const block *restrict w, int64_t *restrict loss) {
    int64_t all[LIMBS] = {0}, second[LIMBS] = {0};
    EACH(i, w->n) {
        int32_t mask = -w->code[i];
        all[0] += w->a[i], second[0] += w->a[i] & mask;
        all[1] += w->b[i], second[1] += w->b[i] & mask;
        all[2] += w->c[i], second[2] += w->c[i] & mask;
    }
    for (int j = 0; j < LIMBS; j++) loss[j] += all[j] - second[j], loss[LIMBS + j] += second[j];
}

NOINLINE static void scatter_positive(const pass *job, const block *w) {
    int64_t *counts = job->positive_counts, *positive = job->positive;
    EACH(i, w->n) {
        counts[w->cell[i]]++;
        add_parts(positive, w, i);
    }
}

NOINLINE static void add_by_class(const block *w, int64_t *sums) {
    EACH(i, w->n) {
        int64_t *of_class = sums + LIMBS * w->code[i];
        of_class[0] += w->a[i];
        of_class[1] += w->b[i];
        of_class[2] += w->c[i];
    }
}

NOINLINE static void add_up(const pass *job, const block *w) {
    if (job->by_class)
        add_by_class(w, job->loss);
    else
        add_limbs(w->a, w->b, w->c, job->loss, w->n);
    if (job->classes == 2) {
        int64_t ones = 0;
        EACH(i, w->n) ones += w->code[i];
        job->counts[0] += w->n - ones;
        job->counts[1] += ones;
    } else {
        EACH(i, w->n) job->counts[w->code[i]]++;
    }
}

INLINE int worse(const candidate *x, const candidate *y) {
    return x->loss > y->loss || (x->loss == y->loss && x->row < y->row);
}

/* Keep the rows with the largest losses, earlier ones first: a heap whose root is the row that goes first. */
static void keep_worst(pass *job, const block *w) {
    candidate *heap = job->worst;
    EACH(i, w->n) {
        if (!(w->loss[i] > job->bar)) continue;
        candidate added = {w->loss[i], w->start + i};
        int64_t place;
        if (job->kept < job->top) {
            for (place = job->kept++; place > 0 && worse(&heap[(place - 1) / 2], &added); place = (place - 1) / 2)
                heap[place] = heap[(place - 1) / 2];
        } else {
            place = 0;
            for (int64_t child = 1; child < job->top; child = 2 * place + 1) {
                if (child + 1 < job->top && worse(&heap[child], &heap[child + 1])) child++;
                if (!worse(&added, &heap[child])) break;
                heap[place] = heap[child];
                place = child;
            }
        }
        heap[place] = added;
        if (job->kept == job->top && heap[0].loss > job->bar) job->bar = heap[0].loss;
    }
}

/* Limit the losses, and count those that this changes. */
NOINLINE static void clip(const pass *job, block *restrict w) {
    int64_t clipped = 0;
    EACH(i, w->n) {
        double loss = w->loss[i] < job->lowest ? job->lowest : w->loss[i];
        loss = loss > job->highest ? job->highest : loss;
        clipped += loss != w->loss[i];
        w->loss[i] = loss;
    }
    w->seen.clipped += clipped;
}

static void commit(pass *job, block *w, double peak) {
    int odd = split(w->loss, w->a, w->b, w->c, w->odd, w->n);
    if (job->report) {
        if (job->width == 1)
            calibrate_single(w);
        else
            calibrate(w);
        places(job, w);
        if (job->classes == 2) {
            scatter_of_two(job, w);
            add_limbs_of_two(w, job->loss);
        } else {
            scatter(job, w);
        }
        if (job->width == 2) {
            calibrate_positive(w);
            scatter_positive(job, w);
        }
        add_brier(w->brier, job->brier, w->n);
        if (job->by_class)
            EACH(i, w->n) add_square(job->squares + CHUNKS * (int64_t)w->code[i], w->loss[i]);
        else
            add_limb_squares(job->squares, w->a, w->b, w->c, w->n);
        if (peak > job->bar && job->top) keep_worst(job, w);
        if (peak > job->cap)
            EACH(i, w->n)
                if (w->loss[i] > job->cap) {
                    candidate beyond = {w->loss[i], w->start + i};
                    job->beyond_cap[job->capped++] = beyond;
                }
    } else {
        add_up(job, w);
    }
    if (odd)
        EACH(i, w->n)
            if (w->odd[i]) {
                int64_t of_class = CHUNKS * (int64_t)w->code[i];
                add_double(job->loss_chunks + (job->report || job->by_class ? of_class : 0), w->loss[i]);
                if (job->report && !job->by_class) add_square(job->squares, w->loss[i]);
            }
    job->seen = w->seen;
}

static int load_by_class(const pass *job, block *w, int64_t stride, int64_t stop) {
    int64_t next = w->start + w->n, following = stop - next < stride ? stop - next : stride;
    if (!job->by_row) {
        for (int64_t k = 0; k < job->width; k++) {
            widen(w->z + k * stride, job->columns[k], job->scores_type, w->start, w->n);
            ask_for(job->columns[k], job->scores_type, next, following);
        }
    } else {
        widen_by_class(w->z, stride, job->columns[0], job->scores_type, w->start, job->width, w->n);
        ask_for(job->columns[0], job->scores_type, next * job->width, following * job->width);
    }
    if (job->divisor != 1.0)
        for (int64_t k = 0; k < job->width; k++) EACH(i, w->n) w->z[k * stride + i] /= job->divisor;
    return fit_by_class(job, w, stride);
}

static void score(const pass *job, block *w, int64_t stride) {
    int report = job->report;
    if (job->width == 1) {
        EACH(i, w->n) w->y[i] = w->code[i];
        if (job->kind == PROBABILITIES) binary_probabilities(w, report);
        if (job->kind == LOGITS) binary_logits(w, report);
        if (job->kind == LOG_PROBABILITIES) binary_log_probabilities(w, report);
        return;
    }
    if (job->kind == PROBABILITIES) probabilities_by_class(w, job->width, stride, 0, report);
    if (job->kind == LOGITS) logits_by_class(w, job->width, stride, report);
    if (job->kind == LOG_PROBABILITIES) log_probabilities_by_class(w, job->width, stride, report);
}

/* Add rows from `start` up to `stop`, or up to a block that does not fit. Returns where it ended, −1 without memory. */
static int64_t add_rows(pass *job, int64_t start, int64_t stop) {
    int wide = job->by_row && job->width > FEW_CLASSES;
    int64_t stride = wide ? 64 : ROWS;
    while (!wide && stride > 32 && stride * job->width > 4096) stride /= 2;
    block *w = malloc(sizeof *w + (size_t)(wide ? job->width : job->width * stride) * sizeof(double));
    if (!w) return -1;
    for (; start < stop; start += w->n) {
        w->n = (int)(stop - start < stride ? stop - start : stride);
        w->start = start;
        w->seen = job->seen;
        if (!read_labels(w->code, job->labels, job->labels_type, start, w->n, job->classes)) break;
        if (wide) {
            if (!logits_by_row(job, w, stop)) break;
        } else {
            if (!load_by_class(job, w, stride, stop)) break;
            score(job, w, stride);
        }
        if (job->highest < from_bits(INFINITE)) clip(job, w);
        double low = 0.0, peak = 0.0;
        if (!look(w->loss, w->n, 0.0, LARGEST_LOSS, &low, &peak)) break;
        commit(job, w, peak);
    }
    free(w);
    return start;
}

#include "diagnosis.h"
#include "temperature.h"
#include "digest.h"
#include "lists.h"
#include "sample.h"
#include "ids.h"
#include "pieces.h"

const functions TABLE = {
    log_each,   exp_each,     log1p_each,  softplus_each, log1mexp_each,  sum_classes,  moments,
    softmax,    curve,        fixed,       add_values,    add_squares,    add_rows,     contradictions,
    count_scores, add_classes, rows_below, take_rows,    texts_ending,   numbers_below, add_powers,
    add_lists,  sum_lists,    mark_codes,   read_records,
};
