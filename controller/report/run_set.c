#include "report/run_set.h"

#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "labctl/cleanup.h"
#include "report/log_ends.h"
#include "results/sweep_results.h"

/* --- finding -------------------------------------------------------------- */

enum folder_kind {
    FOLDER_OTHER,      /* not a run: look inside */
    FOLDER_SWEEP,      /* its cells are runs: look inside */
    FOLDER_RUN,        /* complete enough to be read */
    FOLDER_UNFINISHED, /* in the making, or left by a run that was killed */
    FOLDER_DAMAGED,    /* has trials, and no experiment.json to read them by */
    FOLDER_RECORD,     /* has experiment.json alone; there may be runs inside */
    FOLDER_FOREIGN,    /* has files named as those of a run alone; likewise */
};

static bool has(const char *folder, const char *name)
{
    cleanup_free char *path = fs_path("%s/%s", folder, name);
    return access(path, F_OK) == 0;
}

static bool ends_with(const char *text, const char *suffix)
{
    size_t length = strlen(text), tail = strlen(suffix);
    return length >= tail && strcmp(text + length - tail, suffix) == 0;
}

static enum folder_kind classify(const char *folder)
{
    bool experiment = has(folder, "experiment.json"), trials = has(folder, "trials");
    bool record = has(folder, "manifest.json") || has(folder, "results.json");
    if (ends_with(folder, RESULTS_PARTIAL_SUFFIX) && (experiment || trials || record))
        return FOLDER_UNFINISHED;
    if (sweep_is_at(folder))
        return FOLDER_SWEEP;
    if (experiment && (trials || record))
        return FOLDER_RUN;
    if (trials && record)
        return FOLDER_DAMAGED;
    return experiment ? FOLDER_RECORD : record ? FOLDER_FOREIGN : FOLDER_OTHER;
}

/* What finding needs to carry along. */
struct finder {
    struct run_set *set;
    size_t room;
    const struct sweep_run *sweep; /* the last one found; what follows may be its cells */
    struct stat skip;              /* the report's own directory; st_ino 0: none */
    FILE *notes;
};

static void add_note(struct finder *finder, const char *path, const char *why)
{
    struct run_set *set = finder->set;
    struct passed_over *more = realloc(set->passed, (set->passed_count + 1) * sizeof(*set->passed));
    if (!more)
        return;
    set->passed = more;
    set->passed[set->passed_count++] =
        (struct passed_over){ fs_path("%s", path), fs_path("%s", why) };
}

static void pass_over(struct finder *finder, const char *path, const char *why)
{
    fprintf(finder->notes, "%s: passed over: %s\n", path, why);
    add_note(finder, path, why);
    finder->set->left_out++;
}

/* Something of a run or sweep that is part of the report all the same. */
static void pass_over_part(struct finder *finder, const char *path, const char *why)
{
    fprintf(finder->notes, "%s: %s\n", path, why);
    add_note(finder, path, why);
}

static int add_sweep(struct finder *finder, const char *path, struct lab_error *err)
{
    struct run_set *set = finder->set;
    struct sweep_run **more =
        realloc(set->sweeps, (set->sweep_count + 1) * sizeof(struct sweep_run *));
    if (!more)
        return lab_error_memory(err);
    set->sweeps = more;
    struct sweep_run *sweep = sweep_run_read(path);
    if (!sweep)
        return lab_error_memory(err);
    finder->sweep = set->sweeps[set->sweep_count++] = sweep;
    if (sweep->damage)
        pass_over_part(finder, path, sweep->damage);
    return 0;
}

/* Is it SWEEP/cells/NNN of the sweep that was found last? */
static void note_cell(struct finder *finder, struct report_run *run)
{
    static const char folder[] = "/cells/";
    const char *path = finder->sweep ? finder->sweep->path : "";
    size_t length = strlen(path);
    if (length == 0 || strncmp(run->path, path, length) != 0 ||
        strncmp(run->path + length, folder, strlen(folder)) != 0)
        return;
    const char *number = run->path + length + strlen(folder);
    run->sweep = finder->sweep;
    run->cell = sweep_run_cell(run->sweep, (unsigned)strtoul(number, NULL, 10));
}

static int add_run(struct finder *finder, const char *path, struct lab_error *err)
{
    struct run_set *set = finder->set;
    if (set->count == finder->room) {
        size_t room = finder->room ? 2 * finder->room : 64;
        struct report_run *runs = realloc(set->runs, room * sizeof(*runs));
        if (!runs)
            return lab_error_memory(err);
        set->runs = runs;
        finder->room = room;
    }
    set->runs[set->count] = (struct report_run){ .path = fs_path("%s", path) };
    note_cell(finder, &set->runs[set->count++]);
    return 0;
}

