/* The embedded Python interpreter, the owned reference, calls, and exceptions as errors.
 * With topology/ the only folder that knows Python.
 *
 * Every `PyObject *` held in a variable is owned and marked cleanup_py, unless a comment
 * says that it is borrowed. A function here that returns a `PyObject *` returns a new
 * reference, or NULL with err set and no exception left behind. */
#ifndef LABCTL_PY_H
#define LABCTL_PY_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>

#include "labctl/error.h"

static inline void cleanup_py_(PyObject **object)
{
    Py_XDECREF(*object);
}

#define cleanup_py __attribute__((cleanup(cleanup_py_)))

/* Start the interpreter: isolated from the user's environment, the Python that CMake found
 * to have Mininet, writing no byte code. `signals`: let Python have Ctrl-C, for an
 * interactive prompt; without it Python leaves all signals alone. */
int py_start(bool signals, struct lab_error *err);

/* End the interpreter. A process that ends anyway need not. */
void py_stop(void);

/* Turn the exception that is set into err: its type, its message, and the file and line it
 * was raised at; and what Mininet logged as a warning or an error shortly before, because
 * Mininet tends to log the reason and to raise SystemExit. Returns -1. */
int py_error(enum lab_error_code code, struct lab_error *err);

/* `name` of `module`, imported; the module itself when `name` is NULL. */
PyObject *py_import(const char *module, const char *name, struct lab_error *err);

/* Call `callable`, or its attribute `method` unless that is NULL, with the tuple `args` and
 * the dict `kwargs` (NULL: none). Both are consumed. Since they mostly come straight from
 * Py_BuildValue(), args that are NULL with an exception set are an error of this call. */
PyObject *py_call(PyObject *callable, const char *method, PyObject *args, PyObject *kwargs,
                  struct lab_error *err);

/* Set attribute `name`; `value` is consumed, and NULL with an exception set is an error. */
int py_set(PyObject *object, const char *name, PyObject *value, struct lab_error *err);

/* A C function as a Python callable. `definition` must stay; `self` is what the function
 * gets as its first argument (may be NULL). */
PyObject *py_function(PyMethodDef *definition, PyObject *self, struct lab_error *err);

#endif
