#include "results/statistics.h"

#include <math.h>
#include <stdlib.h>

/* By division, which keeps the shortest form: 4.31, not 4.3100000000000005. */
double statistics_round_seconds(double value)
{
    return round(value * 1e9) / 1e9;
}

double statistics_round_ratio(double value)
{
    return round(value * 1e6) / 1e6;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double middle(const double *sorted, size_t count)
{
    return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
}

double statistics_median(double *values, size_t count)
{
    if (count == 0)
        return NAN;
    qsort(values, count, sizeof(*values), compare_doubles);
    return middle(values, count);
}

/* Two passes, so that close values far from zero lose no digits. */
struct summary statistics_summarise(double *values, size_t count)
{
    if (count == 0)
        return (struct summary){ 0, NAN, NAN, NAN, NAN, NAN, NAN, NAN };
    qsort(values, count, sizeof(*values), compare_doubles);
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    double mean = sum / (double)count;
    struct interval interval = statistics_median_interval(values, count);
    for (size_t i = 0; i < count; i++)
        squares += (values[i] - mean) * (values[i] - mean);
    return (struct summary){
        .n = count,
        .min = values[0],
        .median = middle(values, count),
        .mean = mean,
        .max = values[count - 1],
        .stdev = count > 1 ? sqrt(squares / (double)(count - 1)) : 0,
        .ci_low = interval.low,
        .ci_high = interval.high,
    };
}

/* The ranks are found by adding up the binomial distribution from its end, each term from
 * the one before, in logarithms: 2^-n is no double beyond a thousand. */
struct interval statistics_median_interval(const double *sorted, size_t count)
{
    struct interval interval = { NAN, NAN, 0 };
    double log_term = -(double)count * M_LN2, below = 0; /* P(B = r), P(B < r) */
    for (size_t r = 0; 2 * r < count; r++) {
        if (r > 0) /* [x_r, x_(n+1-r)], counted from 1 */
            interval = (struct interval){ sorted[r - 1], sorted[count - r], 1 - 2 * below };
        below += exp(log_term);
        log_term += log((double)(count - r)) - log((double)(r + 1));
        if (2 * below > 1 - STATISTICS_CONFIDENCE)
            break;
    }
    return interval;
}

double statistics_jain(const double *values, size_t count)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++) {
        sum += values[i];
        squares += values[i] * values[i];
    }
    return squares > 0 ? sum * sum / ((double)count * squares) : NAN;
}
