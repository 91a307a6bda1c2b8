/* Faults and expectations in the results: a run whose third host was killed by a fault. */
#include "testing.h"

#include <math.h>

#include "results/results.h"
#include "run_fixture.h"

/* Add `text` to the file below the run directory. */
static void append(const char *name, const char *text)
{
    cleanup_free char *path = fs_path("%s/run/%s", fixture_root, name);
    cleanup_fclose FILE *file = fopen(path, "a");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
}

/* A run of six clients in which h3 ended by SIGKILL; `root` is added to the experiment, and
 * `events` to labctl's log. */
static struct results *compute(const char *root, const char *events)
{
    struct lab_error err = LAB_ERROR_INIT;
    struct fixture fixture = { .rate = "10Mbit", .end_status = "ok", .finish_s = 1 };
    fixture.fates[2] = FATE_SIGNAL;
    cleanup_free char *dir = fs_path("%s/run", fixture_root);
    fixture_make(dir, &fixture);
    cleanup_free char *path = fs_path("%s/experiment.json", dir);
    cleanup_free char *text = fs_read_file(path, 100000, NULL, &err);
    cleanup_free char *changed = fs_path("{%s,%s", root, text + 1);
    fixture_write(path, changed);
    cleanup_free char *exit = fs_path("%s/trials/001/logs/h3.cs_client.exit", dir);
    fixture_write(exit, "137\n");
    append("trials/001/logs/labctl.jsonl", events);
    struct results *results = results_compute(dir, &err);
    assert_non_null(results);
    return results;
}

#define KILL_H3 "\"faults\":[{\"at\":\"500ms\",\"kill\":\"h3\"}]"
#define KILLED_H3                                                                                  \
    "{\"t\":5000500000000,\"event\":\"fault\",\"kind\":\"kill\",\"node\":\"h3\",\"fault\":1,"      \
    "\"planned\":\"500ms\",\"reached\":true}\n"

static void a_death_that_was_expected(void **state)
{
    (void)state;
    struct results *results = compute(KILL_H3 ",\"expect\":{\"h3\":\"killed\"}", KILLED_H3);
    const struct trial_result *trial = &results->trials[0];
    assert_int_equal(trial->status, RESULT_OK);
    assert_int_equal(trial->hosts[2].status, RESULT_FAILED);
    assert_int_equal(trial->hosts[2].error.code, LAB_ERR_KILLED);
    assert_true(trial->hosts[2].expected);
    assert_false(trial->hosts[1].expected);
    assert_true(trial->makespan_s >= 1); /* over the others */
    assert_true(isnan(trial->efficiency));
    assert_int_equal(trial->fault_count, 1);
    assert_int_equal(trial->faults[0].kind, FAULT_EVENT_KILL);
    assert_string_equal(trial->faults[0].planned, "500ms");
    assert_true(trial->faults[0].reached && fabs(trial->faults[0].at_s - 0.5) < 1e-9);
    results_free(results);
}

static void the_same_without_expectation(void **state)
{
    (void)state;
    struct results *results = compute(KILL_H3, KILLED_H3);
    const struct trial_result *trial = &results->trials[0];
    assert_int_equal(trial->status, RESULT_FAILED);
    assert_int_equal(trial->error.code, LAB_ERR_KILLED);
    assert_contains(trial->error.message, "h3 cs_client: killed by a fault of the experiment");
    assert_false(trial->hosts[2].expected);
    assert_true(isnan(trial->makespan_s));
    results_free(results);
}

/* Killed, but by nobody that the experiment knows of. */
static void a_death_of_another_cause(void **state)
{
    (void)state;
    static const char missed[] =
        "{\"t\":5000500000000,\"event\":\"fault\",\"kind\":\"kill\",\"node\":\"h3\",\"fault\":1,"
        "\"planned\":\"500ms\",\"reached\":false,\"reason\":\"its program had ended\"}\n";
    struct results *results = compute(KILL_H3 ",\"expect\":{\"h3\":\"killed\"}", missed);
    const struct trial_result *trial = &results->trials[0];
    assert_int_equal(trial->status, RESULT_FAILED);
    assert_int_equal(trial->hosts[2].error.code, LAB_ERR_NODE);
    assert_false(trial->hosts[2].expected || trial->faults[0].reached);
    assert_true(isnan(trial->faults[0].at_s));
    assert_string_equal(trial->faults[0].reason, "its program had ended");
    results_free(results);
}

static void any_failure_may_be_expected(void **state)
{
    (void)state;
    struct results *results = compute("\"expect\":{\"h3\":\"failed\"}", "");
    assert_int_equal(results->trials[0].status, RESULT_OK);
    assert_true(results->trials[0].hosts[2].expected);
    results_free(results);
}

static void written_and_read_back(void **state)
{
    (void)state;
    struct lab_error err = LAB_ERROR_INIT;
    static const char more[] =
        KILLED_H3 "{\"t\":5000600000000,\"event\":\"fault\",\"kind\":\"link_rate\",\"node\":\"h1\","
                  "\"fault\":2,\"planned\":\"50%\",\"up_bps\":1000000,\"reached\":true}\n"
                  "{\"t\":1,\"event\":\"fault\",\"kind\":\"earthquake\",\"node\":\"h1\"}\n";
    struct results *results = compute(KILL_H3 ",\"expect\":{\"h3\":\"killed\"}", more);
    assert_int_equal(results->trials[0].fault_count, 2);
    assert_int_equal(results->trials[0].faults[1].up_bps, 1000000);
    cleanup_free char *json = results_to_json(results);
    struct results *again = results_parse("results.json", json, strlen(json), "run", &err);
    assert_non_null(again);
    assert_int_equal(again->trials[0].fault_count, 2);
    assert_int_equal(again->trials[0].faults[1].kind, FAULT_EVENT_LINK_RATE);
    assert_true(again->trials[0].hosts[2].expected);
    results_free(again);
    results_free(results);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_death_that_was_expected, fixture_set_up,
                                        fixture_tear_down),
        cmocka_unit_test_setup_teardown(the_same_without_expectation, fixture_set_up,
                                        fixture_tear_down),
        cmocka_unit_test_setup_teardown(a_death_of_another_cause, fixture_set_up,
                                        fixture_tear_down),
        cmocka_unit_test_setup_teardown(any_failure_may_be_expected, fixture_set_up,
                                        fixture_tear_down),
        cmocka_unit_test_setup_teardown(written_and_read_back, fixture_set_up, fixture_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
