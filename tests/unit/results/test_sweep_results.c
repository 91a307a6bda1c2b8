/* What a sweep's results say of its cells. */
#include "testing.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "results/sweep_results.h"

#define TEXT                                                                                       \
    "{\"name\": \"s\", \"topology\": {\"hosts\": 3}, \"workload\": {\"model\": \"cs\", "           \
    "\"file\": {\"size\": 1000}}, \"sweep\": {\"/topology/hosts\": [2, 3, 4]}}"

struct fixture {
    char dir[64];
    struct sweep *sweep;
};

static int set_up(void **state)
{
    struct lab_error err = LAB_ERROR_INIT;
    struct fixture *f = calloc(1, sizeof(*f));
    snprintf(f->dir, sizeof(f->dir), "/tmp/labctl-test.XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    f->sweep = sweep_parse("s.json", TEXT, strlen(TEXT), NULL, &err);
    assert_non_null(f->sweep);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct lab_error err = LAB_ERROR_INIT;
    struct fixture *f = *state;
    sweep_free(f->sweep);
    fs_remove_tree(f->dir, &err);
    free(f);
    return 0;
}

static void put(const char *dir, const char *text)
{
    struct lab_error err = LAB_ERROR_INIT;
    cleanup_free char *path = fs_path("%s/results.json", dir);
    assert_int_equal(fs_make_dirs(dir, &err), 0);
    assert_int_equal(fs_write_file(path, text, strlen(text), &err), 0);
}

static void put_cell(const struct fixture *f, unsigned cell, const char *status)
{
    cleanup_free char *dir = sweep_cell_dir(f->dir, cell);
    cleanup_free char *text = NULL;
    assert_true(asprintf(&text,
                         "{\"status\": \"%s\", \"error\": {\"code\": \"timeout\", "
                         "\"message\": \"slow\"}, \"summary\": {\"ok\": 1}}",
                         status) > 0);
    put(dir, text);
}

static cJSON *make(const struct fixture *f, unsigned number, unsigned of)
{
    struct lab_error err = LAB_ERROR_INIT;
    cJSON *results =
        sweep_results_make(f->sweep, (struct sweep_shard){ number, of }, f->dir, "there", &err);
    assert_non_null(results);
    return results;
}

static const char *text_at(const cJSON *object, const char *key)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

static double number_at(const cJSON *object, const char *key)
{
    return cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

/* The first cell that is not ok decides, and one that is left to do before it. */
static void test_status(void **state)
{
    const struct fixture *f = *state;
    static const struct {
        const char *cells[3], *status, *message;
        int exit;
    } rows[] = {
        { { "ok", "ok", "ok" }, "ok", NULL, 0 },
        { { "ok", "timeout", "failed" }, "timeout", "cell 2 (clients 3): slow", 1 },
        { { "failed", "ok", "interrupted" }, "interrupted", "cell 3 (clients 4): slow", 130 },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        for (unsigned cell = 0; cell < 3; cell++)
            put_cell(f, cell + 1, rows[i].cells[cell]);
        cJSON *results = make(f, 1, 1);
        const cJSON *error = cJSON_GetObjectItemCaseSensitive(results, "error");
        assert_string_equal(text_at(results, "status"), rows[i].status);
        assert_int_equal(error != NULL, rows[i].message != NULL);
        if (error)
            assert_string_equal(text_at(error, "message"), rows[i].message);
        assert_int_equal(sweep_results_exit_status(results), rows[i].exit);
        cJSON_Delete(results);
    }
}

static void test_cells_without_results_are_left_to_do(void **state)
{
    const struct fixture *f = *state;
    put_cell(f, 1, "ok");
    put_cell(f, 2, "ok");
    cleanup_free char *third = sweep_cell_dir(f->dir, 3);
    put(third, "{\"status\": \"ok\""); /* half of it */
    cJSON *results = make(f, 1, 1);
    const cJSON *summary = cJSON_GetObjectItemCaseSensitive(results, "summary");
    const cJSON *cells = cJSON_GetObjectItemCaseSensitive(results, "cells");
    assert_true(number_at(summary, "ok") == 2);
    assert_true(number_at(summary, "interrupted") == 1);
    assert_string_equal(text_at(cJSON_GetArrayItem(cells, 2), "dir"), "cells/003");
    assert_string_equal(text_at(cJSON_GetArrayItem(cells, 2), "label"), "clients 4");
    cJSON_Delete(results);
}

/* The shards of a sweep have each cell once, and know again which they are. */
static void test_shards(void **state)
{
    const struct fixture *f = *state;
    struct lab_error err = LAB_ERROR_INIT;
    int cells = 0;
    for (unsigned number = 1; number <= 2; number++) {
        cJSON *results = make(f, number, 2);
        cells += cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(results, "cells"));
        assert_int_equal(sweep_results_write(results, f->dir, &err), 0);
        struct sweep_shard shard = sweep_results_shard(f->dir);
        assert_int_equal(shard.number, number);
        assert_int_equal(shard.of, 2);
        cJSON_Delete(results);
    }
    assert_int_equal(cells, 3);
}

static void test_nonsense_is_the_whole(void **state)
{
    const struct fixture *f = *state;
    static const char *const rows[] = { "{", "{}", "{\"sweep\": {\"shard\": 3, \"shards\": 2}}",
                                        "{\"sweep\": {\"shard\": -1, \"shards\": 1e300}}" };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        put(f->dir, rows[i]);
        struct sweep_shard shard = sweep_results_shard(f->dir);
        assert_int_equal(shard.number, 1);
        assert_int_equal(shard.of, 1);
    }
}

