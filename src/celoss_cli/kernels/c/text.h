/* A plain record of delimited text, read from its first byte to its last, into a row of columns.

   Plain is: a line end, LF or CR LF, behind each record, which the last may lack; as many cells as there are columns; no
   quote but those around a whole cell of text, which are doubled inside of it only if nobody reads the column; and in the
   columns of numbers digits, a point, a sign, an exponent, with blanks around them at most. */
#ifndef CELOSS_TEXT_H
#define CELOSS_TEXT_H

#include "decimal.h"
#include "ends.h"
#include "records.h"

#include <stdlib.h>

/* What is rare stays out of the loop over cells, which then keeps more in registers. */
#if defined(__GNUC__)
#define APART __attribute__((noinline))
#else
#define APART __declspec(noinline)
#endif

static inline int is_digit(uint8_t byte) { return (uint8_t)(byte - '0') < 10; }

static inline const uint8_t *after_blanks(const reader *r, const uint8_t *p) {
    while (p < r->end && (*p == ' ' || *p == '\t') && *p != r->delimiter) p++;
    return p;
}

/* Return how many of eight bytes are digits before the first that is none, 8 if all are. A byte that is none may carry
   into those behind it, never into one before it. */
static inline int leading_digits(uint64_t word) {
    uint64_t odd = ((word + 0x4646464646464646) | (word - 0x3030303030303030)) & 0x8080808080808080;
    return odd ? lowest_bit(odd) / 8 : 8;
}

/* Return the number that eight bytes with the values of digits are: first by twos, then by fours, then all. */
static inline uint32_t number_of(uint64_t word) {
    word = word * 10 + (word >> 8);
    return (uint32_t)(((word & 0x000000FF000000FF) * 0x000F424000000064 + ((word >> 16) & 0x000000FF000000FF) * 0x0000271000000001) >> 32);
}

/* Add digits to `w`, which wraps around where there are too many. Returns what is behind them. */
static inline const uint8_t *digits(const uint8_t *p, const uint8_t *end, uint64_t *w) {
    uint64_t sum = *w;
    for (; p < end && is_digit(*p); p++) sum = 10 * sum + (uint64_t)(*p - '0');
    *w = sum;
    return p;
}

/* The same, eight at a time: faster from three or four on, and without a branch for each of those that are left over. */
static inline const uint8_t *many_digits(const uint8_t *p, const uint8_t *end, uint64_t *w) {
    static const uint32_t tens[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000};
    while (end - p >= 8) {
        uint64_t word = eight_bytes(p);
        int count = leading_digits(word);
        word -= 0x3030303030303030;
        if (count < 8) {
            *w = tens[count] * *w + number_of(word << 8 * (7 - count) << 8);
            return p + count;
        }
        *w = 100000000 * *w + number_of(word);
        p += 8;
    }
    return digits(p, end, w);
}

/* Return the double of a number of more than 19 digits: by the first 19 that count, if those behind cannot matter. */
static APART uint64_t long_number(const reader *r, const uint8_t *start, const uint8_t *point, const uint8_t *digits_end,
                            int64_t exponent, const uint8_t *end) {
    const uint8_t *p = start;
    uint64_t w = 0, bits, above;
    int count = 0;
    while (p < digits_end && (*p == '0' || *p == '.')) p++;
    for (; p < digits_end && count < 19; p++)
        if (*p != '.') w = 10 * w + (uint64_t)(*p - '0'), count++;
    /* `exponent` is that of the last digit; `point` is where it would stand behind a whole number. */
    int64_t left = digits_end - p - (p <= point && point < digits_end);
    exponent += left;
    if (!nearest(w, exponent, &bits) || (left && (!nearest(w + 1, exponent, &above) || above != bits))) {
        double value = r->hard(start, end - start, r->context);
        memcpy(&bits, &value, 8);
    }
    return bits;
}

/* Read a number. Returns what is behind it, NULL if it is none. What `r` holds is passed on where it is not rare: a store
   to a cell could be one to `r`, for all that the compiler knows. */
static inline const uint8_t *read_number(const reader *r, const uint8_t *p, const uint8_t *end, double *cell) {
    const uint8_t *start, *point, *digits_end;
    uint64_t w = 0, bits, negative = 0;
    int64_t exponent = 0, count;
    if (p < end) { /* without a branch: signs come at random */
        negative = (uint64_t)(*p == '-') << 63;
        p += (*p == '-') | (*p == '+');
    }
    start = p;
    p = digits(p, end, &w);
    count = p - start;
    point = p;
    if (p < end && *p == '.') {
        p = many_digits(p + 1, end, &w);
        exponent = point + 1 - p;
        count -= exponent;
    }
    if (!count) return NULL;
    digits_end = p;
    if (p < end && (*p | 32) == 'e') {
        int64_t power = 0;
        int below = 0;
        if (++p < end && (*p == '-' || *p == '+')) below = *p++ == '-';
        const uint8_t *first = p;
        for (; p < end && is_digit(*p); p++)
            if (power < INT32_MAX) power = 10 * power + (*p - '0'); /* beyond it, digits enough to matter do not fit */
        if (p == first) return NULL;
        exponent += below ? -power : power;
    }
    if (count > 19) /* zeros before the first other digit do not count */
        for (const uint8_t *q = start; q < digits_end && (*q == '0' || *q == '.'); q++) count -= *q == '0';
    if (count > 19) {
        bits = long_number(r, start, point, digits_end, exponent, p);
    } else if (!(count <= 15 && by_division(w, exponent, &bits)) && !nearest(w, exponent, &bits)) {
        double value = r->hard(start, p - start, r->context);
        memcpy(&bits, &value, 8);
    }
    bits |= negative;
    memcpy(cell, &bits, 8);
    return p;
}

