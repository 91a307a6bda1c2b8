#include "results/run_comparison.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/units.h"
#include "labctl/cleanup.h"

/* One seed for all: the same two runs give the same interval. */
#define SEED 1

const char *comparison_finding_name(enum comparison_finding finding)
{
    static const char *const names[] = {
        [COMPARISON_TOO_FEW] = "too-few-trials",
        [COMPARISON_NONE] = "no-difference",
        [COMPARISON_FASTER] = "faster",
        [COMPARISON_SLOWER] = "slower",
    };
    return names[finding];
}

/* --- figures -------------------------------------------------------------- */

/* Makespans of the trials that count. NULL with err set when there are none. */
static double *makespans(const struct results *results, const char *name, size_t *count,
                         struct lab_error *err)
{
    cleanup_free double *values = malloc((results->trial_count + 1) * sizeof(*values));
    *count = 0;
    for (size_t i = 0; values && i < results->trial_count; i++)
        if (results_trial_counts(&results->trials[i]) && !isnan(results->trials[i].makespan_s))
            values[(*count)++] = results->trials[i].makespan_s;
    if (!values)
        lab_error_memory(err);
    else if (*count == 0)
        lab_error_set(err, LAB_ERR_NODE,
                      "%s, %s: none of its %zu trials counts, so there is nothing to compare", name,
                      results->run_dir, results->trial_count);
    else
        return steal_ptr(values);
    return NULL;
}

static enum comparison_finding find(const struct run_comparison *c)
{
    if (c->least_p >= COMPARISON_LEVEL)
        return COMPARISON_TOO_FEW;
    if (!(c->test.p < COMPARISON_LEVEL))
        return COMPARISON_NONE;
    /* By ranks, which the test is about; the medians nearly always say the same. */
    double half = (double)c->a_makespan.n * (double)c->b_makespan.n / 2;
    return c->test.u > half ? COMPARISON_FASTER : COMPARISON_SLOWER;
}

/* --- words ---------------------------------------------------------------- */

/* Trials of each, as many of one as of the other, from which a difference could be told. */
static size_t trials_needed(void)
{
    size_t count = 1;
    while (comparison_least_p(count, count) >= COMPARISON_LEVEL)
        count++;
    return count;
}

static char *describe_figures(const struct run_comparison *c)
{
    char a[UNITS_TEXT_MAX], b[UNITS_TEXT_MAX], by[UNITS_TEXT_MAX];
    double low = fmin(fabs(c->difference.low), fabs(c->difference.high));
    double high = fmax(fabs(c->difference.low), fabs(c->difference.high));
    cleanup_free char *interval = fs_path("%s", "");
    if (!isnan(low)) {
        bool crosses = c->difference.low < 0 && c->difference.high > 0;
        char from[UNITS_TEXT_MAX], to[UNITS_TEXT_MAX];
        double sign = c->difference_s < 0 ? -1 : 1; /* told the way the sentence is */
        units_format_time(crosses ? fabs(sign > 0 ? c->difference.low : c->difference.high) : low,
                          from, sizeof(from));
        units_format_time(crosses ? fabs(sign > 0 ? c->difference.high : c->difference.low) : high,
                          to, sizeof(to));
        free(interval);
        interval = fs_path(", 95 %% CI %s%s to %s", crosses ? "-" : "", from, to);
    }
    return fs_path("median of %s against %s, difference %s%s",
                   units_format_time(c->b_makespan.median, b, sizeof(b)),
                   units_format_time(c->a_makespan.median, a, sizeof(a)),
                   units_format_time(fabs(c->difference_s), by, sizeof(by)), interval);
}

static char *describe_test(const struct run_comparison *c)
{
    return fs_path("Mann-Whitney p = %.2g, %zu and %zu trials", c->test.p, c->a_makespan.n,
                   c->b_makespan.n);
}

static char *describe(const struct run_comparison *c)
{
    cleanup_free char *figures = describe_figures(c);
    cleanup_free char *test = describe_test(c);
    switch (c->finding) {
    case COMPARISON_FASTER:
        if (!(c->ratio > 1))
            return fs_path("B tends to be faster than A, though not by the medians: %s (%s).",
                           figures, test);
        return fs_path("B is %.3g times faster than A: %s (%s).", c->ratio, figures, test);
    case COMPARISON_SLOWER:
        if (!(c->ratio < 1))
            return fs_path("B tends to be slower than A, though not by the medians: %s (%s).",
                           figures, test);
        return fs_path("B is %.3g times slower than A: %s (%s).", 1 / c->ratio, figures, test);
    case COMPARISON_NONE:
        return fs_path("No difference between A and B can be told from chance: B has a %s (%s).",
                       figures, test);
    case COMPARISON_TOO_FEW:
        break;
    }
    return fs_path(
        "Too few trials to tell whether A and B differ: B has a %s; but with %zu and %zu "
        "trials chance alone gives any difference with p = %.2g or more. %zu trials of "
        "each are the least that can tell.",
        figures, c->a_makespan.n, c->b_makespan.n, c->least_p, trials_needed());
}

/* --- all of it ------------------------------------------------------------ */

int run_comparison_make(struct run_comparison *c, const struct results *a, const struct results *b,
                        struct lab_error *err)
{
    size_t a_count, b_count;
    *c = (struct run_comparison){ 0 };
    c->a = makespans(a, "A", &a_count, err);
    c->b = c->a ? makespans(b, "B", &b_count, err) : NULL;
    if (!c->b)
        return -1;
    c->a_makespan = statistics_summarise(c->a, a_count);
    c->b_makespan = statistics_summarise(c->b, b_count);
    c->difference_s = c->b_makespan.median - c->a_makespan.median;
    c->ratio = c->a_makespan.median / c->b_makespan.median;
    c->least_p = comparison_least_p(a_count, b_count);
    if (comparison_rank_test(c->a, a_count, c->b, b_count, &c->test, err) < 0 ||
        comparison_median_difference(c->a, a_count, c->b, b_count, SEED, &c->difference, err) < 0)
        return -1;
    c->finding = find(c);
    c->sentence = describe(c);
    return 0;
}

void run_comparison_clear(struct run_comparison *c)
{
    free(c->a);
    free(c->b);
    free(c->sentence);
    *c = (struct run_comparison){ 0 };
}
