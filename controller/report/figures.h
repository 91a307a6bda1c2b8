/* The figures of one run that tables of a report show, over its trials that count. */
#ifndef LABCTL_REPORT_FIGURES_H
#define LABCTL_REPORT_FIGURES_H

#include "report/run_set.h"

/* What does not exist is NAN. */
struct run_figures {
    struct summary makespan_s;
    double spread_s;   /* median over the trials of last finish minus first */
    double jain;       /* median over the trials of the fairness of hosts' goodputs */
    double efficiency; /* median; NAN where nothing binds */
    double bound_s;    /* framed; 0 where nothing binds */
};

struct run_figures run_figures(const struct report_run *run);

#endif
