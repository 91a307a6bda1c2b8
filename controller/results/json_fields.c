#include "results/json_fields.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "results/results.h"

/* --- writing -------------------------------------------------------------- */

static cJSON *make_number(double value)
{
    return isnan(value) ? cJSON_CreateNull() : cJSON_CreateNumber(value);
}

static cJSON *encode_field(const struct field *field, const void *at)
{
    switch (field->kind) {
    case FIELD_TEXT:
        return cJSON_CreateString(at);
    case FIELD_STRING:
        return cJSON_CreateString(*(char *const *)at);
    case FIELD_COUNT:
        return cJSON_CreateNumber((double)*(const uint64_t *)at);
    case FIELD_SIZE:
        return cJSON_CreateNumber((double)*(const size_t *)at);
    case FIELD_UNSIGNED:
        return cJSON_CreateNumber(*(const unsigned *)at);
    case FIELD_EXIT:
        return *(const int *)at == EXIT_UNKNOWN ? cJSON_CreateNull()
                                                : cJSON_CreateNumber(*(const int *)at);
    case FIELD_SECONDS:
        return make_number(statistics_round_seconds(*(const double *)at));
    case FIELD_RATIO:
        return make_number(statistics_round_ratio(*(const double *)at));
    case FIELD_BOOL:
        return cJSON_CreateBool(*(const bool *)at);
    case FIELD_NAME:
        return cJSON_CreateString(field->name(*(const int *)at));
    }
    return NULL;
}

void fields_encode(cJSON *object, const struct field *fields, size_t count, const void *in)
{
    for (size_t i = 0; i < count; i++)
        cJSON_AddItemToObject(object, fields[i].key,
                              encode_field(&fields[i], (const char *)in + fields[i].offset));
}

/* --- reading -------------------------------------------------------------- */

/* Largest count taken: 2^63, as of a clock in nanoseconds. */
#define COUNT_MAX 0x1p63

/* A whole number from 0 to max; *out stays as it is when it is none. */
static bool get_whole(const cJSON *node, double max, double *out)
{
    if (!cJSON_IsNumber(node) || !(node->valuedouble >= 0 && node->valuedouble <= max) ||
        node->valuedouble != floor(node->valuedouble))
        return false;
    *out = node->valuedouble;
    return true;
}

static bool get_text(const cJSON *node, char *out, size_t size)
{
    if (!cJSON_IsString(node) || strlen(node->valuestring) >= size)
        return false;
    memcpy(out, node->valuestring, strlen(node->valuestring) + 1);
    return true;
}

static bool get_string(const cJSON *node, char **out)
{
    if (!cJSON_IsString(node))
        return false;
    free(*out);
    *out = fs_path("%s", node->valuestring);
    return true;
}

static bool get_real(const cJSON *node, double *out)
{
    *out = NAN;
    if (cJSON_IsNumber(node))
        *out = node->valuedouble;
    return cJSON_IsNull(node) || (cJSON_IsNumber(node) && isfinite(*out));
}

static bool get_exit(const cJSON *node, int *out)
{
    double whole = EXIT_UNKNOWN;
    bool fits = cJSON_IsNull(node) || get_whole(node, 383, &whole);
    *out = (int)whole;
    return fits;
}

static bool get_name(const cJSON *node, const struct field *field, int *out)
{
    for (int i = 0; cJSON_IsString(node) && i < field->names; i++)
        if (strcmp(node->valuestring, field->name(i)) == 0) {
            *out = i;
            return true;
        }
    return false;
}

static bool decode_field(const cJSON *node, const struct field *field, void *at)
{
    double whole = 0;
    bool fits;
    switch (field->kind) {
    case FIELD_TEXT:
        return get_text(node, at, field->size);
    case FIELD_STRING:
        return get_string(node, at);
    case FIELD_COUNT:
        fits = get_whole(node, COUNT_MAX, &whole);
        *(uint64_t *)at = (uint64_t)whole;
        return fits;
    case FIELD_SIZE:
        fits = get_whole(node, UINT32_MAX, &whole);
        *(size_t *)at = (size_t)whole;
        return fits;
    case FIELD_UNSIGNED:
        fits = get_whole(node, UINT32_MAX, &whole);
        *(unsigned *)at = (unsigned)whole;
        return fits;
    case FIELD_EXIT:
        return get_exit(node, at);
    case FIELD_SECONDS:
    case FIELD_RATIO:
        return get_real(node, at);
    case FIELD_BOOL:
        *(bool *)at = cJSON_IsTrue(node);
        return cJSON_IsBool(node);
    case FIELD_NAME:
        return get_name(node, field, at);
    }
    return false;
}

/* A field of a later version than the file's. */
static void miss_field(const struct field *field, void *at)
{
    if (field->kind == FIELD_SECONDS || field->kind == FIELD_RATIO)
        *(double *)at = NAN;
}

int fields_decode(const cJSON *object, const struct field *fields, size_t count, void *out,
                  struct lab_error *err)
{
    for (size_t i = 0; i < count; i++) {
        const cJSON *node = cJSON_GetObjectItemCaseSensitive(object, fields[i].key);
        void *at = (char *)out + fields[i].offset;
        if (!node && fields[i].added) {
            miss_field(&fields[i], at);
            continue;
        }
        if (!node)
            return lab_error_set(err, LAB_ERR_INVALID, "\"%s\" is missing", fields[i].key);
        if (!decode_field(node, &fields[i], at))
            return lab_error_set(err, LAB_ERR_INVALID, "\"%s\" has a value that does not fit",
                                 fields[i].key);
    }
    return 0;
}

const cJSON *fields_array(const cJSON *object, const char *key, size_t *count,
                          struct lab_error *err)
{
    const cJSON *array = cJSON_GetObjectItemCaseSensitive(object, key);
    if (!cJSON_IsArray(array)) {
        lab_error_set(err, LAB_ERR_INVALID, "\"%s\" is missing or no array", key);
        return NULL;
    }
    *count = (size_t)cJSON_GetArraySize(array);
    return array;
}
