#include "report/page/page_data.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "labctl/cleanup.h"
#include "report/answer.h"
#include "report/figures.h"
#include "report/lines.h"
#include "report/page/page_detail.h"
#include "report/page/page_trial.h"
#include "report/page/texts.h"

struct page_data {
    struct json_out json;
    const struct run_set *set;
    char *folder; /* of the page, as the kernel names it */
    struct detail_budget budget;
    struct texts texts;
};

/* --- groups --------------------------------------------------------------- */

static void put_line(struct page_data *data, const struct run_group *group, size_t first,
                     bool *taken)
{
    struct json_out *json = &data->json;
    struct curve_point curve[CURVE_POINTS_MAX];
    const struct report_run *run = group->runs[first];
    cleanup_free char *label = line_label(group, run);
    json_out_open(json, '{');
    json_out_key_string(json, "label", label);
    json_out_key_string(json, "model", model_name(run->results->model));
    json_out_key_open(json, "runs", '[');
    for (size_t i = first; i < group->count; i++)
        if (!taken[i] && line_same(group, run, group->runs[i])) {
            taken[i] = true;
            json_out_integer(json, group->runs[i] - data->set->runs);
        }
    json_out_close(json, ']');
    json_out_key_open(json, "curve", '[');
    size_t points = curve_fill(run, line_clients(group), curve);
    for (size_t i = 0; i < points && curve[i].bound.framed_s > 0; i++) {
        json_out_open(json, '[');
        json_out_integer(json, (int64_t)curve[i].clients);
        json_out_number(json, curve[i].bound.framed_s, PAGE_SECONDS);
        json_out_string(json, binding_name(curve[i].bound.binding));
        json_out_close(json, ']');
    }
    json_out_close(json, ']');
    json_out_close(json, '}');
}

static int put_lines(struct page_data *data, const struct run_group *group, struct lab_error *err)
{
    cleanup_free bool *taken = calloc(group->count + 1, sizeof(*taken));
    if (!taken)
        return lab_error_memory(err);
    json_out_key_open(&data->json, "lines", '[');
    for (size_t i = 0; i < group->count; i++)
        if (!taken[i])
            put_line(data, group, i, taken);
    json_out_close(&data->json, ']');
    return 0;
}

static int put_group(struct page_data *data, const struct run_group *group, struct lab_error *err)
{
    static const char *const kinds[] = {
        [GROUP_RUN] = "run", [GROUP_COMPARISON] = "comparison", [GROUP_SWEEP] = "sweep"
    };
    struct json_out *json = &data->json;
    struct answer answer;
    int failed = answer_compose(&answer, group, err);
    if (failed == 0) {
        json_out_open(json, '{');
        json_out_key_string(json, "kind", kinds[group->kind]);
        json_out_key_string(json, "title", answer.title);
        json_out_key_string(json, "answer", answer.answer);
        json_out_key_string(json, "note", answer.note);
        json_out_key_open(json, "runs", '[');
        for (size_t i = 0; i < group->count; i++)
            json_out_integer(json, group->runs[i] - data->set->runs);
        json_out_close(json, ']');
        failed = put_lines(data, group, err);
        json_out_close(json, '}');
    }
    answer_clear(&answer);
    return failed;
}

/* Label of every run within its group. */
static char *label_of(const struct run_groups *groups, const struct report_run *run)
{
    for (size_t i = 0; i < groups->count; i++)
        for (size_t k = 0; k < groups->groups[i].count; k++)
            if (groups->groups[i].runs[k] == run)
                return answer_run_label(&groups->groups[i], run);
    return NULL;
}

static void put_labels(struct page_data *data, const struct run_groups *groups)
{
    json_out_key_open(&data->json, "labels", '[');
    for (size_t i = 0; i < data->set->count; i++) {
        cleanup_free char *label = label_of(groups, &data->set->runs[i]);
        json_out_string(&data->json, label);
    }
    json_out_close(&data->json, ']');
}

static void put_passed(struct page_data *data)
{
    struct json_out *json = &data->json;
    json_out_key_open(json, "passed_over", '[');
    for (size_t i = 0; i < data->set->passed_count; i++) {
        json_out_open(json, '{');
        json_out_key_string(json, "path", data->set->passed[i].path);
        json_out_key_string(json, "why", data->set->passed[i].why);
        json_out_close(json, '}');
    }
    json_out_close(json, ']');
}

