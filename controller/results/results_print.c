/* The end-of-run table. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "base/utf8.h"
#include "labctl/cleanup.h"
#include "results/print_faults.h"
#include "results/print_parts.h"

/* With more clients than this, only failed ones and the slowest are listed. */
#define HOSTS_LISTED 40
#define SLOWEST      10

/* Failures told in full. */
#define FAILURES_LISTED 10

/* Times of one table have one unit, so that they compare at a glance. */
struct time_scale {
    double per_second;
    const char *unit;
};

static struct time_scale choose_scale(double largest_s)
{
    return largest_s < 1 ? (struct time_scale){ 1e3, "ms" } : (struct time_scale){ 1, "s" };
}

static const char *format_scaled(double seconds, const struct time_scale *scale, char *buf,
                                 size_t size)
{
    if (isnan(seconds))
        return "-";
    snprintf(buf, size, "%.3f", seconds * scale->per_second);
    return buf;
}

/* --- heading -------------------------------------------------------------- */

static void print_heading(const struct results *results, FILE *out)
{
    static const char *const models[] = {
        [MODEL_CS] = "client/server", [MODEL_P2P] = "peer to peer", [MODEL_EXEC] = "commands"
    };
    const struct trial_result *trial = results->trial_count ? results->trials : results->warmups;
    char size[UNITS_TEXT_MAX];
    cleanup_free char *title = fs_path("%s: %s", results->experiment, results->title);
    bool named = strcmp(results->title, results->experiment) != 0;
    utf8_print_wrapped(out, 0, named ? title : results->experiment);
    if (results->trial_count + results->warmup_count > 0)
        fprintf(out, "%s, server %s, %zu client%s, file %s\n", models[results->model],
                trial->server, trial->host_count, trial->host_count == 1 ? "" : "s",
                units_format_size(trial->file_bytes, size, sizeof(size)));
    fputc('\n', out);
}

/* --- one trial: a line a host --------------------------------------------- */

static double largest_time(const struct trial_result *trial)
{
    double largest = 0;
    for (size_t i = 0; i < trial->host_count; i++)
        largest = fmax(largest, fmax(trial->hosts[i].start_s, trial->hosts[i].finish_s));
    return largest;
}

static const char *describe_expected(const struct host_result *host)
{
    return host->error.code == LAB_ERR_KILLED ? "killed, as expected" : "failed, as expected";
}

static void print_host(const struct host_result *host, const struct time_scale *scale, FILE *out)
{
    char start[32], finish[32], goodput[UNITS_TEXT_MAX] = "-", size[UNITS_TEXT_MAX];
    if (host->goodput_bps)
        units_format_rate(host->goodput_bps, goodput, sizeof(goodput));
    fprintf(out, "%-9s %-13s %10s %10s %9s %13s  %s\n", host->host, host->address,
            format_scaled(host->start_s, scale, start, sizeof(start)),
            format_scaled(host->finish_s, scale, finish, sizeof(finish)),
            units_format_amount(host->bytes, size, sizeof(size)), goodput,
            host->expected              ? describe_expected(host)
            : host->verified            ? "yes"
            : host->status == RESULT_OK ? "no file" /* a command that leaves none */
                                        : "NO");
}

/* Finish time of the slowest host that is left out of a long table. */
static double listing_threshold(const struct trial_result *trial)
{
    cleanup_free double *finishes = malloc((trial->host_count + 1) * sizeof(*finishes));
    size_t count = 0;
    for (size_t i = 0; finishes && i < trial->host_count; i++)
        if (!isnan(trial->hosts[i].finish_s))
            finishes[count++] = trial->hosts[i].finish_s;
    if (count <= SLOWEST)
        return -1;
    statistics_median(finishes, count); /* sorts */
    return finishes[count - SLOWEST - 1];
}

static void print_hosts(const struct trial_result *trial, FILE *out)
{
    struct time_scale scale = choose_scale(largest_time(trial));
    bool all = trial->host_count <= HOSTS_LISTED;
    double threshold = all ? -1 : listing_threshold(trial);
    size_t hidden = 0;
    fprintf(out, "%-9s %-13s %7s %-2s %7s %-2s %9s %13s  %s\n", "host", "address", "start",
            scale.unit, "finish", scale.unit, "received", "goodput", "verified");
    for (size_t i = 0; i < trial->host_count; i++) {
        const struct host_result *host = &trial->hosts[i];
        if (all || host->status != RESULT_OK || host->finish_s > threshold)
            print_host(host, &scale, out);
        else
            hidden++;
    }
    if (hidden)
        fprintf(out, "and %zu faster hosts (results.json lists all)\n", hidden);
    fputc('\n', out);
}

static void print_bound(const struct trial_result *trial, FILE *out)
{
    char framed[UNITS_TEXT_MAX], fluid[UNITS_TEXT_MAX];
    if (trial->bound.binding != BINDING_NONE)
        fprintf(out, "bound       %s with headers, %s without; set by %s\n",
                units_format_time(trial->bound.framed_s, framed, sizeof(framed)),
                units_format_time(trial->bound.fluid_s, fluid, sizeof(fluid)),
                binding_term(trial->bound.binding));
}

static void print_measures(const struct trial_result *trial, FILE *out)
{
    char makespan[UNITS_TEXT_MAX], mean[UNITS_TEXT_MAX], spread[UNITS_TEXT_MAX];
    char skew[UNITS_TEXT_MAX];
    if (!isnan(trial->makespan_s))
        fprintf(out, "makespan    %s (mean finish %s, spread %s)\n",
                units_format_time(trial->makespan_s, makespan, sizeof(makespan)),
                units_format_time(trial->mean_s, mean, sizeof(mean)),
                units_format_time(trial->spread_s, spread, sizeof(spread)));
    if (!isnan(trial->start_skew_s))
        fprintf(out, "start skew  %s\n",
                units_format_time(trial->start_skew_s, skew, sizeof(skew)));
    print_bound(trial, out);
    if (!isnan(trial->efficiency))
        fprintf(out, "efficiency  %.1f %% of the bound's speed\n", 100 * trial->efficiency);
}

