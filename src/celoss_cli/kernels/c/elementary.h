/* log, exp, log1p, softplus and log(1 − exp x) from + − × ÷ and integers: the same bits on every machine.
 *
 * Each function does what its namesake in kernels/elementary.py does, operation for operation; that file says why.
 * No table, no fused multiply-add, no branch: a loop over them is one a compiler can turn into vectors.
 */
#ifndef CELOSS_ELEMENTARY_H
#define CELOSS_ELEMENTARY_H

#include <stdint.h>
#include <string.h>

#if defined(_MSC_VER)
#define restrict __restrict
#define INLINE static __forceinline
#define NOINLINE __declspec(noinline)
#else
#define INLINE static inline __attribute__((always_inline))
#define NOINLINE __attribute__((noinline))
#endif

#if defined(__clang__)
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define INDEPENDENT _Pragma("GCC ivdep")
#else
#define INDEPENDENT
#endif

/* Reductions that a loop may be cut up for, in the words of OpenMP: only its `simd` is asked for, which is no library. */
#if defined(__GNUC__) || defined(__clang__)
#define PRAGMA(words) _Pragma(#words)
#define REDUCED(reductions) PRAGMA(omp simd reductions)
#else
#define REDUCED(reductions)
#endif

#if defined(__GNUC__) || defined(__clang__)
#define PREFETCH(address) __builtin_prefetch(address)
#else
#define PREFETCH(address) ((void)(address))
#endif

#define INFINITE 0x7ff0000000000000ULL
#define NO_NUMBER 0x7ff8000000000000ULL
#define MINUS_INFINITE 0xfff0000000000000ULL

INLINE uint64_t bits_of(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

INLINE double from_bits(uint64_t bits) {
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

#define LOG2_E 0x1.71547652b82fep+0
#define LN2_HIGH 0x1.62e42fefa3800p-1
#define LN2_LOW 0x1.ef35793c76730p-45
#define LN2 0x1.62e42fefa39efp-1
#define ROUNDING 0x1.8p+52 /* adding and subtracting it rounds to a whole number */
#define SQRT_HALF 0x3fe6a09e667f3bcdULL
#define ONE_OCTAVE 0x0010000000000000ULL

/* What exp leaves to be scaled: exp(x) = 2^k (1 + rest). */
typedef struct {
    double rest, shifted; /* k + ROUNDING */
} power;

INLINE power power_of(double x) {
    double shifted = x * LOG2_E + ROUNDING;
    double whole = shifted - ROUNDING;
    double high = x - whole * LN2_HIGH;
    double low = whole * LN2_LOW;
    double r = high - low;
    double p = 0x1.1f730349868cep-29;
    p = p * r + 0x1.af4de97ca4194p-26;
    p = p * r + 0x1.27e4db646b17ep-22;
    p = p * r + 0x1.71de0231960ebp-19;
    p = p * r + 0x1.a01a01a6d889cp-16;
    p = p * r + 0x1.a01a01abe7fe1p-13;
    p = p * r + 0x1.6c16c16c162d4p-10;
    p = p * r + 0x1.11111111100dcp-7;
    p = p * r + 0x1.5555555555556p-5;
    p = p * r + 0x1.5555555555557p-3;
    p = p * r + 0x1.0000000000000p-1;
    power found;
    found.rest = high + (r * r * p - low);
    found.shifted = shifted;
    return found;
}

/* k, plus 2048. */
INLINE uint64_t exponent_of(power found) { return bits_of(found.shifted) - bits_of(ROUNDING) + 2048; }

INLINE double exp_of(double x) {
    x = x < -746.0 ? -746.0 : x;
    x = x > 710.0 ? 710.0 : x;
    power found = power_of(x);
    uint64_t k = exponent_of(found), half = k >> 1;
    double first = from_bits((half - 1) << 52);
    double second = from_bits((k - half - 1) << 52);
    return (1.0 + found.rest) * first * second;
}

/* exp(x) of x ≤ 0 as a term of a sum that is at least 1, to which less than 2^-1000 adds nothing: what is less stays above 0. */
INLINE double term_of(double x) {
    power found = power_of(x < -708.0 ? -708.0 : x);
    return from_bits(bits_of(1.0 + found.rest) + (bits_of(found.shifted) << 52));
}

/* log(1 + f) + k ln 2 + c, for 1 + f between √½ and √2. */
INLINE double log_from(double f, double k, double c) {
    double s = f / (2.0 + f);
    double z = s * s;
    double r = 0x1.2b6688a387e03p-3;
    r = r * z + 0x1.39fd392179a95p-3;
    r = r * z + 0x1.7462bd8f7796ep-3;
    r = r * z + 0x1.c71c62c639fdep-3;
    r = r * z + 0x1.2492492e09d4dp-2;
    r = r * z + 0x1.9999999995204p-2;
    r = r * z + 0x1.5555555555558p-1;
    r = r * z;
    double half_square = 0.5 * f * f;
    return k * LN2_HIGH - ((half_square - (s * (half_square + r) + (k * LN2_LOW + c))) - f);
}

/* The octave k of a normal x > 0, plus 1024: x = 2^k m with m between √½ and √2. */
INLINE uint64_t octave_of(uint64_t bits) { return (bits - SQRT_HALF + (1024 * ONE_OCTAVE)) >> 52; }

INLINE double whole_number(uint64_t small) { return from_bits(small | 0x4330000000000000ULL) - 0x1p+52; }

INLINE double log_of(double x) {
    int tiny = x < 0x1p-1022;
    double scaled = tiny ? x * 0x1p+54 : x;
    uint64_t bits = bits_of(scaled);
    uint64_t octave = octave_of(bits);
    double m = from_bits(bits - (octave - 1024) * ONE_OCTAVE);
    double k = whole_number(octave) - (tiny ? 1078.0 : 1024.0);
    double y = log_from(m - 1.0, k, 0.0);
    y = x == from_bits(INFINITE) ? x : y;
    y = x == 0.0 ? from_bits(MINUS_INFINITE) : y;
    return x >= 0.0 ? y : from_bits(NO_NUMBER);
}

INLINE double log1p_of(double x) {
    double u = 1.0 + x;
    int beyond = x > 1.0;
    double larger = beyond ? x : 1.0;
    double smaller = beyond ? 1.0 : x;
    double lost = smaller - (u - larger);
    uint64_t bits = bits_of(u);
    uint64_t octave = octave_of(bits);
    double m = from_bits(bits - (octave - 1024) * ONE_OCTAVE);
    double k = whole_number(octave) - 1024.0;
    int near = k == 0.0;
    double y = log_from(near ? x : m - 1.0, k, near ? 0.0 : lost / u);
    y = x == from_bits(INFINITE) ? x : y;
    y = x == -1.0 ? from_bits(MINUS_INFINITE) : y;
    return x >= -1.0 ? y : from_bits(NO_NUMBER);
}

INLINE double magnitude(double x) { return from_bits(bits_of(x) & 0x7fffffffffffffffULL); }

INLINE double log1mexp_of(double x) {
    power found = power_of(x > -LN2 ? x : -LN2);
    double scale = from_bits((exponent_of(found) - 1025) << 52);
    double near = log_of(-(found.rest * scale + (scale - 1.0)));
    double far = log1p_of(-exp_of(x));
    return x > -LN2 ? near : far;
}

#endif
