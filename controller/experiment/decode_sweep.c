/* The keys "sweep" and "zip". */
#include <stdlib.h>
#include <string.h>

#include "base/json_pointer.h"
#include "experiment/sweep.h"
#include "labctl/cleanup.h"

/* Places that are the sweep's own, or say how it is run. */
static const char *const whole[] = { "/$schema", "/name",  "/folder", "/trials",
                                     "/warmup",  "/until", "/sweep",  "/zip" };

/* Whether an earlier variable names the same place, or one inside or around it: then the order
 * of writing would matter. */
static const char *find_clash(const struct sweep *sweep, const char *pointer)
{
    for (size_t i = 0; i < sweep->axis_count; i++) {
        const struct sweep_axis *axis = &sweep->axes[i];
        for (size_t k = 0; k < axis->variable_count; k++) {
            const char *other = axis->variables[k].pointer;
            if (json_pointer_holds(other, pointer) || json_pointer_holds(pointer, other))
                return other;
        }
    }
    return NULL;
}

static bool check_pointer(const struct sweep *sweep, const struct json_at *at)
{
    const char *pointer = at->node->string;
    if (!json_pointer_valid(pointer)) {
        json_problem(at, "expected a JSON pointer such as /topology/hosts as the key");
        return false;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(whole); i++) {
        if (json_pointer_holds(whole[i], pointer)) {
            json_problem(at, "%s is the same for all cells", whole[i]);
            return false;
        }
    }
    const char *clash = find_clash(sweep, pointer);
    if (clash)
        json_problem(at, "%s is varied already", clash);
    return !clash;
}

static bool check_values(const struct json_at *at)
{
    char found[JSON_DESCRIBE_MAX];
    int length = cJSON_IsArray(at->node) ? cJSON_GetArraySize(at->node) : -1;
    if (length > 0 && length <= SWEEP_CELLS_MAX)
        return true;
    if (length > 0)
        json_problem(at, "expected at most %d values, found %d", SWEEP_CELLS_MAX, length);
    else
        json_problem(at, "expected an array of values, found %s",
                     length == 0 ? "an empty one" : json_describe(at->node, found));
    return false;
}

/* One more variable of the last axis. */
static void add_variable(struct sweep *sweep, const struct json_at *at)
{
    struct sweep_axis *axis = &sweep->axes[sweep->axis_count - 1];
    bool fine = check_pointer(sweep, at);
    if (!check_values(at) || !fine)
        return;
    unsigned length = (unsigned)cJSON_GetArraySize(at->node);
    if (axis->variable_count > 0 && length != axis->length) {
        json_problem(at, "expected %u values, as many as %s has, found %u", axis->length,
                     axis->variables[0].pointer, length);
        return;
    }
    axis->length = length;
    axis->variables[axis->variable_count++] = (struct sweep_variable){ at->node->string, at->node };
}

static int add_axis(struct sweep *sweep, size_t variables)
{
    struct sweep_axis *axes = realloc(sweep->axes, (sweep->axis_count + 1) * sizeof(*sweep->axes));
    if (!axes)
        return -1;
    sweep->axes = axes;
    axes[sweep->axis_count++] = (struct sweep_axis){
        .variables = calloc(variables + 1, sizeof(struct sweep_variable)),
        .length = 1,
    };
    return axes[sweep->axis_count - 1].variables ? 0 : -1;
}

/* Whether it is an object with something in it. */
static bool check_group(const struct json_at *at)
{
    if (!json_expect_object(at))
        return false;
    json_check_duplicates(at);
    if (at->node->child)
        return true;
    json_problem(at, "expected at least one JSON pointer with its values, found none");
    return false;
}

static int decode_product(struct sweep *sweep, const struct json_at *at)
{
    if (!check_group(at))
        return 0;
    for (struct json_at item = json_first(at); item.node; item = json_next(&item)) {
        if (add_axis(sweep, 1) < 0)
            return -1;
        add_variable(sweep, &item);
    }
    return 0;
}

static int decode_group(struct sweep *sweep, const struct json_at *at)
{
    if (!check_group(at))
        return 0;
    if (add_axis(sweep, (size_t)cJSON_GetArraySize(at->node)) < 0)
        return -1;
    for (struct json_at item = json_first(at); item.node; item = json_next(&item))
        add_variable(sweep, &item);
    return 0;
}

/* One object, or an array of objects that are independent of each other. */
static int decode_zip(struct sweep *sweep, const struct json_at *at)
{
    if (!cJSON_IsArray(at->node))
        return decode_group(sweep, at);
    if (!at->node->child)
        json_problem(at, "expected at least one object, found an empty array");
    for (struct json_at item = json_first(at); item.node; item = json_next(&item))
        if (decode_group(sweep, &item) < 0)
            return -1;
    return 0;
}

static void count_cells(struct sweep *sweep, const struct json_at *at)
{
    uint64_t cells = 1;
    for (size_t i = 0; i < sweep->axis_count && cells <= SWEEP_CELLS_MAX; i++)
        cells *= sweep->axes[i].length;
    if (cells > SWEEP_CELLS_MAX)
        json_problem(at, "the values make more than %d cells", SWEEP_CELLS_MAX);
    else
        sweep->cells = (unsigned)cells;
}

int decode_sweep(struct sweep *sweep)
{
    struct json_at root = json_root(&sweep->doc);
    struct json_at product = json_member(&root, "sweep"), zip = json_member(&root, "zip");
    sweep->swept = product.node || zip.node;
    sweep->cells = 1;
    if (product.node && decode_product(sweep, &product) < 0)
        return -1;
    if (zip.node && decode_zip(sweep, &zip) < 0)
        return -1;
    count_cells(sweep, product.node ? &product : &zip);
    return 0;
}