/* A folder on the way. Returns 1 when there is no need to look inside, 0 otherwise. */
static int visit_folder(struct finder *finder, const FTSENT *entry, struct lab_error *err)
{
    const struct stat *st = entry->fts_statp;
    if (finder->skip.st_ino && st->st_ino == finder->skip.st_ino &&
        st->st_dev == finder->skip.st_dev)
        return 1;
    switch (classify(entry->fts_path)) {
    case FOLDER_RUN:
        return add_run(finder, entry->fts_path, err) < 0 ? -1 : 1;
    case FOLDER_SWEEP:
        return add_sweep(finder, entry->fts_path, err);
    case FOLDER_UNFINISHED:
        pass_over(finder, entry->fts_path, "unfinished: still running, or killed before its end");
        return 1;
    case FOLDER_DAMAGED:
        pass_over(finder, entry->fts_path, "damaged: experiment.json is missing");
        return 1;
    case FOLDER_RECORD:
        pass_over(finder, entry->fts_path, "no run: there is an experiment.json, and no trials");
        return 0;
    case FOLDER_FOREIGN:
        pass_over(finder, entry->fts_path,
                  "no run: there is a results.json or manifest.json, and no experiment.json");
        return 0;
    default:
        return 0;
    }
}

static int visit(struct finder *finder, FTS *tree, FTSENT *entry, struct lab_error *err)
{
    if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR || entry->fts_info == FTS_NS) {
        if (entry->fts_level == FTS_ROOTLEVEL)
            return lab_error_errno(err, entry->fts_errno == ENOENT ? LAB_ERR_INVALID : LAB_ERR_IO,
                                   entry->fts_errno, "cannot read %s", entry->fts_path);
        pass_over(finder, entry->fts_path, strerror(entry->fts_errno));
    } else if (entry->fts_info == FTS_D) {
        int enough = visit_folder(finder, entry, err);
        if (enough < 0)
            return -1;
        if (enough)
            fts_set(tree, entry, FTS_SKIP);
    } else if (entry->fts_level == FTS_ROOTLEVEL && entry->fts_info != FTS_DP) {
        return lab_error_set(err, LAB_ERR_USAGE, "%s is not a directory", entry->fts_path);
    }
    return 0;
}

static int compare_entries(const FTSENT **a, const FTSENT **b)
{
    return strverscmp((*a)->fts_name, (*b)->fts_name);
}

/* Links are not followed but for the root itself, so there are no loops. */
static int find_below(struct finder *finder, const char *root, struct lab_error *err)
{
    char *path = fs_path("%s", root);
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        path[--length] = '\0';
    FTS *tree = fts_open((char *const[]){ path, NULL }, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR,
                         compare_entries);
    FTSENT *entry;
    int failed = tree ? 0 : lab_error_errno(err, LAB_ERR_IO, errno, "cannot read %s", root);
    while (tree && failed == 0 && (entry = fts_read(tree)) != NULL)
        failed = visit(finder, tree, entry, err);
    if (tree)
        fts_close(tree);
    free(path);
    return failed;
}

/* --- loading -------------------------------------------------------------- */

static struct results *load_results(struct finder *finder, const char *path, struct lab_error *err)
{
    if (!has(path, "results.json"))
        return results_compute(path, err);
    struct results *results = results_read(path, err);
    if (results)
        return results;
    cleanup_free char *why = fs_path("damaged: %s; computed again from the logs", err->message);
    pass_over_part(finder, path, why);
    return results_compute(path, err);
}

/* Hosts are told apart by their place among the clients. */
static bool has_all_hosts(const struct report_run *run)
{
    for (size_t i = 0; i < run->results->trial_count; i++)
        if (run->results->trials[i].host_count != run->experiment->client_count)
            return false;
    return true;
}

/* Returns false when the run cannot be read, with err set. */
static bool load_run(struct finder *finder, struct report_run *run, struct lab_error *err)
{
    cleanup_free char *path = fs_path("%s/experiment.json", run->path);
    run->experiment = experiment_read(path, err);
    if (!run->experiment)
        return false;
    run->results = load_results(finder, run->path, err);
    if (!run->results)
        return false;
    /* Names of plots are made from it, and the one of the record has been checked. */
    if (strcmp(run->results->experiment, run->experiment->name) == 0 && has_all_hosts(run))
        return true;
    lab_error_set(err, LAB_ERR_CORRUPT, "results.json is of another experiment than its record");
    return false;
}

static void clear_run(struct report_run *run)
{
    run_detail_clear(&run->detail);
    results_free(run->results);
    experiment_free(run->experiment);
    free(run->path);
    *run = (struct report_run){ 0 };
}

