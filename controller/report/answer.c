#include "report/answer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "experiment/sweep.h"
#include "labctl/cleanup.h"
#include "report/answer_parts.h"
#include "report/plots.h"

/* Ratios below this are called the same time, and below the next told in percent. */
#define RATIO_SAME  1.05
#define RATIO_TIMES 1.5

/* --- words for figures ---------------------------------------------------- */

static double median_of(const struct report_run *run)
{
    return run->results->makespan_s.median;
}

static size_t clients_of(const struct report_run *run)
{
    return run->experiment->client_count;
}

static void put_time(FILE *out, double seconds)
{
    char text[UNITS_TEXT_MAX];
    fputs(units_format_time(seconds, text, sizeof(text)), out);
}

static void put_clients(FILE *out, size_t count)
{
    fprintf(out, "%zu client%s", count, count == 1 ? "" : "s");
}

/* "5.8", "22". */
static void put_ratio(FILE *out, double ratio)
{
    fprintf(out, ratio < 9.95 ? "%.1f" : "%.0f", ratio);
}

static const char *binding_words(enum binding_kind binding)
{
    static const char *const words[] = {
        [BINDING_NONE] = "nothing",
        [BINDING_SERVER_UPLINK] = "the server\xe2\x80\x99s uplink",
        [BINDING_DOWNLINK] = "the slowest downlink",
        [BINDING_AGGREGATE] = "all uplinks together",
    };
    return words[binding];
}

/* "97% of the bound, which the server's uplink sets". */
static void put_bound(FILE *out, const struct report_run *run)
{
    fprintf(out, "%.0f%% of the bound, which %s set%s", 100 * run->results->efficiency.median,
            binding_words(run->results->trials[0].bound.binding),
            run->results->trials[0].bound.binding == BINDING_AGGREGATE ? "" : "s");
}

static bool has_bound(const struct report_run *run)
{
    return run->results->trial_count > 0 && run->results->trials[0].bound.framed_s > 0 &&
           run->results->efficiency.n > 0;
}

/* Why a run is not set beside a bound: there is none, or faults made it that of another network. */
static void put_no_bound(FILE *out, const struct report_run *run)
{
    bool bound = run->results->trial_count > 0 && run->results->trials[0].bound.framed_s > 0;
    fputs(bound ? "; its faults changed the network, so the bound is no measure of it"
                : "; no link is limited, so there is no bound",
          out);
}

static void put_file(FILE *out, const struct report_run *run)
{
    char text[UNITS_TEXT_MAX];
    uint64_t bytes =
        run->results->trial_count ? run->results->trials[0].file_bytes : run->experiment->file.size;
    fputs(units_format_amount(bytes, text, sizeof(text)), out);
}

/* --- one run -------------------------------------------------------------- */

static void say_run(FILE *out, const struct report_run *run)
{
    const struct results *results = run->results;
    fprintf(out, "%s brought ", plot_model_text(results->model));
    put_file(out, run);
    fputs(" to ", out);
    put_clients(out, clients_of(run));
    fputs(" in ", out);
    put_time(out, median_of(run));
    if (results->makespan_s.n > 1)
        fprintf(out, " (median of %zu trials)", results->makespan_s.n);
    if (has_bound(run)) {
        fputs(": ", out);
        put_bound(out, run);
    } else {
        put_no_bound(out, run);
    }
}

/* --- runs that differ in how the file is moved ------------------------------ */

static int compare_medians(const void *a, const void *b)
{
    const struct report_run *x = *(const struct report_run *const *)a,
                            *y = *(const struct report_run *const *)b;
    return (median_of(x) > median_of(y)) - (median_of(x) < median_of(y));
}

static bool trials_overlap(const struct report_run *fast, const struct report_run *slow)
{
    return fast->results->makespan_s.max >= slow->results->makespan_s.min &&
           fast->results->makespan_s.n > 1 && slow->results->makespan_s.n > 1;
}

static void say_difference(FILE *out, const struct report_run *fast, const struct report_run *slow,
                           const char *slow_name)
{
    double ratio = median_of(slow) / median_of(fast);
    if (ratio >= RATIO_TIMES) {
        put_ratio(out, ratio);
        fprintf(out, " times faster than %s", slow_name);
    } else {
        fprintf(out, "%.0f%% faster than %s", 100 * (ratio - 1), slow_name);
    }
    if (trials_overlap(fast, slow))
        fputs(" (though their trials overlap)", out);
}

static void say_same(FILE *out, const struct report_run *fast, const struct report_run *slow,
                     const char *fast_name, const char *slow_name)
{
    fprintf(out, "%s and %s took the same time within %.0f%%: ", fast_name, slow_name,
            ceil(100 * (median_of(slow) / median_of(fast) - 1) - 1e-6));
    put_time(out, median_of(fast));
    fputs(" and ", out);
    put_time(out, median_of(slow));
    fputs(" for ", out);
    put_clients(out, clients_of(fast));
}

