#include "results/until.h"

static bool narrow_enough(const struct summary *makespan, double share)
{
    /* NAN, of too few trials, is never narrow. */
    return makespan->ci_high - makespan->ci_low < share * makespan->median;
}

unsigned until_planned_trials(const struct results *results, const struct experiment *experiment)
{
    const struct until_spec *until = &experiment->until;
    unsigned done = (unsigned)results->trial_count, first = experiment_first_trials(experiment);
    if (until->ci == 0 || done < first)
        return first;
    if (done >= until->max_trials || narrow_enough(&results->makespan_s, until->ci))
        return done;
    return done + 1;
}
