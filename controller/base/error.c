#include "labctl/error.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int exit_status;
} codes[] = {
    [LAB_ERR_NONE] = { "none", 0 },
    [LAB_ERR_USAGE] = { "usage", 2 },
    [LAB_ERR_INVALID] = { "invalid", 2 },
    [LAB_ERR_UNSUPPORTED] = { "unsupported", 3 },
    [LAB_ERR_IO] = { "io", 1 },
    [LAB_ERR_NODE] = { "node_failed", 1 },
    [LAB_ERR_KILLED] = { "killed", 1 },
    [LAB_ERR_TRUNCATED] = { "truncated", 1 },
    [LAB_ERR_CORRUPT] = { "corrupt", 1 },
    [LAB_ERR_PROTOCOL] = { "protocol", 1 },
    [LAB_ERR_TIMEOUT] = { "timeout", 1 },
    [LAB_ERR_INTERRUPTED] = { "interrupted", 130 },
    [LAB_ERR_INTERNAL] = { "internal", 1 },
};

const char *lab_error_name(enum lab_error_code code)
{
    return codes[code].name;
}

enum lab_error_code lab_error_code_of(const char *name, enum lab_error_code fallback)
{
    for (enum lab_error_code code = LAB_ERR_USAGE; code <= LAB_ERR_INTERNAL; code++)
        if (strcmp(name, lab_error_name(code)) == 0)
            return code;
    return fallback;
}

int lab_error_exit_status(enum lab_error_code code)
{
    return codes[code].exit_status;
}

static void mark_cut(struct lab_error *err, int written)
{
    if (written >= (int)sizeof(err->message))
        memcpy(err->message + sizeof(err->message) - 4, "...", 4);
}

int lab_error_set(struct lab_error *err, enum lab_error_code code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int written = vsnprintf(err->message, sizeof(err->message), format, args);
    va_end(args);
    err->code = code;
    mark_cut(err, written);
    return -1;
}

int lab_error_errno(struct lab_error *err, enum lab_error_code code, int errnum, const char *format,
                    ...)
{
    char context[LAB_ERROR_MESSAGE_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(context, sizeof(context), format, args);
    va_end(args);
    return lab_error_set(err, code, "%s: %s", context, strerror(errnum));
}

int lab_error_wrap(struct lab_error *err, const char *format, ...)
{
    struct lab_error inner = *err;
    char context[LAB_ERROR_MESSAGE_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(context, sizeof(context), format, args);
    va_end(args);
    return lab_error_set(err, inner.code, "%s: %s", context, inner.message);
}

int lab_error_memory(struct lab_error *err)
{
    return lab_error_set(err, LAB_ERR_INTERNAL, "out of memory");
}
