/* Errors: one caller-owned struct, filled where a thing went wrong, wrapped with
 * context on the way up, rendered once by main.c or by a node program.
 *
 * Convention: a function that can fail takes `struct lab_error *err` last and
 * returns 0 or -1 (or a pointer or NULL). `err` must not be NULL. */
#ifndef LABCTL_ERROR_H
#define LABCTL_ERROR_H

#include <stdarg.h>
#include <stdbool.h>

/* What kind of failure. Each kind has one exit status and one stable name, which
 * appears as "code" in results.json. */
enum lab_error_code {
    LAB_ERR_NONE = 0,
    LAB_ERR_USAGE,       /* the command line is wrong: exit 2 */
    LAB_ERR_INVALID,     /* the experiment file is wrong: exit 2 */
    LAB_ERR_UNSUPPORTED, /* this machine cannot do it: exit 3 */
    LAB_ERR_IO,          /* a file, a directory or a disk failed: exit 1 */
    LAB_ERR_NODE,        /* a node program failed: exit 1 */
    LAB_ERR_KILLED,      /* a fault of the experiment killed a node program: exit 1 */
    LAB_ERR_TRUNCATED,   /* a received file is shorter than it should be: exit 1 */
    LAB_ERR_CORRUPT,     /* a received file or message has wrong contents: exit 1 */
    LAB_ERR_PROTOCOL,    /* the other side of a connection broke the protocol: exit 1 */
    LAB_ERR_TIMEOUT,     /* a deadline passed: exit 1 */
    LAB_ERR_INTERRUPTED, /* the user stopped it: exit 130 */
    LAB_ERR_INTERNAL,    /* out of memory, or a mistake of ours: exit 1 */
};

#define LAB_ERROR_MESSAGE_MAX 2048

struct lab_error {
    enum lab_error_code code;
    char message[LAB_ERROR_MESSAGE_MAX];
};

#define LAB_ERROR_INIT                                                                             \
    {                                                                                              \
        .code = LAB_ERR_NONE                                                                       \
    }

/* Set `err`; a message too long is cut with "...". Always returns -1, so that a
 * caller can `return lab_error_set(...)`. */
int lab_error_set(struct lab_error *err, enum lab_error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As lab_error_set, with ": " and the text of `errnum` appended. */
int lab_error_errno(struct lab_error *err, enum lab_error_code code, int errnum, const char *format,
                    ...) __attribute__((format(printf, 4, 5)));

/* Put context in front of the message that is there: "CONTEXT: MESSAGE". Returns -1. */
int lab_error_wrap(struct lab_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Out of memory. Returns -1. */
int lab_error_memory(struct lab_error *err);

/* Stable name of a code ("node_failed"), for results.json. Never NULL. */
const char *lab_error_name(enum lab_error_code code);

/* The code of a name, or `fallback` when there is none of that name. */
enum lab_error_code lab_error_code_of(const char *name, enum lab_error_code fallback);

/* Exit status of labctl for a code: 0, 1, 2, 3 or 130. */
int lab_error_exit_status(enum lab_error_code code);

#endif
