#include "report/figures.h"

#include <math.h>
#include <stdlib.h>

#include "labctl/cleanup.h"

/* Median over the trials that count of the time between the first and the last finish. */
static double median_spread(const struct results *results)
{
    cleanup_free double *values = malloc((results->trial_count + 1) * sizeof(*values));
    size_t count = 0;
    for (size_t i = 0; values && i < results->trial_count; i++)
        if (results_trial_counts(&results->trials[i]) && !isnan(results->trials[i].spread_s))
            values[count++] = results->trials[i].spread_s;
    return values ? statistics_median(values, count) : NAN;
}

struct run_figures run_figures(const struct report_run *run)
{
    const struct results *results = run->results;
    return (struct run_figures){
        .makespan_s = results->makespan_s,
        .spread_s = median_spread(results),
        .jain = results->jain_index.median,
        .efficiency = results->efficiency.median,
        .bound_s = results->trial_count > 0 ? results->trials[0].bound.framed_s : 0,
    };
}
