/* Sums without rounding: limbs of 26 bits for ordinary values, a superaccumulator for the others.
 *
 * After R. Neal, "Fast exact summation using small and large superaccumulators", arXiv:1505.05571, 2015. Its chunks
 * here are 64-bit integers that hold 32 bits each: 2^30 values can be added before the caller has to empty them.
 */
#ifndef CELOSS_EXACT_H
#define CELOSS_EXACT_H

#include "elementary.h"

/* Chunk i counts units of 2^(32 i − 1074). The largest double ends in chunk 65; one more takes what is carried. */
enum { CHUNKS = 68, UNIT_BITS = 1074, LIMBS = 3 };

/* Add ±whole·2^(position − 1074). */
INLINE void add_whole(int64_t *chunks, uint64_t whole, int position, int negative) {
    int chunk = position >> 5, shift = position & 31;
    uint64_t low = whole << shift;
    int64_t sign = negative ? -1 : 1;
    chunks[chunk] += sign * (int64_t)(low & 0xffffffffU);
    chunks[chunk + 1] += sign * (int64_t)(low >> 32);
    chunks[chunk + 2] += sign * (int64_t)((whole >> 1) >> (63 - shift));
}

INLINE void add_signed(int64_t *chunks, int64_t whole, int position) {
    add_whole(chunks, whole < 0 ? (uint64_t)0 - (uint64_t)whole : (uint64_t)whole, position, whole < 0);
}

/* A finite double as ±whole·2^(position − 1074). */
INLINE uint64_t whole_of(double x, int *position) {
    uint64_t bits = bits_of(x);
    int exponent = (int)(bits >> 52 & 0x7ff);
    uint64_t whole = bits & (ONE_OCTAVE - 1);
    *position = exponent ? exponent - 1 : 0;
    return exponent ? whole | ONE_OCTAVE : whole;
}

INLINE void add_double(int64_t *chunks, double x) {
    int position;
    uint64_t whole = whole_of(x, &position);
    add_whole(chunks, whole, position, bits_of(x) >> 63 != 0);
}

/* Add x², rounded down to a multiple of 2^−1074; |x| < 2^500. */
static void add_square(int64_t *chunks, double x) {
    int position;
    uint64_t whole = whole_of(x, &position);
    uint64_t low = whole & 0xffffffffU, high = whole >> 32;
    uint64_t middle = low * high; /* below 2^53: twice it still fits */
    uint64_t bottom = low * low, top = high * high + (middle >> 31);
    uint64_t part = middle << 33;
    bottom += part;
    top += bottom < part;
    int place = 2 * position - UNIT_BITS;
    if (place < 0) {
        int down = -place;
        if (down >= 128) return;
        if (down >= 64) {
            bottom = top >> (down - 64);
            top = 0;
        } else {
            bottom = bottom >> down | (top << 1) << (63 - down);
            top >>= down;
        }
        place = 0;
    }
    add_whole(chunks, bottom, place, 0);
    if (top) add_whole(chunks, top, place + 64, 0);
}

/* Values within ±16 in quanta of 2^−22, what that leaves in quanta of 2^−49, and then of 2^−76: 26 bits and a sign each. */
#define QUANTUM_1 -22
#define QUANTUM_2 -49
#define QUANTUM_3 -76
#define MAGIC_1 0x1.8p+30
#define MAGIC_2 0x1.8p+3
#define MAGIC_3 0x1.8p-24

/* Split n finite values into limbs. Those that the limbs do not hold to the last bit have none: `odd` is 1 for them.
 * Returns whether there are any. */
static int split(const double *restrict x, int32_t *restrict a, int32_t *restrict b, int32_t *restrict c,
                 uint8_t *restrict odd, int n) {
    int64_t any = 0;
    for (int i = 0; i < n; i++) {
        double first = x[i] + MAGIC_1;
        double rest = x[i] - (first - MAGIC_1);
        double second = rest + MAGIC_2;
        rest = rest - (second - MAGIC_2);
        double third = rest + MAGIC_3;
        rest = rest - (third - MAGIC_3);
        int64_t held = -(int64_t)((magnitude(x[i]) < 16.0) & (rest == 0.0));
        a[i] = (int32_t)(bits_of(first) & (uint64_t)held);
        b[i] = (int32_t)(bits_of(second) & (uint64_t)held);
        c[i] = (int32_t)(bits_of(third) & (uint64_t)held);
        odd[i] = (uint8_t)(held + 1);
        any |= held + 1;
    }
    return (int)any;
}

/* Add the squares of n ≤ 512 split values: each sum below stays under 2^63. */
static void add_limb_squares(int64_t *chunks, const int32_t *restrict a, const int32_t *restrict b,
                             const int32_t *restrict c, int n) {
    int64_t aa = 0, ab = 0, bb = 0, ac = 0, bc = 0, cc = 0;
    for (int i = 0; i < n; i++) {
        aa += (int64_t)a[i] * a[i];
        ab += (int64_t)a[i] * b[i];
        bb += (int64_t)b[i] * b[i];
        ac += (int64_t)a[i] * c[i];
        bc += (int64_t)b[i] * c[i];
        cc += (int64_t)c[i] * c[i];
    }
    add_signed(chunks, aa, UNIT_BITS + 2 * QUANTUM_1);
    add_signed(chunks, ab, UNIT_BITS + QUANTUM_1 + QUANTUM_2 + 1);
    add_signed(chunks, bb, UNIT_BITS + 2 * QUANTUM_2);
    add_signed(chunks, ac, UNIT_BITS + QUANTUM_1 + QUANTUM_3 + 1);
    add_signed(chunks, bc, UNIT_BITS + QUANTUM_2 + QUANTUM_3 + 1);
    add_signed(chunks, cc, UNIT_BITS + 2 * QUANTUM_3);
}

/* Values at most 2 or so, rounded to multiples of 2^−59 as numbers of 2^−25 and of 2^−59. */
#define COARSE -25
#define FINE -59
#define MAGIC_COARSE 0x1.8p+27
#define MAGIC_FINE 0x1.8p-7

INLINE int64_t coarse_of(double x) { return (int64_t)(bits_of(x + MAGIC_COARSE) - bits_of(MAGIC_COARSE)); }

INLINE int64_t fine_of(double x) {
    double rest = x - ((x + MAGIC_COARSE) - MAGIC_COARSE);
    return (int64_t)(bits_of(rest + MAGIC_FINE) - bits_of(MAGIC_FINE));
}

/* The variance p (1 − p) of a row, at most 1/4, rounded to a number of 2^−39. */
#define MAGIC_SPREAD 0x1.8p+13

INLINE int64_t spread_of(double x) { return (int64_t)(bits_of(x + MAGIC_SPREAD) - bits_of(MAGIC_SPREAD)); }

#endif
