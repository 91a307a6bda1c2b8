#include "experiment/sweep.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/json_pointer.h"
#include "base/units.h"
#include "experiment/decode.h"
#include "labctl/cleanup.h"

/* --- the values of a cell ------------------------------------------------- */

/* Which value an axis has in a cell. The last axis changes with every cell. */
static int value_index(const struct sweep *sweep, size_t axis, unsigned cell)
{
    unsigned rest = cell - 1;
    for (size_t i = sweep->axis_count - 1; i > axis; i--)
        rest /= sweep->axes[i].length;
    return (int)(rest % sweep->axes[axis].length);
}

/* Go through the variables of a cell, in the order of the file. */
struct walk {
    const struct sweep *sweep;
    unsigned cell;
    size_t axis, next;
    const char *pointer; /* of the variable that was reached */
    const cJSON *value;
};

static bool step(struct walk *walk)
{
    const struct sweep *sweep = walk->sweep;
    while (walk->axis < sweep->axis_count && walk->next >= sweep->axes[walk->axis].variable_count) {
        walk->axis++;
        walk->next = 0;
    }
    if (walk->axis == sweep->axis_count)
        return false;
    const struct sweep_variable *variable = &sweep->axes[walk->axis].variables[walk->next++];
    walk->pointer = variable->pointer;
    walk->value = cJSON_GetArrayItem(variable->values, value_index(sweep, walk->axis, walk->cell));
    return true;
}

cJSON *sweep_values(const struct sweep *sweep, unsigned cell)
{
    struct walk walk = { .sweep = sweep, .cell = cell };
    cJSON *values = cJSON_CreateObject();
    while (step(&walk))
        cJSON_AddItemToObject(values, walk.pointer, cJSON_Duplicate(walk.value, true));
    return values;
}

/* Longest value that is told in full: others are whole topologies. */
#define VALUE_TEXT_MAX 40

static void put_value(FILE *out, const cJSON *value, bool plain)
{
    cleanup_free char *text = cJSON_PrintUnformatted(value);
    const char *shown = plain && cJSON_IsString(value) ? value->valuestring : text;
    if (strlen(shown) <= VALUE_TEXT_MAX)
        fputs(shown, out);
    else
        fputs(cJSON_IsString(value)  ? "(a long text)"
              : cJSON_IsArray(value) ? "[...]"
                                     : "{...}",
              out);
}

/* "clients 2, model p2p". How many hosts there are, be the server one or not, is told by how many
 * clients that makes: they are what a makespan depends on. */
static void put_plainly(FILE *out, const struct walk *walk, const struct experiment *experiment)
{
    if (experiment && strcmp(walk->pointer, SWEEP_HOSTS) == 0) {
        fprintf(out, "clients %zu", experiment->client_count);
        return;
    }
    cleanup_free char *name = json_pointer_last(walk->pointer);
    fprintf(out, "%s ", name);
    put_value(out, walk->value, true);
}

/* "/topology/hosts = 2, /workload/model = "p2p"". */
static void put_exactly(FILE *out, const struct walk *walk, const struct experiment *experiment)
{
    (void)experiment;
    fprintf(out, "%s = ", walk->pointer);
    put_value(out, walk->value, false);
}

/* All values of a cell, whose experiment may be NULL where it is none. */
static char *describe(const struct sweep *sweep, unsigned cell, const struct experiment *experiment,
                      void (*put)(FILE *, const struct walk *, const struct experiment *))
{
    struct walk walk = { .sweep = sweep, .cell = cell };
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        abort();
    for (bool first = true; step(&walk); first = false) {
        fputs(first ? "" : ", ", out);
        put(out, &walk, experiment);
    }
    fclose(out);
    return text;
}

/* --- the experiment of a cell --------------------------------------------- */

/* Whether a variable of the sweep is `pointer` itself. */
static bool varies(const struct sweep *sweep, const char *pointer)
{
    struct walk walk = { .sweep = sweep, .cell = 1 };
    while (step(&walk))
        if (strcmp(walk.pointer, pointer) == 0)
            return true;
    return false;
}

