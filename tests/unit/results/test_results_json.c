/* results.json: what is written is what is read, and what is computed again. */
#include "computed.h"

#include <math.h>

static void written_read_and_rebuilt_are_the_same(void **state)
{
    (void)state;
    struct fixture f = { .trials = 3,
                         .warmup = 1,
                         .rate = "10Mbit",
                         .trial_step_s = 0.123456789,
                         .fates = { FATE_FINE, FATE_TOLD_ERROR, FATE_SHORT_READ, FATE_STOPPED } };
    struct results *computed = compute(&f);
    struct lab_error err;
    cleanup_free char *first = results_to_json(computed);
    assert_int_equal(results_write(computed, run_dir, &err), 0);
    results_free(computed);

    struct results *read = results_read(run_dir, &err);
    if (!read)
        fail_msg("%s", err.message);
    cleanup_free char *second = results_to_json(read);
    assert_string_equal(first, second);
    results_free(read);

    cleanup_free char *path = fs_path("%s/results.json", run_dir);
    unlink(path);
    struct results *again = results_compute(run_dir, &err);
    cleanup_free char *third = results_to_json(again);
    assert_string_equal(first, third);
    results_free(again);
}

static bool same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

/* Not only as text: a table made of either has the same last digit. */
static void read_is_computed_to_the_last_bit(void **state)
{
    (void)state;
    for (unsigned clients = 1; clients <= 7; clients++) {
        struct fixture f = { .clients = clients,
                             .trials = 4,
                             .rate = "7Mbit",
                             .points = 1,
                             .finish_s = 0.333333333,
                             .finish_step_s = 0.012345679,
                             .trial_step_s = 0.000000001 };
        fixture_remove(run_dir);
        struct results *computed = compute(&f);
        struct lab_error err;
        assert_int_equal(results_write(computed, run_dir, &err), 0);
        struct results *read = results_read(run_dir, &err);
        assert_true(same(read->makespan_s.median, computed->makespan_s.median));
        assert_true(same(read->makespan_s.stdev, computed->makespan_s.stdev));
        assert_true(same(read->efficiency.mean, computed->efficiency.mean));
        assert_int_equal(results_typical_trial(read)->trial,
                         results_typical_trial(computed)->trial);
        for (size_t i = 0; i < computed->trial_count; i++) {
            const struct trial_result *a = &read->trials[i], *b = &computed->trials[i];
            assert_true(same(a->makespan_s, b->makespan_s) && same(a->mean_s, b->mean_s));
            assert_true(same(a->spread_s, b->spread_s) && same(a->efficiency, b->efficiency));
            assert_true(same(a->start_skew_s, b->start_skew_s));
            assert_true(same(a->bound.framed_s, b->bound.framed_s));
            for (size_t h = 0; h < clients; h++)
                assert_true(same(a->hosts[h].finish_s, b->hosts[h].finish_s) &&
                            same(a->hosts[h].start_s, b->hosts[h].start_s));
        }
        results_free(computed);
        results_free(read);
    }
}

static void run_dir_is_the_final_one(void **state)
{
    (void)state;
    cleanup_free char *partial = fs_path("%s/x.partial", fixture_root);
    cleanup_free char *slashes = fs_path("%s/x.partial//", fixture_root);
    cleanup_free char *final = fs_path("%s/x", fixture_root);
    fixture_make(partial, &(struct fixture){ 0 });
    struct lab_error err;
    struct results *results = results_compute(slashes, &err);
    assert_string_equal(results->run_dir, final);
    results_free(results);
}

static void refuses_damaged_results(void **state)
{
    (void)state;
    struct fixture f = { .fates[0] = FATE_CORRUPT };
    struct results *results = compute(&f);
    cleanup_free char *json = results_to_json(results);
    results_free(results);
    struct lab_error err;
    for (size_t cut = 0; cut < strlen(json) - 2; cut += 17) {
        err.message[0] = '\0';
        assert_null(results_parse("results.json", json, cut, run_dir, &err));
        assert_contains(err.message, "results.json");
    }
    static const struct {
        const char *from, *to, *says;
    } edits[] = {
        { "labctl.results/1", "labctl.results/9", "\"schema\"" },
        { "\"corrupt\"", "\"corrup?\"", "\"code\"" },
        { "\"bytes\"", "\"bites\"", "\"bytes\" is missing" },
        { "\"failed\"", "\"faild!\"", "\"status\"" },
        { "\"h1\"", "{\"\":0}", "\"host\" has a value" },
        { "\"hosts\"", "\"hostz\"", "\"hosts\"" },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(edits); i++) {
        cleanup_free char *edited = fs_path("%s", json);
        char *place = strstr(edited, edits[i].from);
        assert_non_null(place);
        size_t tail = strlen(edits[i].from), head = (size_t)(place - edited);
        cleanup_free char *text = fs_path("%.*s%s%s", (int)head, edited, edits[i].to, place + tail);
        assert_null(results_parse("results.json", text, strlen(text), run_dir, &err));
        assert_contains(err.message, edits[i].says);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(written_read_and_rebuilt_are_the_same),
        TEST(read_is_computed_to_the_last_bit),
        TEST(run_dir_is_the_final_one),
        TEST(refuses_damaged_results),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
