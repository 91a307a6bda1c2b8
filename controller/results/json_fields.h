/* A struct to and from a JSON object by one table, so that what is written can be read.
 * Used by results_json.c and trial_json.c. */
#ifndef LABCTL_JSON_FIELDS_H
#define LABCTL_JSON_FIELDS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "labctl/cleanup.h"
#include "labctl/error.h"

enum field_kind {
    FIELD_TEXT,     /* char[size], NUL-terminated */
    FIELD_STRING,   /* char *, owned by the struct, never NULL once read */
    FIELD_COUNT,    /* uint64_t */
    FIELD_SIZE,     /* size_t */
    FIELD_UNSIGNED, /* unsigned */
    FIELD_EXIT,     /* int, an exit status; EXIT_UNKNOWN is null */
    FIELD_SECONDS,  /* double, written to the nanosecond; NAN is null */
    FIELD_RATIO,    /* double, written to six digits; NAN is null */
    FIELD_BOOL,     /* bool */
    FIELD_NAME,     /* int-sized enum, by its name among names[] */
};

struct field {
    const char *key;
    enum field_kind kind;
    size_t offset;
    size_t size;                    /* of FIELD_TEXT */
    const char *(*name)(int value); /* of FIELD_NAME: name of 0, 1, ... */
    int names;                      /* of FIELD_NAME: how many there are */
    bool added;                     /* not in files of older versions: may be missing */
};

/* The columns of a table: where a member is, and how the values of an enum are called. */
#define AT(type, member)         .offset = offsetof(struct type, member)
#define TEXT_AT(type, member)    AT(type, member), .size = sizeof(((struct type *)0)->member)
#define NAMED(function, largest) .name = (function), .names = (int)(largest) + 1

/* All of a table. */
#define ENCODE(object, table, in)       fields_encode(object, table, ARRAY_LENGTH(table), in)
#define DECODE(object, table, out, err) fields_decode(object, table, ARRAY_LENGTH(table), out, err)

/* Add every field of `in` to `object`, in the table's order. */
void fields_encode(cJSON *object, const struct field *fields, size_t count, const void *in);

/* Fill `out` from `object`; keys that the table does not know are left alone. An added field
 * that is missing is left alone too, but that a real number becomes NAN. Returns 0, or
 * -1 with err set to what is missing or does not fit. */
int fields_decode(const cJSON *object, const struct field *fields, size_t count, void *out,
                  struct lab_error *err);

/* The array `key` of `object`; its length in *count. NULL with err set when there is none. */
const cJSON *fields_array(const cJSON *object, const char *key, size_t *count,
                          struct lab_error *err);

#endif