/* --- a run ---------------------------------------------------------------- */

static void put_host(struct json_out *json, const struct host_spec *host)
{
    json_out_open(json, '{');
    json_out_key_string(json, "name", host->name);
    json_out_key_integer(json, "up_bps", (int64_t)host->link.up_bps);
    json_out_key_integer(json, "down_bps", (int64_t)host->link.down_bps);
    if (host->link.delay_ns)
        json_out_key_number(json, "delay_s", (double)host->link.delay_ns / 1e9, PAGE_SECONDS);
    if (host->link.loss > 0)
        json_out_key_number(json, "loss", host->link.loss, PAGE_RATIO);
    json_out_close(json, '}');
}

static void put_topology(struct json_out *json, const struct experiment *experiment)
{
    json_out_key_string(json, "router", experiment->router);
    json_out_key_string(json, "server", experiment_server_name(experiment));
    json_out_key_open(json, "hosts", '[');
    for (size_t i = 0; i < experiment->host_count; i++)
        put_host(json, &experiment->hosts[i]);
    json_out_close(json, ']');
    json_out_key_open(json, "clients", '[');
    for (size_t i = 0; i < experiment->client_count; i++)
        json_out_string(json, experiment->hosts[experiment->clients[i].host].name);
    json_out_close(json, ']');
}

static void put_figures(struct json_out *json, const struct report_run *run)
{
    struct run_figures figures = run_figures(run);
    const struct summary *makespan = &figures.makespan_s;
    json_out_key_integer(json, "ok", (int64_t)makespan->n);
    json_out_key_number(json, "median_s", makespan->median, PAGE_SECONDS);
    json_out_key_number(json, "mean_s", makespan->mean, PAGE_SECONDS);
    json_out_key_number(json, "min_s", makespan->min, PAGE_SECONDS);
    json_out_key_number(json, "max_s", makespan->max, PAGE_SECONDS);
    json_out_key_number(json, "stdev_s", makespan->stdev, PAGE_SECONDS);
    json_out_key_number(json, "ci_low_s", makespan->ci_low, PAGE_SECONDS);
    json_out_key_number(json, "ci_high_s", makespan->ci_high, PAGE_SECONDS);
    json_out_key_number(json, "spread_s", figures.spread_s, PAGE_SECONDS);
    json_out_key_number(json, "jain", figures.jain, PAGE_RATIO);
    json_out_key_number(json, "efficiency", figures.efficiency, PAGE_RATIO);
}

/* The way from folder to folder, both absolute and plain: "../../cs6/20250301T101500Z". */
static char *relative_path(const char *from, const char *to)
{
    size_t same = 0;
    for (size_t i = 0; from[i] == to[i]; i++) {
        if (from[i] == '/')
            same = i;
        if (from[i] == '\0')
            return fs_path(".");
    }
    /* One may end where the other goes on with a slash. */
    size_t length = strlen(from) < strlen(to) ? strlen(from) : strlen(to);
    if (strncmp(from, to, length) == 0 && (from[length] == '/' || to[length] == '/'))
        same = length;
    char *path = fs_path(".");
    for (const char *rest = from + same; *rest; rest++)
        if (*rest == '/') {
            char *longer = fs_path("%s/..", path);
            free(path);
            path = longer;
        }
    char *whole = fs_path("%s%s", path, to + same);
    free(path);
    return whole;
}

static void put_link(struct page_data *data, const char *path)
{
    char *real = realpath(path, NULL);
    cleanup_free char *link = real ? relative_path(data->folder, real) : NULL;
    json_out_key_string(&data->json, "href", link);
    free(real);
}

static void put_text(struct page_data *data, const struct report_run *run, const char *key,
                     const char *name)
{
    int number = texts_add_file(&data->texts, run->path, name);
    if (number >= 0)
        json_out_key_integer(&data->json, key, number);
}

