/* Whether two runs differ in their makespan: by how much, and how sure that is. Pure. */
#ifndef LABCTL_RUN_COMPARISON_H
#define LABCTL_RUN_COMPARISON_H

#include "results/comparison.h"
#include "results/results.h"

enum comparison_finding {
    COMPARISON_TOO_FEW, /* trials to tell: no result could have been told from chance */
    COMPARISON_NONE,    /* no difference that could be told from chance */
    COMPARISON_FASTER,  /* the second is faster than the first */
    COMPARISON_SLOWER,
};

/* "too-few-trials", "no-difference", "faster", "slower". */
const char *comparison_finding_name(enum comparison_finding finding);

/* Chance that is taken for none, of calling two runs different that are not. */
#define COMPARISON_LEVEL 0.05

/* The runs are called a and b, in that order. */
struct run_comparison {
    double *a, *b; /* makespans of the trials that count, ascending; owned */
    struct summary a_makespan, b_makespan;
    double ratio;               /* median of a over median of b: above 1, b is faster */
    double difference_s;        /* median of b minus median of a */
    struct interval difference; /* of that */
    struct rank_test test;
    double least_p; /* that trials as many as these can give */
    enum comparison_finding finding;
    char *sentence; /* for a person; owned */
};

/* Compare two runs by the trials of each that count. Returns 0, or -1 with err set:
 * LAB_ERR_NODE when a run has no trial that counts. run_comparison_clear() in either case. */
int run_comparison_make(struct run_comparison *comparison, const struct results *a,
                        const struct results *b, struct lab_error *err);
void run_comparison_clear(struct run_comparison *comparison);

#endif
