/* The Python side of the core: buffers in, sizes checked, the interpreter released, the right level called. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "check.h"
#include "core.h"
#include "exact.h"
#include "python.h"

#include <math.h>
#include <stdlib.h>

extern const functions celoss_plain;
#if defined(__x86_64__) && defined(__GNUC__)
extern const functions celoss_v2, celoss_v3, celoss_v4;
#endif

static const functions *in_use = &celoss_plain;

const functions *celoss_in_use(void) { return in_use; }

static int supported(const char *name) {
    if (!strcmp(name, "plain")) return 1;
#if defined(__x86_64__) && defined(__GNUC__)
    __builtin_cpu_init();
    if (!strcmp(name, "v2")) return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt");
    if (!strcmp(name, "v3")) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
               __builtin_cpu_supports("popcnt");
    if (!strcmp(name, "v4"))
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl") && supported("v3");
#endif
    return 0;
}

PyDoc_STRVAR(levels_doc, "levels()\n--\n\nReturn the names of the instruction levels that work here, the fastest first.");

static PyObject *levels(PyObject *self, PyObject *unused) {
    static const char *const names[] = {"v4", "v3", "v2", "plain"};
    PyObject *found = PyList_New(0);
    (void)self, (void)unused;
    for (int i = 0; found && i < 4; i++) {
        if (!supported(names[i])) continue;
        PyObject *name = PyUnicode_FromString(names[i]);
        if (!name || PyList_Append(found, name) < 0) Py_CLEAR(found);
        Py_XDECREF(name);
    }
    return found;
}

PyDoc_STRVAR(use_doc, "use(level)\n--\n\nUse the functions of one of the levels. Raises ValueError for one that does not work here.");

static PyObject *use(PyObject *self, PyObject *args) {
    const char *name;
    (void)self;
    if (!PyArg_ParseTuple(args, "s", &name)) return NULL;
    if (!supported(name)) return PyErr_Format(PyExc_ValueError, "this processor does not run level %s", name);
    in_use = &celoss_plain;
#if defined(__x86_64__) && defined(__GNUC__)
    if (!strcmp(name, "v2")) in_use = &celoss_v2;
    if (!strcmp(name, "v3")) in_use = &celoss_v3;
    if (!strcmp(name, "v4")) in_use = &celoss_v4;
#endif
    Py_RETURN_NONE;
}

static PyObject *too_large(void) {
    PyErr_SetString(PyExc_ValueError, "a value is too large, or no number");
    return NULL;
}

/* Call one of the functions of each element: (in, out), float64 (n,), which may be the same array. */
static PyObject *each(PyObject *args, void (*function)(const double *, double *, int64_t)) {
    Py_buffer in, out;
    PyObject *result = NULL;
    if (!PyArg_ParseTuple(args, "y*w*", &in, &out)) return NULL;
    if (in.len != out.len || in.len % 8 || !is_aligned(&in, 8) || !is_aligned(&out, 8)) {
        wrong_size("the output");
    } else {
        Py_BEGIN_ALLOW_THREADS
        function(in.buf, out.buf, in.len / 8);
        Py_END_ALLOW_THREADS
        result = Py_NewRef(Py_None);
    }
    PyBuffer_Release(&in);
    PyBuffer_Release(&out);
    return result;
}

#define EACH_OF(name)                                                                            \
    PyDoc_STRVAR(name##_doc, #name "(in, out)\n--\n\nSee kernels/elementary.py; float64, contiguous."); \
    static PyObject *each_##name(PyObject *self, PyObject *args) {                               \
        (void)self;                                                                              \
        return each(args, in_use->name);                                                         \
    }
EACH_OF(log)
EACH_OF(exp)
EACH_OF(log1p)
EACH_OF(softplus)
EACH_OF(log1mexp)

PyDoc_STRVAR(sum_classes_doc,
             "sum_classes(block, classes, rows, by_row, out)\n--\n\n"
             "Sum each row of a block (C, n), or (n, C) by row, into out (n,); float64, contiguous.");

static PyObject *sum_classes(PyObject *self, PyObject *args) {
    Py_buffer in, out;
    long long classes, rows;
    int by_row;
    PyObject *result = NULL;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*LLpw*", &in, &classes, &rows, &by_row, &out)) return NULL;
    if (classes < 1 || rows < 0 || (rows && classes > in.len / rows) || classes * rows * 8 != in.len || rows * 8 != out.len ||
        !is_aligned(&in, 8) || !is_aligned(&out, 8)) {
        wrong_size("the block or the output");
    } else {
        Py_BEGIN_ALLOW_THREADS
        in_use->sum_classes(in.buf, classes, rows, by_row, out.buf);
        Py_END_ALLOW_THREADS
        result = Py_NewRef(Py_None);
    }
    PyBuffer_Release(&in);
    PyBuffer_Release(&out);
    return result;
}

PyDoc_STRVAR(moments_doc,
             "moments(x, weights, classes, rows, square, sums)\n--\n\n"
             "Sum w, w x and w x² of each row of blocks (C, n), of at most 64 classes, into sums (3, n); then square the\n"
             "weights in their place, if asked to; float64, contiguous.");

