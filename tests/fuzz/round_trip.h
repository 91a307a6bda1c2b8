/* Results are written, read, and written to the same. */
#ifndef ROUND_TRIP_H
#define ROUND_TRIP_H

#include <stdlib.h>
#include <string.h>

#include "labctl/cleanup.h"
#include "results/results.h"

/* Aborts unless they are; frees them. `run_dir` is that of the results. */
static inline void round_trip(struct results *results, const char *run_dir)
{
    struct lab_error err = LAB_ERROR_INIT;
    cleanup_free char *once = results_to_json(results);
    results_free(results);
    results = results_parse("results.json", once, strlen(once), run_dir, &err);
    if (!results)
        abort();
    cleanup_free char *twice = results_to_json(results);
    results_free(results);
    if (strcmp(once, twice) != 0)
        abort();
}

#endif
