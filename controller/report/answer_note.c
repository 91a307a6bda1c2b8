/* What limits an answer. */
#include "report/answer_parts.h"

bool answer_has_makespan(const struct report_run *run)
{
    return run->results->makespan_s.n > 0;
}

const char *answer_first_reason(const struct trial_result *trial, enum verdict verdict)
{
    for (size_t i = 0; i < trial->reason_count; i++)
        if (trial->reasons[i].verdict == verdict)
            return trial->reasons[i].message;
    return NULL;
}

/* What trials of a group came to, and the first reason for what is bad. */
struct tally {
    size_t trials, failed, invalid, suspect;
    const char *why_invalid, *why_suspect;
};

static void tally_trial(struct tally *tally, const struct trial_result *trial)
{
    tally->trials++;
    if (trial->status != RESULT_OK) {
        tally->failed++;
    } else if (trial->verdict == VERDICT_INVALID) {
        tally->invalid++;
        if (!tally->why_invalid)
            tally->why_invalid = answer_first_reason(trial, VERDICT_INVALID);
    } else if (trial->verdict == VERDICT_SUSPECT) {
        tally->suspect++;
        if (!tally->why_suspect)
            tally->why_suspect = answer_first_reason(trial, VERDICT_SUSPECT);
    }
}

/* "2 of 8 trials are suspect, the first because h1 waited ...". */
static void say_share(FILE *out, size_t count, size_t of, const char *what, const char *why)
{
    if (count == 0)
        return;
    fprintf(out, "%s%zu of %zu trials %s %s", ftell(out) > 0 ? " " : "", count, of,
            count == 1 ? "is" : "are", what);
    if (why)
        fprintf(out, count == 1 ? ": %s" : ", the first because %s", why);
    fputc('.', out);
}

static void say_missing(FILE *out, const struct run_group *group)
{
    const struct report_run *first = NULL;
    size_t missing = 0;
    for (size_t i = 0; i < group->count; i++) {
        if (answer_has_makespan(group->runs[i]))
            continue;
        first = first ? first : group->runs[i];
        missing++;
    }
    if (!first)
        return;
    fprintf(out, "%zu of %zu runs came to nothing and %s left out: %s", missing, group->count,
            missing == 1 ? "is" : "are", first->results->experiment);
    if (first->results->error.message)
        fprintf(out, " (%s)", first->results->error.message);
    fputc('.', out);
}

void answer_put_note(FILE *out, const struct run_group *group, size_t with_makespan)
{
    struct tally tally = { 0 };
    for (size_t i = 0; i < group->count; i++)
        for (size_t k = 0;
             answer_has_makespan(group->runs[i]) && k < group->runs[i]->results->trial_count; k++)
            tally_trial(&tally, &group->runs[i]->results->trials[k]);
    if (with_makespan)
        say_missing(out, group);
    fflush(out);
    say_share(out, tally.failed, tally.trials, "failed, and left out", NULL);
    say_share(out, tally.invalid, tally.trials, "invalid, and left out", tally.why_invalid);
    say_share(out, tally.suspect, tally.trials, "suspect", tally.why_suspect);
}
