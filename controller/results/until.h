/* "until": how many trials there should be, given those that there are. */
#ifndef LABCTL_UNTIL_H
#define LABCTL_UNTIL_H

#include "experiment/experiment.h"
#include "results/results.h"

/* How many counted trials the run should have. Without "until", as many as the experiment says.
 * With it, as many as there are once the 95 % confidence interval of the median makespan
 * (summary.ci_low to ci_high) is narrower than until.ci times the median, or once there are
 * until.max_trials; before that one more, and never fewer than experiment_first_trials(). */
unsigned until_planned_trials(const struct results *results, const struct experiment *experiment);

#endif