static void load_all(struct finder *finder)
{
    struct run_set *set = finder->set;
    size_t kept = 0;
    for (size_t i = 0; i < set->count; i++) {
        struct lab_error err = LAB_ERROR_INIT;
        if (load_run(finder, &set->runs[i], &err)) {
            set->runs[kept++] = set->runs[i];
            continue;
        }
        cleanup_free char *why = fs_path("damaged: %s", err.message);
        pass_over(finder, set->runs[i].path, why);
        clear_run(&set->runs[i]);
    }
    set->count = kept;
}

/* The results of a run are not made again when one of its logs is damaged later on. */
static void check_logs(struct finder *finder)
{
    for (size_t i = 0; i < finder->set->count; i++) {
        cleanup_free char *fault = log_ends_check(&finder->set->runs[i]);
        cleanup_free char *why = fault ? fs_path("damaged: %s", fault) : NULL;
        if (why)
            pass_over_part(finder, finder->set->runs[i].path, why);
    }
}

/* --- order ---------------------------------------------------------------- */

const char *run_stamp(const struct report_run *run)
{
    const char *path = run->sweep ? run->sweep->path : run->path;
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static int compare_runs(const void *a, const void *b)
{
    const struct report_run *x = a, *y = b;
    int order = strcmp(x->results->experiment, y->results->experiment);
    if (order == 0)
        order = strverscmp(run_stamp(x), run_stamp(y));
    return order ? order : strcmp(x->path, y->path);
}

static bool same_folder(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_ino == y.st_ino && x.st_dev == y.st_dev;
}

/* Drop the second of two neighbours that are one directory, reached from two roots. */
static void drop_twins(struct run_set *set)
{
    size_t kept = 0;
    for (size_t i = 0; i < set->count; i++) {
        bool twin = false;
        for (size_t k = kept; k > 0 && !twin; k--) {
            if (strcmp(run_stamp(&set->runs[k - 1]), run_stamp(&set->runs[i])) != 0 ||
                strcmp(set->runs[k - 1].results->experiment, set->runs[i].results->experiment) != 0)
                break;
            twin = same_folder(set->runs[k - 1].path, set->runs[i].path);
        }
        if (twin)
            clear_run(&set->runs[i]);
        else
            set->runs[kept++] = set->runs[i];
    }
    set->count = kept;
}

/* Index after the last run of the experiment that the run at `first` is one of. */
static size_t end_of_experiment(const struct run_set *set, size_t first)
{
    size_t end = first + 1;
    while (end < set->count &&
           strcmp(set->runs[first].results->experiment, set->runs[end].results->experiment) == 0)
        end++;
    return end;
}

static bool came_to_nothing(const struct results *results)
{
    return results->status == RESULT_INTERRUPTED && results->makespan_s.n == 0;
}

/* The last of runs `first` to `end` - 1, but for interrupted ones that have nothing to show. */
static size_t find_latest(const struct run_set *set, size_t first, size_t end)
{
    for (size_t i = end; i > first; i--)
        if (!came_to_nothing(set->runs[i - 1].results))
            return i - 1;
    return end - 1;
}

static void mark_latest(struct run_set *set)
{
    size_t plotted = 0;
    for (size_t i = 0, end; i < set->count; i = end) {
        end = end_of_experiment(set, i);
        struct report_run *run = &set->runs[find_latest(set, i, end)];
        run->latest = true;
        run->plotted = run->results->trial_count > 0 && plotted++ < PLOTTED_MAX;
    }
}

int run_set_load(struct run_set *set, const char *const *roots, size_t count, const char *skip,
                 FILE *notes, struct lab_error *err)
{
    *set = (struct run_set){ 0 };
    struct finder finder = { .set = set, .notes = notes };
    if (stat(skip, &finder.skip) < 0)
        finder.skip.st_ino = 0;
    for (size_t i = 0; i < count; i++)
        if (find_below(&finder, roots[i], err) < 0)
            return -1;
    load_all(&finder);
    if (set->count > 0)
        qsort(set->runs, set->count, sizeof(*set->runs), compare_runs);
    drop_twins(set);
    check_logs(&finder);
    mark_latest(set);
    return 0;
}

void run_set_clear(struct run_set *set)
{
    for (size_t i = 0; i < set->count; i++)
        clear_run(&set->runs[i]);
    for (size_t i = 0; i < set->sweep_count; i++)
        sweep_run_free(set->sweeps[i]);
    for (size_t i = 0; i < set->passed_count; i++) {
        free(set->passed[i].path);
        free(set->passed[i].why);
    }
    free(set->runs);
    free(set->sweeps);
    free(set->passed);
    *set = (struct run_set){ 0 };
}