static void put_cell(struct json_out *json, const struct report_run *run)
{
    json_out_key_string(json, "sweep", run->sweep->name);
    if (!run->cell)
        return;
    json_out_key_integer(json, "cell", run->cell->number);
    json_out_key_open(json, "values", '{');
    for (size_t i = 0; i < run->cell->value_count; i++)
        json_out_key_string(json, run->cell->values[i].pointer, run->cell->values[i].text);
    json_out_close(json, '}');
}

static void put_identity(struct page_data *data, const struct report_run *run)
{
    struct json_out *json = &data->json;
    const struct results *results = run->results;
    json_out_key_string(json, "name", results->experiment);
    json_out_key_string(json, "title", results->title);
    json_out_key_string(json, "model", model_name(results->model));
    json_out_key_string(json, "start", start_name(results->start));
    json_out_key_string(json, "stamp", run_stamp(run));
    json_out_key_string(json, "path", run->path);
    put_link(data, run->path);
    json_out_key_string(json, "status", result_status_name(results->status));
    page_error_write(json, &results->error);
    json_out_key(json, "latest");
    json_out_bool(json, run->latest);
    if (run->sweep)
        put_cell(json, run);
    put_text(data, run, "experiment", "experiment.json");
    put_text(data, run, "manifest", "manifest.json");
}

static void put_bound(struct json_out *json, const struct results *results)
{
    if (results->trial_count == 0)
        return;
    const struct trial_result *trial = &results->trials[0];
    json_out_key_integer(json, "file_bytes", (int64_t)trial->file_bytes);
    json_out_key_open(json, "bound", '{');
    json_out_key_number(json, "fluid_s", trial->bound.fluid_s, PAGE_SECONDS);
    json_out_key_number(json, "framed_s", trial->bound.framed_s, PAGE_SECONDS);
    json_out_key_string(json, "binding", binding_name(trial->bound.binding));
    json_out_close(json, '}');
}

void page_data_add(struct page_data *data, const struct report_run *run)
{
    struct json_out *json = &data->json;
    json_out_open(json, '{');
    put_identity(data, run);
    put_topology(json, run->experiment);
    put_bound(json, run->results);
    json_out_key_integer(json, "planned", run->results->planned_trials);
    json_out_key_open(json, "figures", '{');
    put_figures(json, run);
    json_out_close(json, '}');
    json_out_key_open(json, "trials", '[');
    for (size_t i = 0; i < run->results->trial_count; i++)
        page_trial_write(json, &run->results->trials[i]);
    json_out_close(json, ']');
    if (run->shown) {
        json_out_key(json, "detail");
        page_detail_write(json, run, &data->budget);
    }
    json_out_close(json, '}');
    putc('\n', json->out);
}

/* --- the whole ------------------------------------------------------------- */

struct page_data *page_data_begin(FILE *out, const struct run_set *set,
                                  const struct run_groups *groups, const char *folder,
                                  struct lab_error *err)
{
    struct page_data *data = calloc(1, sizeof(*data));
    char *real = realpath(folder, NULL);
    if (!data || !real) {
        lab_error_set(err, LAB_ERR_IO, "cannot find %s", folder);
        free(real);
        free(data);
        return NULL;
    }
    *data = (struct page_data){
        .json = { .out = out }, .set = set, .folder = real, .budget = detail_budget_share(set)
    };
    struct json_out *json = &data->json;
    int failed = 0;
    json_out_open(json, '{');
    json_out_key_string(json, "schema", REPORT_SCHEMA);
    json_out_key_string(json, "version", LABCTL_VERSION);
    json_out_key_open(json, "groups", '[');
    for (size_t i = 0; i < groups->count && failed == 0; i++)
        failed = put_group(data, &groups->groups[i], err);
    json_out_close(json, ']');
    put_labels(data, groups);
    put_passed(data);
    json_out_key_open(json, "runs", '[');
    if (failed == 0)
        return data;
    page_data_free(data);
    return NULL;
}

void page_data_end(struct page_data *data)
{
    struct json_out *json = &data->json;
    json_out_close(json, ']');
    json_out_key(json, "texts");
    texts_write(&data->texts, json);
    json_out_close(json, '}');
    putc('\n', json->out);
}

void page_data_free(struct page_data *data)
{
    if (!data)
        return;
    texts_clear(&data->texts);
    free(data->folder);
    free(data);
}
