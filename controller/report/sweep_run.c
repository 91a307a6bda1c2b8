#include "report/sweep_run.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/json.h"
#include "experiment/sweep.h"
#include "labctl/cleanup.h"

/* Largest results.json of a sweep that is read. */
#define SWEEP_FILE_MAX (64u << 20)

static char *read_text(const char *folder, const char *name)
{
    struct lab_error ignored = LAB_ERROR_INIT;
    cleanup_free char *path = fs_path("%s/%s", folder, name);
    return fs_read_file(path, SWEEP_FILE_MAX, NULL, &ignored);
}

static char *value_text(const cJSON *value)
{
    if (cJSON_IsString(value))
        return strdup(value->valuestring);
    return cJSON_PrintUnformatted(value);
}

static void take_values(struct cell *cell, const cJSON *values)
{
    const cJSON *item;
    int count = cJSON_GetArraySize(values);
    cell->values = calloc((size_t)count + 1, sizeof(*cell->values));
    cJSON_ArrayForEach(item, values)
    {
        struct cell_value value = { NULL, NULL };
        if (!cell->values || !item->string)
            return;
        value.pointer = strdup(item->string);
        value.text = value_text(item);
        if (!value.pointer || !value.text) {
            free(value.pointer);
            free(value.text);
            return;
        }
        cell->values[cell->value_count++] = value;
    }
}

static void take_cells(struct sweep_run *sweep, const cJSON *cells)
{
    const cJSON *item;
    sweep->cells = calloc((size_t)cJSON_GetArraySize(cells) + 1, sizeof(*sweep->cells));
    cJSON_ArrayForEach(item, cells)
    {
        const cJSON *number = cJSON_GetObjectItemCaseSensitive(item, "cell");
        const cJSON *values = cJSON_GetObjectItemCaseSensitive(item, "values");
        if (!sweep->cells || !cJSON_IsNumber(number) || number->valueint < 1)
            continue;
        struct cell *cell = &sweep->cells[sweep->cell_count++];
        cell->number = (unsigned)number->valueint;
        if (cJSON_IsObject(values))
            take_values(cell, values);
    }
}

static char *member_text(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsString(item) ? strdup(item->valuestring) : NULL;
}

/* Name and title as the sweep's own experiment file has them; the folder's name else. */
static void take_names(struct sweep_run *sweep)
{
    struct json_doc doc;
    struct lab_error err = LAB_ERROR_INIT;
    const char *text = sweep->record ? sweep->record : "";
    if (json_doc_parse(&doc, "experiment.json", text, strlen(text), &err) == 0) {
        sweep->name = member_text(doc.root, "name");
        sweep->title = member_text(doc.root, "title");
    } else {
        sweep->damage = fs_path("damaged: %s", err.message);
    }
    json_doc_close(&doc);
    const char *slash = strrchr(sweep->path, '/');
    if (!sweep->name)
        sweep->name = fs_path("%s", slash ? slash + 1 : sweep->path);
}

/* Returns -1 with err set when there is nothing to be taken from it. */
static int take_results(struct sweep_run *sweep, const char *text, struct lab_error *err)
{
    struct json_doc doc;
    int failed = json_doc_parse(&doc, "results.json", text, strlen(text), err);
    const cJSON *cells = failed ? NULL : cJSON_GetObjectItemCaseSensitive(doc.root, "cells");
    const cJSON *id = failed ? NULL : cJSON_GetObjectItemCaseSensitive(doc.root, "sweep");
    if (failed == 0 && !cJSON_IsArray(cells))
        failed = lab_error_set(err, LAB_ERR_INVALID, "results.json: \"cells\" is not an array");
    if (failed == 0) {
        take_cells(sweep, cells);
        sweep->id = member_text(id, "id");
    }
    json_doc_close(&doc);
    return failed;
}

/* The values of all cells as the record has them. */
static int take_record(struct sweep_run *sweep)
{
    struct lab_error ignored = LAB_ERROR_INIT; /* take_names() has told of a damaged record */
    const char *text = sweep->record ? sweep->record : "";
    struct sweep *plan = sweep_parse("experiment.json", text, strlen(text), NULL, &ignored);
    sweep->cells = plan ? calloc(plan->cells + 1, sizeof(*sweep->cells)) : NULL;
    for (unsigned number = 1; sweep->cells && number <= plan->cells; number++) {
        struct cell *cell = &sweep->cells[sweep->cell_count++];
        cJSON *values = sweep_values(plan, number);
        cell->number = number;
        take_values(cell, values);
        cJSON_Delete(values);
    }
    if (plan)
        sweep->id = strdup(plan->id);
    sweep_free(plan);
    return sweep->cells ? 0 : -1;
}

static void take_all(struct sweep_run *sweep)
{
    struct lab_error err = LAB_ERROR_INIT;
    cleanup_free char *path = fs_path("%s/results.json", sweep->path);
    cleanup_free char *text = fs_read_file(path, SWEEP_FILE_MAX, NULL, &err);
    bool missing = !text && access(path, F_OK) < 0;
    if (text && take_results(sweep, text, &err) == 0)
        return;
    const char *instead = take_record(sweep) == 0
                              ? "the values of its cells are those of its record"
                              : "the values of its cells are not known";
    if (missing)
        return;
    free(sweep->damage);
    sweep->damage = fs_path("damaged: %s; %s", err.message, instead);
}

struct sweep_run *sweep_run_read(const char *path)
{
    struct sweep_run *sweep = calloc(1, sizeof(*sweep));
    if (!sweep)
        return NULL;
    sweep->path = fs_path("%s", path);
    sweep->record = read_text(path, "experiment.json");
    take_names(sweep);
    take_all(sweep);
    return sweep;
}

const struct cell *sweep_run_cell(const struct sweep_run *sweep, unsigned number)
{
    for (size_t i = 0; i < sweep->cell_count; i++)
        if (sweep->cells[i].number == number)
            return &sweep->cells[i];
    return NULL;
}

bool sweep_run_same(const struct sweep_run *a, const struct sweep_run *b)
{
    if (a->id && b->id)
        return strcmp(a->id, b->id) == 0;
    return a == b || (a->record && b->record && strcmp(a->record, b->record) == 0);
}

static void clear_cell(struct cell *cell)
{
    for (size_t i = 0; i < cell->value_count; i++) {
        free(cell->values[i].pointer);
        free(cell->values[i].text);
    }
    free(cell->values);
}

void sweep_run_free(struct sweep_run *sweep)
{
    if (!sweep)
        return;
    for (size_t i = 0; i < sweep->cell_count; i++)
        clear_cell(&sweep->cells[i]);
    free(sweep->cells);
    free(sweep->record);
    free(sweep->id);
    free(sweep->damage);
    free(sweep->name);
    free(sweep->title);
    free(sweep->path);
    free(sweep);
}