static char *print(const cJSON *results)
{
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    sweep_results_print(results, out);
    fclose(out);
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
        if (strcspn(line, "\n") > 80)
            fail_msg("wider than 80 columns: %.*s", (int)strcspn(line, "\n"), line);
    return text;
}

/* A cell of trials with these verdicts. */
static void put_judged(const struct fixture *f, unsigned cell, const char *status,
                       const char *verdicts)
{
    cleanup_free char *dir = sweep_cell_dir(f->dir, cell);
    cleanup_free char *text =
        fs_path("{\"status\": \"%s\", \"error\": {\"message\": \"slow\"}, \"summary\": "
                "{\"trials\": 6, \"ok\": 6, %s, \"makespan_s\": {\"median\": 99.123456, "
                "\"ci_low\": 1, \"ci_high\": 100}}}",
                status, verdicts);
    put(dir, text);
}

/* The table tells what each cell's figures are worth, and counts as the results do. */
static void test_table_has_verdicts(void **state)
{
    const struct fixture *f = *state;
    put_judged(f, 1, "ok", "\"valid\": 6, \"suspect\": 0, \"invalid\": 0, \"unknown\": 0");
    put_judged(f, 2, "ok", "\"valid\": 4, \"suspect\": 1, \"invalid\": 0, \"unknown\": 1");
    put_judged(f, 3, "ok", "\"valid\": 4, \"suspect\": 1, \"invalid\": 1, \"unknown\": 0");
    cJSON *results = make(f, 1, 1);
    cleanup_free char *text = print(results);
    assert_contains(text, "   1  ok             6/6 ");
    assert_contains(text, "   2  ok, suspect    6/6 ");
    assert_contains(text, "   3  ok, invalid    6/6 ");
    assert_contains(text,
                    "verdicts    14 valid, 2 suspect, 1 invalid (left out of the statistics),\n"
                    "            1 unknown (no samples in the logs to tell by)\n");
    assert_contains(text, "- cell 3 (clients 4): invalid; cells/003/results.json says why");
    assert_null(strstr(text, "- cell 1"));
    cJSON_Delete(results);
}

static void test_table_of_failed_and_old_cells(void **state)
{
    const struct fixture *f = *state;
    put_judged(f, 1, "timeout", "\"valid\": 5, \"invalid\": 1");
    put_judged(f, 2, "ok", "\"unknown\": 6");
    cJSON *results = make(f, 1, 1);
    cleanup_free char *text = print(results);
    assert_contains(text, "   1  timeout        6/6 ");
    assert_contains(text, "   2  ok, unknown    6/6 ");
    assert_contains(text, "   3  interrupted      - ");
    assert_contains(text,
                    "verdicts    5 valid, 0 suspect, 1 invalid (left out of the statistics),\n"
                    "            6 unknown (no samples in the logs to tell by)\n");
    assert_null(strstr(text, "- cell 1"));
    assert_contains(text, "cell 1 (clients 2): slow");
    cJSON_Delete(results);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_status, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_cells_without_results_are_left_to_do, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_shards, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nonsense_is_the_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_table_has_verdicts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_table_of_failed_and_old_cells, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
