/* What the sources that face Python share, and the functions on text that core.c makes known. */
#ifndef CELOSS_PYTHON_H
#define CELOSS_PYTHON_H

#include <Python.h>
#include <stdint.h>

#include "core.h"

/* Raise ValueError for an array; returns NULL. */
static inline PyObject *wrong_size(const char *what) {
    return PyErr_Format(PyExc_ValueError, "%s has the wrong number of bytes, or is not aligned", what);
}

/* Whether an array may be read as one of entries of so many bytes. */
static inline int is_aligned(const Py_buffer *array, int bytes) { return (uintptr_t)array->buf % (unsigned)bytes == 0; }

/* Return the functions of the level in use. */
const functions *celoss_in_use(void);

extern const char celoss_count_lines_doc[], celoss_read_records_doc[];
PyObject *celoss_count_lines(PyObject *self, PyObject *args);
PyObject *celoss_read_records(PyObject *self, PyObject *args);
void celoss_fill_powers(void);

#endif
