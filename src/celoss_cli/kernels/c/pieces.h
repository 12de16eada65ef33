/* Plain records of delimited text, many at a time: where their cells end, then one column after the other.

   To know the ends beforehand is what makes it fast: a number need not be read to know where the next one begins. What is
   rare is read as in text.h, which says what is plain. */
#ifndef CELOSS_PIECES_H
#define CELOSS_PIECES_H

#include "ends.h"
#include "text.h"

enum { FILLED = 'f' /* what cells must not be that have to be empty */, MANY = 1024 /* records */ };

static inline int all_digits(uint64_t word) { return !((word | (word + 0x7676767676767676)) & 0x8080808080808080); }

/* Return the last `count` of the eight bytes before `end` as values of digits, zeros in place of the others. */
static inline uint64_t last_digits(const uint8_t *end, int64_t count) {
    return (eight_bytes(end - 8) ^ 0x3030303030303030) & UINT64_MAX << 4 * (8 - count) << 4 * (8 - count);
}

#if defined(__SSE4_1__) && defined(__x86_64__)
enum { FEW = 15 };

/* Read the last `length` of the sixteen bytes before `end`, at most FEW, as digits, a point among them or none; put how many
   are behind it. Returns whether they were. */
static inline int read_few_digits(const uint8_t *end, int64_t length, int64_t *w, int64_t *behind) {
    static const uint8_t window[32] = {[16] = 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
    const __m128i bytes = _mm_loadu_si128((const __m128i *)(end - 16));
    const uint64_t points = (uint64_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('.'))) >> (16 - length);
    __m128i digits = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
    *behind = 0;
    if (points) { /* what stands before the point moves over it */
        *behind = --length - lowest_bit(points);
        const __m128i after = _mm_loadu_si128((const __m128i *)(window + *behind));
        digits = _mm_blendv_epi8(_mm_slli_si128(digits, 1), digits, after);
    }
    digits = _mm_and_si128(digits, _mm_loadu_si128((const __m128i *)(window + length)));
    const __m128i above = _mm_subs_epu8(digits, _mm_set1_epi8(9));
    const __m128i twos = _mm_maddubs_epi16(digits, _mm_set1_epi16(1 << 8 | 10)); /* first by twos, then fours, then eights */
    const __m128i fours = _mm_madd_epi16(twos, _mm_set1_epi32(1 << 16 | 100));
    const __m128i eights = _mm_madd_epi16(_mm_packus_epi32(fours, fours), _mm_set1_epi32(1 << 16 | 10000));
    const int64_t both = _mm_cvtsi128_si64(eights); /* the first eight digits are the lower half */
    *w = (both & UINT32_MAX) * 100000000 + (both >> 32);
    return length && _mm_testz_si128(above, above);
}
#else
enum { FEW = 8 };

/* The same of eight bytes. */
static inline int read_few_digits(const uint8_t *end, int64_t length, int64_t *w, int64_t *behind) {
    const uint64_t ones = 0x0101010101010101;
    uint64_t word = last_digits(end, length), odd = word ^ ones * ('.' ^ '0'), point = (odd - ones) & ~odd & ones << 7;
    *behind = 0;
    if (point) { /* what stands before the point moves over it */
        length--;
        point &= 0 - point;
        *behind = (63 - lowest_bit(point)) / 8;
        uint64_t before = (point >> 7) - 1;
        word = (word & ~before << 8) | (word & before) << 8;
    }
    *w = number_of(word);
    return length && all_digits(word);
}
#endif

/* Read a cell that is a digit, a point and 7 to 18 digits. Returns whether it was one. */
static inline int read_fraction(const uint8_t *p, int64_t count, const uint8_t *end, uint64_t *w) {
    static const uint64_t tens[] = {10000000,         100000000,         1000000000,         10000000000,
                                    100000000000,     1000000000000,     10000000000000,     100000000000000,
                                    1000000000000000, 10000000000000000, 100000000000000000, 1000000000000000000};
    if (!is_digit(*p) || p[1] != '.' || count < 7 || count > 18) return 0;
    uint64_t low = last_digits(end, count < 8 ? count : 8), high = 0, highest = 0;
    if (count > 8) high = last_digits(end - 8, count < 16 ? count - 8 : 8);
    if (count > 16) highest = last_digits(end - 16, count - 16);
    *w = (uint64_t)(*p - '0') * tens[count - 7] + (number_of(highest) * (uint64_t)100000000 + number_of(high)) * 100000000 + number_of(low);
    return all_digits(low) && all_digits(high) && all_digits(highest);
}

