#include "testing.h"

#include "experiment/sweep.h"

#define BASE                                                                                       \
    "\"name\": \"s\", \"topology\": {\"hosts\": 3}, \"workload\": {\"model\": \"cs\", "            \
    "\"file\": {\"size\": 1000}}"

static struct sweep *parse(const char *rest, struct lab_error *err)
{
    cleanup_free char *text = NULL;
    assert_true(asprintf(&text, "{" BASE "%s}", rest) > 0);
    return sweep_parse("x.json", text, strlen(text), NULL, err);
}

static struct sweep *parse_well(const char *rest)
{
    struct lab_error err = LAB_ERROR_INIT;
    struct sweep *sweep = parse(rest, &err);
    assert_string_equal(err.message, "");
    assert_non_null(sweep);
    return sweep;
}

static void assert_refused(const char *rest, const char *why)
{
    struct lab_error err = LAB_ERROR_INIT;
    assert_null(parse(rest, &err));
    assert_int_equal(err.code, LAB_ERR_INVALID);
    assert_contains(err.message, why);
}

static void assert_label(const struct sweep *sweep, unsigned cell, const char *expected)
{
    cleanup_free char *label = sweep_label(sweep, cell);
    assert_string_equal(label, expected);
}

static struct experiment *cell_of(const struct sweep *sweep, unsigned cell)
{
    struct lab_error err = LAB_ERROR_INIT;
    struct experiment *experiment = sweep_cell(sweep, cell, &err);
    assert_non_null(experiment);
    return experiment;
}

static void test_a_plain_file_is_one_cell(void **state)
{
    (void)state;
    struct sweep *sweep = parse_well("");
    assert_false(sweep->swept);
    assert_int_equal(sweep->cells, 1);
    struct experiment *experiment = cell_of(sweep, 1);
    assert_string_equal(experiment->name, "s");
    assert_string_equal(experiment->title, "s");
    experiment_free(experiment);
    sweep_free(sweep);
}

