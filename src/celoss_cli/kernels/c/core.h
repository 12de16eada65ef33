/* What a pass over rows is given and leaves behind, and the functions that each level has a copy of. */
#ifndef CELOSS_CORE_H
#define CELOSS_CORE_H

#include "records.h"

#include <stdint.h>

/* To be raised, here and in compiled.py, with every change of what is computed, or of how it is called. */
enum { CORE_VERSION = 10 };

enum { ROWS = 512, FEW_CLASSES = 64, BINS = 15, CELLS = BINS + 1, SINGLE_CELLS = 3 * CELLS, PARTS = 3, TAIL_SHIFT = 47 };

#define LARGEST_LOSS 0x1p+500 /* beyond it squares may overflow */

enum kind { PROBABILITIES, LOGITS, LOG_PROBABILITIES };

typedef struct {
    double low, high, deviation, least_sum, most_sum;
    int64_t deviation_row, plausible;
    int64_t whole, fractional, squeezed, clipped;
} evidence;

typedef struct {
    double loss;
    int64_t row;
} candidate;

/* Arrays are the caller's. Sizes, in entries: see `add_rows` in core.c, which checks them. */
typedef struct {
    /* What the rows are. `columns` holds a pointer a class, or one to all scores where rows lie side by side. */
    int kind, report, by_class, by_row; /* `by_class`: sums of losses, and of their squares, for each class */
    char scores_type, labels_type; /* as in Python's struct, and E for bfloat16 */
    int64_t width, classes;        /* width 1: one score speaks of the second of two classes */
    const void *const *columns;
    const void *labels;
    double divisor, from, to, tolerance, far, evenness, tail_least, tail_most, cap, lowest, highest;
    /* The sums so far. */
    int64_t *counts, *loss, *loss_chunks, *squares, *calibration, *positive_counts, *positive, *brier, *tail;
    evidence seen;
    /* The rows of this call with the largest losses above `bar`, and all with losses above `cap`. */
    candidate *worst;
    int64_t top, kept;
    double bar;
    candidate *beyond_cap;
    int64_t capped;
} pass;

/* Lists laid flat: list i has the values from offsets[i] to offsets[i + 1]. Written: `loss` and `lead`, an entry a list. */
typedef struct {
    const void *values;
    char type; /* as in Python's struct */
    const int64_t *offsets;
    double worth, from, to; /* a value's nats, as a logarithm of the probability; and what values lie between */
    double low, high;       /* the least and the largest value so far */
    double *loss;
    uint8_t *lead;
    int64_t *limbs, *chunks;
} ragged;

typedef struct {
    void (*log)(const double *, double *, int64_t);
    void (*exp)(const double *, double *, int64_t);
    void (*log1p)(const double *, double *, int64_t);
    void (*softplus)(const double *, double *, int64_t);
    void (*log1mexp)(const double *, double *, int64_t);
    void (*sum_classes)(const double *, int64_t classes, int64_t rows, int by_row, double *);
    void (*moments)(const double *x, double *weights, int64_t classes, int64_t rows, int square, double *sums);
    double (*softmax)(const double *x, int64_t classes, int64_t rows, double *best, double *below, double *power, double *total,
                      double *p, int64_t *predicted);
    int (*curve)(const double *x, const double *truth, double beta, int64_t classes, int64_t rows, int64_t *quanta);
    int (*fixed)(const double *x, const double *truth, const double *before, double beta, int64_t classes, int64_t rows,
                 int64_t *parts);
    int (*add_values)(const double *, const int64_t *groups, int64_t, int64_t size, int64_t *limbs, int64_t *chunks);
    int (*add_squares)(const double *, int64_t, int64_t *chunks);
    int64_t (*add_rows)(pass *, int64_t start, int64_t stop);
    int64_t (*contradictions)(const double *p, const int64_t *best, const int64_t *codes, const double *from, double slack,
                              int64_t classes, int64_t rows, int64_t *guess, uint8_t *flagged, int64_t *pairs, int64_t *quanta);
    int (*count_scores)(const double *, const int64_t *outcomes, int64_t, double bound, double per_unit, int64_t *counts,
                        int64_t *residuals);
    int (*add_classes)(const double *p, const int64_t *codes, int64_t classes, int64_t rows, int single, int64_t *sums,
                       int64_t *counts);
    int64_t (*rows_below)(int64_t first, int64_t n, uint64_t mask, uint64_t bound, int64_t room, int64_t *rows, uint64_t *keys);
    void (*take_rows)(const pass *, int64_t base, int64_t start, int64_t stop, const int64_t *numbers, int64_t m, double *scores,
                      int64_t *codes);
    int64_t (*texts_ending)(const void *offsets, int wide, int64_t n, const uint8_t *data, int64_t size, int64_t before, int word,
                            int64_t *rows);
    int64_t (*numbers_below)(const uint64_t *bits, int64_t n, int floating, uint64_t largest, int64_t *rows, uint64_t *prints);
    int (*add_powers)(const int32_t *codes, const double *powers, int64_t stride, int64_t n, int64_t size, double *sums);
    int64_t (*add_lists)(ragged *, int64_t start, int64_t stop);
    void (*sum_lists)(const double *, const int64_t *offsets, int64_t n, double *sums);
    int (*mark_codes)(const void *numbers, char type, int64_t n, int64_t span, uint8_t *seen, int32_t *codes);
    int64_t (*read_records)(reader *, int64_t most, int64_t *stopped);
} functions;

#endif
