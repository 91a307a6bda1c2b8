/* Where the tests of a report have it written. */
#ifndef OUTPUT_H
#define OUTPUT_H

#include "../results/run_fixture.h"

static char *output;

static inline int set_up(void **state)
{
    fixture_set_up(state);
    output = fixture_below("report");
    return 0;
}

static inline int tear_down(void **state)
{
    free(output);
    return fixture_tear_down(state);
}

#endif
