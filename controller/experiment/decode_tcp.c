/* What concerns TCP: which congestion control it uses, and how often it is asked how it
 * fares. */
#include <stddef.h>

#include "base/units.h"
#include "experiment/decode.h"
#include "labctl/cleanup.h"

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
