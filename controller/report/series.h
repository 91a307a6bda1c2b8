/* A curve kept in bounded memory however many points it is given. */
#ifndef LABCTL_SERIES_H
#define LABCTL_SERIES_H

#include <stddef.h>
#include <stdint.h>

/* Points kept: more than a plot has columns to show. */
#define SERIES_MAX 512

struct series_point {
    double x, y;
};

/* Every `stride`-th point given is kept; the stride doubles when there is no more room.
 * Zeroed is empty. */
struct series {
    struct series_point *points; /* owned */
    size_t count, stride, given;
    struct series_point last; /* the last one given, kept or not */
};

void series_add(struct series *series, double x, double y);

/* Make sure that the last point given is among those kept. */
void series_finish(struct series *series);

void series_clear(struct series *series);

#endif
