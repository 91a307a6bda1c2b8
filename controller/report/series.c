#include "report/series.h"

#include <stdlib.h>

static void keep(struct series *series, struct series_point point)
{
    if (!series->points) {
        /* One more, for the last point. */
        series->points = malloc((SERIES_MAX + 1) * sizeof(*series->points));
        if (!series->points)
            abort();
    }
    series->points[series->count++] = point;
}

static void thin(struct series *series)
{
    size_t kept = 0;
    for (size_t i = 0; i < series->count; i += 2)
        series->points[kept++] = series->points[i];
    series->count = kept;
    series->stride *= 2;
}

void series_add(struct series *series, double x, double y)
{
    if (series->stride == 0)
        series->stride = 1;
    series->last = (struct series_point){ x, y };
    if (series->given++ % series->stride != 0)
        return;
    if (series->count == SERIES_MAX)
        thin(series);
    if ((series->given - 1) % series->stride == 0)
        keep(series, series->last);
}

void series_finish(struct series *series)
{
    if (series->count == 0)
        return;
    struct series_point kept = series->points[series->count - 1];
    if (kept.x != series->last.x || kept.y != series->last.y)
        keep(series, series->last);
}

void series_clear(struct series *series)
{
    free(series->points);
    *series = (struct series){ 0 };
}