static PyObject *moments(PyObject *self, PyObject *args) {
    Py_buffer x, weights, sums;
    long long classes, rows;
    int square;
    PyObject *result = NULL;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*w*LLpw*", &x, &weights, &classes, &rows, &square, &sums)) return NULL;
    if (classes < 1 || classes > FEW_CLASSES || rows < 0 || (rows && classes > x.len / rows) || classes * rows * 8 != x.len ||
        weights.len != x.len || rows * 24 != sums.len || !is_aligned(&x, 8) || !is_aligned(&weights, 8) || !is_aligned(&sums, 8)) {
        wrong_size("a block or the output");
    } else {
        Py_BEGIN_ALLOW_THREADS
        in_use->moments(x.buf, weights.buf, classes, rows, square, sums.buf);
        Py_END_ALLOW_THREADS
        result = Py_NewRef(Py_None);
    }
    PyBuffer_Release(&x);
    PyBuffer_Release(&weights);
    PyBuffer_Release(&sums);
    return result;
}

/* Buffers of 8-byte numbers, so many of each: gets all of them, or none and says what is wrong. */
static int take_arrays(PyObject **from, Py_buffer *into, const int64_t *sizes, int count, int written_from) {
    for (int i = 0; i < count; i++) {
        int good = PyObject_GetBuffer(from[i], &into[i], i < written_from ? PyBUF_SIMPLE : PyBUF_WRITABLE) == 0;
        if (good && (into[i].len != 8 * sizes[i] || !is_aligned(&into[i], 8))) {
            PyBuffer_Release(&into[i]);
            wrong_size("an array");
            good = 0;
        }
        if (!good) {
            while (i) PyBuffer_Release(&into[--i]);
            return 0;
        }
    }
    return 1;
}

static void release(Py_buffer *held, int count) {
    while (count) PyBuffer_Release(&held[--count]);
}

/* Whether so many scores can be worked on by class, of at most FEW_CLASSES. */
static int are_few(int64_t classes, int64_t rows) {
    if (classes >= 1 && classes <= FEW_CLASSES && rows >= 0 && rows <= INT64_MAX / 8 / FEW_CLASSES) return 1;
    PyErr_SetString(PyExc_ValueError, "these rows have too many classes, or none");
    return 0;
}

PyDoc_STRVAR(softmax_doc,
             "softmax(x, classes, rows, best, below, powers, total, p, predicted)\n--\n\n"
             "Write what kernels.functions.softmax gives of log-scores x (C, n) of at most 64 classes; float64, predicted int64.\n"
             "Returns the least of `below`.");

static PyObject *softmax(PyObject *self, PyObject *args) {
    PyObject *of[7];
    Py_buffer held[7];
    long long classes, rows;
    double least;
    (void)self;
    if (!PyArg_ParseTuple(args, "OLLOOOOOO", &of[0], &classes, &rows, &of[1], &of[2], &of[3], &of[4], &of[5], &of[6])) return NULL;
    if (!are_few(classes, rows)) return NULL;
    const int64_t all = classes * rows, sizes[] = {all, rows, all, all, rows, all, rows};
    if (!take_arrays(of, held, sizes, 7, 1)) return NULL;
    Py_BEGIN_ALLOW_THREADS
    least = in_use->softmax(held[0].buf, classes, rows, held[1].buf, held[2].buf, held[3].buf, held[4].buf, held[5].buf, held[6].buf);
    Py_END_ALLOW_THREADS
    release(held, 7);
    return PyFloat_FromDouble(least);
}

PyDoc_STRVAR(curve_doc,
             "curve(x, truth, beta, classes, rows, quanta)\n--\n\n"
             "Add the loss, its slope and its curvature at beta, 2 beta … 16 beta to quanta (3, 5) of 2^-30, int64, as\n"
             "state/temperature.py does for x (C, n) and truth (n,). Returns whether all are below 2^16: else none is added.");

static PyObject *curve(PyObject *self, PyObject *args) {
    PyObject *of[3];
    Py_buffer held[3];
    double beta;
    long long classes, rows;
    int added;
    (void)self;
    if (!PyArg_ParseTuple(args, "OOdLLO", &of[0], &of[1], &beta, &classes, &rows, &of[2])) return NULL;
    if (!are_few(classes, rows)) return NULL;
    const int64_t sizes[] = {classes * rows, rows, 15};
    if (!take_arrays(of, held, sizes, 3, 2)) return NULL;
    Py_BEGIN_ALLOW_THREADS
    added = in_use->curve(held[0].buf, held[1].buf, beta, classes, rows, held[2].buf);
    Py_END_ALLOW_THREADS
    release(held, 3);
    return PyBool_FromLong(added);
}

PyDoc_STRVAR(fixed_doc,
             "fixed(x, truth, before, beta, classes, rows, parts)\n--\n\n"
             "Add the six sums of state/temperature.py at beta to parts (6, 2), int64, for x (C, n), truth and before (n,).\n"
             "Returns whether all are small enough: else none is added.");