/* Read a whole number of 18 digits at most; a plus sign makes it a text. */
static inline const uint8_t *read_whole(const uint8_t *p, const uint8_t *end, int64_t *cell) {
    uint64_t w = 0;
    int negative = p < end && *p == '-';
    const uint8_t *start = p += negative;
    p = digits(p, end, &w);
    if (p == start || p - start > 18) return NULL;
    *cell = negative ? -(int64_t)w : (int64_t)w;
    return p;
}

/* Read a number with blanks around it. */
static APART const uint8_t *read_padded(const reader *r, const column *c, const uint8_t *p, int64_t row) {
    p = after_blanks(r, p);
    p = c->kind == DOUBLE ? read_number(r, p, r->end, (double *)c->cells + row) : read_whole(p, r->end, (int64_t *)c->cells + row);
    return p ? after_blanks(r, p) : NULL;
}

static inline uint64_t hash_of(const uint8_t *p, int64_t length) {
    uint64_t hash = (uint64_t)length;
    for (; length >= 8; length -= 8, p += 8) {
        hash = (hash ^ eight_bytes(p)) * 0x9E3779B97F4A7C15;
        hash ^= hash >> 32;
    }
    for (; length; length--) hash = (hash ^ *p++) * 0x9E3779B97F4A7C15;
    return hash ^ hash >> 29;
}

static int grow(const reader *r, names *found) {
    int64_t size = found->size ? 2 * found->size : 64;
    int32_t *places = calloc((size_t)size, sizeof *places);
    span *texts = realloc(found->texts, (size_t)size / 2 * sizeof *texts);
    if (texts) found->texts = texts;
    if (!places || !texts) {
        free(places);
        return 0;
    }
    for (int64_t i = 0; i < found->count; i++) {
        uint64_t slot = hash_of(r->data + texts[i].start, texts[i].length);
        while (places[slot & (uint64_t)(size - 1)]) slot++;
        places[slot & (uint64_t)(size - 1)] = (int32_t)(i + 1);
    }
    free(found->places);
    found->places = places;
    found->size = size;
    return 1;
}

/* Return the place of a text among those of its column, −1 without memory. */
static inline int32_t place_of(const reader *r, names *found, const uint8_t *p, int64_t length) {
    if (2 * (found->count + 1) > found->size && !grow(r, found)) return -1;
    for (uint64_t slot = hash_of(p, length);; slot++) {
        int32_t *place = &found->places[slot & (uint64_t)(found->size - 1)];
        if (!*place) {
            found->texts[found->count] = (span){p - r->data, length};
            *place = (int32_t)++found->count;
            return *place - 1;
        }
        const span *known = &found->texts[*place - 1];
        if (known->length == length && !memcmp(r->data + known->start, p, (size_t)length)) return *place - 1;
    }
}

/* Put a cell behind that of the row before. */
static inline void put_text(column *c, const uint8_t *p, int64_t length, int64_t row) {
    int32_t *ends = (int32_t *)c->cells + row;
    memcpy(c->text + ends[0], p, (size_t)length);
    ends[1] = ends[0] + (int32_t)length;
}

/* Return where a cell that may be text ends. */
static inline const uint8_t *text_end(const reader *r, const uint8_t *p) {
    while (p < r->end && !r->special[*p]) p++;
    return p;
}

/* Return the quote that closes a cell whose text begins at `p`, NULL if none does. */
static inline const uint8_t *closing_quote(const reader *r, const uint8_t *p, int *doubled) {
    for (; (p = memchr(p, '"', (size_t)(r->end - p))) && p + 1 < r->end && p[1] == '"'; p += 2) *doubled = 1;
    return p;
}

/* Read a cell that is no number. Returns what is behind it, NULL if it is not plain, or without memory. */
static APART const uint8_t *read_text(reader *r, column *c, const uint8_t *p, int64_t row) {
    int doubled = 0, quoted = p < r->end && *p == '"';
    if (c->kind == EMPTY) return p;
    const uint8_t *start = p + quoted;
    p = quoted ? closing_quote(r, start, &doubled) : text_end(r, p);
    if (!p || (doubled && c->kind != SKIPPED)) return NULL;
    if (c->kind == NAME) {
        int32_t place = ((int32_t *)c->cells)[row] = place_of(r, &c->found, start, p - start);
        if (place < 0) return r->out_of_memory = 1, NULL;
    } else if (c->kind == TEXT) {
        put_text(c, start, p - start, row);
    }
    return p + quoted;
}

/* Read a record. Returns where the next one begins, NULL if it is not plain, or without memory. */
static APART const uint8_t *read_record(reader *r, const uint8_t *p, int64_t row) {
    const uint8_t *const end = r->end;
    column *const last = r->columns + r->width - 1;
    for (column *c = r->columns;; c++) {
        const uint8_t *cell = p;
        if (c->kind == DOUBLE || c->kind == WHOLE) {
            p = c->kind == DOUBLE ? read_number(r, p, end, (double *)c->cells + row) : read_whole(p, end, (int64_t *)c->cells + row);
            if (!p || (p < end && *p != r->delimiter && *p != '\n' && *p != '\r')) p = read_padded(r, c, cell, row);
        } else {
            p = read_text(r, c, cell, row);
        }
        if (!p) return NULL;
        if (c == last) break;
        if (p == end || *p++ != r->delimiter) return NULL;
    }
    if (p < end && *p == '\r') p++;
    if (p < end ? *p != '\n' : p[-1] == '\r') return NULL;
    return p + (p < end);
}

#endif
