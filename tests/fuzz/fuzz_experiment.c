/* The experiment parser takes any bytes: it refuses them with a message, or makes an
 * experiment whose record is read back to the same record. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/bounds.h"
#include "experiment/plan.h"
#include "labctl/cleanup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_record(const struct experiment *experiment)
{
    struct lab_error err = LAB_ERROR_INIT;
    cleanup_free char *once = experiment_to_json(experiment);
    struct experiment *again = experiment_parse(experiment->source, once, strlen(once), &err);
    if (!again)
        abort();
    cleanup_free char *twice = experiment_to_json(again);
    if (strcmp(once, twice) != 0)
        abort();
    experiment_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lab_error err = LAB_ERROR_INIT;
    struct experiment *experiment = experiment_parse("fuzz.json", (const char *)data, size, &err);
    if (!experiment) {
        if (err.code == LAB_ERR_NONE || !err.message[0])
            abort();
        return 0;
    }
    struct plan *plan = plan_build(experiment, &err);
    if (!plan || bound_makespan(experiment, experiment->file.size).fluid_s < 0)
        abort();
    check_record(experiment);
    plan_free(plan);
    experiment_free(experiment);
    return 0;
}
