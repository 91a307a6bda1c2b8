#include "report/lines.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/sweep.h"
#include "labctl/cleanup.h"
#include "report/answer.h"
#include "report/plots.h"

#define MODEL_POINTER "/workload/model"

struct bound curve_bound(const struct report_run *run, size_t clients)
{
    struct experiment like = *run->experiment;
    cleanup_free struct client_spec *specs = calloc(clients + 1, sizeof(*specs));
    uint64_t bytes = run->results->trial_count ? run->results->trials[0].file_bytes : 0;
    if (!specs || like.client_count == 0)
        return (struct bound){ NAN, NAN, BINDING_NONE };
    for (size_t i = 0; i < clients; i++)
        specs[i] = run->experiment->clients[i % run->experiment->client_count];
    like.clients = specs;
    like.client_count = clients;
    return bound_makespan(&like, bytes);
}

size_t curve_fill(const struct report_run *run, size_t clients,
                  struct curve_point points[CURVE_POINTS_MAX])
{
    size_t count = clients < CURVE_POINTS_MAX ? clients : CURVE_POINTS_MAX;
    for (size_t i = 0; i < count; i++) {
        points[i].clients = count < 2 ? clients : 1 + i * (clients - 1) / (count - 1);
        points[i].bound = curve_bound(run, points[i].clients);
    }
    return count;
}

static const char *value_at(const struct report_run *run, const char *pointer)
{
    for (size_t i = 0; run->cell && i < run->cell->value_count; i++)
        if (strcmp(run->cell->values[i].pointer, pointer) == 0)
            return run->cell->values[i].text;
    return NULL;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* Does every value that `a` has but the number of clients stand in `b` too? */
static bool covers(const struct report_run *a, const struct report_run *b)
{
    for (size_t i = 0; a->cell && i < a->cell->value_count; i++) {
        const struct cell_value *value = &a->cell->values[i];
        if (strcmp(value->pointer, SWEEP_HOSTS) != 0 &&
            !same_text(value->text, value_at(b, value->pointer)))
            return false;
    }
    return true;
}

bool line_same(const struct run_group *group, const struct report_run *a,
               const struct report_run *b)
{
    if (group->kind != GROUP_SWEEP || !a->cell || !b->cell)
        return a == b;
    return a->results->model == b->results->model && covers(a, b) && covers(b, a);
}

/* Whether the lines of the group differ in the value at `pointer`. */
static bool varies(const struct run_group *group, const char *pointer)
{
    const char *first = value_at(group->runs[0], pointer);
    for (size_t i = 1; i < group->count; i++)
        if (!same_text(first, value_at(group->runs[i], pointer)))
            return true;
    return false;
}

char *line_label(const struct run_group *group, const struct report_run *run)
{
    if (group->kind != GROUP_SWEEP || !run->cell)
        return answer_run_label(group, run);
    char *label = fs_path("%s", plot_model_text(run->results->model));
    for (size_t i = 0; i < run->cell->value_count; i++) {
        const struct cell_value *value = &run->cell->values[i];
        if (strcmp(value->pointer, SWEEP_HOSTS) == 0 ||
            strcmp(value->pointer, MODEL_POINTER) == 0 || !varies(group, value->pointer))
            continue;
        const char *slash = strrchr(value->pointer, '/');
        char *longer = fs_path("%s, %s %s", label, slash ? slash + 1 : value->pointer, value->text);
        free(label);
        label = longer;
    }
    return label;
}

size_t line_clients(const struct run_group *group)
{
    size_t most = 1;
    for (size_t i = 0; i < group->count; i++)
        if (group->runs[i]->experiment->client_count > most)
            most = group->runs[i]->experiment->client_count;
    return group->kind == GROUP_SWEEP ? most : 2 * most;
}