static void say_comparison(FILE *out, const struct run_group *group,
                           const struct report_run *const *sorted, size_t count)
{
    const struct report_run *fast = sorted[0], *next = sorted[1], *slow = sorted[count - 1];
    cleanup_free char *fast_name = answer_run_label(group, fast);
    cleanup_free char *next_name = answer_run_label(group, next);
    cleanup_free char *slow_name = answer_run_label(group, slow);
    if (median_of(slow) / median_of(fast) < RATIO_SAME) {
        say_same(out, fast, slow, fast_name, slow_name);
    } else {
        fprintf(out, "%s was ", fast_name);
        if (count > 2 && median_of(next) / median_of(fast) < RATIO_SAME) {
            fprintf(out, "as fast as %s, and ", next_name);
        } else if (count > 2) {
            say_difference(out, fast, next, next_name);
            fputs(" and ", out);
        }
        say_difference(out, fast, slow, slow_name);
        fputs(" for ", out);
        put_clients(out, clients_of(fast));
    }
    if (!has_bound(fast)) {
        put_no_bound(out, fast);
        return;
    }
    fputs("; it reached ", out);
    put_bound(out, fast);
}

/* --- a sweep -------------------------------------------------------------- */

/* Two cells that differ only in the model. */
struct pair {
    const struct report_run *cs, *p2p;
};

static double advantage(const struct pair *pair)
{
    return median_of(pair->cs) / median_of(pair->p2p);
}

/* The cell that does by client/server what `run` does between peers. */
static const struct report_run *find_partner(const struct report_run *const *runs, size_t count,
                                             const struct report_run *run)
{
    for (size_t i = 0; i < count; i++)
        if (runs[i]->results->model == MODEL_CS && runs[i]->results->start == run->results->start &&
            group_same_setting(runs[i], run))
            return runs[i];
    return NULL;
}

/* The pairs in which peers help least and most; false when there is none. */
static bool find_extremes(const struct report_run *const *runs, size_t count, struct pair *least,
                          struct pair *most)
{
    bool found = false;
    for (size_t i = 0; i < count; i++) {
        struct pair pair = { .p2p = runs[i] };
        if (runs[i]->results->model == MODEL_P2P)
            pair.cs = find_partner(runs, count, runs[i]);
        if (!pair.cs)
            continue;
        if (!found || advantage(&pair) < advantage(least))
            *least = pair;
        if (!found || advantage(&pair) > advantage(most))
            *most = pair;
        found = true;
    }
    return found;
}

/* Where a cell stands: its values but for the model. */
static void say_place(FILE *out, const struct report_run *run)
{
    size_t told = 0;
    for (size_t i = 0; run->cell && i < run->cell->value_count; i++) {
        const struct cell_value *value = &run->cell->values[i];
        if (strcmp(value->pointer, "/workload/model") == 0)
            continue;
        fputs(told++ ? ", " : "", out);
        if (strcmp(value->pointer, SWEEP_HOSTS) == 0)
            put_clients(out, clients_of(run));
        else
            fprintf(out, "%s %s", answer_pointer_name(value->pointer), value->text);
    }
    if (told == 0)
        put_clients(out, clients_of(run));
}

/* "7.2 times as fast", "as fast", "1.1 times slower", with what `as` or `than` says behind it. */
static void put_advantage(FILE *out, double ratio, const char *as, const char *than)
{
    bool slower = ratio < 1 / RATIO_SAME, same = !slower && ratio < RATIO_SAME;
    if (!same) {
        put_ratio(out, slower ? 1 / ratio : ratio);
        fputs(" times ", out);
    }
    fprintf(out, "%s%s", slower ? "slower" : "as fast", slower ? than : as);
}

static void say_pairs(FILE *out, const struct pair *least, const struct pair *most)
{
    fputs("peer to peer was ", out);
    put_advantage(out, advantage(most), " as client/server", " than client/server");
    if (advantage(most) / advantage(least) < RATIO_SAME) {
        fputs(" in every cell", out);
    } else {
        fputs(" with ", out);
        say_place(out, most->p2p);
        fputs(" and ", out);
        put_advantage(out, advantage(least), "", "");
        fputs(" with ", out);
        say_place(out, least->p2p);
    }
    if (has_bound(most->p2p)) {
        fputs("; with ", out);
        say_place(out, most->p2p);
        fputs(" it reached ", out);
        put_bound(out, most->p2p);
    }
}

