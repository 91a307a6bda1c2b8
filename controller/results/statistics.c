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
        return (struct summary){ 0, NAN, NAN, NAN, NAN, NAN };
    qsort(values, count, sizeof(*values), compare_doubles);
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    double mean = sum / (double)count;
    for (size_t i = 0; i < count; i++)
        squares += (values[i] - mean) * (values[i] - mean);
    return (struct summary){
        .n = count,
        .min = values[0],
        .median = middle(values, count),
        .mean = mean,
        .max = values[count - 1],
        .stdev = count > 1 ? sqrt(squares / (double)(count - 1)) : 0,
    };
}
