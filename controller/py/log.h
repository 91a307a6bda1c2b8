/* What Mininet logs. Its calls often log an error and return as if nothing had happened;
 * while the capture is on, what it logs as a warning or worse is kept instead of printed. */
#ifndef LABCTL_PY_LOG_H
#define LABCTL_PY_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "labctl/error.h"

/* As much of the log as is kept, with the NUL: the first of it, since later errors tend to
 * follow from earlier ones. */
#define PY_LOG_MAX 1024

/* Send Mininet's log to the capture, or back to standard error for a person at a prompt. */
int py_log_capture(struct lab_error *err);
int py_log_release(struct lab_error *err);

/* Move what was captured to `text` as one line. Returns false when there is nothing. */
bool py_log_take(char *text, size_t size);

/* An error when something was captured: "CONTEXT: what Mininet logged". */
int py_log_check(const char *context, enum lab_error_code code, struct lab_error *err);

#endif