static PyObject *fixed(PyObject *self, PyObject *args) {
    PyObject *of[4];
    Py_buffer held[4];
    double beta;
    long long classes, rows;
    int added;
    (void)self;
    if (!PyArg_ParseTuple(args, "OOOdLLO", &of[0], &of[1], &of[2], &beta, &classes, &rows, &of[3])) return NULL;
    if (!are_few(classes, rows)) return NULL;
    const int64_t sizes[] = {classes * rows, rows, rows, 12};
    if (!take_arrays(of, held, sizes, 4, 3)) return NULL;
    Py_BEGIN_ALLOW_THREADS
    added = in_use->fixed(held[0].buf, held[1].buf, held[2].buf, beta, classes, rows, held[3].buf);
    Py_END_ALLOW_THREADS
    release(held, 4);
    return PyBool_FromLong(added);
}

PyDoc_STRVAR(contradictions_doc,
             "contradictions(p, best, codes, least, slack, guess, flagged, pairs, quanta)\n--\n\n"
             "Judge rows of at most 64 classes as state/contradictions.py does: p (C, n), best and codes (n,), least (C,);\n"
             "guess (n,) and flagged (n,) are written, pairs (C·C,) and quanta (2,) added to. Returns how many are flagged.");

static PyObject *contradictions(PyObject *self, PyObject *args) {
    Py_buffer p, best, codes, least, guess, flagged, pairs, quanta;
    double slack;
    PyObject *result = NULL;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*y*y*dw*w*w*w*", &p, &best, &codes, &least, &slack, &guess, &flagged, &pairs, &quanta))
        return NULL;
    int64_t classes = least.len / 8, rows = codes.len / 8;
    if (classes < 2 || classes > FEW_CLASSES || least.len != 8 * classes || codes.len != 8 * rows || p.len / 8 / classes != rows ||
        p.len != 8 * classes * rows || best.len != codes.len || guess.len != codes.len || flagged.len != rows ||
        pairs.len != 8 * classes * classes || quanta.len != 16 || !is_aligned(&p, 8) || !is_aligned(&best, 8) ||
        !is_aligned(&codes, 8) || !is_aligned(&least, 8) || !is_aligned(&guess, 8) || !is_aligned(&pairs, 8) ||
        !is_aligned(&quanta, 8)) {
        wrong_size("an array");
    } else {
        int64_t count;
        Py_BEGIN_ALLOW_THREADS
        count = in_use->contradictions(p.buf, best.buf, codes.buf, least.buf, slack, classes, rows, guess.buf, flagged.buf,
                                       pairs.buf, quanta.buf);
        Py_END_ALLOW_THREADS
        if (count < 0)
            wrong_size("a class out of range:");
        else
            result = PyLong_FromLongLong(count);
    }
    Py_buffer *held[] = {&p, &best, &codes, &least, &guess, &flagged, &pairs, &quanta};
    for (size_t i = 0; i < sizeof held / sizeof *held; i++) PyBuffer_Release(held[i]);
    return result;
}

PyDoc_STRVAR(count_scores_doc,
             "count_scores(z, outcomes, bound, per_unit, counts, residuals)\n--\n\n"
             "Count rows with scores (n,) and outcomes, int64 (n,), in the cells of state/scores.py: counts and residuals\n"
             "(cells, 2), int64. Returns whether all scores lie in [-bound, bound) and all outcomes are 0 or 1: else none is counted.");

static PyObject *count_scores(PyObject *self, PyObject *args) {
    Py_buffer z, outcomes, counts, residuals;
    double bound, per_unit;
    PyObject *result = NULL;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*ddw*w*", &z, &outcomes, &bound, &per_unit, &counts, &residuals)) return NULL;
    double cells = 2.0 * bound * per_unit;
    if (!(cells >= 1.0 && cells <= 1 << 24) || counts.len != 16 * (Py_ssize_t)cells || residuals.len != counts.len || z.len % 8 ||
        outcomes.len != z.len || !is_aligned(&z, 8) || !is_aligned(&outcomes, 8) || !is_aligned(&counts, 8) ||
        !is_aligned(&residuals, 8)) {
        wrong_size("an array");
    } else {
        int all;
        Py_BEGIN_ALLOW_THREADS
        all = in_use->count_scores(z.buf, outcomes.buf, z.len / 8, bound, per_unit, counts.buf, residuals.buf);
        Py_END_ALLOW_THREADS
        result = PyBool_FromLong(all);
    }
    PyBuffer_Release(&z);
    PyBuffer_Release(&outcomes);
    PyBuffer_Release(&counts);
    PyBuffer_Release(&residuals);
    return result;
}

PyDoc_STRVAR(add_classes_doc,
             "add_classes(p, codes, single, sums, counts)\n--\n\n"
             "Add probabilities (C, n), or (1, n) of the second of two classes where single, to sums (3, C) and counts (C,),\n"
             "int64, as state/class_sums.py does; codes (n,) are int64.");