/* In place of what is there, so that no other member changes its place. */
static void set_item(cJSON *object, const char *key, cJSON *item)
{
    if (cJSON_GetObjectItemCaseSensitive(object, key))
        cJSON_ReplaceItemInObjectCaseSensitive(object, key, item);
    else
        cJSON_AddItemToObject(object, key, item);
}

static void set_text(cJSON *object, const char *key, const char *text)
{
    set_item(object, key, cJSON_CreateString(text));
}

/* The document of a cell, with the cell's own name. */
static cJSON *make_document(const struct sweep *sweep, unsigned cell, struct lab_error *err)
{
    struct walk walk = { .sweep = sweep, .cell = cell };
    cJSON *root = cJSON_Duplicate(sweep->doc.root, true);
    cJSON_DeleteItemFromObjectCaseSensitive(root, "sweep");
    cJSON_DeleteItemFromObjectCaseSensitive(root, "zip");
    while (root && step(&walk)) {
        if (json_pointer_set(root, walk.pointer, walk.value, err) == 0)
            continue;
        cJSON_Delete(root);
        return NULL;
    }
    if (!root) {
        lab_error_memory(err);
        return NULL;
    }
    cleanup_free char *name = fs_path("%s-%03u", sweep->name, cell);
    set_text(root, "name", name);
    return root;
}

/* The cell's own title, unless that is what the sweep varies. */
static void set_title(struct experiment *experiment, const struct sweep *sweep, unsigned cell)
{
    if (!sweep->swept || varies(sweep, "/title"))
        return;
    cleanup_free char *label = describe(sweep, cell, experiment, put_plainly);
    free(experiment->title);
    experiment->title = fs_path("%s (%s)", sweep->title, label);
}

struct experiment *sweep_cell(const struct sweep *sweep, unsigned cell, struct lab_error *err)
{
    struct json_doc doc = { .name = strdup(sweep->doc.name), .placeless = true };
    doc.root =
        sweep->swept ? make_document(sweep, cell, err) : cJSON_Duplicate(sweep->doc.root, true);
    struct experiment *experiment = doc.root ? experiment_decode(&doc, err) : NULL;
    json_doc_close(&doc);
    if (experiment)
        set_title(experiment, sweep, cell);
    return experiment;
}

char *sweep_label(const struct sweep *sweep, unsigned cell)
{
    struct lab_error ignored = LAB_ERROR_INIT; /* all cells were checked as they were read */
    struct experiment *experiment = sweep_cell(sweep, cell, &ignored);
    char *label = describe(sweep, cell, experiment, put_plainly);
    experiment_free(experiment);
    return label;
}

/* --- reading -------------------------------------------------------------- */

/* Problems of a cell, a line each. One that another cell has too is told once. */
static void tell_problems(struct sweep *sweep, const struct json_at *at, unsigned cell,
                          struct lab_error *problems)
{
    cleanup_free char *values = describe(sweep, cell, NULL, put_exactly);
    char *rest = problems->message, *line;
    while ((line = strsep(&rest, "\n")) != NULL)
        if (!strstr(sweep->doc.problems, line))
            json_problem(at, "cell %u (%s): %s", cell, values, line);
}

static int check_cells(struct sweep *sweep, struct lab_error *err)
{
    struct json_at root = json_root(&sweep->doc), at = json_member(&root, "sweep");
    if (!at.node)
        at = json_member(&root, "zip");
    for (unsigned cell = 1; cell <= sweep->cells; cell++) {
        struct lab_error problems = LAB_ERROR_INIT;
        struct experiment *experiment = sweep_cell(sweep, cell, &problems);
        if (!experiment && !sweep->swept) {
            *err = problems;
            return -1;
        }
        if (!experiment)
            tell_problems(sweep, &at, cell, &problems);
        experiment_free(experiment);
    }
    return json_doc_check(&sweep->doc, err);
}

