/* The part of the end-of-run table that says what the figures are worth. */
#include "base/fs.h"
#include "base/utf8.h"
#include "labctl/cleanup.h"
#include "results/print_parts.h"

/* Reasons told in full. */
#define REASONS_LISTED 10

const char *print_outcome(const struct trial_result *trial)
{
    if (trial->status == RESULT_OK && trial->verdict == VERDICT_SUSPECT)
        return "ok, suspect";
    if (trial->status == RESULT_OK && trial->verdict == VERDICT_INVALID)
        return "ok, invalid";
    return result_status_name(trial->status);
}

/* Reasons of trials that are ok; others tell their error instead. */
static void print_reasons(const struct trial_result *trial, bool several, size_t *told, FILE *out)
{
    for (size_t i = 0; trial->status == RESULT_OK && i < trial->reason_count; i++) {
        const struct verdict_reason *reason = &trial->reasons[i];
        bool note = reason->verdict == VERDICT_VALID;
        if (note && several)
            continue;
        if ((*told)++ >= REASONS_LISTED)
            continue;
        cleanup_free char *where =
            several ? fs_path("trial %u, ", trial->trial) : fs_path("%s", "");
        cleanup_free char *line =
            fs_path("- %s%s: %s (%s)", where, note ? "note" : verdict_name(reason->verdict),
                    reason->message, reason->code);
        utf8_print_wrapped(out, 2, line);
    }
}

static void print_one(const struct trial_result *trial, FILE *out)
{
    size_t told = 0;
    if (trial->status != RESULT_OK || trial->verdict == VERDICT_UNKNOWN)
        return;
    fprintf(out, "verdict     %s\n", verdict_name(trial->verdict));
    print_reasons(trial, false, &told, out);
}

static size_t count_of(const struct results *results, enum verdict verdict)
{
    size_t count = 0;
    for (size_t i = 0; i < results->trial_count; i++)
        count += results->trials[i].status == RESULT_OK && results->trials[i].verdict == verdict;
    return count;
}

void print_verdicts(const struct results *results, FILE *out)
{
    size_t suspect = count_of(results, VERDICT_SUSPECT), told = 0;
    size_t invalid = count_of(results, VERDICT_INVALID);
    if (results->trial_count == 1) {
        print_one(&results->trials[0], out);
        return;
    }
    if (suspect + invalid + count_of(results, VERDICT_VALID) == 0)
        return;
    fprintf(out, "verdicts    %zu valid, %zu suspect, %zu invalid%s\n",
            count_of(results, VERDICT_VALID), suspect, invalid,
            invalid ? " (left out of the statistics)" : "");
    for (size_t i = 0; i < results->trial_count; i++)
        print_reasons(&results->trials[i], true, &told, out);
    if (told > REASONS_LISTED)
        fprintf(out, "  and %zu more (results.json lists all)\n", told - REASONS_LISTED);
}
