/* One trial of a run, for the page. */
#ifndef LABCTL_PAGE_TRIAL_H
#define LABCTL_PAGE_TRIAL_H

#include "report/page/json_out.h"
#include "results/results.h"

/* Decimals that the page's data has of times in seconds, and of ratios. */
#define PAGE_SECONDS 9
#define PAGE_RATIO   6

/* One object: its figures, its verdict, and what failed. */
void page_trial_write(struct json_out *json, const struct trial_result *trial);

/* The keys "code" and "message"; nothing where there is no error. */
void page_error_write(struct json_out *json, const struct result_error *error);

enum page_faults { FAULTS_ALL, FAULTS_UNREACHED };

/* The key "faults", or "unreached": an object with the first ones in `shown`, their fields as in
 * results.json, and in `left` how many others there are. Nothing where there are none. */
void page_faults_write(struct json_out *json, const struct trial_result *trial,
                       enum page_faults which);

#endif
