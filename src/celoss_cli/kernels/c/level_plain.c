/* The functions for any processor and any compiler. */
#define TABLE celoss_plain
#include "passes.h"