static PyObject *add_classes(PyObject *self, PyObject *args) {
    Py_buffer p, codes, sums, counts;
    int single;
    PyObject *result = NULL;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*pw*w*", &p, &codes, &single, &sums, &counts)) return NULL;
    int64_t classes = counts.len / 8, rows = codes.len / 8, columns = single ? 1 : classes;
    if (classes < 2 || (single && classes != 2) || counts.len != 8 * classes || sums.len != 24 * classes || codes.len != 8 * rows ||
        p.len / 8 / columns != rows || p.len != 8 * columns * rows || !is_aligned(&p, 8) || !is_aligned(&codes, 8) ||
        !is_aligned(&sums, 8) || !is_aligned(&counts, 8)) {
        wrong_size("an array");
    } else {
        int added;
        Py_BEGIN_ALLOW_THREADS
        added = in_use->add_classes(p.buf, codes.buf, classes, rows, single, sums.buf, counts.buf);
        Py_END_ALLOW_THREADS
        if (!added)
            wrong_size("a class out of range:");
        else
            result = Py_NewRef(Py_None);
    }
    PyBuffer_Release(&p);
    PyBuffer_Release(&codes);
    PyBuffer_Release(&sums);
    PyBuffer_Release(&counts);
    return result;
}

PyDoc_STRVAR(rows_below_doc,
             "rows_below(first, n, mask, bound, rows, keys)\n--\n\n"
             "Of n runs of rows from number first on, find those whose keys are below bound, as state/sample.py has them, and write\n"
             "their rows, int64, and the keys of these, uint64, as far as there is room. Returns how many runs were found.");

static PyObject *rows_below(PyObject *self, PyObject *args) {
    Py_buffer rows, keys;
    long long first, n;
    unsigned long long mask, bound;
    PyObject *result = NULL;
    (void)self;
    if (!PyArg_ParseTuple(args, "LLKKw*w*", &first, &n, &mask, &bound, &rows, &keys)) return NULL;
    uint64_t run = ~(uint64_t)mask + 1;
    if (first < 0 || n < 0 || run < 1 || run > ROWS || rows.len % (Py_ssize_t)(8 * run) || keys.len != rows.len ||
        !is_aligned(&rows, 8) || !is_aligned(&keys, 8)) {
        wrong_size("an array");
    } else {
        int64_t found;
        Py_BEGIN_ALLOW_THREADS
        found = in_use->rows_below(first, n, mask, bound, rows.len / (int64_t)(8 * run), rows.buf, keys.buf);
        Py_END_ALLOW_THREADS
        result = PyLong_FromLongLong(found);
    }
    PyBuffer_Release(&rows);
    PyBuffer_Release(&keys);
    return result;
}

PyDoc_STRVAR(texts_ending_doc,
             "texts_ending(offsets, wide, data, before, word, rows)\n--\n\n"
             "Write the rows, int64 (n,), of the texts that have the two bytes word so many bytes before their end. offsets, (n + 1,),\n"
             "are int64 if wide, else int32. Returns how many were found.");

static PyObject *texts_ending(PyObject *self, PyObject *args) {
    Py_buffer offsets, data, rows;
    PyObject *result = NULL;
    int wide, word;
    long long before;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*py*Liw*", &offsets, &wide, &data, &before, &word, &rows)) return NULL;
    int64_t n = rows.len / 8, width = wide ? 8 : 4;
    if (rows.len != 8 * n || offsets.len < width * (n + 1) || before < 2 || !is_aligned(&offsets, (int)width) || !is_aligned(&rows, 8)) {
        wrong_size("an array");
    } else {
        int64_t found;
        Py_BEGIN_ALLOW_THREADS
        found = in_use->texts_ending(offsets.buf, wide, n, data.buf, data.len, before, word, rows.buf);
        Py_END_ALLOW_THREADS
        result = PyLong_FromLongLong(found);
    }
    PyBuffer_Release(&offsets);
    PyBuffer_Release(&data);
    PyBuffer_Release(&rows);
    return result;
}

PyDoc_STRVAR(numbers_below_doc,
             "numbers_below(numbers, floating, largest, rows, prints)\n--\n\n"
             "Write the rows, int64, and the hashes, uint64, of the numbers of 8 bytes each, (n,), whose hash is at most largest, as\n"
             "tables/id_prints.py has it; both have room for n. Returns how many were found.");

static PyObject *numbers_below(PyObject *self, PyObject *args) {
    Py_buffer numbers, rows, prints;
    PyObject *result = NULL;
    int floating;
    unsigned long long largest;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*pKw*w*", &numbers, &floating, &largest, &rows, &prints)) return NULL;
    if (numbers.len % 8 || rows.len != numbers.len || prints.len != numbers.len || !is_aligned(&numbers, 8) || !is_aligned(&rows, 8) ||
        !is_aligned(&prints, 8)) {
        wrong_size("an array");
    } else {
        int64_t found;
        Py_BEGIN_ALLOW_THREADS
        found = in_use->numbers_below(numbers.buf, numbers.len / 8, floating, largest, rows.buf, prints.buf);
        Py_END_ALLOW_THREADS
        result = PyLong_FromLongLong(found);
    }
    PyBuffer_Release(&numbers);
    PyBuffer_Release(&rows);
    PyBuffer_Release(&prints);
    return result;
}

PyDoc_STRVAR(add_powers_doc,
             "add_powers(codes, powers, sums)\n--\n\n"
             "Add the first n powers of each row (2, m), whole numbers, to the sums (2, size) that codes, int32 (n,), name; float64.");

