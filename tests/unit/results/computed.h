/* Results computed of a run directory that was made by hand, for the tests of what they say, of
 * results.json, and of the table. */
#ifndef COMPUTED_H
#define COMPUTED_H

#include "testing.h"

#include "results/results.h"
#include "run_fixture.h"

static char *run_dir;

static inline int set_up(void **state)
{
    fixture_set_up(state);
    run_dir = fixture_below("run");
    return 0;
}

static inline int tear_down(void **state)
{
    free(run_dir);
    return fixture_tear_down(state);
}

static inline struct results *compute(const struct fixture *fixture)
{
    struct lab_error err = LAB_ERROR_INIT;
    fixture_make(run_dir, fixture);
    struct results *results = results_compute(run_dir, &err);
    if (!results)
        fail_msg("%s", err.message);
    return results;
}

#endif
