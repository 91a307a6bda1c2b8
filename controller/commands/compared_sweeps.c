#include "commands/compared_sweeps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/utf8.h"
#include "commands/compared_runs.h"
#include "labctl/cleanup.h"
#include "results/sweep_results.h"

/* --- reading -------------------------------------------------------------- */

static const cJSON *cells_of(const struct compared_sweeps *c, int sweep)
{
    return cJSON_GetObjectItemCaseSensitive(c->results[sweep], "cells");
}

static int read_results(struct compared_sweeps *c, int sweep, struct lab_error *err)
{
    c->results[sweep] = sweep_results_read(c->dirs[sweep]);
    if (cJSON_IsArray(cells_of(c, sweep)))
        return 0;
    return lab_error_set(err, LAB_ERR_USAGE,
                         "%s/results.json tells of no cells: labctl run --resume %s makes it anew",
                         c->dirs[sweep], c->dirs[sweep]);
}

static const cJSON *values_of(const cJSON *cell)
{
    return cJSON_GetObjectItemCaseSensitive(cell, "values");
}

/* The cell with the same values, or NULL. Sweeps hardly ever differ in their cells' order, so
 * that the one at the same place is tried first. */
static const cJSON *find_equal(const cJSON *cells, int place, const cJSON *cell)
{
    const cJSON *other = cJSON_GetArrayItem(cells, place);
    if (cJSON_Compare(values_of(other), values_of(cell), true))
        return other;
    cJSON_ArrayForEach(other, cells)
    {
        if (cJSON_Compare(values_of(other), values_of(cell), true))
            return other;
    }
    return NULL;
}

static char *dir_of(const char *run_dir, const cJSON *cell)
{
    const cJSON *number = cJSON_GetObjectItemCaseSensitive(cell, "cell");
    return sweep_cell_dir(run_dir, cJSON_IsNumber(number) ? (unsigned)number->valueint : 0);
}

static void compare_cell(const struct compared_sweeps *c, struct compared_cell *cell)
{
    struct compared_runs runs;
    struct lab_error problem = LAB_ERROR_INIT;
    cell->dirs[0] = dir_of(c->dirs[0], cell->a);
    cell->dirs[1] = dir_of(c->dirs[1], cell->b);
    if (compared_runs_load(&runs, cell->dirs[0], cell->dirs[1], &problem) == 0) {
        cell->finding = runs.figures.finding;
        cell->sentence = fs_path("%s", runs.figures.sentence);
        cell->figures = compared_runs_to_json(&runs);
    } else {
        cell->sentence = fs_path("%s", problem.message);
    }
    compared_runs_clear(&runs);
}

int compared_sweeps_load(struct compared_sweeps *c, const char *a, const char *b,
                         struct lab_error *err)
{
    *c = (struct compared_sweeps){ .dirs = { a, b } };
    if (read_results(c, 0, err) < 0 || read_results(c, 1, err) < 0)
        return -1;
    const cJSON *cell, *others = cells_of(c, 1);
    int place = 0;
    c->cells = calloc((size_t)cJSON_GetArraySize(cells_of(c, 0)) + 1, sizeof(*c->cells));
    if (!c->cells)
        return lab_error_memory(err);
    cJSON_ArrayForEach(cell, cells_of(c, 0))
    {
        const cJSON *other = find_equal(others, place++, cell);
        if (!other)
            continue;
        c->cells[c->count] = (struct compared_cell){ .a = cell, .b = other };
        compare_cell(c, &c->cells[c->count++]);
    }
    size_t there = (size_t)cJSON_GetArraySize(others);
    c->only[0] = (size_t)place - c->count;
    c->only[1] = there > c->count ? there - c->count : 0;
    if (c->count > 0)
        return 0;
    return lab_error_set(err, LAB_ERR_USAGE, "%s and %s have no cell with the same values", a, b);
}

void compared_sweeps_clear(struct compared_sweeps *c)
{
    for (size_t i = 0; i < c->count; i++) {
        free(c->cells[i].dirs[0]);
        free(c->cells[i].dirs[1]);
        free(c->cells[i].sentence);
        cJSON_Delete(c->cells[i].figures);
    }
    free(c->cells);
    cJSON_Delete(c->results[0]);
    cJSON_Delete(c->results[1]);
    *c = (struct compared_sweeps){ 0 };
}

