/* Whether two samples differ: by how much, and how likely that is chance. Pure; the same
 * samples give the same answer every time. */
#ifndef LABCTL_COMPARISON_H
#define LABCTL_COMPARISON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "labctl/error.h"
#include "results/statistics.h"

/* Mann and Whitney's test of whether values of one sample tend to be larger. */
struct rank_test {
    double u;   /* pairs (a, b) in which a is larger, ties counting one half */
    double p;   /* two-sided; NAN when a sample is empty */
    bool exact; /* p is from all ways to deal out the ranks, not from the normal distribution */
};

/* With no more values than this in all, p is exact: of the distribution of the rank sum over
 * all ways to deal out the ranks that are there, ties sharing their middle rank. Beyond, it is
 * from the normal distribution, with the variance corrected for ties and half a unit for
 * continuity (Hollander and Wolfe, Nonparametric Statistical Methods, 4.1). */
#define RANK_TEST_EXACT_MAX 60

/* Returns 0, or -1 with err set when out of memory. */
int comparison_rank_test(const double *a, size_t a_count, const double *b, size_t b_count,
                         struct rank_test *test, struct lab_error *err);

/* The least p that samples of these sizes can ever give: 2 / C(a + b, a). Above 0.05 no
 * difference could be told from chance. 1 when one is empty. */
double comparison_least_p(size_t a_count, size_t b_count);

/* Confidence interval of median(b) - median(a): the middle 95 % of BOOTSTRAP_RESAMPLES
 * differences of samples drawn with replacement (Efron's percentile interval). NAN when one
 * has fewer than two values. Returns 0, or -1 with err set when out of memory. */
int comparison_median_difference(const double *a, size_t a_count, const double *b, size_t b_count,
                                 uint64_t seed, struct interval *interval, struct lab_error *err);

#define BOOTSTRAP_RESAMPLES 10000

#endif