static void say_range(FILE *out, const struct report_run *const *sorted, size_t count)
{
    const struct report_run *fast = sorted[0], *slow = sorted[count - 1];
    fputs("the makespan ran from ", out);
    put_time(out, median_of(fast));
    fputs(" with ", out);
    say_place(out, fast);
    fputs(" to ", out);
    put_time(out, median_of(slow));
    fputs(" with ", out);
    say_place(out, slow);
    if (has_bound(slow)) {
        fputs(", where it reached ", out);
        put_bound(out, slow);
    }
}

/* --- the whole ------------------------------------------------------------- */

static void say_nothing(FILE *out, const struct results *results)
{
    const char *why = results->error.message;
    bool all_invalid = !why && results->trial_count > 0;
    if (all_invalid)
        why = answer_first_reason(&results->trials[0], VERDICT_INVALID);
    fprintf(out, "no trial of %s %s", results->experiment,
            all_invalid ? "is valid" : "came through");
    if (why)
        fprintf(out, ": %s", why);
}

static void say(FILE *out, const struct run_group *group, const struct report_run *const *sorted,
                size_t count)
{
    struct pair least, most;
    if (count == 0)
        say_nothing(out, group->runs[0]->results);
    else if (count == 1)
        say_run(out, sorted[0]);
    else if (group->kind == GROUP_COMPARISON)
        say_comparison(out, group, sorted, count);
    else if (find_extremes(sorted, count, &least, &most))
        say_pairs(out, &least, &most);
    else
        say_range(out, sorted, count);
}

static void say_title(FILE *out, const struct run_group *group)
{
    const struct report_run *run = group->runs[0];
    if (group->kind == GROUP_SWEEP) {
        fputs(group->sweep->title ? group->sweep->title : group->sweep->name, out);
        return;
    }
    if (group->kind == GROUP_RUN) {
        fputs(run->results->title, out);
        return;
    }
    for (size_t i = 0; i < group->count && i < 4; i++) {
        cleanup_free char *label = answer_run_label(group, group->runs[i]);
        bool last = i + 1 == group->count;
        fprintf(out, "%s%s", i == 0 ? "" : last ? " and " : ", ", label);
    }
    if (group->count > 4)
        fprintf(out, " and %zu more", group->count - 4);
    fputs(": ", out);
    put_file(out, run);
    fprintf(out, " from %s to ", experiment_server_name(run->experiment));
    put_clients(out, clients_of(run));
}

/* A sentence begins with a capital letter, unless with a name, which stands as it is. */
static void begin_sentence(char *text, bool with_name)
{
    if (text && text[0] >= 'a' && text[0] <= 'z' && !with_name)
        text[0] = (char)(text[0] - 'a' + 'A');
}

/* ... and ends with a stop. */
static char *end_sentence(char *text)
{
    size_t length = text ? strlen(text) : 0;
    if (length == 0 || text[length - 1] == '.')
        return text;
    char *whole = fs_path("%s.", text);
    free(text);
    return whole;
}

static size_t sort_runs(const struct run_group *group, const struct report_run **sorted)
{
    size_t count = 0;
    for (size_t i = 0; i < group->count; i++)
        if (answer_has_makespan(group->runs[i]))
            sorted[count++] = group->runs[i];
    qsort(sorted, count, sizeof(const struct report_run *), compare_medians);
    return count;
}

int answer_compose(struct answer *answer, const struct run_group *group, struct lab_error *err)
{
    *answer = (struct answer){ 0 };
    size_t length;
    cleanup_free const struct report_run **sorted =
        calloc(group->count + 1, sizeof(const struct report_run *));
    FILE *title = open_memstream(&answer->title, &length);
    FILE *sentence = open_memstream(&answer->answer, &length);
    FILE *note = open_memstream(&answer->note, &length);
    bool whole = sorted && title && sentence && note;
    if (whole) {
        size_t count = sort_runs(group, sorted);
        say_title(title, group);
        say(sentence, group, sorted, count);
        answer_put_note(note, group, count);
    }
    FILE *const streams[] = { title, sentence, note };
    for (size_t i = 0; i < ARRAY_LENGTH(streams); i++)
        if (streams[i])
            fclose(streams[i]);
    begin_sentence(answer->title, group->kind != GROUP_COMPARISON ||
                                      answer_is_called_by_name(group, group->runs[0]));
    begin_sentence(answer->answer,
                   sorted && sorted[0] && answer_is_called_by_name(group, sorted[0]));
    answer->answer = end_sentence(answer->answer);
    return whole ? 0 : lab_error_memory(err);
}

void answer_clear(struct answer *answer)
{
    free(answer->title);
    free(answer->answer);
    free(answer->note);
    *answer = (struct answer){ 0 };
}
