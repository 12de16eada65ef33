/* The double nearest to a decimal number w · 10^q.

   Where both are exact as doubles, one division rounds right (W. Clinger, "How to read floating point numbers accurately",
   1990). Else by integer arithmetic: w times the first 128 bits of a power of five (D. Lemire, "Number parsing at a
   gigabyte per second", 2021). Where these bits do not tell on which side of a halfway point the number lies, it says so. */
#ifndef CELOSS_DECIMAL_H
#define CELOSS_DECIMAL_H

#include <float.h>
#include <stdint.h>
#include <string.h>

enum { LEAST_POWER = -342, LARGEST_POWER = 308, FRACTION = 52, LIMB_COUNT = 40 };

typedef struct {
    uint64_t high, low;
} wide;

/* The first 128 bits of 5^q at q − LEAST_POWER; those of the reciprocals of small powers are rounded up. */
extern wide celoss_powers[LARGEST_POWER - LEAST_POWER + 1];

static inline wide product(uint64_t a, uint64_t b) {
#if defined(__SIZEOF_INT128__)
    unsigned __int128 both = (unsigned __int128)a * b;
    return (wide){(uint64_t)(both >> 64), (uint64_t)both};
#else
    uint64_t low = (uint64_t)(uint32_t)a * (uint32_t)b, high = (a >> 32) * (b >> 32);
    uint64_t left = (a >> 32) * (uint32_t)b, right = (uint64_t)(uint32_t)a * (b >> 32);
    uint64_t middle = (low >> 32) + (uint32_t)left + (uint32_t)right;
    return (wide){high + (left >> 32) + (right >> 32) + (middle >> 32), middle << 32 | (uint32_t)low};
#endif
}

static inline int leading_zeros(uint64_t x) {
#if defined(__GNUC__)
    return __builtin_clzll(x);
#else
    int zeros = 0;
    for (int step = 32; step; step /= 2)
        if (!(x >> (64 - step))) x <<= step, zeros += step;
    return zeros;
#endif
}

#if FLT_EVAL_METHOD == 0 /* a division of doubles is one, and rounded once */
enum { DIVIDES = 1 };
#else
enum { DIVIDES = 0 };
#endif

static const double exact_tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* The same as `nearest` for w of at most 15 digits, and faster. Returns whether q is such that it can be done. */
static inline int by_division(uint64_t w, int64_t q, uint64_t *bits) {
    if (!DIVIDES || q > 0 || q < -22) return 0;
    double value = (double)(int64_t)w / exact_tens[-q];
    memcpy(bits, &value, 8);
    return 1;
}

/* Put the bits of the double nearest to w · 10^q into `bits`. Returns whether they are sure. */
static inline int nearest(uint64_t w, int64_t q, uint64_t *bits) {
    const uint64_t infinity = (uint64_t)0x7FF << FRACTION;
    if (!w || q < LEAST_POWER) return *bits = 0, 1;
    if (q > LARGEST_POWER) return *bits = infinity, 1;
    int zeros = leading_zeros(w);
    w <<= zeros;
    const wide power = celoss_powers[q - LEAST_POWER];
    wide found = product(w, power.high);
    if ((found.high & 0x1FF) == 0x1FF) { /* the bits that decide may still be carried into */
        uint64_t more = product(w, power.low).high;
        found.low += more;
        found.high += found.low < more;
        if (found.low == UINT64_MAX && (q < -27 || q > 55)) return 0;
    }
    int first = (int)(found.high >> 63), shift = first + 64 - FRACTION - 3;
    uint64_t fraction = found.high >> shift; /* with one bit more than a double has */
    int64_t exponent = (((152170 + 65536) * q) >> 16) + 63 + first - zeros + 1023; /* log2 10 is 217706 / 65536 */
    if (exponent <= 0) {
        if (exponent < -62) return *bits = 0, 1;
        fraction >>= 1 - exponent;
        fraction = (fraction + (fraction & 1)) >> 1;
        *bits = fraction; /* one that was rounded up to 2^52 has the least exponent by that */
        return 1;
    }
    /* Exactly halfway, which only small powers can be: to even. */
    if (found.low <= 1 && q >= -4 && q <= 23 && (fraction & 3) == 1 && fraction << shift == found.high) fraction &= ~(uint64_t)1;
    fraction = (fraction + (fraction & 1)) >> 1;
    if (fraction >> (FRACTION + 1)) fraction >>= 1, exponent++;
    if (exponent >= 0x7FF) return *bits = infinity, 1;
    *bits = (uint64_t)exponent << FRACTION | (fraction & (((uint64_t)1 << FRACTION) - 1));
    return 1;
}

#endif
