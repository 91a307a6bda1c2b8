/* What concerns TCP: which congestion control it uses, and how often it is asked how it
 * fares. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "experiment/decode.h"
#include "labctl/cleanup.h"

const char *experiment_default_congestion(enum model_kind model)
{
    return model == MODEL_P2P ? "reno" : "cubic";
}

/* Whether the kernel has it is found out when a network is built. */
static void decode_congestion(const struct json_at *at, void *out)
{
    const char *name;
    char found[JSON_DESCRIBE_MAX];
    if (!json_get_string(at, &name))
        return;
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "0123456789_-");
    if (length == 0 || length > CONGESTION_NAME_MAX || name[length] || name[0] == '-')
        json_problem(at,
                     "expected the name of a TCP congestion control, such as \"cubic\", of 1 to "
                     "%d letters, digits, '_' and '-', found %s",
                     CONGESTION_NAME_MAX, json_describe(at->node, found));
    else
        snprintf(out, CONGESTION_NAME_MAX + 1, "%s", name);
}

void decode_tcp(const struct json_at *at, void *out)
{
    static const struct json_field fields[] = {
        { "congestion_control", decode_congestion, offsetof(struct experiment, congestion_control),
          false },
    };
    json_decode_object(at, fields, ARRAY_LENGTH(fields), out);
}

/* 0 is a way to say "off", so that a record can say so; else not so often that reading
 * disturbs what is read, nor so seldom that nothing is seen. */
static void decode_interval(const struct json_at *at, void *out)
{
    char found[JSON_DESCRIBE_MAX], low[UNITS_TEXT_MAX], high[UNITS_TEXT_MAX];
    uint64_t interval = 0, *telemetry_ns = out;
    decode_time(at, &interval);
    if (interval && (interval < TELEMETRY_MIN || interval > TELEMETRY_MAX))
        json_problem(at, "expected 0 (off) or a time from %s to %s, found %s",
                     units_exact_time(TELEMETRY_MIN, low, sizeof(low)),
                     units_exact_time(TELEMETRY_MAX, high, sizeof(high)),
                     json_describe(at->node, found));
    else
        *telemetry_ns = interval;
}

void decode_telemetry(const struct json_at *at, void *out)
{
    static const struct json_field fields[] = { { "interval", decode_interval, 0, true } };
    json_decode_object(at, fields, ARRAY_LENGTH(fields), out);
}
