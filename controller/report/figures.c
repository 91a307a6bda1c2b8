#include "report/figures.h"

#include <math.h>
#include <stdlib.h>

#include "labctl/cleanup.h"

/* (sum x)^2 / (n sum x^2): Jain, Chiu and Hawe, 1984. */
double trial_jain(const struct trial_result *trial)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < trial->host_count; i++) {
        double goodput = (double)trial->hosts[i].goodput_bps;
        sum += goodput;
        squares += goodput * goodput;
    }
    return squares > 0 ? sum * sum / ((double)trial->host_count * squares) : NAN;
}

static double trial_spread(const struct trial_result *trial)
{
    return trial->spread_s;
}

static double trial_makespan(const struct trial_result *trial)
{
    return trial->makespan_s;
}

/* A figure of every trial that is ok and has it; how many there are. */
static size_t collect(const struct results *results, double *values,
                      double (*figure)(const struct trial_result *trial))
{
    size_t count = 0;
    for (size_t i = 0; i < results->trial_count; i++) {
        double value = figure(&results->trials[i]);
        if (results->trials[i].status == RESULT_OK && !isnan(value))
            values[count++] = value;
    }
    return count;
}

/* The narrowest [x_r, x_(n+1-r)] that holds the median with 95 %: its coverage is
 * 1 - 2 P(B < r) for B binomial in n and 1/2 (David and Nagaraja, Order Statistics, 7.1). */
static void median_interval(const double *sorted, size_t n, double *low, double *high)
{
    double term = pow(0.5, (double)n), below = 0;
    size_t r = 0;
    *low = *high = NAN;
    while (r < n / 2 && below + term <= 0.025) {
        below += term;
        term *= (double)(n - r) / (double)(r + 1);
        r++;
    }
    if (r > 0) {
        *low = sorted[r - 1];
        *high = sorted[n - r];
    }
}

int run_figures(const struct report_run *run, struct run_figures *figures)
{
    const struct results *results = run->results;
    cleanup_free double *values = malloc((results->trial_count + 1) * sizeof(*values));
    if (!values)
        return -1;
    *figures = (struct run_figures){ .makespan_s = results->makespan_s,
                                     .efficiency = results->efficiency.median };
    if (results->trial_count > 0)
        figures->bound_s = results->trials[0].bound.framed_s;
    figures->spread_s = statistics_median(values, collect(results, values, trial_spread));
    figures->jain = statistics_median(values, collect(results, values, trial_jain));
    size_t count = collect(results, values, trial_makespan);
    statistics_median(values, count); /* sorts */
    median_interval(values, count, &figures->ci_low_s, &figures->ci_high_s);
    return 0;
}