static PyObject *add_powers(PyObject *self, PyObject *args) {
    Py_buffer codes, powers, sums;
    PyObject *result = NULL;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*w*", &codes, &powers, &sums)) return NULL;
    int64_t n = codes.len / 4, stride = powers.len / 16, size = sums.len / 16;
    if (codes.len != 4 * n || powers.len != 16 * stride || sums.len != 16 * size || n > stride || size < 1 ||
        !is_aligned(&codes, 4) || !is_aligned(&powers, 8) || !is_aligned(&sums, 8)) {
        wrong_size("an array");
    } else {
        int added;
        Py_BEGIN_ALLOW_THREADS
        added = in_use->add_powers(codes.buf, powers.buf, stride, n, size, sums.buf);
        Py_END_ALLOW_THREADS
        if (!added)
            wrong_size("a code out of range:");
        else
            result = Py_NewRef(Py_None);
    }
    PyBuffer_Release(&codes);
    PyBuffer_Release(&powers);
    PyBuffer_Release(&sums);
    return result;
}

PyDoc_STRVAR(add_values_doc,
             "add_values(values, groups, limbs, chunks)\n--\n\n"
             "Add finite values, float64 (n,), to the exact sums that groups, int64 (n,) or None, names:\n"
             "limbs (size, 3) and chunks (size, 68), int64. See exact.h.");

static PyObject *add_values(PyObject *self, PyObject *args) {
    Py_buffer values, limbs, chunks, groups = {0};
    PyObject *named, *result = NULL;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*Ow*w*", &values, &named, &limbs, &chunks)) return NULL;
    if (named == Py_None || PyObject_GetBuffer(named, &groups, PyBUF_SIMPLE) == 0) {
        const int64_t *group = groups.buf;
        int64_t n = values.len / 8, size = limbs.len / 8 / LIMBS;
        int good = size > 0 && limbs.len == size * LIMBS * 8 && chunks.len == size * CHUNKS * 8 && values.len == n * 8 &&
                   (!group || (groups.len == n * 8 && is_aligned(&groups, 8))) && is_aligned(&values, 8) && is_aligned(&limbs, 8) &&
                   is_aligned(&chunks, 8);
        int finite = -1;
        if (good) {
            Py_BEGIN_ALLOW_THREADS
            finite = in_use->add_values(values.buf, group, n, size, limbs.buf, chunks.buf);
            Py_END_ALLOW_THREADS
        }
        if (finite < 0)
            wrong_size("an array, or a group out of range:");
        else
            result = finite ? Py_NewRef(Py_None) : too_large();
        PyBuffer_Release(&groups); /* nothing, if there are none */
    }
    PyBuffer_Release(&values);
    PyBuffer_Release(&limbs);
    PyBuffer_Release(&chunks);
    return result;
}

PyDoc_STRVAR(add_squares_doc,
             "add_squares(values, chunks)\n--\n\n"
             "Add the squares of values within ±2^500, float64 (n,), to one exact sum: chunks (68,), int64.");

static PyObject *add_squares(PyObject *self, PyObject *args) {
    Py_buffer values, chunks;
    PyObject *result = NULL;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*w*", &values, &chunks)) return NULL;
    if (values.len % 8 || chunks.len != CHUNKS * 8 || !is_aligned(&values, 8) || !is_aligned(&chunks, 8)) {
        wrong_size("an array");
    } else {
        int within;
        Py_BEGIN_ALLOW_THREADS
        within = in_use->add_squares(values.buf, values.len / 8, chunks.buf);
        Py_END_ALLOW_THREADS
        result = within ? Py_NewRef(Py_None) : too_large();
    }
    PyBuffer_Release(&values);
    PyBuffer_Release(&chunks);
    return result;
}

/* Whether int64 offsets (n + 1,) rise from 0 up to at most `most`. */
static int are_offsets(const Py_buffer *given, int64_t most) {
    const int64_t *offsets = given->buf;
    int64_t n = given->len / 8 - 1;
    if (n < 0 || given->len % 8 || !is_aligned(given, 8)) return 0;
    for (int64_t i = 0; i < n; i++)
        if (offsets[i] > offsets[i + 1]) return 0;
    return offsets[0] >= 0 && offsets[n] <= most;
}

PyDoc_STRVAR(sum_lists_doc,
             "sum_lists(values, offsets, sums)\n--\n\n"
             "Sum the lists of values, float64 (m,), that lie between offsets, int64 (n + 1,), into sums, float64 (n,).");

static PyObject *sum_lists(PyObject *self, PyObject *args) {
    Py_buffer values, offsets, sums;
    PyObject *result = NULL;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*w*", &values, &offsets, &sums)) return NULL;
    if (!are_offsets(&offsets, values.len / 8) || sums.len != offsets.len - 8 || !is_aligned(&values, 8) || !is_aligned(&sums, 8)) {
        wrong_size("an array");
    } else {
        Py_BEGIN_ALLOW_THREADS
        in_use->sum_lists(values.buf, offsets.buf, sums.len / 8, sums.buf);
        Py_END_ALLOW_THREADS
        result = Py_NewRef(Py_None);
    }
    PyBuffer_Release(&values);
    PyBuffer_Release(&offsets);
    PyBuffer_Release(&sums);
    return result;
}

static int bytes_of(char type) {
    switch (type) {
    case 'b': case 'B': return 1;
    case 'e': case 'E': case 'h': case 'H': return 2;
    case 'f': case 'i': case 'I': return 4;
    case 'd': case 'l': case 'L': return 8;
    default: return 0;
    }
}

