/* JSON pointers (RFC 6901): names of places in a document, "/topology/hosts". */
#ifndef LABCTL_JSON_POINTER_H
#define LABCTL_JSON_POINTER_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "labctl/error.h"

/* Whether it is one, and names a place below the root. */
bool json_pointer_valid(const char *pointer);

/* Whether `outer` names the same place as `inner`, or one that holds it. */
bool json_pointer_holds(const char *outer, const char *inner);

/* The last word of a pointer, unescaped: "hosts". Caller frees; NULL when out of memory. */
char *json_pointer_last(const char *pointer);

/* Put a copy of `value` where a valid pointer says, in place of what is there. Objects that are
 * missing on the way are made; an array must have the element. Returns 0, or -1 with err set
 * (LAB_ERR_INVALID) to where the way ends, and at what. */
int json_pointer_set(cJSON *root, const char *pointer, const cJSON *value, struct lab_error *err);

#endif
