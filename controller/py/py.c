#include "py/py.h"

#include "py/log.h"

static int status_error(const PyStatus *status, struct lab_error *err)
{
    const char *where = status->func ? status->func : "Python";
    const char *what = status->err_msg ? status->err_msg : "no reason given";
    return lab_error_set(err, LAB_ERR_UNSUPPORTED,
                         "cannot start Python (%s): %s: %s; labctl was built for that Python, and "
                         "needs it together with Mininet",
                         LABCTL_PYTHON, where, what);
}

int py_start(bool signals, struct lab_error *err)
{
    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    config.install_signal_handlers = signals;
    config.write_bytecode = 0; /* nothing is written outside the run directory */
    PyStatus status = PyConfig_SetBytesString(&config, &config.program_name, LABCTL_PYTHON);
    if (!PyStatus_Exception(status))
        status = Py_InitializeFromConfig(&config);
    int result = PyStatus_Exception(status) ? status_error(&status, err) : 0;
    PyConfig_Clear(&config);
    return result;
}

void py_stop(void)
{
    if (Py_IsInitialized())
        Py_FinalizeEx();
}

PyObject *py_import(const char *module, const char *name, struct lab_error *err)
{
    PyObject *imported = PyImport_ImportModule(module);
    if (imported && name) {
        PyObject *attribute = PyObject_GetAttrString(imported, name);
        Py_DECREF(imported);
        imported = attribute;
    }
    if (!imported) {
        py_error(LAB_ERR_UNSUPPORTED, err);
        lab_error_wrap(err, "cannot import %s%s%s", module, name ? "." : "", name ? name : "");
    }
    return imported;
}

PyObject *py_call(PyObject *callable, const char *method, PyObject *args, PyObject *kwargs,
                  struct lab_error *err)
{
    cleanup_py PyObject *owned_args = args;
    cleanup_py PyObject *owned_kwargs = kwargs;
    cleanup_py PyObject *function = NULL;
    PyObject *result = NULL;
    if (method)
        function = PyObject_GetAttrString(callable, method);
    else
        function = Py_NewRef(callable);
    if (owned_args && function && !PyErr_Occurred())
        result = PyObject_Call(function, owned_args, owned_kwargs);
    if (!result)
        py_error(LAB_ERR_INTERNAL, err);
    return result;
}

int py_set(PyObject *object, const char *name, PyObject *value, struct lab_error *err)
{
    cleanup_py PyObject *owned = value;
    if (owned && PyObject_SetAttrString(object, name, owned) == 0)
        return 0;
    return py_error(LAB_ERR_INTERNAL, err);
}

PyObject *py_function(PyMethodDef *definition, PyObject *self, struct lab_error *err)
{
    PyObject *function = PyCFunction_New(definition, self);
    if (!function)
        py_error(LAB_ERR_INTERNAL, err);
    return function;
}