/* Read a cell whose end is known and that is a number as few are. Returns whether it could. There are 24 bytes before it. */
static APART int read_rare_number(reader *r, const column *c, const uint8_t *p, const uint8_t *end, int64_t row) {
    double *cell = (double *)c->cells + row;
    uint64_t w, bits, negative = (uint64_t)(*p == '-') << 63;
    const uint8_t *start = p + (*p == '-');
    int64_t behind = end - start - 2;
    if (read_fraction(start, behind, end, &w) && ((w >> 53 == 0 && by_division(w, -behind, &bits)) || nearest(w, -behind, &bits))) {
        bits |= negative;
        memcpy(cell, &bits, 8);
        return 1;
    }
    return read_number(r, p, end, cell) == end || read_padded(r, c, p, row) == end;
}

/* The same for a whole number. */
static inline int read_plain_whole(const uint8_t *p, const uint8_t *end, int64_t *cell) {
    int negative = *p == '-';
    int64_t length = end - (p += negative);
    if (length < 1 || length > 8) return 0;
    uint64_t word = last_digits(end, length);
    if (!all_digits(word)) return 0;
    *cell = negative ? -(int64_t)number_of(word) : (int64_t)number_of(word);
    return 1;
}

/* The cells of one column in consecutive records: cell i stands between ends[i · stride] and ends[i · stride + 1], which
   are counted from the byte before the first record. */
typedef struct {
    const uint8_t *before;
    const uint16_t *ends;
    int64_t stride, rows;
    uint8_t last; /* the byte that each ends with */
} cells_of;

static inline const uint8_t *start_of(const cells_of *of, int64_t i) { return of->before + of->ends[i * of->stride] + 1; }

static inline const uint8_t *end_of(const cells_of *of, int64_t i) { return of->before + of->ends[i * of->stride + 1]; }

/* Read numbers, the first into row `row`. Returns how many there are before one that cannot be read. */
static APART int64_t read_doubles(reader *r, const column *c, const cells_of *of, int64_t row) {
    const uint8_t *const before = of->before, last = of->last;
    const uint16_t *ends = of->ends;
    const int64_t stride = of->stride, rows = of->rows;
    double *const cells = (double *)c->cells + row;
    for (int64_t i = 0; i < rows; i++, ends += stride) {
        /* As most are: nothing is called here, so that what is constant stays in registers. */
        for (; DIVIDES && i < rows; i++, ends += stride) {
            const uint8_t *p = before + ends[0] + 1, *end = before + ends[1];
            uint64_t bits, negative = *p == '-';
            int64_t w, behind, length = end - p - (int64_t)negative;
            if (*end != last || (uint64_t)(length - 1) >= FEW || !read_few_digits(end, length, &w, &behind)) break;
            double value = (double)w / exact_tens[behind];
            memcpy(&bits, &value, 8);
            bits |= negative << 63;
            memcpy(cells + i, &bits, 8);
        }
        if (i < rows && (before[ends[1]] != last || !read_rare_number(r, c, before + ends[0] + 1, before + ends[1], row + i))) return i;
    }
    return rows;
}

static APART int read_rare_whole(reader *r, const column *c, const uint8_t *p, const uint8_t *end, int64_t row) {
    int64_t *cell = (int64_t *)c->cells + row;
    return read_plain_whole(p, end, cell) || read_whole(p, end, cell) == end || read_padded(r, c, p, row) == end;
}

/* The same for whole numbers. */
static APART int64_t read_wholes(reader *r, const column *c, const cells_of *of, int64_t row) {
    const uint8_t *const before = of->before, last = of->last;
    const uint16_t *ends = of->ends;
    const int64_t stride = of->stride, rows = of->rows;
    int64_t *const cells = (int64_t *)c->cells + row;
    for (int64_t i = 0; i < rows; i++, ends += stride) {
        for (; i < rows; i++, ends += stride) { /* as most are: one digit */
            const uint8_t *p = before + ends[0] + 1, *end = before + ends[1];
            if (*end != last || end - p != 1 || !is_digit(*p)) break;
            cells[i] = *p - '0';
        }
        if (i < rows && (before[ends[1]] != last || !read_rare_whole(r, c, before + ends[0] + 1, before + ends[1], row + i))) return i;
    }
    return rows;
}

