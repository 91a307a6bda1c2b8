#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

enum lab_error_code result_code_of(const char *name, enum lab_error_code fallback)
{
    for (enum lab_error_code code = LAB_ERR_USAGE; code <= LAB_ERR_INTERNAL; code++)
        if (strcmp(name, lab_error_name(code)) == 0)
            return code;
    return fallback;
}

void result_error_set(struct result_error *error, enum lab_error_code code, const char *format, ...)
{
    char *message;
    va_list args;
    va_start(args, format);
    int length = vasprintf(&message, format, args);
    va_end(args);
    if (length < 0)
        abort();
    free(error->message);
    *error = (struct result_error){ code, message };
}
