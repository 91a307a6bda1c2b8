/* Reading JSON so that every complaint says where: file, line and JSON pointer.
 *
 * A document is parsed by cJSON; a `json_at` is a place in it, on the caller's stack,
 * linked to the place it was reached from. Problems are collected, not thrown, so that
 * a file with three mistakes is told all three. */
#ifndef LABCTL_JSON_H
#define LABCTL_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "labctl/error.h"

struct json_doc {
    char *name; /* of the file, for messages */
    char *text;
    cJSON *root;
    char problems[LAB_ERROR_MESSAGE_MAX]; /* one line each; as many as fit */
    size_t problem_count;
    bool placeless; /* `root` was not parsed from `text`: problems have no file and line */
};

struct json_at {
    struct json_doc *doc;
    const struct json_at *parent; /* NULL at the root */
    const cJSON *node;
    size_t index; /* of the node among its parent's children */
};

/* Parse `text` (length bytes). Returns 0, or -1 with err set (LAB_ERR_INVALID: line,
 * column and what was found). Release with json_doc_close() in either case. */
int json_doc_parse(struct json_doc *doc, const char *name, const char *text, size_t length,
                   struct lab_error *err);

/* As json_doc_parse, of a file of at most JSON_FILE_MAX bytes; one that cannot be read is
 * LAB_ERR_INVALID too. */
#define JSON_FILE_MAX (4u << 20)
int json_doc_read(struct json_doc *doc, const char *path, struct lab_error *err);

void json_doc_close(struct json_doc *doc);

/* 0 when no problem was recorded, or -1 with err set to all of them (LAB_ERR_INVALID). */
int json_doc_check(const struct json_doc *doc, struct lab_error *err);

struct json_at json_root(struct json_doc *doc);

/* The member `key` of an object; node is NULL when it is absent, or when `object` is no
 * object. Exact case. */
struct json_at json_member(const struct json_at *object, const char *key);

/* The members of an object or array in turn:
 * for (struct json_at item = json_first(&list); item.node; item = json_next(&item)) */
struct json_at json_first(const struct json_at *container);
struct json_at json_next(const struct json_at *item);

/* Record a problem at a place: "FILE:LINE: POINTER: MESSAGE", POINTER as in RFC 6901; of a
 * placeless document "POINTER: MESSAGE". */
void json_problem(const struct json_at *at, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A field of an object: how to decode it, and where to. */
struct json_field {
    const char *key;
    void (*decode)(const struct json_at *at, void *out); /* adds problems; never fails */
    size_t offset;                                       /* of the target in `out` */
    bool required;
};

/* Decode an object by its table: complains of a wrong type, of unknown, duplicate and
 * missing keys, naming for an unknown key the one that was probably meant. */
void json_decode_object(const struct json_at *at, const struct json_field *fields, size_t count,
                        void *out);

/* The checks that json_decode_object makes, for objects whose keys are data. */
bool json_expect_object(const struct json_at *at);
void json_check_duplicates(const struct json_at *object);

/* Decoders of plain values. Each complains at `at` of a value that does not fit. */
bool json_get_string(const struct json_at *at, const char **out); /* borrowed from the doc */
bool json_get_bool(const struct json_at *at, bool *out);
bool json_get_integer(const struct json_at *at, uint64_t min, uint64_t max, uint64_t *out);

/* What a value is, for "found ...": "\"10Mbit\"", "the number 3", "an object". Returns buf. */
#define JSON_DESCRIBE_MAX 80
const char *json_describe(const cJSON *node, char buf[JSON_DESCRIBE_MAX]);

#endif
