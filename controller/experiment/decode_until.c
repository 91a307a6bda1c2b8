/* How often an experiment is repeated when the file leaves that to the results. */
#include "experiment/decode.h"
#include "labctl/cleanup.h"

static void decode_width(const struct json_at *at, void *out)
{
    double width = -1;
    char found[JSON_DESCRIBE_MAX];
    decode_fraction(at, &width);
    if (width == 0)
        json_problem(at, "expected a share above 0%%, found %s", json_describe(at->node, found));
    else
        *(double *)out = width;
}

static void decode_most(const struct json_at *at, void *out)
{
    uint64_t most;
    if (json_get_integer(at, UNTIL_TRIALS_MIN, TRIALS_MAX, &most))
        *(unsigned *)out = (unsigned)most;
}

static const struct json_field until_fields[] = {
    { "ci", decode_width, offsetof(struct until_spec, ci), true },
    { "max_trials", decode_most, offsetof(struct until_spec, max_trials), false },
};

void decode_until(const struct json_at *at, void *out)
{
    ((struct until_spec *)out)->max_trials = UNTIL_TRIALS_DEFAULT;
    json_decode_object(at, until_fields, ARRAY_LENGTH(until_fields), out);
}

unsigned experiment_first_trials(const struct experiment *experiment)
{
    if (experiment->until.ci == 0 || experiment->trials > UNTIL_TRIALS_MIN)
        return experiment->trials;
    return UNTIL_TRIALS_MIN;
}
