/* The Python side of text.h: buffers in, sizes checked, the interpreter released, the different texts out. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "core.h"
#include "decimal.h"
#include "python.h"

#include <stdlib.h>

typedef struct {
    PyThreadState *released;
    int out_of_memory;
} python;

/* Python's own conversion, which is right for numbers of any length. Called with the interpreter released. */
static double by_python(const uint8_t *start, int64_t length, void *context) {
    python *here = context;
    double value = 0.0;
    char *number = malloc((size_t)length + 1);
    if (!number) return here->out_of_memory = 1, value;
    memcpy(number, start, (size_t)length);
    number[length] = 0;
    PyEval_RestoreThread(here->released);
    value = PyOS_string_to_double(number, NULL, NULL);
    if (PyErr_Occurred()) here->out_of_memory = 1;
    here->released = PyEval_SaveThread();
    free(number);
    return value;
}

const char celoss_count_lines_doc[] = "count_lines(data)\n--\n\nReturn how many lines there are, one that nothing ends among them.";

PyObject *celoss_count_lines(PyObject *self, PyObject *args) {
    Py_buffer data;
    int64_t lines = 0;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*", &data)) return NULL;
    Py_BEGIN_ALLOW_THREADS
    const uint8_t *bytes = data.buf;
    for (Py_ssize_t i = 0, stop; i < data.len; i = stop) {
        uint8_t few = 0; /* a byte is enough for so few, and sixteen of them are added at once */
        for (stop = data.len - i > 255 ? i + 255 : data.len; i < stop; i++) few += bytes[i] == '\n';
        lines += few;
    }
    lines += data.len && bytes[data.len - 1] != '\n';
    Py_END_ALLOW_THREADS
    PyBuffer_Release(&data);
    return PyLong_FromLongLong(lines);
}

/* How many bytes `rows` cells of a column take; −1 for one that has no array, −2 for a kind that there is not. */
static int64_t bytes_of_cells(char kind, int64_t rows) {
    switch (kind) {
    case DOUBLE: case WHOLE: return 8 * rows;
    case NAME: return 4 * rows;
    case TEXT: return 4 * (rows + 1);
    case EMPTY: case SKIPPED: return -1;
    default: return -2;
    }
}

/* Return the different texts of a column, as a list of bytes. */
static PyObject *list_of(const names *found, const uint8_t *data) {
    PyObject *list = PyList_New(0);
    for (int64_t i = 0; list && i < found->count; i++) {
        PyObject *text = PyBytes_FromStringAndSize((const char *)data + found->texts[i].start, (Py_ssize_t)found->texts[i].length);
        if (!text || PyList_Append(list, text) < 0) Py_CLEAR(list);
        Py_XDECREF(text);
    }
    return list;
}

/* Return the records that were read, where the next one begins, and the different texts of each column of names. */
static PyObject *result_of(const reader *r, int64_t rows, int64_t stopped) {
    PyObject *every = PyList_New(0);
    for (int i = 0; every && i < r->width; i++) {
        if (r->columns[i].kind != NAME) continue;
        PyObject *list = list_of(&r->columns[i].found, r->data);
        if (!list || PyList_Append(every, list) < 0) Py_CLEAR(every);
        Py_XDECREF(list);
    }
    return every ? Py_BuildValue("LLN", (long long)rows, (long long)stopped, every) : NULL;
}

const char celoss_read_records_doc[] =
    "read_records(data, delimiter, kinds, rows, outputs)\n--\n\n"
    "Read at most so many plain records of delimited text; see text.h for what is plain.\n\n"
    "kinds has a byte a column: d float64 and q int64 (n,), s int32 codes (n,) of names, t text, as int32 ends (n + 1,)\n"
    "and then its bytes, as many as the data have; x is empty, - skipped. outputs has the arrays of those that have any.\n"
    "Returns the records read, the byte where the next one begins, and for each column of names the list of them.";

PyObject *celoss_read_records(PyObject *self, PyObject *args) {
    Py_buffer data, kinds, *held = NULL;
    int delimiter;
    long long rows;
    Py_ssize_t count = 0, next = 0;
    int64_t read = 0, stopped = 0;
    PyObject *outputs, *result = NULL;
    reader r = {0};
    python here = {0};
    (void)self;
    if (!PyArg_ParseTuple(args, "y*iy*LO!", &data, &delimiter, &kinds, &rows, &PyTuple_Type, &outputs)) return NULL;
    const char *kind = kinds.buf;
    count = PyTuple_Size(outputs);
    held = calloc((size_t)count + 1, sizeof *held);
    r.columns = calloc((size_t)kinds.len + 1, sizeof *r.columns);
    if (!held || !r.columns) {
        PyErr_NoMemory();
        goto done;
    }
    r.data = data.buf, r.end = r.data + data.len, r.delimiter = (uint8_t)delimiter, r.width = (int)kinds.len;
    r.hard = by_python, r.context = &here;
    if (delimiter < 1 || delimiter > 127 || strchr("0123456789+-.eE\"\r\n", delimiter) || rows < 0 || rows > INT32_MAX - 1 ||
        data.len > INT32_MAX || !kinds.len || kinds.len > INT32_MAX) {
        PyErr_SetString(PyExc_ValueError, "these are no records that can be read");
        goto done;
    }
    for (Py_ssize_t i = 0; i < kinds.len; i++) {
        column *c = &r.columns[i];
        int64_t wanted = bytes_of_cells(c->kind = kind[i], rows);
        for (int part = 0; wanted != -1 && part < 1 + (kind[i] == TEXT); part++, next++) {
            if (wanted < 0 || next >= count) {
                PyErr_SetString(PyExc_ValueError, "a column of an unknown kind, or without its array");
                goto done;
            }
            if (PyObject_GetBuffer(PyTuple_GetItem(outputs, next), &held[next], PyBUF_WRITABLE) < 0) goto done;
            int wide = kind[i] == DOUBLE || kind[i] == WHOLE ? 8 : 4;
            if (held[next].len < (part ? data.len : wanted) || (!part && !is_aligned(&held[next], wide))) {
                wrong_size("a column");
                next++;
                goto done;
            }
            *(part ? (void **)&c->text : &c->cells) = held[next].buf;
        }
        if (kind[i] == TEXT) *(int32_t *)c->cells = 0;
    }
    here.released = PyEval_SaveThread();
    read = celoss_in_use()->read_records(&r, rows, &stopped);
    PyEval_RestoreThread(here.released);
    result = r.out_of_memory || here.out_of_memory ? PyErr_NoMemory() : result_of(&r, read, stopped);
done:
    for (int i = 0; r.columns && i < r.width; i++) {
        free(r.columns[i].found.texts);
        free(r.columns[i].found.places);
    }
    while (next) PyBuffer_Release(&held[--next]);
    free(held);
    free(r.columns);
    PyBuffer_Release(&data);
    PyBuffer_Release(&kinds);
    return result;
}
