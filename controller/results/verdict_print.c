/* The part of the end-of-run table that says what the figures are worth. */
#include <string.h>

#include "base/fs.h"
#include "base/utf8.h"
#include "labctl/cleanup.h"
#include "results/print_parts.h"

/* Reasons told in full. */
#define REASONS_LISTED 10

#define NO_SAMPLES " (no samples in the logs to tell by)"

const char *print_outcome(const char *status, enum verdict verdict)
{
    static const char *const outcomes[] = {
        [VERDICT_UNKNOWN] = "ok, unknown",
        [VERDICT_VALID] = "ok",
        [VERDICT_SUSPECT] = "ok, suspect",
        [VERDICT_INVALID] = "ok, invalid",
    };
    return strcmp(status, "ok") == 0 ? outcomes[verdict] : status;
}

void print_verdict_counts(const size_t counts[VERDICT_INVALID + 1], FILE *out)
{
    fprintf(out, "verdicts    %zu valid, %zu suspect, %zu invalid%s", counts[VERDICT_VALID],
            counts[VERDICT_SUSPECT], counts[VERDICT_INVALID],
            counts[VERDICT_INVALID] ? " (left out of the statistics)" : "");
    if (counts[VERDICT_UNKNOWN])
        fprintf(out, ",\n            %zu unknown" NO_SAMPLES, counts[VERDICT_UNKNOWN]);
    fputc('\n', out);
}

static void print_reason(const struct verdict_reason *reason, const char *where, FILE *out)
{
    bool note = reason->verdict == VERDICT_VALID;
    cleanup_free char *line =
        fs_path("- %s%s: %s (%s)", where, note ? "note" : verdict_name(reason->verdict),
                reason->message, reason->code);
    utf8_print_wrapped(out, 2, line);
}

/* --- one trial ------------------------------------------------------------ */

/* One that is not ok tells its error instead of reasons. */
static void print_one(const struct trial_result *trial, FILE *out)
{
    fprintf(out, "verdict     %s%s\n", verdict_name(trial->verdict),
            trial->verdict == VERDICT_UNKNOWN ? NO_SAMPLES : "");
    for (size_t i = 0; trial->status == RESULT_OK && i < trial->reason_count; i++)
        print_reason(&trial->reasons[i], "", out);
}

/* --- several trials ------------------------------------------------------- */

static bool has_note(const struct trial_result *trial, const char *code)
{
    for (size_t i = 0; i < trial->reason_count; i++)
        if (trial->reasons[i].verdict == VERDICT_VALID && strcmp(trial->reasons[i].code, code) == 0)
            return true;
    return false;
}

/* A note is told of the first trial that has it, with how many others do: whatever gave rise to it
 * once is likely to do so in every trial. NULL when an earlier trial has told it. */
static char *note_place(const struct results *results, size_t trial, const char *code)
{
    size_t others = 0;
    for (size_t i = 0; i < results->trial_count; i++) {
        bool too = has_note(&results->trials[i], code);
        if (too && i < trial)
            return NULL;
        others += too && i > trial;
    }
    unsigned number = results->trials[trial].trial;
    return others ? fs_path("trial %u and %zu more, ", number, others)
                  : fs_path("trial %u, ", number);
}

/* Reasons of a trial that is ok; others tell their error instead. */
static void print_reasons(const struct results *results, size_t trial, size_t *told, FILE *out)
{
    const struct trial_result *result = &results->trials[trial];
    for (size_t i = 0; result->status == RESULT_OK && i < result->reason_count; i++) {
        const struct verdict_reason *reason = &result->reasons[i];
        cleanup_free char *where = reason->verdict == VERDICT_VALID
                                       ? note_place(results, trial, reason->code)
                                       : fs_path("trial %u, ", result->trial);
        if (where && (*told)++ < REASONS_LISTED)
            print_reason(reason, where, out);
    }
}

void print_verdicts(const struct results *results, FILE *out)
{
    size_t counts[VERDICT_INVALID + 1] = { 0 }, told = 0;
    if (results->trial_count == 1)
        print_one(&results->trials[0], out);
    if (results->trial_count <= 1)
        return;
    for (size_t i = 0; i < results->trial_count; i++)
        counts[results->trials[i].verdict]++;
    print_verdict_counts(counts, out);
    for (size_t i = 0; i < results->trial_count; i++)
        print_reasons(results, i, &told, out);
    if (told > REASONS_LISTED)
        fprintf(out, "  and %zu more (results.json lists all)\n", told - REASONS_LISTED);
}
