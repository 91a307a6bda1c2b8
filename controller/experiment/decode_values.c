#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "experiment/decode.h"

/* A kind of quantity: how it is read, and what it may be. */
struct quantity {
    const char *what; /* for messages: "a rate such as \"100Mbit\"" */
    bool (*parse)(const char *text, uint64_t *out);
    char *(*format)(uint64_t value, char *buf, size_t size);
    uint64_t min, max;
};

static const struct quantity rate_quantity = {
    "a rate such as \"100Mbit\"", units_parse_rate, units_exact_rate, RATE_MIN, RATE_MAX,
};
static const struct quantity time_quantity = {
    "a time such as \"20ms\"", units_parse_time, units_exact_time, 0, TIME_MAX,
};
static const struct quantity file_size_quantity = {
    "a size such as \"50MB\"", units_parse_size, units_exact_size, 0, FILE_SIZE_MAX,
};
static const struct quantity block_size_quantity = {
    "\"auto\" or a size such as \"64KiB\"",
    units_parse_size,
    units_exact_size,
    BLOCK_SIZE_MIN,
    BLOCK_SIZE_MAX,
};
static const struct quantity queue_quantity = {
    "\"auto\" or a size such as \"64KiB\"", units_parse_size, units_exact_size, 4096, 1u << 30,
};

static const struct quantity limit_memory_quantity = {
    "a size such as \"1GB\"", units_parse_size, units_exact_size, LIMIT_MEMORY_MIN, LIMIT_SIZE_MAX,
};
static const struct quantity limit_file_quantity = {
    "\"auto\" or a size such as \"1GB\"",
    units_parse_size,
    units_exact_size,
    LIMIT_FILE_MIN,
    LIMIT_SIZE_MAX,
};

static void decode_quantity(const struct json_at *at, const struct quantity *quantity,
                            uint64_t *out)
{
    char number[40], found[JSON_DESCRIBE_MAX], low[UNITS_TEXT_MAX], high[UNITS_TEXT_MAX];
    const char *text = NULL;
    if (cJSON_IsString(at->node)) {
        text = at->node->valuestring;
    } else if (cJSON_IsNumber(at->node)) {
        snprintf(number, sizeof(number), "%.17g", at->node->valuedouble);
        text = number;
    }
    uint64_t value;
    if (!text || !quantity->parse(text, &value)) {
        json_problem(at, "expected %s, found %s", quantity->what, json_describe(at->node, found));
        return;
    }
    if (value < quantity->min || value > quantity->max) {
        json_problem(at, "expected %s from %s to %s, found %s", quantity->what,
                     quantity->format(quantity->min, low, sizeof(low)),
                     quantity->format(quantity->max, high, sizeof(high)),
                     json_describe(at->node, found));
        return;
    }
    *out = value;
}

void decode_rate(const struct json_at *at, void *out)
{
    decode_quantity(at, &rate_quantity, out);
}

void decode_time(const struct json_at *at, void *out)
{
    decode_quantity(at, &time_quantity, out);
}

void decode_file_size(const struct json_at *at, void *out)
{
    decode_quantity(at, &file_size_quantity, out);
}

/* 0 stands for "auto". */
static void decode_or_auto(const struct json_at *at, const struct quantity *quantity, uint64_t *out)
{
    if (cJSON_IsString(at->node) && strcmp(at->node->valuestring, "auto") == 0)
        *out = 0;
    else
        decode_quantity(at, quantity, out);
}

void decode_block_size(const struct json_at *at, void *out)
{
    decode_or_auto(at, &block_size_quantity, out);
}

void decode_queue(const struct json_at *at, void *out)
{
    decode_or_auto(at, &queue_quantity, out);
}

void decode_limit_memory(const struct json_at *at, void *out)
{
    decode_quantity(at, &limit_memory_quantity, out);
}

void decode_limit_file(const struct json_at *at, void *out)
{
    decode_or_auto(at, &limit_file_quantity, out);
}

void decode_fraction(const struct json_at *at, void *out)
{
    char number[40], found[JSON_DESCRIBE_MAX];
    snprintf(number, sizeof(number), "%.17g",
             cJSON_IsNumber(at->node) ? at->node->valuedouble : -1);
    const char *text = cJSON_IsString(at->node) ? at->node->valuestring : number;
    if (!units_parse_fraction(text, out))
        json_problem(at, "expected a share from 0%% to 100%%, such as \"0.5%%\", found %s",
                     json_describe(at->node, found));
}

void decode_seed(const struct json_at *at, void *out)
{
    json_get_integer(at, 0, 1ull << 53, out);
}

void decode_bool(const struct json_at *at, void *out)
{
    json_get_bool(at, out);
}

void decode_text(const struct json_at *at, void *out)
{
    const char *text;
    char **target = out;
    if (!json_get_string(at, &text))
        return;
    free(*target); /* a duplicate key was complained of already */
    *target = strdup(text);
}

void decode_ignore(const struct json_at *at, void *out)
{
    (void)at;
    (void)out;
}

int decode_choice(const struct json_at *at, const char *const *names, size_t count)
{
    char found[JSON_DESCRIBE_MAX], expected[200] = "";
    for (size_t i = 0; i < count; i++) {
        if (cJSON_IsString(at->node) && strcmp(at->node->valuestring, names[i]) == 0)
            return (int)i;
        size_t used = strlen(expected);
        snprintf(expected + used, sizeof(expected) - used, "%s\"%s\"", i ? " or " : "", names[i]);
    }
    json_problem(at, "expected %s, found %s", expected, json_describe(at->node, found));
    return -1;
}
