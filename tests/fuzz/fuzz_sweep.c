/* The sweep parser takes any bytes: it refuses them with a message, or makes cells each of
 * which is an experiment that can be planned. */
#include <stdint.h>
#include <stdlib.h>

#include "experiment/plan.h"
#include "experiment/sweep.h"

/* Of a large sweep the first ones will do. */
#define CELLS_MAX 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_cell(const struct sweep *sweep, unsigned cell)
{
    struct lab_error err = LAB_ERROR_INIT;
    struct experiment *experiment = sweep_cell(sweep, cell, &err);
    struct plan *plan = experiment ? plan_build(experiment, &err) : NULL;
    if (!experiment || (!plan && err.code != LAB_ERR_INVALID))
        abort();
    plan_free(plan);
    experiment_free(experiment);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lab_error err = LAB_ERROR_INIT;
    struct sweep *sweep = sweep_parse("fuzz.json", (const char *)data, size, NULL, &err);
    if (!sweep) {
        if (err.code == LAB_ERR_NONE || !err.message[0])
            abort();
        return 0;
    }
    for (unsigned cell = 1; cell <= sweep->cells && cell <= CELLS_MAX; cell++)
        check_cell(sweep, cell);
    sweep_free(sweep);
    return 0;
}