/* The same for cells that are not looked into, or not yet: one that is `refused` if it is empty, or if it is not. */
static APART int64_t pass_over(const cells_of *of, char refused) {
    for (int64_t i = 0; i < of->rows; i++) {
        const uint8_t *p = start_of(of, i), *end = end_of(of, i);
        if (*end != of->last || (refused && (refused == EMPTY) == (p == end))) return i;
    }
    return of->rows;
}

/* Read the cells of a column of NAME or TEXT. Returns 0 without memory. */
static APART int read_texts(reader *r, column *c, const cells_of *of, int64_t row) {
    for (int64_t i = 0; i < of->rows; i++) {
        const uint8_t *p = start_of(of, i), *end = end_of(of, i);
        if (c->kind == TEXT)
            put_text(c, p, end - p, row + i);
        else if ((((int32_t *)c->cells)[row + i] = place_of(r, &c->found, p, end - p)) < 0)
            return 0;
    }
    return 1;
}

/* Read records from `*p` on that end within a piece, column by column, as far as their cells are plain and none is quoted.
   Returns how many, at most `most`. There are 24 bytes before the first. */
static int64_t read_piece(reader *r, const uint8_t **p, int64_t row, int64_t most) {
    uint16_t ends[1 + PIECE + 8];
    int64_t count = find_ends(*p, r->end, r->delimiter, ends + 1), width = r->width;
    if (count <= width) return 0;
    ends[0] = 0;
    const uint8_t *before = *p - 1;
    const int64_t stride = width + (before[ends[width]] == '\r'); /* between CR and LF is a cell more, which is empty */
    cells_of of = {before, ends, stride, count / stride < most ? count / stride : most, 0};
    for (int64_t i = 0; i < stride; i++, of.ends++) {
        const column *c = &r->columns[i];
        of.last = i + 1 == stride ? '\n' : i + 1 == width ? '\r' : r->delimiter;
        if (i == width)
            of.rows = pass_over(&of, FILLED);
        else if (c->kind == DOUBLE)
            of.rows = read_doubles(r, c, &of, row);
        else if (c->kind == WHOLE)
            of.rows = read_wholes(r, c, &of, row);
        else /* a blank line is no record */
            of.rows = pass_over(&of, c->kind == EMPTY ? FILLED : width == 1 ? EMPTY : 0);
    }
    for (int64_t i = 0; i < width; i++) {
        column *c = &r->columns[i];
        of.ends = ends + i;
        if ((c->kind == NAME || c->kind == TEXT) && !read_texts(r, c, &of, row)) return r->out_of_memory = 1, 0;
    }
    *p = before + ends[of.rows * stride] + 1;
    return of.rows;
}

/* Read at most `most` records. Returns how many there were, and in `stopped` the byte where the next one begins. */
static int64_t read_records(reader *r, int64_t most, int64_t *stopped) {
    const uint8_t *p = r->data, *next;
    int64_t row = 0, alone = 0, wanted = 1; /* `alone` records are read one by one, and so are `wanted` if no piece can be */
    memset(r->special, 0, sizeof r->special);
    r->special[r->delimiter] = r->special['\n'] = r->special['\r'] = r->special['"'] = 1;
    while (row < most && p < r->end) {
        if (!alone && p - r->data >= 24 && r->end - p >= BLOCK) {
            int64_t read = read_piece(r, &p, row, most - row);
            row += read;
            if (read) wanted = 1;
            if (r->out_of_memory) break;
            if (read) continue;
            alone = wanted < MANY ? wanted *= 2 : MANY;
        }
        if (*p == '\n' || *p == '\r') break; /* a blank line is no record */
        if (!(next = read_record(r, p, row))) break;
        p = next;
        row++;
        if (alone) alone--;
    }
    *stopped = p - r->data;
    return row;
}

#endif