/* --- what they come to ---------------------------------------------------- */

static size_t count_finding(const struct compared_sweeps *c, enum comparison_finding finding)
{
    size_t count = 0;
    for (size_t i = 0; i < c->count; i++)
        count += c->cells[i].figures && c->cells[i].finding == finding;
    return count;
}

/* In the order in which they are told. */
static const struct {
    enum comparison_finding finding;
    const char *words;
} findings[] = {
    { COMPARISON_FASTER, "B is faster" },
    { COMPARISON_SLOWER, "B is slower" },
    { COMPARISON_NONE, "no difference can be told" },
    { COMPARISON_TOO_FEW, "too few trials" },
};

static const char *label_of(const struct compared_cell *cell)
{
    const cJSON *label = cJSON_GetObjectItemCaseSensitive(cell->a, "label");
    return cJSON_IsString(label) ? label->valuestring : "";
}

static void print_summary(const struct compared_sweeps *c)
{
    size_t compared = 0, told;
    printf("\n%zu cell%s of both:", c->count, c->count == 1 ? "" : "s");
    for (size_t i = 0; i < ARRAY_LENGTH(findings); i++) {
        told = count_finding(c, findings[i].finding);
        if (told > 0)
            printf("%s %s in %zu", compared ? "," : "", findings[i].words, told);
        compared += told;
    }
    if (compared < c->count)
        printf("%s nothing to compare in %zu", compared ? "," : "", c->count - compared);
    printf(".\n");
    for (int i = 0; i < 2; i++)
        if (c->only[i] > 0)
            printf("%c has %zu more, without a counterpart.\n", 'A' + i, c->only[i]);
    if (compared > 1)
        printf("Each cell is tested by itself: chance alone makes one of twenty differ.\n");
}

void compared_sweeps_print(const struct compared_sweeps *c)
{
    for (int i = 0; i < 2; i++) {
        cleanup_free char *line = fs_path("%c: %s\n", 'A' + i, c->dirs[i]);
        utf8_print(stdout, line);
    }
    fputc('\n', stdout);
    for (size_t i = 0; i < c->count; i++) {
        cleanup_free char *line = fs_path("%s: %s", label_of(&c->cells[i]), c->cells[i].sentence);
        utf8_print_wrapped(stdout, 0, line);
    }
    print_summary(c);
}

/* --- JSON ----------------------------------------------------------------- */

static cJSON *make_cell(const struct compared_cell *cell)
{
    cJSON *object = cell->figures ? cJSON_Duplicate(cell->figures, true) : cJSON_CreateObject();
    cJSON_AddItemToObject(object, "values", cJSON_Duplicate(values_of(cell->a), true));
    cJSON_AddStringToObject(object, "label", label_of(cell));
    if (!cell->figures) {
        cJSON_AddNullToObject(object, "finding");
        cJSON_AddStringToObject(object, "sentence", cell->sentence);
    }
    return object;
}

cJSON *compared_sweeps_to_json(const struct compared_sweeps *c)
{
    cJSON *root = cJSON_CreateObject();
    cJSON_AddStringToObject(root, "a", c->dirs[0]);
    cJSON_AddStringToObject(root, "b", c->dirs[1]);
    cJSON *summary = cJSON_AddObjectToObject(root, "summary");
    for (size_t i = 0; i < ARRAY_LENGTH(findings); i++)
        cJSON_AddNumberToObject(summary, comparison_finding_name(findings[i].finding),
                                (double)count_finding(c, findings[i].finding));
    cJSON_AddNumberToObject(root, "only_a", (double)c->only[0]);
    cJSON_AddNumberToObject(root, "only_b", (double)c->only[1]);
    cJSON *cells = cJSON_AddArrayToObject(root, "cells");
    for (size_t i = 0; i < c->count; i++)
        cJSON_AddItemToArray(cells, make_cell(&c->cells[i]));
    return root;
}
