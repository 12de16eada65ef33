/* The functions for x86-64-v3. */
#include "core.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <stdlib.h>
#include <string.h>
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,bmi,bmi2,popcnt"))), apply_to = function)
#else
#pragma GCC target("avx2,bmi,bmi2,popcnt")
#endif
#define TABLE celoss_v3
#include "passes.h"
#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
