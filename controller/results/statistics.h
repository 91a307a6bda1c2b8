/* Summary statistics of a sample, and how sure they are. Pure; deterministic. */
#ifndef LABCTL_STATISTICS_H
#define LABCTL_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An interval that holds the true value in `coverage` of all samples; NAN, NAN and 0 when
 * the sample is too small for any. */
struct interval {
    double low, high, coverage;
};

/* Of n values x_1 <= ... <= x_n; every figure is NAN when n is 0.
 *   median  x_((n+1)/2), or the mean of the two middle values when n is even
 *   mean    sum x_i / n
 *   stdev   sample standard deviation, sqrt(sum (x_i - mean)^2 / (n - 1)); 0 when n is 1
 *   ci      of the median, statistics_median_interval() */
struct summary {
    size_t n;
    double min, median, mean, max, stdev;
    double ci_low, ci_high;
};

/* Figures are kept as they are written, so that what is read from results.json is what was
 * computed: seconds to the nanosecond, ratios to six decimals. NAN stays NAN. */
double statistics_round_seconds(double value);
double statistics_round_ratio(double value);

/* Summarise `count` finite values, which are sorted in place. */
struct summary statistics_summarise(double *values, size_t count);

/* The median alone; sorts in place. NAN when count is 0. */
double statistics_median(double *values, size_t count);

/* Confidence of every interval. */
#define STATISTICS_CONFIDENCE 0.95

/* Fewest values for which a 95 % interval of the median exists: for five, even the range from
 * the least to the most holds the median only in 1 - 2 / 2^5 = 93.75 % of all samples. */
#define STATISTICS_INTERVAL_LEAST 6

/* Confidence interval of the median, of any continuous distribution: the narrowest
 * [x_r, x_(n+1-r)] that holds it with at least 95 %. Its coverage is exactly
 * 1 - 2 P(B < r) for B binomial in n and 1/2 (David and Nagaraja, Order Statistics, 7.1).
 * `sorted` ascends. */
struct interval statistics_median_interval(const double *sorted, size_t count);

/* Jain's index of fairness, (sum x)^2 / (n sum x^2): 1 when all are equal, 1/n when one has
 * all (Jain, Chiu and Hawe, 1984). NAN when there are no values, or nothing but zeros. */
double statistics_jain(const double *values, size_t count);

#endif
