/* The powers of five that decimal.h multiplies by. */
#include "decimal.h"

wide celoss_powers[LARGEST_POWER - LEAST_POWER + 1];

/* Return 64 bits of a number, limbs of 32 bits from the lowest, from bit `from` on. */
static uint64_t bits_from(const uint32_t *limbs, int from) {
    int limb = from / 32, shift = from % 32;
    uint64_t found = ((uint64_t)limbs[limb + 1] << 32 | limbs[limb]) >> shift;
    return shift ? found | (uint64_t)limbs[limb + 2] << (64 - shift) : found;
}

static wide first_bits(const uint32_t *limbs) {
    int top = LIMB_COUNT - 1, bit = 31;
    while (!limbs[top]) top--;
    while (!(limbs[top] >> bit)) bit--;
    int from = 32 * top + bit - 127;
    return (wide){bits_from(limbs, from + 64), bits_from(limbs, from)};
}

/* Fill `celoss_powers`, once. */
void celoss_fill_powers(void) {
    uint32_t limbs[LIMB_COUNT + 1] = {0}; /* one more, always zero */
    limbs[4] = 1;                         /* 5^0 · 2^128: there are 128 bits then */
    for (int q = 0; q <= LARGEST_POWER; q++) {
        celoss_powers[q - LEAST_POWER] = first_bits(limbs);
        uint64_t carry = 0;
        for (int i = 0; i < LIMB_COUNT; i++) {
            carry += (uint64_t)limbs[i] * 5;
            limbs[i] = (uint32_t)carry;
            carry >>= 32;
        }
    }
    memset(limbs, 0, sizeof limbs);
    limbs[LIMB_COUNT - 1] = 1u << 31; /* 5^−342 is 795 bits smaller: 484 are left */
    for (int q = -1; q >= LEAST_POWER; q--) {
        uint64_t rest = 0;
        for (int i = LIMB_COUNT - 1; i >= 0; i--) {
            rest = rest << 32 | limbs[i];
            limbs[i] = (uint32_t)(rest / 5);
            rest %= 5;
        }
        wide found = first_bits(limbs);
        if (q >= -27 && !++found.low) found.high++;
        celoss_powers[q - LEAST_POWER] = found;
    }
}
