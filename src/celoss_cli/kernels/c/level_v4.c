/* The functions for x86-64-v4. */
#include "core.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <stdlib.h>
#include <string.h>
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx2,bmi,bmi2,popcnt"))), apply_to = function)
#else
#pragma GCC target("avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx2,bmi,bmi2,popcnt,prefer-vector-width=512")
#endif
#define TABLE celoss_v4
#include "passes.h"
#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