static int is_floating(int type) { return type == 'e' || type == 'E' || type == 'f' || type == 'd'; }

static int bytes_of_score(int type) { return is_floating(type) ? bytes_of((char)type) : 0; }

static int bytes_of_label(int type) { return is_floating(type) ? 0 : bytes_of((char)type); }

PyDoc_STRVAR(mark_codes_doc,
             "mark_codes(numbers, type, seen, codes)\n--\n\n"
             "Write whole numbers (n,) as codes, int32 (n,), and mark in seen, uint8, which there are: its length is more than the\n"
             "largest. Returns whether all are in it: else what was written means nothing.");

static PyObject *mark_codes(PyObject *self, PyObject *args) {
    Py_buffer numbers, seen, codes;
    int type;
    PyObject *result = NULL;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*Cw*w*", &numbers, &type, &seen, &codes)) return NULL;
    int64_t n = codes.len / 4, bytes = bytes_of_label(type);
    if (!bytes || codes.len != 4 * n || numbers.len != bytes * n || seen.len > INT32_MAX || !is_aligned(&numbers, (int)bytes) ||
        !is_aligned(&codes, 4)) {
        wrong_size("an array");
    } else {
        int all;
        Py_BEGIN_ALLOW_THREADS
        all = in_use->mark_codes(numbers.buf, (char)type, n, seen.len, seen.buf, codes.buf);
        Py_END_ALLOW_THREADS
        result = PyBool_FromLong(all);
    }
    PyBuffer_Release(&numbers);
    PyBuffer_Release(&seen);
    PyBuffer_Release(&codes);
    return result;
}

/* The limits of a pass, in the order of core.h. */
enum { LIMIT_COUNT = 12 };

enum { COUNTS, LOSS, LOSS_CHUNKS, SQUARES, CALIBRATION, POSITIVE_COUNTS, POSITIVE, BRIER, TAIL, SEEN, WORST, BEYOND, STATE_COUNT };

static const char *const state_names[STATE_COUNT] = {
    "counts", "loss", "loss_chunks", "squares", "calibration", "positive_counts", "positive", "brier", "tail", "seen",
    "worst", "beyond_cap",
};

/* Whether each array of the state has the size that the pass writes to; `n` rows are the most of one call. */
static int sizes_are_right(const pass *job, const Py_buffer *state, int64_t n) {
    int64_t sums = job->report || job->by_class ? job->classes : 1;
    const int64_t wanted[STATE_COUNT] = {
        8 * job->classes * (job->report ? (job->width == 1 ? SINGLE_CELLS : 2 * CELLS) : 1),
        8 * sums * LIMBS,
        8 * sums * CHUNKS,
        8 * CHUNKS * (job->by_class ? job->classes : 1),
        8 * PARTS * (job->width == 1 ? SINGLE_CELLS : CELLS),
        8 * CELLS * 2,
        8 * PARTS * CELLS,
        8 * 2,
        8 * ((32 + 16) << 5),
        (int64_t)sizeof(evidence),
        (int64_t)sizeof(candidate) * job->top,
        (int64_t)sizeof(candidate) * (job->report ? n : 0),
    };
    for (int i = 0; i < STATE_COUNT; i++)
        if ((i == BEYOND ? state[i].len < wanted[i] : state[i].len != wanted[i]) || !is_aligned(&state[i], 8)) {
            wrong_size(state_names[i]);
            return 0;
        }
    return 1;
}

/* The rows to be filled in, in the order of state/sample.py's Slots. */
enum { NUMBERS, SCORES, CODES, SLOTS_COUNT };

static int slots_are_right(const pass *job, const Py_buffer *slots) {
    int64_t m = slots[NUMBERS].len / 8;
    int good = slots[NUMBERS].len == 8 * m && slots[CODES].len == 8 * m && slots[SCORES].len == 8 * m * job->width &&
               is_aligned(&slots[NUMBERS], 8) && is_aligned(&slots[SCORES], 8) && is_aligned(&slots[CODES], 8);
    if (!good) wrong_size("a slot");
    return good;
}

static PyObject *run(pass *job, Py_buffer *state, const Py_buffer *slots, const double *limits, long long start, long long stop,
                     long long base) {
    job->divisor = limits[0], job->from = limits[1], job->to = limits[2], job->tolerance = limits[3];
    job->far = limits[4], job->evenness = limits[5], job->tail_least = limits[6], job->tail_most = limits[7];
    job->cap = limits[8], job->lowest = limits[9], job->highest = limits[10], job->bar = limits[11];
    job->counts = state[COUNTS].buf, job->loss = state[LOSS].buf, job->loss_chunks = state[LOSS_CHUNKS].buf;
    job->squares = state[SQUARES].buf, job->calibration = state[CALIBRATION].buf, job->brier = state[BRIER].buf;
    job->positive_counts = state[POSITIVE_COUNTS].buf, job->positive = state[POSITIVE].buf;
    job->tail = state[TAIL].buf, job->worst = state[WORST].buf, job->beyond_cap = state[BEYOND].buf;
    memcpy(&job->seen, state[SEEN].buf, sizeof job->seen);
    int64_t end;
    Py_BEGIN_ALLOW_THREADS
    end = in_use->add_rows(job, start, stop);
    if (slots && end > start)
        in_use->take_rows(job, base, start, end, slots[NUMBERS].buf, slots[NUMBERS].len / 8, slots[SCORES].buf, slots[CODES].buf);
    Py_END_ALLOW_THREADS
    if (end < 0) return PyErr_NoMemory();
    memcpy(state[SEEN].buf, &job->seen, sizeof job->seen);
    return Py_BuildValue("LLL", (long long)end, (long long)job->kept, (long long)job->capped);
}

