/* Words with placeholders: "{server_ip}:{port}" and the like. A brace that is meant as
 * such is written twice. */
#ifndef LABCTL_TEMPLATE_H
#define LABCTL_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "labctl/error.h"

struct template_value {
    const char *name;
    const char *value;
};

/* Replace every placeholder of `text` by its value. Caller frees. NULL with LAB_ERR_INVALID
 * when a placeholder is not among the values, or a brace stands alone. */
char *template_expand(const char *text, const struct template_value *values, size_t count,
                      struct lab_error *err);

/* Replace the placeholder {name} alone; the rest, literal braces too, stays as it is written,
 * and so the result is a template again. Caller frees; NULL when out of memory. */
char *template_replace(const char *text, const char *name, const char *value);

/* Whether `text` has the placeholder {name}. */
bool template_uses(const char *text, const char *name);

#endif