/* Hosts are told by how many clients they make: without the server, and as many as are named. */
static void test_label_counts_clients(void **state)
{
    (void)state;
    static const struct {
        const char *variable, *label;
    } cases[] = {
        { "\"/workload/port\": [1]", "clients 3, port 1" },
        { "\"/workload/server\": [\"h1\"]", "clients 2, server h1" },
        { "\"/workload/server\": [\"r1\"]", "clients 3, server r1" },
        { "\"/workload/clients\": [[\"h1\"]]", "clients 1, clients [\"h1\"]" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char rest[128];
        snprintf(rest, sizeof(rest), ", \"sweep\": {\"/topology/hosts\": [3], %s}",
                 cases[i].variable);
        struct sweep *sweep = parse_well(rest);
        assert_label(sweep, 1, cases[i].label);
        sweep_free(sweep);
    }
}

static void test_product_and_zip(void **state)
{
    (void)state;
    struct sweep *sweep =
        parse_well(", \"title\": \"T\", \"seed\": 9, \"sweep\": {\"/topology/hosts\": [1, 2], "
                   "\"/workload/model\": [\"cs\", \"p2p\"]}, \"zip\": {"
                   "\"/topology/link/up\": [\"1Mbit\", \"2Mbit\", \"3Mbit\"], "
                   "\"/topology/link/down\": [\"4Mbit\", \"5Mbit\", \"6Mbit\"]}");
    assert_int_equal(sweep->cells, 12);
    assert_int_equal(sweep->seed, 9);
    assert_label(sweep, 1, "clients 1, model cs, up 1Mbit, down 4Mbit");
    assert_label(sweep, 2, "clients 1, model cs, up 2Mbit, down 5Mbit");
    assert_label(sweep, 4, "clients 1, model p2p, up 1Mbit, down 4Mbit");
    assert_label(sweep, 12, "clients 2, model p2p, up 3Mbit, down 6Mbit");
    struct experiment *experiment = cell_of(sweep, 11);
    assert_string_equal(experiment->name, "s-011");
    assert_string_equal(experiment->title, "T (clients 2, model p2p, up 2Mbit, down 5Mbit)");
    assert_int_equal(experiment->host_count, 2);
    assert_int_equal(experiment->model, MODEL_P2P);
    assert_int_equal(experiment->hosts[1].link.up_bps, 2000000);
    assert_int_equal(experiment->hosts[1].link.down_bps, 5000000);
    experiment_free(experiment);
    cJSON *values = sweep_values(sweep, 11);
    cleanup_free char *text = cJSON_PrintUnformatted(values);
    assert_string_equal(text, "{\"/topology/hosts\":2,\"/workload/model\":\"p2p\","
                              "\"/topology/link/up\":\"2Mbit\",\"/topology/link/down\":\"5Mbit\"}");
    cJSON_Delete(values);
    sweep_free(sweep);
}

static void test_independent_zips(void **state)
{
    (void)state;
    struct sweep *sweep =
        parse_well(", \"zip\": [{\"/seed\": [1, 2]}, {\"/title\": [\"a\", \"b\"], "
                   "\"/workload/port\": [1, 2]}]");
    assert_int_equal(sweep->cells, 4);
    assert_label(sweep, 2, "seed 1, title b, port 2");
    struct experiment *experiment = cell_of(sweep, 2);
    assert_string_equal(experiment->title, "b");
    experiment_free(experiment);
    sweep_free(sweep);
}

static void test_bad_cells_name_values_and_problem(void **state)
{
    (void)state;
    assert_refused(",\n\"sweep\": {\"/topology/hosts\": [1, 0], \"/workload/model\": [\"cs\", "
                   "\"p2p\"]}",
                   "x.json:2: /sweep: cell 3 (/topology/hosts = 0, /workload/model = \"cs\"): "
                   "/topology/hosts: expected a whole number from 1 to 10000, found the number 0");
    assert_refused(", \"sweep\": {\"/topology/hots\": [1]}",
                   "/topology/hots: unknown key; did you mean \"hosts\"?");
    assert_refused(", \"sweep\": {\"/topology/hosts/0\": [1]}",
                   "/topology/hosts: expected an object or an array, found the number 3");
}

static void test_a_problem_of_several_cells_is_told_once(void **state)
{
    (void)state;
    struct lab_error err = LAB_ERROR_INIT;
    assert_null(
        parse(", \"sweep\": {\"/topology/hosts\": [0], \"/workload/port\": [1, 2, 3]}", &err));
    assert_null(strchr(err.message, '\n'));
}

static void test_bad_sweeps(void **state)
{
    (void)state;
    assert_refused(", \"sweep\": {}", "/sweep: expected at least one JSON pointer");
    assert_refused(", \"sweep\": []", "/sweep: expected an object, found an array");
    assert_refused(", \"sweep\": {\"hosts\": [1]}", "/sweep/hosts: expected a JSON pointer");
    assert_refused(", \"sweep\": {\"/seed\": []}", "/sweep/~1seed: expected an array of values");
    assert_refused(", \"sweep\": {\"/seed\": 3}", "found the number 3");
    assert_refused(", \"sweep\": {\"/name\": [\"a\"]}", "/name is the same for all cells");
    assert_refused(", \"sweep\": {\"/sweep/x\": [1]}", "/sweep is the same for all cells");
    assert_refused(", \"sweep\": {\"/seed\": [1], \"/seed\": [2]}", "duplicate key");
    assert_refused(", \"sweep\": {\"/topology\": [{}]}, \"zip\": {\"/topology/hosts\": [1]}",
                   "/zip/~1topology~1hosts: /topology is varied already");
    assert_refused(", \"zip\": {\"/seed\": [1, 2], \"/workload/port\": [1]}",
                   "expected 2 values, as many as /seed has, found 1");
    assert_refused(", \"zip\": []", "/zip: expected at least one object");
    assert_refused(", \"zip\": 4", "/zip: expected an object, found the number 4");
}

static void test_too_many_cells(void **state)
{
    (void)state;
    char list[512] = "1";
    for (int i = 2; i <= 101; i++)
        snprintf(list + strlen(list), sizeof(list) - strlen(list), ",%d", i);
    cleanup_free char *rest = NULL;
    assert_true(asprintf(&rest, ", \"sweep\": {\"/seed\": [%s], \"/workload/port\": [%s]}", list,
                         list) > 0);
    assert_refused(rest, "/sweep: the values make more than 10000 cells");
}

static void test_the_record_stands_for_the_same_sweep(void **state)
{
    (void)state;
    struct lab_error err = LAB_ERROR_INIT;
    struct sweep *sweep = parse_well(", \"sweep\": {\"/seed\": [1, 2]}");
    cleanup_free char *text = sweep_to_json(sweep);
    struct sweep *again = sweep_parse("/elsewhere/y.json", text, strlen(text), NULL, &err);
    assert_non_null(again);
    assert_string_equal(sweep->id, again->id);
    struct experiment *one = cell_of(sweep, 2), *other = cell_of(again, 2);
    assert_string_equal(one->folder, other->folder);
    experiment_free(one);
    experiment_free(other);
    sweep_free(again);
    again = parse_well(", \"sweep\": {\"/seed\": [1, 3]}");
    assert_string_not_equal(sweep->id, again->id);
    sweep_free(again);
    sweep_free(sweep);
}

static void test_the_command_line_wins(void **state)
{
    (void)state;
    static const char text[] = "{" BASE ", \"trials\": 2, \"sweep\": {\"/seed\": [1, 2]}}";
    const struct sweep_overrides overrides = { .trials = 5, .timeout_ns = 7000000000 };
    struct lab_error err = LAB_ERROR_INIT;
    struct sweep *sweep = sweep_parse("x.json", text, strlen(text), &overrides, &err);
    struct experiment *experiment = cell_of(sweep, 2);
    assert_int_equal(experiment->trials, 5);
    assert_int_equal(experiment->timeout_ns, 7000000000);
    experiment_free(experiment);
    sweep_free(sweep);
}

static void test_until(void **state)
{
    (void)state;
    struct sweep *sweep = parse_well(", \"until\": {\"ci\": \"2%\"}");
    struct experiment *experiment = cell_of(sweep, 1);
    assert_true(experiment->until.ci == 0.02);
    assert_int_equal(experiment->until.max_trials, 30);
    assert_int_equal(experiment_first_trials(experiment), 6);
    experiment_free(experiment);
    sweep_free(sweep);
    assert_refused(", \"until\": {}", "/until: \"ci\" is missing");
    assert_refused(", \"until\": {\"ci\": 0}", "/until/ci: expected a share above 0%");
    assert_refused(", \"until\": {\"ci\": 0.1, \"max_trials\": 5}", "from 6 to 10000");
    assert_refused(", \"trials\": 9, \"until\": {\"ci\": 0.1, \"max_trials\": 8}",
                   "/until/max_trials: is less than the 9 of \"trials\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_plain_file_is_one_cell),
        cmocka_unit_test(test_label_counts_clients),
        cmocka_unit_test(test_product_and_zip),
        cmocka_unit_test(test_independent_zips),
        cmocka_unit_test(test_bad_cells_name_values_and_problem),
        cmocka_unit_test(test_a_problem_of_several_cells_is_told_once),
        cmocka_unit_test(test_bad_sweeps),
        cmocka_unit_test(test_too_many_cells),
        cmocka_unit_test(test_the_record_stands_for_the_same_sweep),
        cmocka_unit_test(test_the_command_line_wins),
        cmocka_unit_test(test_until),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
