#include "report/plots.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "labctl/cleanup.h"
#include "report/gnuplot.h"
#include "report/groups.h"
#include "report/sample_plots.h"

/* Most runs in the makespan plot, which has a line for each. */
#define RUNS_MAX 60

/* Most experiments side by side in one completion plot. */
#define SIDE_BY_SIDE_MAX 6

/* --- keeping count -------------------------------------------------------- */

struct plotter {
    const char *folder;
    FILE *notes;
    char **names; /* of the plots that are to be drawn; owned */
    size_t name_count;
    struct lab_error problem; /* the first one */
};

/* Take note of how one plot came out. */
static void tally(struct plotter *plotter, int result, const char *name,
                  const struct lab_error *problem)
{
    if (result == 0)
        plotter->names[plotter->name_count++] = fs_path("%s", name);
    else if (result > 0)
        fprintf(plotter->notes, "%s: not drawn: there is nothing to show\n", name);
    else if (plotter->problem.code == LAB_ERR_NONE)
        plotter->problem = *problem;
}

/* Whether a script is of an earlier report, and not a copy under another name: the first
 * line of ours has its own name. */
static bool is_ours(const char *folder, const char *name)
{
    char first[300] = "";
    cleanup_free char *path = fs_path("%s/%s.gp", folder, name);
    cleanup_fclose FILE *file = fopen(path, "re");
    cleanup_free char *expected = fs_path(GNUPLOT_FIRST_LINE "\n", name);
    return file && fgets(first, sizeof(first), file) && strcmp(first, expected) == 0;
}

/* Plots of an earlier report must not stay beside those of this one. */
static void remove_old(const char *folder)
{
    static const char *const parts[] = { "gp", "dat", "svg", "png" };
    cleanup_closedir DIR *dir = opendir(folder);
    struct dirent *entry;
    while (dir && (entry = readdir(dir)) != NULL) {
        char *dot = strrchr(entry->d_name, '.');
        if (!dot || strcmp(dot, ".gp") != 0)
            continue;
        *dot = '\0';
        for (size_t i = 0; is_ours(folder, entry->d_name) && i < ARRAY_LENGTH(parts); i++) {
            /* the script last: it is what tells that the others are ours */
            cleanup_free char *path =
                fs_path("%s/%s.%s", folder, entry->d_name, parts[ARRAY_LENGTH(parts) - 1 - i]);
            unlink(path);
        }
    }
}

/* --- completion by host --------------------------------------------------- */

static void draw_completions(struct plotter *plotter, const struct report_run *const *runs,
                             size_t count)
{
    cleanup_free bool *done = calloc(count + 1, sizeof(*done));
    for (size_t i = 0; done && i < count; i++) {
        const struct report_run *group[SIDE_BY_SIDE_MAX];
        size_t size = 0;
        for (size_t k = i; k < count && size < SIDE_BY_SIDE_MAX; k++)
            if (!done[k] && !done[i] && group_same_setting(runs[i], runs[k])) {
                group[size++] = runs[k];
                done[k] = k != i;
            }
        done[i] = true;
        if (size == 0)
            continue;
        struct lab_error problem = LAB_ERROR_INIT;
        cleanup_free char *name = fs_path("completion-%s", runs[i]->results->experiment);
        tally(plotter, plot_completion(group, size, plotter->folder, name, &problem), name,
              &problem);
    }
}

/* --- the others ----------------------------------------------------------- */

static void draw_bytes(struct plotter *plotter, const struct report_run *const *runs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct lab_error problem = LAB_ERROR_INIT;
        cleanup_free char *name = fs_path("bytes-%s", runs[i]->results->experiment);
        int result = runs[i]->shown ? plot_bytes(runs[i], plotter->folder, name, &problem) : 1;
        tally(plotter, result, name, &problem);
    }
}

/* Plots of what was sampled, of those runs that have such samples. */
static void draw_samples(struct plotter *plotter, const struct report_run *const *runs,
                         size_t count)
{
    static const struct {
        const char *name;
        int (*draw)(const struct report_run *run, const char *folder, const char *name,
                    struct lab_error *err);
        bool telemetry; /* only runs that asked for it have it */
    } plots[] = {
        { "traffic", plot_traffic, false },
        { "links", plot_links, true },
        { "rtt", plot_rtt, true },
    };
    for (size_t i = 0; i < count * ARRAY_LENGTH(plots); i++) {
        const struct report_run *run = runs[i / ARRAY_LENGTH(plots)];
        size_t k = i % ARRAY_LENGTH(plots);
        bool exec = run->results->model == MODEL_EXEC;
        if (!run->shown || (plots[k].telemetry && run->experiment->telemetry_ns == 0) ||
            (exec && plots[k].draw != plot_links))
            continue;
        struct lab_error problem = LAB_ERROR_INIT;
        cleanup_free char *name = fs_path("%s-%s", plots[k].name, run->results->experiment);
        tally(plotter, plots[k].draw(run, plotter->folder, name, &problem), name, &problem);
    }
}