PyDoc_STRVAR(add_rows_doc,
             "add_rows(kind, report, by_class, by_row, width, classes, top, columns, scores_type, labels, labels_type,\n"
             "         limits, start, stop, state, slots, base)\n--\n\n"
             "Score rows start to stop of a batch, and add them to the arrays of state, up to a block that does not fit.\n"
             "Of those in slots, (numbers, scores, codes) or None, fill in what they hold: base is the number of the batch's first.\n"
             "Returns the row it ended at, how many rows state's `worst` holds now, and how many `beyond_cap`.");

static PyObject *add_rows(PyObject *self, PyObject *args) {
    pass job = {0};
    long long width, classes, top, start, stop;
    long long base;
    int scores_type, labels_type, columns_held = 0, state_held = 0, slots_held = 0;
    PyObject *columns, *arrays, *kept, *result = NULL;
    Py_buffer labels, limits, state[STATE_COUNT], slots[SLOTS_COUNT], *held = NULL;
    const void **pointers = NULL;
    (void)self;
    if (!PyArg_ParseTuple(args, "ipppLLLO!Cy*Cy*LLO!OL", &job.kind, &job.report, &job.by_class, &job.by_row, &width, &classes, &top,
                          &PyTuple_Type, &columns, &scores_type, &labels, &labels_type, &limits, &start, &stop, &PyTuple_Type, &arrays,
                          &kept, &base))
        return NULL;
    job.width = width, job.classes = classes, job.top = top;
    job.scores_type = (char)scores_type, job.labels_type = (char)labels_type;
    Py_ssize_t count = PyTuple_Size(columns);
    int score_bytes = bytes_of_score(scores_type);
    int label_bytes = bytes_of_label(labels_type);
    if (job.kind < PROBABILITIES || job.kind > LOG_PROBABILITIES || width < 1 || width > INT32_MAX / 64 || classes < 2 ||
        classes > INT32_MAX / SINGLE_CELLS || (width > 1 && width != classes) || (width == 1 && classes != 2) || top < 0 ||
        top > INT32_MAX || start < 0 || stop < start || stop > INT64_MAX / 8 / width || !score_bytes || !label_bytes ||
        limits.len != 8 * LIMIT_COUNT || count != (job.by_row ? 1 : width) || PyTuple_Size(arrays) != STATE_COUNT ||
        (kept != Py_None && (!PyTuple_Check(kept) || PyTuple_Size(kept) != SLOTS_COUNT)) || base < 0 ||
        (job.by_row && width > FEW_CLASSES && job.kind != LOGITS) || labels.len / label_bytes < stop ||
        !is_aligned(&labels, label_bytes) || !is_aligned(&limits, 8)) {
        PyErr_SetString(PyExc_ValueError, "these rows are none that a pass can score");
        goto done;
    }
    held = calloc((size_t)count, sizeof *held);
    pointers = calloc((size_t)count, sizeof *pointers);
    if (!held || !pointers) {
        PyErr_NoMemory();
        goto done;
    }
    for (; columns_held < count; columns_held++) {
        if (PyObject_GetBuffer(PyTuple_GetItem(columns, columns_held), &held[columns_held], PyBUF_SIMPLE) < 0) goto done;
        pointers[columns_held] = held[columns_held].buf;
        if (held[columns_held].len / score_bytes < stop * (job.by_row ? width : 1) || !is_aligned(&held[columns_held], score_bytes)) {
            wrong_size("a column");
            columns_held++;
            goto done;
        }
    }
    for (; state_held < STATE_COUNT; state_held++)
        if (PyObject_GetBuffer(PyTuple_GetItem(arrays, state_held), &state[state_held], PyBUF_WRITABLE) < 0) goto done;
    if (!sizes_are_right(&job, state, stop - start)) goto done;
    for (; kept != Py_None && slots_held < SLOTS_COUNT; slots_held++) {
        int access = slots_held == NUMBERS ? PyBUF_SIMPLE : PyBUF_WRITABLE;
        if (PyObject_GetBuffer(PyTuple_GetItem(kept, slots_held), &slots[slots_held], access) < 0) goto done;
    }
    if (slots_held && !slots_are_right(&job, slots)) goto done;
    job.columns = pointers;
    job.labels = labels.buf;
    result = run(&job, state, slots_held ? slots : NULL, limits.buf, start, stop, base);
done:
    while (columns_held) PyBuffer_Release(&held[--columns_held]);
    while (state_held) PyBuffer_Release(&state[--state_held]);
    while (slots_held) PyBuffer_Release(&slots[--slots_held]);
    free(held);
    free(pointers);
    PyBuffer_Release(&labels);
    PyBuffer_Release(&limits);
    return result;
}

