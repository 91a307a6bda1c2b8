/* The detail of a run's typical trial, thinned out to what a page can hold. */
#ifndef LABCTL_PAGE_DETAIL_H
#define LABCTL_PAGE_DETAIL_H

#include "report/page/json_out.h"
#include "report/run_set.h"

/* What each client of each run may have. */
struct detail_budget {
    size_t points;   /* of a curve */
    size_t arrivals; /* of blocks */
};

/* Share out what one page holds among all clients of all runs. */
struct detail_budget detail_budget_share(const struct run_set *set);

/* One object. */
void page_detail_write(struct json_out *json, const struct report_run *run,
                       const struct detail_budget *budget);

#endif