static void draw_makespan(struct plotter *plotter, const struct run_set *set)
{
    const struct report_run *runs[RUNS_MAX];
    size_t count = 0, left_out = 0;
    bool all = set->count <= RUNS_MAX;
    for (size_t i = 0; i < set->count; i++) {
        if ((all || set->runs[i].latest) && count < RUNS_MAX)
            runs[count++] = &set->runs[i];
        else
            left_out++;
    }
    if (left_out)
        fprintf(plotter->notes, "makespan: %zu of %zu runs are not shown; runs.csv has all\n",
                left_out, set->count);
    struct lab_error problem = LAB_ERROR_INIT;
    tally(plotter, plot_makespan(runs, count, plotter->folder, "makespan", &problem), "makespan",
          &problem);
}

/* Most sweeps that have a plot. */
#define SWEEPS_MAX 20

static bool is_drawn(const struct plotter *plotter, const char *name)
{
    for (size_t i = 0; i < plotter->name_count; i++)
        if (strcmp(plotter->names[i], name) == 0)
            return true;
    return false;
}

/* A cell is called NAME-NNN, with the name of its sweep. */
static char *sweep_plot_name(const struct run_group *group)
{
    const char *cell = group->runs[0]->results->experiment, *dash = strrchr(cell, '-');
    return fs_path("scaling-%.*s", dash ? (int)(dash - cell) : (int)strlen(cell), cell);
}

/* Sweeps that do not vary the number of clients are not missed. */
static void draw_sweeps(struct plotter *plotter, const struct run_groups *groups)
{
    size_t drawn = 0;
    for (size_t i = 0; i < groups->count && drawn < SWEEPS_MAX; i++) {
        if (groups->groups[i].kind != GROUP_SWEEP)
            continue;
        struct lab_error problem = LAB_ERROR_INIT;
        cleanup_free char *name = sweep_plot_name(&groups->groups[i]);
        if (is_drawn(plotter, name))
            continue;
        int result = plot_scaling(&groups->groups[i], plotter->folder, name, &problem);
        if (result <= 0)
            tally(plotter, result, name, &problem);
        drawn += result == 0;
    }
}

/* The plots of one kind for each run, one of all, and those of sweeps. */
#define PLOTS_MAX (5 * PLOTTED_MAX + 1 + SWEEPS_MAX)

static void write_scripts(struct plotter *plotter, const struct run_set *set,
                          const struct run_groups *groups)
{
    const struct report_run *plotted[PLOTTED_MAX];
    size_t found = 0, left_out = 0;
    for (size_t i = 0; i < set->count; i++) {
        const struct report_run *run = &set->runs[i];
        if (run->plotted)
            plotted[found++] = run;
        else
            left_out += run->latest && run->results->trial_count > 0;
    }
    if (left_out)
        fprintf(plotter->notes,
                "plots: %zu experiments have no plots of their own; the tables have all\n",
                left_out);
    draw_makespan(plotter, set);
    draw_sweeps(plotter, groups);
    draw_completions(plotter, plotted, found);
    draw_bytes(plotter, plotted, found);
    draw_samples(plotter, plotted, found);
}

int plots_write(const struct run_set *set, const struct run_groups *groups, const char *folder,
                FILE *notes, size_t *drawn, struct lab_error *err)
{
    char *names[PLOTS_MAX];
    struct plotter plotter = { .folder = folder, .notes = notes, .names = names };
    struct lab_error problem;
    *drawn = 0;
    if (fs_make_dirs(folder, err) < 0)
        return -1;
    remove_old(folder);
    write_scripts(&plotter, set, groups);
    *drawn = gnuplot_draw(folder, (const char *const *)names, plotter.name_count, &problem);
    for (size_t i = 0; i < plotter.name_count; i++)
        free(names[i]);
    *err = plotter.problem.code ? plotter.problem : problem;
    return err->code ? -1 : 0;
}