PyDoc_STRVAR(add_lists_doc,
             "add_lists(values, type, offsets, worth, least, most, start, stop, loss, lead, limbs, chunks)\n--\n\n"
             "Score lists start to stop of values (m,) between offsets, int64 (n + 1,), and add the losses up: loss, float64 (n,),\n"
             "and lead, uint8 (n,), are written, limbs (3,) and chunks (68,) added to. See kernels/lists.py.\n"
             "Returns the list it ended at, and the least and the largest value.");

static PyObject *add_lists(PyObject *self, PyObject *args) {
    ragged job = {0};
    Py_buffer values, offsets, loss, lead, limbs, chunks;
    long long start, stop;
    int type;
    PyObject *result = NULL;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*Cy*dddLLw*w*w*w*", &values, &type, &offsets, &job.worth, &job.from, &job.to, &start, &stop, &loss,
                          &lead, &limbs, &chunks))
        return NULL;
    int bytes = type == 'f' || type == 'd' ? bytes_of((char)type) : 0; /* `widen` makes NaN of the infinity of float16 */
    if (!bytes || !are_offsets(&offsets, values.len / bytes) || start < 0 || stop < start || stop > offsets.len / 8 - 1 ||
        loss.len != offsets.len - 8 || lead.len != loss.len / 8 || limbs.len != 8 * LIMBS || chunks.len != 8 * CHUNKS ||
        !is_aligned(&values, bytes) || !is_aligned(&loss, 8) || !is_aligned(&limbs, 8) || !is_aligned(&chunks, 8)) {
        wrong_size("an array");
    } else {
        int64_t end;
        job.values = values.buf, job.type = (char)type, job.offsets = offsets.buf, job.loss = loss.buf, job.lead = lead.buf;
        job.limbs = limbs.buf, job.chunks = chunks.buf;
        job.low = HUGE_VAL, job.high = -HUGE_VAL;
        Py_BEGIN_ALLOW_THREADS
        end = in_use->add_lists(&job, start, stop);
        Py_END_ALLOW_THREADS
        result = Py_BuildValue("Ldd", (long long)end, job.low, job.high);
    }
    Py_buffer *held[] = {&values, &offsets, &loss, &lead, &limbs, &chunks};
    for (size_t i = 0; i < sizeof held / sizeof *held; i++) PyBuffer_Release(held[i]);
    return result;
}

PyDoc_STRVAR(check_doc, "check()\n--\n\nReturn one number for what the passes make of some fixed rows: the same at every level.");

static PyObject *check(PyObject *self, PyObject *unused) {
    (void)self, (void)unused;
    return PyLong_FromUnsignedLongLong(check_of(in_use));
}

static PyMethodDef methods[] = {
    {"levels", levels, METH_NOARGS, levels_doc},
    {"use", use, METH_VARARGS, use_doc},
    {"check", check, METH_NOARGS, check_doc},
    {"log", each_log, METH_VARARGS, log_doc},
    {"exp", each_exp, METH_VARARGS, exp_doc},
    {"log1p", each_log1p, METH_VARARGS, log1p_doc},
    {"softplus", each_softplus, METH_VARARGS, softplus_doc},
    {"log1mexp", each_log1mexp, METH_VARARGS, log1mexp_doc},
    {"sum_classes", sum_classes, METH_VARARGS, sum_classes_doc},
    {"moments", moments, METH_VARARGS, moments_doc},
    {"softmax", softmax, METH_VARARGS, softmax_doc},
    {"curve", curve, METH_VARARGS, curve_doc},
    {"fixed", fixed, METH_VARARGS, fixed_doc},
    {"add_values", add_values, METH_VARARGS, add_values_doc},
    {"add_squares", add_squares, METH_VARARGS, add_squares_doc},
    {"add_rows", add_rows, METH_VARARGS, add_rows_doc},
    {"contradictions", contradictions, METH_VARARGS, contradictions_doc},
    {"count_scores", count_scores, METH_VARARGS, count_scores_doc},
    {"add_classes", add_classes, METH_VARARGS, add_classes_doc},
    {"rows_below", rows_below, METH_VARARGS, rows_below_doc},
    {"texts_ending", texts_ending, METH_VARARGS, texts_ending_doc},
    {"numbers_below", numbers_below, METH_VARARGS, numbers_below_doc},
    {"add_powers", add_powers, METH_VARARGS, add_powers_doc},
    {"add_lists", add_lists, METH_VARARGS, add_lists_doc},
    {"sum_lists", sum_lists, METH_VARARGS, sum_lists_doc},
    {"mark_codes", mark_codes, METH_VARARGS, mark_codes_doc},
    {"count_lines", celoss_count_lines, METH_VARARGS, celoss_count_lines_doc},
    {"read_records", celoss_read_records, METH_VARARGS, celoss_read_records_doc},
    {NULL, NULL, 0, NULL},
};

static int say_version(PyObject *self) { return PyModule_AddIntConstant(self, "VERSION", CORE_VERSION); }

static PyModuleDef_Slot slots[] = {{Py_mod_exec, (void *)say_version}, {0, NULL}};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "celoss_cli.kernels.core", "The compiled kernels: see kernels/c in the sources.", 0, methods, slots,
    NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_core(void) {
    celoss_fill_powers();
    return PyModuleDef_Init(&module);
}
