/* Summary statistics of a sample. */
#ifndef LABCTL_STATISTICS_H
#define LABCTL_STATISTICS_H

#include <stddef.h>

/* Of n values x_1 <= ... <= x_n; every figure is NAN when n is 0.
 *   median  x_((n+1)/2), or the mean of the two middle values when n is even
 *   mean    sum x_i / n
 *   stdev   sample standard deviation, sqrt(sum (x_i - mean)^2 / (n - 1)); 0 when n is 1 */
struct summary {
    size_t n;
    double min, median, mean, max, stdev;
};

/* Figures are kept as they are written, so that what is read from results.json is what was
 * computed: seconds to the nanosecond, ratios to six decimals. NAN stays NAN. */
double statistics_round_seconds(double value);
double statistics_round_ratio(double value);

/* Summarise `count` finite values, which are sorted in place. */
struct summary statistics_summarise(double *values, size_t count);

/* The median alone; sorts in place. NAN when count is 0. */
double statistics_median(double *values, size_t count);

#endif
