/* Fixed rows for each of the passes, and what they come to in one number: a compiler that errs shows here. */
#ifndef CELOSS_CHECK_H
#define CELOSS_CHECK_H

#include "core.h"
#include "exact.h"

enum { CHECKED_ROWS = 77, CHECKED_CLASSES = 3, CHECKED_WIDE = FEW_CLASSES + 3, WIDE_ROWS = 16, CHECKED_WORST = 5, CHECKED_LISTS = 24 };

/* With room for the classes that labels name: there are two of them. */
typedef struct {
    int64_t counts[2 * SINGLE_CELLS], loss[2 * LIMBS], loss_chunks[2 * CHUNKS];
    int64_t squares[2 * CHUNKS], calibration[SINGLE_CELLS * PARTS], positive_counts[2 * CELLS], positive[CELLS * PARTS];
    int64_t brier[2], tail[(32 + 16) << 5];
} sums;

/* FNV-1a, 64 bits at a time: it does not ask in which order the bytes of a number lie. */
static uint64_t mixed(uint64_t digest, uint64_t value) { return (digest ^ value) * 0x100000001b3ULL; }

static uint64_t check_pass(uint64_t digest, const functions *level, int kind, int by_row, char type, int64_t width,
                           int64_t classes, const void *const *columns, const uint8_t *labels, int64_t rows) {
    sums state;
    candidate worst[CHECKED_WORST], beyond_cap[CHECKED_ROWS];
    pass job = {0};
    memset(&state, 0, sizeof state);
    job.kind = kind, job.report = 1, job.by_class = by_row, job.by_row = by_row, job.scores_type = type, job.labels_type = 'B';
    job.width = width, job.classes = classes, job.columns = columns, job.labels = labels;
    job.divisor = 1.0, job.from = kind == PROBABILITIES ? 0.0 : -1e300, job.to = kind == PROBABILITIES ? 1.0 : 1e300;
    job.tolerance = 1e-3, job.far = 0.1, job.evenness = 3.0, job.tail_least = 0x1p-32, job.tail_most = 0x1.fffffffffffffp+15;
    job.cap = 16.0, job.lowest = 0x1p-10, job.highest = 20.0, job.bar = -1.0;
    job.counts = state.counts, job.loss = state.loss, job.loss_chunks = state.loss_chunks, job.squares = state.squares;
    job.calibration = state.calibration, job.positive_counts = state.positive_counts, job.positive = state.positive;
    job.brier = state.brier, job.tail = state.tail, job.worst = worst, job.top = CHECKED_WORST, job.beyond_cap = beyond_cap;
    job.seen.whole = 1, job.seen.squeezed = 1, job.seen.deviation_row = -1;
    digest = mixed(digest, (uint64_t)level->add_rows(&job, 0, rows));
    const int64_t *sum = (const int64_t *)&state;
    for (uint64_t i = 0; i < sizeof state / sizeof *sum; i++)
        if (sum[i]) digest = mixed(mixed(digest, i), (uint64_t)sum[i]);
    digest = mixed(mixed(mixed(digest, bits_of(job.seen.low)), bits_of(job.seen.high)), (uint64_t)job.seen.clipped);
    for (int64_t i = 0; i < job.kept; i++) digest = mixed(mixed(digest, bits_of(worst[i].loss)), (uint64_t)worst[i].row);
    for (int64_t i = 0; i < job.capped; i++) digest = mixed(mixed(digest, bits_of(beyond_cap[i].loss)), (uint64_t)beyond_cap[i].row);
    return digest;
}

/* Lists of 0 to 361 values that begin with NaN now and then. */
static uint64_t check_lists(uint64_t digest, const functions *level, double *values, int64_t count) {
    int64_t offsets[CHECKED_LISTS + 1] = {0}, limbs[LIMBS] = {0}, chunks[CHUNKS] = {0};
    double loss[CHECKED_LISTS], sums[CHECKED_LISTS];
    uint8_t lead[CHECKED_LISTS];
    for (int i = 0; i < CHECKED_LISTS; i++) {
        offsets[i + 1] = offsets[i] + i * i * 5 % 362;
        if (offsets[i + 1] > count) offsets[i + 1] = offsets[i];
    }
    level->sum_lists(values, offsets, CHECKED_LISTS, sums);
    for (int64_t i = 0; i < count; i++) values[i] = values[i] > 0.0 ? -values[i] : values[i];
    values[offsets[5]] = from_bits(NO_NUMBER);
    ragged job = {values, 'd', offsets, 0x1.62e42fefa39efp-1, -99.0, 0.0, 0.0, -99.0, loss, lead, limbs, chunks};
    digest = mixed(digest, (uint64_t)level->add_lists(&job, 0, CHECKED_LISTS));
    for (int i = 0; i < CHECKED_LISTS; i++)
        digest = mixed(mixed(mixed(digest, bits_of(sums[i])), bits_of(loss[i])), lead[i]);
    for (int i = 0; i < LIMBS; i++) digest = mixed(digest, (uint64_t)limbs[i]);
    for (int i = 0; i < CHUNKS; i++) digest = mixed(digest, (uint64_t)chunks[i]);
    return mixed(mixed(digest, bits_of(job.low)), bits_of(job.high));
}

/* Rows of no pattern, with whole numbers and divisions alone: they are the same everywhere. */
static uint64_t check_of(const functions *level) {
    double scores[WIDE_ROWS * CHECKED_WIDE];
    uint16_t halves[CHECKED_ROWS * CHECKED_CLASSES];
    const void *const rows[] = {halves};
    uint8_t labels[CHECKED_ROWS];
    const void *columns[CHECKED_CLASSES] = {scores, scores + CHECKED_ROWS, scores + 2 * CHECKED_ROWS};
    uint64_t digest = 0xcbf29ce484222325ULL;
    for (int i = 0; i < CHECKED_ROWS; i++) labels[i] = (uint8_t)(i * 5 % 7 % 2);
    for (int i = 0; i < CHECKED_ROWS; i++) scores[i] = (i * 37 % 101 + 1) / 103.0;
    digest = check_pass(digest, level, PROBABILITIES, 0, 'd', 1, 2, columns, labels, CHECKED_ROWS);
    for (int i = 0; i < WIDE_ROWS * CHECKED_WIDE; i++) scores[i] = (i * 29 % 199 - 99) / 7.0;
    digest = check_pass(digest, level, LOGITS, 0, 'd', 1, 2, columns, labels, CHECKED_ROWS);
    digest = check_pass(digest, level, LOGITS, 0, 'd', CHECKED_CLASSES, CHECKED_CLASSES, columns, labels, CHECKED_ROWS);
    digest = check_pass(digest, level, LOGITS, 1, 'd', CHECKED_WIDE, CHECKED_WIDE, columns, labels, WIDE_ROWS);
    for (int i = 0; i < CHECKED_ROWS * CHECKED_CLASSES; i++) halves[i] = (uint16_t)((i % 2 ? 0x3d00 : 0xbd00) + i * 53 % 0x300);
    digest = check_pass(digest, level, LOGITS, 1, 'E', CHECKED_CLASSES, CHECKED_CLASSES, rows, labels, CHECKED_ROWS);
    digest = check_pass(digest, level, LOGITS, 1, 'e', CHECKED_CLASSES, CHECKED_CLASSES, rows, labels, CHECKED_ROWS);
    return check_lists(digest, level, scores, WIDE_ROWS * CHECKED_WIDE);
}

#endif
