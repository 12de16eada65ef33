/* The functions for x86-64-v2. */
#include "core.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <stdlib.h>
#include <string.h>
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("sse4.2,popcnt,ssse3"))), apply_to = function)
#else
#pragma GCC target("sse4.2,popcnt,ssse3")
#endif
#define TABLE celoss_v2
#include "passes.h"
#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
