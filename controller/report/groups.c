#include "report/groups.h"

#include <stdlib.h>
#include <string.h>

#include "labctl/cleanup.h"

bool group_same_setting(const struct report_run *a, const struct report_run *b)
{
    const struct experiment *x = a->experiment, *y = b->experiment;
    if (x->host_count != y->host_count || x->client_count != y->client_count ||
        strcmp(experiment_server_name(x), experiment_server_name(y)) != 0 ||
        a->results->trials[0].file_bytes != b->results->trials[0].file_bytes)
        return false;
    for (size_t i = 0; i < x->host_count; i++) {
        const struct link_spec *p = &x->hosts[i].link, *q = &y->hosts[i].link;
        if (strcmp(x->hosts[i].name, y->hosts[i].name) != 0 || p->up_bps != q->up_bps ||
            p->down_bps != q->down_bps || p->queue_bytes != q->queue_bytes ||
            p->delay_ns != q->delay_ns || p->loss != q->loss)
            return false;
    }
    for (size_t i = 0; i < x->client_count; i++)
        if (x->clients[i].host != y->clients[i].host)
            return false;
    return true;
}

/* --- which group a run goes to --------------------------------------------- */

/* Of one experiment in one sweep (or in none) the last in the set's order is the latest. */
static bool is_current(const struct run_set *set, size_t index)
{
    const struct report_run *run = &set->runs[index];
    if (!run->sweep)
        return run->latest;
    for (size_t i = index + 1; i < set->count; i++) {
        const struct report_run *later = &set->runs[i];
        if (strcmp(later->results->experiment, run->results->experiment) != 0)
            break;
        if (later->sweep && sweep_run_same(later->sweep, run->sweep))
            return false;
    }
    return true;
}

static bool belongs(const struct report_run *run, const struct report_run *other)
{
    if (run->sweep || other->sweep)
        return run->sweep && other->sweep && sweep_run_same(run->sweep, other->sweep);
    return run->results->trial_count > 0 && other->results->trial_count > 0 &&
           group_same_setting(run, other);
}

static int add_run(struct run_group *group, const struct report_run *run, struct lab_error *err)
{
    const struct report_run **more =
        realloc(group->runs, (group->count + 1) * sizeof(const struct report_run *));
    if (!more)
        return lab_error_memory(err);
    group->runs = more;
    group->runs[group->count++] = run;
    if (run->sweep && (!group->sweep || strverscmp(run_stamp(run), run_stamp(group->runs[0])) > 0))
        group->sweep = run->sweep;
    return 0;
}

static struct run_group *find_group(struct run_groups *groups, const struct report_run *run)
{
    for (size_t i = 0; i < groups->count; i++)
        if (belongs(run, groups->groups[i].runs[0]))
            return &groups->groups[i];
    return NULL;
}

static int place(struct run_groups *groups, const struct report_run *run, struct lab_error *err)
{
    struct run_group *group = find_group(groups, run);
    if (!group) {
        struct run_group *more =
            realloc(groups->groups, (groups->count + 1) * sizeof(*groups->groups));
        if (!more)
            return lab_error_memory(err);
        groups->groups = more;
        group = &groups->groups[groups->count++];
        *group = (struct run_group){ 0 };
    }
    return add_run(group, run, err);
}

/* --- order ---------------------------------------------------------------- */

static bool has_bound(const struct run_group *group)
{
    const struct results *results = group->runs[0]->results;
    return results->trial_count > 0 && results->trials[0].bound.framed_s > 0;
}

static int rank(const struct run_group *group)
{
    return 2 * (int)group->kind + has_bound(group);
}

static int compare_groups(const void *a, const void *b)
{
    const struct run_group *x = a, *y = b;
    if (rank(x) != rank(y))
        return rank(y) - rank(x);
    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    int order = strverscmp(run_stamp(y->runs[0]), run_stamp(x->runs[0]));
    return order ? order : strcmp(x->runs[0]->path, y->runs[0]->path);
}

int groups_build(struct run_groups *groups, const struct run_set *set, struct lab_error *err)
{
    *groups = (struct run_groups){ 0 };
    for (size_t i = 0; i < set->count; i++)
        if (is_current(set, i) && place(groups, &set->runs[i], err) < 0)
            return -1;
    for (size_t i = 0; i < groups->count; i++) {
        struct run_group *group = &groups->groups[i];
        group->kind = group->sweep ? GROUP_SWEEP : group->count > 1 ? GROUP_COMPARISON : GROUP_RUN;
    }
    if (groups->count > 0)
        qsort(groups->groups, groups->count, sizeof(*groups->groups), compare_groups);
    return 0;
}

void groups_clear(struct run_groups *groups)
{
    for (size_t i = 0; i < groups->count; i++)
        free(groups->groups[i].runs);
    free(groups->groups);
    *groups = (struct run_groups){ 0 };
}
