#include <stdio.h>
#include <string.h>

#include "py/log.h"
#include "py/py.h"

#define TEXT_MAX 512

/* The exception that is set, with its traceback attached; none is set afterwards. */
static PyObject *take_exception(void)
{
#if PY_VERSION_HEX >= 0x030c0000
    return PyErr_GetRaisedException();
#else
    PyObject *type = NULL, *value = NULL, *traceback = NULL;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    if (value && traceback)
        PyException_SetTraceback(value, traceback);
    Py_XDECREF(type);
    Py_XDECREF(traceback);
    return value;
#endif
}

/* str(object) into `text`; `fallback` when it has none. */
static void describe(PyObject *object, const char *fallback, char *text, size_t size)
{
    cleanup_py PyObject *string = object ? PyObject_Str(object) : NULL;
    const char *utf8 = string ? PyUnicode_AsUTF8(string) : NULL;
    snprintf(text, size, "%s", utf8 ? utf8 : fallback);
    PyErr_Clear();
}

/* Follow a path of attributes; NULL with no exception when one is missing or None. */
static PyObject *follow(PyObject *object, const char *const *path)
{
    PyObject *at = Py_NewRef(object);
    for (; *path && at; path++) {
        PyObject *next = PyObject_GetAttrString(at, *path);
        Py_DECREF(at);
        at = next;
    }
    PyErr_Clear();
    if (at == Py_None)
        Py_CLEAR(at);
    return at;
}

/* "FILE:LINE" of the innermost frame, where the exception was raised. */
static void describe_place(PyObject *exception, char *text, size_t size)
{
    static const char *const file_path[] = { "tb_frame", "f_code", "co_filename", NULL };
    static const char *const line_path[] = { "tb_lineno", NULL };
    static const char *const next_path[] = { "tb_next", NULL };
    PyObject *traceback = PyException_GetTraceback(exception);
    snprintf(text, size, "no traceback");
    while (traceback) {
        PyObject *next = follow(traceback, next_path);
        if (!next) {
            cleanup_py PyObject *file = follow(traceback, file_path);
            cleanup_py PyObject *line = follow(traceback, line_path);
            char name[TEXT_MAX / 2], number[16];
            describe(file, "?", name, sizeof(name));
            describe(line, "?", number, sizeof(number));
            snprintf(text, size, "%s:%s", name, number);
        }
        Py_DECREF(traceback);
        traceback = next;
    }
}

int py_error(enum lab_error_code code, struct lab_error *err)
{
    cleanup_py PyObject *exception = take_exception();
    if (!exception)
        return lab_error_set(err, code, "Python failed without an exception");
    char message[TEXT_MAX], place[TEXT_MAX];
    describe(exception, "no message", message, sizeof(message));
    describe_place(exception, place, sizeof(place));
    lab_error_set(err, code, "%s: %s (%s)", Py_TYPE(exception)->tp_name, message, place);
    char logged[PY_LOG_MAX];
    if (py_log_take(logged, sizeof(logged)))
        lab_error_wrap(err, "%s", logged);
    return -1;
}
