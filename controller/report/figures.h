/* The figures of one run that tables of a report show, over its trials that are ok. */
#ifndef LABCTL_REPORT_FIGURES_H
#define LABCTL_REPORT_FIGURES_H

#include "report/run_set.h"

struct run_figures {
    struct summary makespan_s;
    double ci_low_s, ci_high_s; /* 95 % confidence interval of the median; NAN: too few trials */
    double spread_s;            /* median over the trials of last finish minus first */
    double jain;                /* median over the trials of the fairness of hosts' goodputs */
    double efficiency;          /* median; NAN where nothing binds */
    double bound_s;             /* framed; 0 where nothing binds */
};

/* Figures that do not exist are NAN. Returns 0, or -1 when out of memory. */
int run_figures(const struct report_run *run, struct run_figures *figures);

/* Fairness of the goodputs of one trial's hosts, by Jain's index. NAN without goodputs. */
double trial_jain(const struct trial_result *trial);

#endif
