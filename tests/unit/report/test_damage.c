/* What is damaged, cut off or foreign among the runs: it is named on standard error and in the
 * data of the page, and all else is reported. */
#include "testing.h"

#include <cjson/cJSON.h>

#include "output.h"
#include "report/report.h"
#include "results/results.h"

static struct report_outcome outcome;
static char *notes; /* what was said on standard error */
static cJSON *data; /* report.json */

static void report(void)
{
    struct lab_error err = LAB_ERROR_INIT;
    size_t length;
    const char *roots[] = { fixture_root };
    free(notes);
    cJSON_Delete(data);
    FILE *out = open_memstream(&notes, &length);
    int failed = report_write(roots, 1, output, REPORT_JSON | REPORT_CSV, out, &outcome, &err);
    fclose(out);
    if (failed)
        fail_msg("%s", err.message);
    cleanup_free char *path = fs_path("%s/report.json", output);
    cleanup_free char *text = fs_read_file(path, 64u << 20, NULL, &err);
    data = cJSON_Parse(text);
    assert_non_null(data);
}

static int clear(void **state)
{
    free(notes);
    cJSON_Delete(data);
    notes = NULL;
    data = NULL;
    return tear_down(state);
}

/* Named with this text on standard error, and with the same in the page's data. */
static void assert_named(const char *folder, const char *why)
{
    cleanup_free char *path = fixture_below(folder);
    const cJSON *item;
    assert_contains(notes, why);
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(data, "passed_over"))
    {
        const char *at = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "path"));
        const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "why"));
        if (strcmp(at, path) == 0 && strstr(text, why))
            return;
    }
    fail_msg("report.json does not say '%s' of %s", why, folder);
}

static void write_below(const char *name, const char *text)
{
    cleanup_free char *path = fixture_below(name);
    fixture_write(path, text);
}

/* Run a shell command in the fixture folder. */
static void change(const char *command)
{
    cleanup_free char *line = fs_path("cd %s && %s", fixture_root, command);
    assert_int_equal(system(line), 0);
}

/* --- files that stand for runs --------------------------------------------- */

static void foreign_files_are_named(void **state)
{
    (void)state;
    fixture_make_below("good/1", &(struct fixture){ 0 });
    fixture_make_below("mixed/runs/1", &(struct fixture){ .name = "inside" });
    change("mkdir -p good/foreign good/record good/other");
    write_below("good/foreign/results.json", "{\"of\": \"something else\"}");
    write_below("good/record/experiment.json", "{}");
    write_below("mixed/manifest.json", "{}");
    write_below("good/other/readme.txt", "no run, and not named like one");
    report();
    assert_int_equal(outcome.runs, 2);
    assert_int_equal(outcome.passed_over, 3);
    assert_named("good/foreign",
                 "no run: there is a results.json or manifest.json, and no experiment.json");
    assert_named("good/record", "no run: there is an experiment.json, and no trials");
    assert_named("mixed", "no run: there is a results.json");
    assert_null(strstr(notes, "other"));
}

static void damaged_results_are_told_on_the_page_too(void **state)
{
    (void)state;
    fixture_make_below("good/1", &(struct fixture){ 0 });
    write_below("good/1/results.json", "{\"schema\": \"labctl.results/1\", \"tri");
    report();
    assert_int_equal(outcome.runs, 1);
    assert_int_equal(outcome.passed_over, 0);
    assert_named("good/1", "; computed again from the logs");
}

/* --- sweeps ---------------------------------------------------------------- */

static void make_sweep(void)
{
    fixture_make_below("sw/1/cells/001", &(struct fixture){ .name = "sw-001", .clients = 1 });
    fixture_make_below("sw/1/cells/002", &(struct fixture){ .name = "sw-002", .clients = 3 });
    write_below(
        "sw/1/experiment.json",
        "{\"name\": \"sw\", \"topology\": {\"hosts\": 3}, \"workload\": {\"model\": \"cs\", "
        "\"file\": {\"size\": 1000}}, \"sweep\": {\"/topology/hosts\": [1, 3]}}");
}

static int hosts_of_cell(int run)
{
    const cJSON *item = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(data, "runs"), run);
    const cJSON *values = cJSON_GetObjectItemCaseSensitive(item, "values");
    const char *text =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(values, "/topology/hosts"));
    return text ? atoi(text) : 0;
}

