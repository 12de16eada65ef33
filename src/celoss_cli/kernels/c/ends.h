/* Where the cells of delimited text end: a bit for each of sixty-four bytes, with what instructions there are, then the
   places of these bits. */
#ifndef CELOSS_ENDS_H
#define CELOSS_ENDS_H

#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

enum { BLOCK = 64, PIECE = 1 << 14 }; /* bytes: a piece of text and the places in it fit into the first cache */

/* Eight bytes, the first of them the lowest. */
static inline uint64_t eight_bytes(const uint8_t *p) {
    uint64_t word;
    memcpy(&word, p, 8);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/* Return the place of the lowest bit of a word that has one. */
static inline int lowest_bit(uint64_t x) {
#if defined(__GNUC__)
    return __builtin_ctzll(x);
#else
    int place = 0;
    for (int step = 32; step; step /= 2)
        if (!(x << (64 - step))) x >>= step, place += step;
    return place;
#endif
}

static inline int bits_in(uint64_t x) {
#if defined(__GNUC__) && defined(__POPCNT__)
    return __builtin_popcountll(x);
#else
    x -= x >> 1 & 0x5555555555555555;
    x = (x & 0x3333333333333333) + (x >> 2 & 0x3333333333333333);
    return (int)(((x + (x >> 4)) & 0x0F0F0F0F0F0F0F0F) * 0x0101010101010101 >> 56);
#endif
}

/* Return a bit for each of 64 bytes that ends a cell, or makes it none that is plain: a delimiter, LF, CR or a quote. */
static inline uint64_t ends_in(const uint8_t *p, uint8_t delimiter) {
#if defined(__AVX512BW__)
    const __m512i bytes = _mm512_loadu_si512(p);
    return _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8((char)delimiter)) | _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\n')) |
           _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\r')) | _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('"'));
#elif defined(__AVX2__)
    uint64_t mask = 0;
    for (int i = 0; i < BLOCK; i += 32) {
        const __m256i bytes = _mm256_loadu_si256((const __m256i *)(p + i));
        const __m256i cell = _mm256_or_si256(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8((char)delimiter)),
                                             _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\n')));
        const __m256i odd = _mm256_or_si256(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\r')),
                                            _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('"')));
        mask |= (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_or_si256(cell, odd)) << i;
    }
    return mask;
#elif defined(__SSE2__)
    uint64_t mask = 0;
    for (int i = 0; i < BLOCK; i += 16) {
        const __m128i bytes = _mm_loadu_si128((const __m128i *)(p + i));
        const __m128i cell = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8((char)delimiter)),
                                          _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n')));
        const __m128i odd = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\r')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')));
        mask |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_or_si128(cell, odd)) << i;
    }
    return mask;
#else
    const uint64_t ones = 0x0101010101010101, low = 0x7F7F7F7F7F7F7F7F;
    const uint64_t wanted[] = {ones * delimiter, ones * '\n', ones * '\r', ones * '"'};
    uint64_t mask = 0;
    for (int i = 0; i < BLOCK; i += 8) {
        uint64_t bytes = eight_bytes(p + i), found = 0;
        for (int k = 0; k < 4; k++) {
            uint64_t odd = bytes ^ wanted[k];
            found |= ~(((odd & low) + low) | odd); /* the high bit of a byte that is the same */
        }
        mask |= ((found >> 7 & ones) * 0x0102040810204080 >> 56) << i; /* the lowest bits of eight bytes, side by side */
    }
    return mask;
#endif
}

/* Put the places of bits behind `before`, eight at a time: those behind the last are written over by the next ones. */
static inline void put_places(uint64_t mask, int before, uint16_t *places) {
    const uint64_t some = (uint64_t)1 << 63; /* so that there is a lowest bit */
    for (; mask; places += 8)
        for (int i = 0; i < 8; i++, mask &= mask - 1) places[i] = (uint16_t)(before + lowest_bit(mask | some));
}

/* Look through the whole blocks of a piece. Puts the places of ends, `PIECE` + 8 at most, counted from the byte before it;
   returns how many there are. */
static int find_ends(const uint8_t *p, const uint8_t *end, uint8_t delimiter, uint16_t *places) {
    int count = 0;
    for (int seen = 0; seen < PIECE && end - p - seen >= BLOCK; seen += BLOCK) {
        uint64_t mask = ends_in(p + seen, delimiter);
        put_places(mask, seen + 1, places + count);
        count += bits_in(mask);
    }
    return count;
}

#endif
