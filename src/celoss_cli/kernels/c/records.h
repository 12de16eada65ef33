/* Delimited text, and the columns that it is read into. */
#ifndef CELOSS_RECORDS_H
#define CELOSS_RECORDS_H

#include <stdint.h>

/* What a column is read as. */
enum { DOUBLE = 'd', WHOLE = 'q', NAME = 's', TEXT = 't', EMPTY = 'x', SKIPPED = '-' };

typedef struct {
    int64_t start, length;
} span;

/* The different texts of a column, in the order in which they came, and a table of their places + 1 by their hash. */
typedef struct {
    span *texts;
    int32_t *places;
    int64_t count, size; /* of `places`: a power of two, more than twice the count; `texts` has half of it */
} names;

typedef struct {
    char kind;
    void *cells;      /* double, int64_t, the int32_t place of each NAME, or where each TEXT ends, after a first 0 */
    uint8_t *text;    /* the bytes of a column of TEXT */
    names found;
} column;

/* Returns the double of a number of so many bytes, which is surely written as one. */
typedef double (*hard_number)(const uint8_t *start, int64_t length, void *context);

/* A text, its columns, and what reads the numbers that are hard. */
typedef struct {
    const uint8_t *data, *end;
    uint8_t delimiter;
    uint8_t special[256]; /* what ends a cell, or makes it none that is plain */
    column *columns;
    int width;
    hard_number hard;
    void *context;
    int out_of_memory;
} reader;

#endif