/* --- several trials: a line each ------------------------------------------ */

static void print_trial_line(const struct trial_result *trial, const struct time_scale *scale,
                             FILE *out)
{
    char makespan[32], mean[32], spread[32], efficiency[32] = "-";
    size_t ok = 0;
    for (size_t i = 0; i < trial->host_count; i++)
        ok += trial->hosts[i].status == RESULT_OK;
    if (!isnan(trial->efficiency))
        snprintf(efficiency, sizeof(efficiency), "%.1f %%", 100 * trial->efficiency);
    fprintf(out, "%5u  %-11s  %5zu/%-5zu  %11s  %9s  %9s  %10s\n", trial->trial,
            print_outcome(result_status_name(trial->status), trial->verdict), ok, trial->host_count,
            format_scaled(trial->makespan_s, scale, makespan, sizeof(makespan)),
            format_scaled(trial->mean_s, scale, mean, sizeof(mean)),
            format_scaled(trial->spread_s, scale, spread, sizeof(spread)), efficiency);
}

static void print_summary_line(const char *name, const char *unit, const struct summary *summary,
                               double factor, FILE *out)
{
    if (summary->n > 0)
        fprintf(out, "%-10s %-2s %6zu  %10.3f  %10.3f  %10.3f  %10.3f  %10.3f\n", name, unit,
                summary->n, summary->min * factor, summary->median * factor, summary->mean * factor,
                summary->max * factor, summary->stdev * factor);
}

static void print_interval(const struct summary *summary, const struct time_scale *scale, FILE *out)
{
    if (!isnan(summary->ci_low))
        fprintf(out, "the median makespan lies between %.3f and %.3f %s with 95 %% confidence\n",
                summary->ci_low * scale->per_second, summary->ci_high * scale->per_second,
                scale->unit);
}

static void print_trials(const struct results *results, FILE *out)
{
    double largest = 0;
    for (size_t i = 0; i < results->trial_count; i++)
        largest = fmax(largest, largest_time(&results->trials[i]));
    struct time_scale scale = choose_scale(largest);
    fprintf(out, "%5s  %-11s  %-11s  %8s %-2s  %6s %-2s  %6s %-2s  %10s\n", "trial", "status",
            "hosts ok", "makespan", scale.unit, "mean", scale.unit, "spread", scale.unit,
            "efficiency");
    for (size_t i = 0; i < results->trial_count; i++)
        print_trial_line(&results->trials[i], &scale, out);
    if (results->makespan_s.n > 0)
        fprintf(out, "\n%-13s %6s  %10s  %10s  %10s  %10s  %10s\n", "trials ok", "n", "min",
                "median", "mean", "max", "stdev");
    print_summary_line("makespan", scale.unit, &results->makespan_s, scale.per_second, out);
    print_summary_line("efficiency", "%", &results->efficiency, 100, out);
    print_interval(&results->makespan_s, &scale, out);
}

/* --- failures ------------------------------------------------------------- */

/* Each failed host with its reason, and a trial's own reason where no host gave it. */
static void print_trial_failures(const struct trial_result *trial, bool several, size_t *told,
                                 FILE *out)
{
    bool said = false; /* by a host, which names itself and what it received */
    for (size_t i = 0; i < trial->host_count; i++)
        said |= !trial->hosts[i].expected && trial->hosts[i].error.message &&
                trial->hosts[i].error.code == trial->error.code;
    for (size_t i = 0; i <= trial->host_count; i++) {
        const struct result_error *error = i ? &trial->hosts[i - 1].error : &trial->error;
        bool expected = i > 0 && trial->hosts[i - 1].expected;
        if (!error->message || expected || (i == 0 && said) || (*told)++ >= FAILURES_LISTED)
            continue;
        cleanup_free char *where =
            several ? fs_path("trial %u, ", trial->trial) : fs_path("%s", "");
        cleanup_free char *line =
            fs_path("- %s%s (%s)", where, error->message, lab_error_name(error->code));
        utf8_print_wrapped(out, 2, line);
    }
}

static void print_failures(const struct results *results, FILE *out)
{
    if (results->status == RESULT_OK)
        return;
    size_t told = 0;
    fprintf(out, "\n%s:\n", result_status_name(results->status));
    for (size_t i = 0; i < results->trial_count; i++)
        print_trial_failures(&results->trials[i], results->trial_count > 1, &told, out);
    if (told > FAILURES_LISTED)
        fprintf(out, "  and %zu more (results.json lists all)\n", told - FAILURES_LISTED);
    if (told == 0)
        utf8_print_wrapped(out, 2, results->error.message);
}

void results_print(const struct results *results, FILE *out)
{
    const struct trial_result *typical = results_typical_trial(results);
    print_heading(results, out);
    if (results->trial_count == 1) {
        print_hosts(&results->trials[0], out);
        print_faults(&results->trials[0], out);
        print_measures(&results->trials[0], out);
    } else if (results->trial_count > 1) {
        if (typical) {
            fprintf(out, "trial %u%s\n", typical->trial,
                    typical->status == RESULT_OK ? ", in the middle by makespan" : "");
            print_hosts(typical, out);
            print_faults(typical, out);
        }
        print_trials(results, out);
        print_bound(&results->trials[0], out);
    }
    print_verdicts(results, out);
    print_failures(results, out);
    fprintf(out, "\nrun directory: %s\n", results->run_dir);
}