static void a_sweep_with_damaged_results_has_the_values_of_its_record(void **state)
{
    (void)state;
    static const char *const damaged[] = { "{\"cells\": [{\"cell\": 1, \"val", "{\"cells\": 7}",
                                           "" };
    make_sweep();
    for (size_t i = 0; i < ARRAY_LENGTH(damaged); i++) {
        write_below("sw/1/results.json", damaged[i]);
        report();
        assert_named("sw/1", "the values of its cells are those of its record");
        assert_int_equal(hosts_of_cell(0), 1);
        assert_int_equal(hosts_of_cell(1), 3);
    }
}

static void so_has_one_without_results_and_that_is_no_damage(void **state)
{
    (void)state;
    make_sweep();
    report();
    assert_string_equal(notes, "");
    assert_int_equal(hosts_of_cell(1), 3);
}

static void a_sweep_of_which_nothing_can_be_read_is_runs_all_the_same(void **state)
{
    (void)state;
    make_sweep();
    write_below("sw/1/results.json", "{");
    write_below("sw/1/experiment.json", "{");
    report();
    assert_named("sw/1", "the values of its cells are not known");
    assert_int_equal(outcome.runs, 2);
    assert_int_equal(hosts_of_cell(0), 0);
}

/* --- logs that were damaged after the results were made ------------------------- */

static void make_with_results(const char *name, const struct fixture *fixture)
{
    struct lab_error err = LAB_ERROR_INIT;
    cleanup_free char *path = fixture_below(name);
    fixture_make(path, fixture);
    struct results *results = results_compute(path, &err);
    assert_non_null(results);
    assert_int_equal(results_write(results, path, &err), 0);
    results_free(results);
}

static void logs_that_were_cut_off_later_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *change, *why;
    } rows[] = {
        { "sed -i '/\"exit\"/d' h2.cs_client.jsonl",
          "damaged: h2.cs_client.jsonl of trial 2: cut off: its last line is not that of its end" },
        { "truncate -s -5 r1.cs_server.jsonl",
          "damaged: r1.cs_server.jsonl of trial 2: cut off in the middle of a line" },
        { "sed -i '/\"end\"/d' labctl.jsonl",
          "damaged: labctl.jsonl of trial 2: cut off: its last line is not that of its end" },
        { "truncate -s 0 h1.cs_client.jsonl", "h1.cs_client.jsonl of trial 2: cut off" },
        { "rm h4.cs_client.jsonl",
          "damaged: h4.cs_client.jsonl of trial 2: No such file or directory" },
        { "rm h4.cs_client.jsonl && mkfifo h4.cs_client.jsonl", "not a regular file" },
        { "truncate -s -5 *.jsonl",
          "labctl.jsonl of trial 2: cut off in the middle of a line; so are 7 other logs" },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        make_with_results("good/1", &(struct fixture){ .trials = 2 });
        cleanup_free char *line = fs_path("cd good/1/trials/002/logs && %s", rows[i].change);
        change(line);
        report();
        assert_named("good/1", rows[i].why);
        assert_int_equal(outcome.runs, 1);
        assert_int_equal(outcome.passed_over, 0);
        change("rm -r good");
    }
}

/* Programs that were killed, and trials that failed, leave no last line. */
static void logs_that_never_had_an_end_are_not_named(void **state)
{
    (void)state;
    make_with_results("a/1", &(struct fixture){ .name = "a", .trials = 2 });
    make_with_results("b/1",
                      &(struct fixture){ .name = "b", .fates = { FATE_KILLED, FATE_SIGNAL } });
    make_with_results("c/1", &(struct fixture){ .name = "c", .end_status = "" });
    report();
    assert_string_equal(notes, "");
    assert_int_equal(outcome.runs, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, clear)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(foreign_files_are_named),
        TEST(damaged_results_are_told_on_the_page_too),
        TEST(a_sweep_with_damaged_results_has_the_values_of_its_record),
        TEST(so_has_one_without_results_and_that_is_no_damage),
        TEST(a_sweep_of_which_nothing_can_be_read_is_runs_all_the_same),
        TEST(logs_that_were_cut_off_later_are_named),
        TEST(logs_that_never_had_an_end_are_not_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
