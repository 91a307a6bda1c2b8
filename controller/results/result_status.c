#include <stdarg.h>
#include <stdlib.h>

#include "base/fs.h"
#include "results/trial.h"

const char *result_status_name(enum result_status status)
{
    static const char *const names[] = {
        [RESULT_OK] = "ok",
        [RESULT_FAILED] = "failed",
        [RESULT_TIMEOUT] = "timeout",
        [RESULT_INTERRUPTED] = "interrupted",
    };
    return names[status];
}

enum result_status result_status_of(enum lab_error_code code)
{
    switch (code) {
    case LAB_ERR_NONE:
        return RESULT_OK;
    case LAB_ERR_TIMEOUT:
        return RESULT_TIMEOUT;
    case LAB_ERR_INTERRUPTED:
        return RESULT_INTERRUPTED;
    default:
        return RESULT_FAILED;
    }
}

void result_error_set(struct result_error *error, enum lab_error_code code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *message = fs_vpath(format, args);
    va_end(args);
    free(error->message);
    *error = (struct result_error){ code, message };
}
