#include "py/log.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "py/py.h"

/* The interpreter is one to a process, and so is its log. */
static char captured[PY_LOG_MAX];

static void append(const char *text)
{
    size_t used = strlen(captured);
    snprintf(captured + used, sizeof(captured) - used, "%s%s", used ? " " : "", text);
}

/* logging.Handler.emit(record), for a record that passed the handler's level. */
static PyObject *emit(PyObject *self, PyObject *record)
{
    (void)self;
    cleanup_py PyObject *message = PyObject_CallMethod(record, "getMessage", NULL);
    const char *text = message ? PyUnicode_AsUTF8(message) : NULL;
    if (!text)
        return NULL;
    append(text);
    Py_RETURN_NONE;
}

static PyMethodDef emit_definition = { "emit", emit, METH_O, "Keep a log record." };

/* logger.handlers = [handler], logger.level = level */
static int set_handler(PyObject *logger, PyObject *handler, const char *level,
                       struct lab_error *err)
{
    cleanup_py PyObject *number = py_import("logging", level, err);
    if (!number || py_set(logger, "handlers", Py_BuildValue("[O]", handler), err) < 0)
        return -1;
    cleanup_py PyObject *set = py_call(logger, "setLevel", Py_BuildValue("(O)", number), NULL, err);
    return set ? 0 : -1;
}

int py_log_capture(struct lab_error *err)
{
    captured[0] = '\0';
    cleanup_py PyObject *logger = py_import("mininet.log", "lg", err);
    cleanup_py PyObject *class = logger ? py_import("logging", "Handler", err) : NULL;
    cleanup_py PyObject *handler = class ? py_call(class, NULL, PyTuple_New(0), NULL, err) : NULL;
    PyObject *function = handler ? py_function(&emit_definition, NULL, err) : NULL;
    if (!function || py_set(handler, "emit", function, err) < 0)
        return -1;
    return set_handler(logger, handler, "WARNING", err);
}

int py_log_release(struct lab_error *err)
{
    cleanup_py PyObject *logger = py_import("mininet.log", "lg", err);
    cleanup_py PyObject *handler = logger ? PyObject_GetAttrString(logger, "ch") : NULL;
    if (!handler)
        return logger ? py_error(LAB_ERR_INTERNAL, err) : -1;
    return set_handler(logger, handler, "INFO", err);
}

/* One line: what Mininet logs is cut into lines anywhere, and begins with stars. */
static void tidy(const char *from, char *to, size_t size)
{
    size_t used = 0;
    from += strspn(from, "* \r\n");
    for (; *from && used + 1 < size; from++) {
        bool space = isspace((unsigned char)*from);
        if (space && (used == 0 || to[used - 1] == ' '))
            continue;
        to[used++] = space ? ' ' : *from;
    }
    while (used > 0 && to[used - 1] == ' ')
        used--;
    to[used] = '\0';
}

bool py_log_take(char *text, size_t size)
{
    tidy(captured, text, size);
    captured[0] = '\0';
    return text[0] != '\0';
}

int py_log_check(const char *context, enum lab_error_code code, struct lab_error *err)
{
    char text[PY_LOG_MAX];
    if (!py_log_take(text, sizeof(text)))
        return 0;
    return lab_error_set(err, code, "%s: Mininet says: %s", context, text);
}
