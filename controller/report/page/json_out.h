/* JSON written as a stream, fit to stand inside a <script> element: '<', '>' and '&' are
 * escaped, so that no string can end the element; what is no UTF-8 becomes '?'. */
#ifndef LABCTL_JSON_OUT_H
#define LABCTL_JSON_OUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Zeroed but for `out`. Commas are placed by themselves; nesting is the caller's care. */
struct json_out {
    FILE *out; /* borrowed */
    bool comma;
};

void json_out_open(struct json_out *json, char bracket);  /* '{' or '[' */
void json_out_close(struct json_out *json, char bracket); /* '}' or ']' */
void json_out_key(struct json_out *json, const char *key);

void json_out_string(struct json_out *json, const char *text); /* NULL: null */
void json_out_integer(struct json_out *json, int64_t value);
void json_out_bool(struct json_out *json, bool value);
void json_out_null(struct json_out *json);

/* At most `decimals` of them, without zeros at the end; what is not finite is null. */
void json_out_number(struct json_out *json, double value, int decimals);

/* A key with its value. */
void json_out_key_string(struct json_out *json, const char *key, const char *text);
void json_out_key_integer(struct json_out *json, const char *key, int64_t value);
void json_out_key_number(struct json_out *json, const char *key, double value, int decimals);
void json_out_key_open(struct json_out *json, const char *key, char bracket);

#endif
