#include "results/sweep_results.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "experiment/sweep_order.h"
#include "labctl/cleanup.h"
#include "results/results.h"

/* Largest results.json that is read of a cell or a sweep. */
#define FILE_MAX (256u << 20)

bool sweep_is_at(const char *run_dir)
{
    struct stat st;
    cleanup_free char *cells = fs_path("%s/cells", run_dir);
    return lstat(cells, &st) == 0 && S_ISDIR(st.st_mode);
}

char *sweep_cell_dir(const char *run_dir, unsigned cell)
{
    return fs_path("%s/cells/%03u", run_dir, cell);
}

bool *sweep_shard_cells(const struct sweep *sweep, struct sweep_shard shard)
{
    cleanup_free unsigned *of_cell = calloc(sweep->cells, sizeof(*of_cell));
    bool *mine = calloc(sweep->cells, sizeof(*mine));
    if (!of_cell || !mine) {
        free(mine);
        return NULL;
    }
    sweep_deal(sweep->seed, shard.of, of_cell, sweep->cells);
    for (unsigned i = 0; i < sweep->cells; i++)
        mine[i] = of_cell[i] == shard.number;
    return mine;
}

/* --- making --------------------------------------------------------------- */

static const cJSON *member(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

static const char *text_of(const cJSON *object, const char *key)
{
    const cJSON *node = member(object, key);
    return cJSON_IsString(node) ? node->valuestring : "";
}

static double number_of(const cJSON *object, const char *key)
{
    const cJSON *node = member(object, key);
    return cJSON_IsNumber(node) ? node->valuedouble : 0;
}

cJSON *sweep_results_read(const char *dir)
{
    struct lab_error ignored; /* one that is not there says nothing */
    cleanup_free char *path = fs_path("%s/results.json", dir);
    cleanup_free char *text = fs_read_file(path, FILE_MAX, NULL, &ignored);
    return text ? cJSON_Parse(text) : NULL;
}

static void add_error(cJSON *object, enum lab_error_code code, const char *message)
{
    cJSON *error = cJSON_AddObjectToObject(object, "error");
    cJSON_AddStringToObject(error, "code", lab_error_name(code));
    cJSON_AddStringToObject(error, "message", message);
}

/* What the sweep tells of a cell: how it ended, and its figures. */
static void copy_results(cJSON *cell, const cJSON *results)
{
    static const char *const keys[] = { "status", "error",          "experiment", "title",
                                        "model",  "planned_trials", "summary",    NULL };
    for (const char *const *key = keys; *key; key++)
        if (member(results, *key))
            cJSON_AddItemToObject(cell, *key, cJSON_Duplicate(member(results, *key), true));
    const cJSON *first = cJSON_GetArrayItem(member(results, "trials"), 0);
    if (member(first, "bound"))
        cJSON_AddItemToObject(cell, "bound", cJSON_Duplicate(member(first, "bound"), true));
}

static cJSON *make_cell(const struct sweep *sweep, unsigned number, const char *run_dir)
{
    cJSON *cell = cJSON_CreateObject();
    cleanup_free char *dir = sweep_cell_dir(run_dir, number);
    cleanup_free char *place = fs_path("cells/%03u", number);
    cleanup_free char *label = sweep_label(sweep, number);
    cJSON_AddNumberToObject(cell, "cell", number);
    cJSON_AddStringToObject(cell, "dir", place);
    cJSON_AddStringToObject(cell, "label", label);
    cJSON_AddItemToObject(cell, "values", sweep_values(sweep, number));
    cJSON *results = sweep_results_read(dir);
    if (results) {
        copy_results(cell, results);
    } else {
        cJSON_AddStringToObject(cell, "status", result_status_name(RESULT_INTERRUPTED));
        add_error(cell, LAB_ERR_INTERRUPTED, "not run yet");
    }
    cJSON_Delete(results);
    return cell;
}

/* The first cell that is not ok; an interrupted one goes before all others, for then there is
 * something left to do. */
static const cJSON *find_bad(const cJSON *cells)
{
    const cJSON *cell, *bad = NULL;
    cJSON_ArrayForEach(cell, cells)
    {
        const char *status = text_of(cell, "status");
        if (strcmp(status, "interrupted") == 0)
            return cell;
        if (!bad && strcmp(status, "ok") != 0)
            bad = cell;
    }
    return bad;
}

static void add_status(cJSON *root, const cJSON *cells)
{
    const cJSON *bad = find_bad(cells), *error = member(bad, "error");
    cJSON_AddStringToObject(root, "status", bad ? text_of(bad, "status") : "ok");
    if (!bad)
        return;
    cleanup_free char *message = fs_path("cell %.0f (%s): %s", number_of(bad, "cell"),
                                         text_of(bad, "label"), text_of(error, "message"));
    cJSON *copy = cJSON_AddObjectToObject(root, "error");
    cJSON_AddStringToObject(copy, "code", text_of(error, "code"));
    cJSON_AddStringToObject(copy, "message", message);
}

/* What makes shards of one sweep known as such, and whether all are there. */
static void add_identity(cJSON *root, const struct sweep *sweep, struct sweep_shard shard)
{
    cJSON *object = cJSON_AddObjectToObject(root, "sweep");
    cJSON_AddStringToObject(object, "id", sweep->id);
    cJSON_AddNumberToObject(object, "cells", sweep->cells);
    cJSON_AddNumberToObject(object, "shard", shard.number);
    cJSON_AddNumberToObject(object, "shards", shard.of);
}

static void add_summary(cJSON *root, const cJSON *cells)
{
    static const char *const statuses[] = { "ok", "failed", "timeout", "interrupted" };
    const cJSON *cell;
    cJSON *summary = cJSON_AddObjectToObject(root, "summary");
    cJSON_AddNumberToObject(summary, "cells", cJSON_GetArraySize(cells));
    for (size_t i = 0; i < ARRAY_LENGTH(statuses); i++) {
        int count = 0;
        cJSON_ArrayForEach(cell, cells) count += strcmp(text_of(cell, "status"), statuses[i]) == 0;
        cJSON_AddNumberToObject(summary, statuses[i], count);
    }
}

cJSON *sweep_results_make(const struct sweep *sweep, struct sweep_shard shard, const char *run_dir,
                          const char *final_path, struct lab_error *err)
{
    cleanup_free bool *mine = sweep_shard_cells(sweep, shard);
    cJSON *root = cJSON_CreateObject(), *cells = cJSON_CreateArray();
    if (!mine || !root || !cells) {
        cJSON_Delete(root);
        cJSON_Delete(cells);
        lab_error_memory(err);
        return NULL;
    }
    for (unsigned number = 1; number <= sweep->cells; number++)
        if (mine[number - 1])
            cJSON_AddItemToArray(cells, make_cell(sweep, number, run_dir));
    cJSON_AddStringToObject(root, "schema", SWEEP_RESULTS_SCHEMA);
    add_status(root, cells);
    cJSON_AddStringToObject(root, "experiment", sweep->name);
    cJSON_AddStringToObject(root, "title", sweep->title);
    cJSON_AddStringToObject(root, "run_dir", final_path);
    add_identity(root, sweep, shard);
    add_summary(root, cells);
    cJSON_AddItemToObject(root, "cells", cells);
    return root;
}

int sweep_results_write(const cJSON *results, const char *run_dir, struct lab_error *err)
{
    cleanup_free char *text = cJSON_Print(results);
    cleanup_free char *line = text ? fs_path("%s\n", text) : NULL;
    cleanup_free char *path = fs_path("%s/results.json", run_dir);
    return line ? fs_write_file(path, line, strlen(line), err) : lab_error_memory(err);
}

struct sweep_shard sweep_results_shard(const char *run_dir)
{
    cJSON *results = sweep_results_read(run_dir);
    const cJSON *sweep = member(results, "sweep");
    double number = number_of(sweep, "shard"), of = number_of(sweep, "shards");
    cJSON_Delete(results);
    if (number < 1 || of < number || of > SWEEP_CELLS_MAX)
        return (struct sweep_shard){ 1, 1 };
    return (struct sweep_shard){ (unsigned)number, (unsigned)of };
}

int sweep_results_exit_status(const cJSON *results)
{
    if (strcmp(text_of(results, "status"), "ok") == 0)
        return 0;
    bool interrupted = strcmp(text_of(results, "status"), "interrupted") == 0;
    return lab_error_exit_status(interrupted ? LAB_ERR_INTERRUPTED : LAB_ERR_NODE);
}