/* What cells are named by, and the order's seed; the document has been decoded. */
static void take_names(struct sweep *sweep, const struct experiment *base)
{
    struct json_at root = json_root(&sweep->doc), name = json_member(&root, "name");
    sweep->name = name.node->valuestring;
    sweep->title = fs_path("%s", base->title);
    sweep->seed = base->seed;
    if (sweep->swept && strlen(sweep->name) > EXPERIMENT_NAME_MAX - strlen("-10000"))
        json_problem(&name, "expected at most %zu characters, for a cell adds its number",
                     EXPERIMENT_NAME_MAX - strlen("-10000"));
}

static int override(struct sweep *sweep, const struct sweep_overrides *overrides,
                    struct lab_error *err)
{
    cJSON *root = sweep->doc.root;
    if (overrides->trials)
        set_item(root, "trials", cJSON_CreateNumber(overrides->trials));
    if (overrides->timeout_ns && varies(sweep, "/timeout"))
        return lab_error_set(err, LAB_ERR_USAGE, "--timeout: %s varies /timeout itself",
                             sweep->doc.name);
    if (overrides->timeout_ns) {
        char text[UNITS_TEXT_MAX];
        set_text(root, "timeout", units_exact_time(overrides->timeout_ns, text, sizeof(text)));
    }
    return 0;
}

/* The folder is no part of what a sweep is: shards are run from anywhere. */
static int identify(struct sweep *sweep, struct lab_error *err)
{
    cJSON *copy = cJSON_Duplicate(sweep->doc.root, true);
    cJSON_DeleteItemFromObjectCaseSensitive(copy, "folder");
    cleanup_free char *text = cJSON_PrintUnformatted(copy);
    cJSON_Delete(copy);
    if (!text)
        return lab_error_memory(err);
    sha256_text(text, sweep->id);
    return 0;
}

/* Work out what the document says. It has to be an experiment before its values are varied
 * too: so editors can check it by the schema, and most problems have a line. */
static int take_document(struct sweep *sweep, const struct sweep_overrides *overrides,
                         struct lab_error *err)
{
    if (decode_sweep(sweep) < 0)
        return lab_error_memory(err);
    struct experiment *base = experiment_decode(&sweep->doc, err);
    if (!base)
        return -1;
    take_names(sweep, base);
    experiment_free(base);
    if (json_doc_check(&sweep->doc, err) < 0 || (overrides && override(sweep, overrides, err) < 0))
        return -1;
    return check_cells(sweep, err) < 0 ? -1 : identify(sweep, err);
}

static struct sweep *finish(struct sweep *sweep, int failed,
                            const struct sweep_overrides *overrides, struct lab_error *err)
{
    if (failed == 0 && take_document(sweep, overrides, err) == 0)
        return sweep;
    sweep_free(sweep);
    return NULL;
}

struct sweep *sweep_read(const char *path, const struct sweep_overrides *overrides,
                         struct lab_error *err)
{
    struct sweep *sweep = calloc(1, sizeof(*sweep));
    if (!sweep) {
        lab_error_memory(err);
        return NULL;
    }
    return finish(sweep, json_doc_read(&sweep->doc, path, err), overrides, err);
}

struct sweep *sweep_parse(const char *name, const char *text, size_t length,
                          const struct sweep_overrides *overrides, struct lab_error *err)
{
    struct sweep *sweep = calloc(1, sizeof(*sweep));
    if (!sweep) {
        lab_error_memory(err);
        return NULL;
    }
    return finish(sweep, json_doc_parse(&sweep->doc, name, text, length, err), overrides, err);
}

void sweep_free(struct sweep *sweep)
{
    if (!sweep)
        return;
    for (size_t i = 0; i < sweep->axis_count; i++)
        free(sweep->axes[i].variables);
    free(sweep->axes);
    free(sweep->title);
    json_doc_close(&sweep->doc);
    free(sweep);
}

char *sweep_to_json(const struct sweep *sweep)
{
    cJSON *root = cJSON_Duplicate(sweep->doc.root, true);
    cleanup_free char *folder = experiment_folder(&sweep->doc);
    set_text(root, "folder", folder);
    char *text = cJSON_Print(root);
    cJSON_Delete(root);
    return text;
}
