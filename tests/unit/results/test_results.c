#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "results/results.h"
#include "run_fixture.h"

static char *run_dir;

static int set_up(void **state)
{
    fixture_set_up(state);
    run_dir = fixture_below("run");
    return 0;
}

static int tear_down(void **state)
{
    free(run_dir);
    return fixture_tear_down(state);
}

static struct results *compute(const struct fixture *fixture)
{
    struct lab_error err = LAB_ERROR_INIT;
    fixture_make(run_dir, fixture);
    struct results *results = results_compute(run_dir, &err);
    if (!results)
        fail_msg("%s", err.message);
    return results;
}

#define assert_close(a, b) assert_true(fabs((a) - (b)) < 1e-8)
#define assert_within(text, part)                                                                  \
    do {                                                                                           \
        if (!strstr(text, part))                                                                   \
            fail_msg("\"%s\" is not in \"%s\"", part, text);                                       \
    } while (0)

/* --- a run that went well ------------------------------------------------- */

static void measures_of_a_good_run(void **state)
{
    (void)state;
    struct fixture f = { .name = "p2p6-uplink",
                         .model = "p2p",
                         .server = "s1",
                         .rate = "100Mbit",
                         .size = 50000000,
                         .finish_s = 4.25,
                         .finish_step_s = 0.01 };
    struct results *results = compute(&f);
    assert_int_equal(results->status, RESULT_OK);
    assert_null(results->error.message);
    assert_string_equal(results->experiment, "p2p6-uplink");
    assert_int_equal(results->trial_count, 1);
    assert_int_equal(results->warmup_count, 0);
    assert_int_equal(results_exit_status(results), 0);

    const struct trial_result *trial = &results->trials[0];
    assert_int_equal(trial->status, RESULT_OK);
    assert_string_equal(trial->server, "s1");
    assert_int_equal(trial->server_exit, 0);
    assert_int_equal(trial->file_bytes, 50000000);
    assert_string_equal(trial->file_sha256, FIXTURE_SHA256);
    assert_true(trial->origin_ns == FIXTURE_ORIGIN);
    assert_close(trial->makespan_s, 4.30);
    assert_close(trial->mean_s, 4.275);
    assert_close(trial->spread_s, 0.05);
    assert_close(trial->start_skew_s, 5e-6);
    assert_close(trial->bound.fluid_s, 4.0);
    assert_int_equal(trial->bound.binding, BINDING_SERVER_UPLINK);
    assert_true(fabs(trial->efficiency - 4.0 * 1514 / 1448 / 4.30) < 1e-6);

    assert_int_equal(trial->host_count, 6);
    const struct host_result *host = &trial->hosts[5];
    assert_string_equal(host->host, "h6");
    assert_string_equal(host->address, "192.168.60.1");
    assert_int_equal(host->status, RESULT_OK);
    assert_int_equal(host->bytes, 50000000);
    assert_close(host->start_s, 0); /* it began before the accept */
    assert_close(host->finish_s, 4.30);
    assert_int_equal(host->goodput_bps, 93023255);
    assert_true(host->verified);
    assert_int_equal(host->exit, 0);
    results_free(results);
}

static void sequential_start_times(void **state)
{
    (void)state;
    struct fixture f = {
        .start = "sequential", .finish_s = 0.5, .begin_step_s = 0.5, .finish_step_s = 0.5
    };
    struct results *results = compute(&f);
    const struct trial_result *trial = &results->trials[0];
    assert_int_equal(results->start, START_SEQUENTIAL);
    assert_close(trial->hosts[0].start_s, 0);
    assert_true(fabs(trial->hosts[4].start_s - 2.0) < 1e-3);
    assert_close(trial->hosts[4].finish_s, 2.5);
    assert_close(trial->makespan_s, 3.0);
    assert_int_equal(trial->hosts[4].goodput_bps, 155700 * 8 / 0.500196);
    assert_true(isnan(trial->efficiency)); /* nothing binds: no link has a rate */
    results_free(results);
}

static void summary_is_over_trials_that_are_ok(void **state)
{
    (void)state;
    struct fixture f = {
        .trials = 3, .warmup = 2, .finish_s = 1, .trial_step_s = 1, .rate = "10Mbit"
    };
    struct results *results = compute(&f);
    assert_int_equal(results->trial_count, 3);
    assert_int_equal(results->warmup_count, 2);
    assert_int_equal(results->warmups[1].trial, 2);
    assert_int_equal(results->makespan_s.n, 3);
    assert_close(results->makespan_s.min, 1);
    assert_close(results->makespan_s.median, 2);
    assert_close(results->makespan_s.max, 3);
    assert_close(results->makespan_s.stdev, 1);
    assert_int_equal(results->efficiency.n, 3);
    results_free(results);

    /* The second trial's log is lost: killed there. */
    cleanup_free char *log = fs_path("%s/trials/002/logs/labctl.jsonl", run_dir);
    unlink(log);
    struct lab_error err;
    results = results_compute(run_dir, &err);
    assert_int_equal(results->makespan_s.n, 2);
    assert_int_equal(results->status, RESULT_INTERRUPTED);
    assert_within(results->error.message, "trial 2: ");
    results_free(results);
}

static void an_empty_file_is_no_failure(void **state)
{
    (void)state;
    struct fixture f = { .finish_s = 0.001 };
    fixture_make(run_dir, &f);
    f = fixture_complete(&f);
    f.size = 0;
    fixture_write_experiment(run_dir, &f);
    fixture_write_trial(run_dir, &f, 1, false);
    struct lab_error err;
    struct results *results = results_compute(run_dir, &err);
    assert_int_equal(results->status, RESULT_OK);
    assert_int_equal(results->trials[0].hosts[0].goodput_bps, 0);
    results_free(results);
}

/* --- every way to fail ---------------------------------------------------- */

static void every_fate_of_a_host(void **state)
{
    (void)state;
    static const struct {
        enum fate fate;
        const char *end_status;
        enum result_status status;
        enum lab_error_code code;
        const char *message;
        bool has_finish;
    } cases[] = {
        { FATE_SHORT_READ, "failed", RESULT_FAILED, LAB_ERR_TRUNCATED,
          "h3 cs_client: received 89994 of 155700 bytes", false },
        { FATE_TOLD_ERROR, "failed", RESULT_FAILED, LAB_ERR_IO,
          "h3 cs_client: cannot write recv/file.bin: No space left", false },
        { FATE_SILENT_EXIT, "failed", RESULT_FAILED, LAB_ERR_NODE,
          "h3 cs_client: ended with status 1 before it had the file", false },
        { FATE_SIGNAL, "failed", RESULT_FAILED, LAB_ERR_NODE, "h3 cs_client: killed by signal 11",
          false },
        { FATE_CORRUPT, "failed", RESULT_FAILED, LAB_ERR_CORRUPT, "the received file differs",
          true },
        { FATE_SHORT_FILE, "failed", RESULT_FAILED, LAB_ERR_TRUNCATED,
          "the received file has 77850 of 155700 bytes", true },
        { FATE_NO_FILE, "failed", RESULT_FAILED, LAB_ERR_TRUNCATED, "there is no received file",
          true },
        { FATE_UNVERIFIED, "failed", RESULT_INTERRUPTED, LAB_ERR_INTERRUPTED, "was not verified",
          true },
        { FATE_STOPPED, "timeout", RESULT_TIMEOUT, LAB_ERR_TIMEOUT, "when the time was up", false },
        { FATE_STOPPED_MUTE, "timeout", RESULT_TIMEOUT, LAB_ERR_TIMEOUT, "when the time was up",
          false },
        { FATE_STOPPED, "interrupted", RESULT_INTERRUPTED, LAB_ERR_INTERRUPTED,
          "of 155700 bytes: the run was interrupted", false },
        { FATE_STOPPED, "failed", RESULT_INTERRUPTED, LAB_ERR_INTERRUPTED,
          "because the trial had failed", false },
        { FATE_STOPPED_MUTE, "failed", RESULT_INTERRUPTED, LAB_ERR_INTERRUPTED,
          "because the trial had failed", false },
        { FATE_KILLED, "", RESULT_INTERRUPTED, LAB_ERR_INTERRUPTED, "the run was killed", false },
        { FATE_NEVER_STARTED, "failed", RESULT_INTERRUPTED, LAB_ERR_INTERRUPTED, "was not started",
          false },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct fixture f = { .end_status = cases[i].end_status };
        f.fates[2] = cases[i].fate;
        fixture_remove(run_dir);
        struct results *results = compute(&f);
        const struct host_result *host = &results->trials[0].hosts[2];
        assert_int_equal(host->status, cases[i].status);
        assert_int_equal(host->error.code, cases[i].code);
        assert_within(host->error.message, cases[i].message);
        assert_int_equal(!isnan(host->finish_s), cases[i].has_finish);
        assert_false(host->verified);
        assert_int_not_equal(results->trials[0].status, RESULT_OK);
        assert_int_not_equal(results->status, RESULT_OK);
        assert_true(results->trials[0].hosts[1].status == RESULT_OK);
        results_free(results);
    }
}

/* A trial lacks its makespan as soon as one host lacks its last byte. */
static void makespan_needs_every_host(void **state)
{
    (void)state;
    struct fixture f = { .fates[2] = FATE_SHORT_READ, .rate = "10Mbit" };
    struct results *results = compute(&f);
    const struct trial_result *trial = &results->trials[0];
    assert_true(isnan(trial->makespan_s) && isnan(trial->mean_s) && isnan(trial->spread_s));
    assert_true(isnan(trial->efficiency));
    assert_int_equal(results->makespan_s.n, 0);
    assert_close(trial->hosts[0].finish_s, 1);
    results_free(results);
}

static void labctl_gives_the_reason_of_a_trial(void **state)
{
    (void)state;
    struct fixture f = { .fates[0] = FATE_STOPPED,
                         .fates[3] = FATE_TOLD_ERROR,
                         .end_status = "failed",
                         .end_code = "node_failed",
                         .end_message = "h4 cs_client ended with status 1" };
    struct results *results = compute(&f);
    assert_int_equal(results->trials[0].error.code, LAB_ERR_NODE);
    assert_string_equal(results->trials[0].error.message, "h4 cs_client ended with status 1");
    assert_string_equal(results->error.message, "trial 1: h4 cs_client ended with status 1");
    results_free(results);

    /* Without its word: the host that failed by itself, not one that was stopped. */
    f.end_code = f.end_message = NULL;
    fixture_remove(run_dir);
    results = compute(&f);
    assert_within(results->trials[0].error.message, "h4 cs_client: cannot write");
    assert_int_equal(results->trials[0].error.code, LAB_ERR_IO);
    assert_int_equal(results_exit_status(results), 1);
    results_free(results);
}

static void logs_overrule_labctl_when_it_says_ok(void **state)
{
    (void)state;
    struct fixture f = { .fates[1] = FATE_CORRUPT, .end_status = "ok" };
    struct results *results = compute(&f);
    assert_int_equal(results->trials[0].status, RESULT_FAILED);
    assert_int_equal(results->trials[0].error.code, LAB_ERR_CORRUPT);
    results_free(results);
}

static void a_failed_server_is_the_reason(void **state)
{
    (void)state;
    struct fixture f = { .server_fails = true, .fates = { FATE_STOPPED, FATE_STOPPED } };
    struct results *results = compute(&f);
    assert_int_equal(results->trials[0].server_exit, 1);
    assert_within(results->trials[0].error.message, "r1 cs_server: cannot read ../../file.bin");
    results_free(results);
}

static void no_origin_no_times(void **state)
{
    (void)state;
    struct fixture f = { .no_accept = true };
    struct results *results = compute(&f);
    assert_int_equal(results->trials[0].status, RESULT_FAILED);
    assert_within(results->trials[0].error.message, "no accepted connection");
    assert_true(isnan(results->trials[0].hosts[0].finish_s));
    results_free(results);
}

static void fewer_trials_than_planned(void **state)
{
    (void)state;
    struct fixture f = { .trials = 3 };
    struct results *results = compute(&f);
    results_free(results);
    cleanup_free char *last = fs_path("%s/trials/003", run_dir);
    fixture_remove(last);
    struct lab_error err;
    results = results_compute(run_dir, &err);
    assert_int_equal(results->status, RESULT_INTERRUPTED);
    assert_string_equal(results->error.message, "2 of 3 trials were run");
    assert_int_equal(results_exit_status(results), 130);
    results_free(results);
}

static void a_cause_outside_the_logs(void **state)
{
    (void)state;
    struct fixture f = { .trials = 1 };
    results_free(compute(&f));
    cleanup_free char *trials = fs_path("%s/trials", run_dir);
    fixture_remove(trials);
    struct lab_error err, cause;
    struct results *results = results_compute(run_dir, &err);
    assert_int_equal(results->trial_count, 0);
    assert_int_equal(results->status, RESULT_INTERRUPTED);
    lab_error_set(&cause, LAB_ERR_UNSUPPORTED, "h1-eth0: no such qdisc");
    results_set_cause(results, &cause);
    assert_int_equal(results->status, RESULT_FAILED);
    assert_string_equal(results->error.message, "h1-eth0: no such qdisc");
    assert_int_equal(results_exit_status(results), 3);
    results_free(results);
}

static void not_a_run_directory(void **state)
{
    (void)state;
    struct lab_error err = LAB_ERROR_INIT;
    assert_null(results_compute(fixture_root, &err));
    assert_within(err.message, "experiment.json");
}

/* --- damaged logs --------------------------------------------------------- */

static void damage_is_counted_and_passed_over(void **state)
{
    (void)state;
    struct fixture f = { .clients = 1 };
    results_free(compute(&f));
    cleanup_free char *path = fs_path("%s/trials/001/logs/h1.cs_client.jsonl", run_dir);
    struct lab_error err;
    cleanup_free char *log = fs_read_file(path, 1 << 20, NULL, &err);
    cleanup_free char *noise = malloc(100001);
    memset(noise, '[', 100000);
    noise[100000] = '\0';
    cleanup_free char *damaged =
        fs_path("not json\n%s\n{\"t\":3,\"event\":\"from the future\"}\n%s{\"t\":", noise, log);
    fixture_write(path, damaged);
    struct results *results = results_compute(run_dir, &err);
    assert_int_equal(results->status, RESULT_OK);
    assert_int_equal(results->trials[0].damage.malformed, 1);
    assert_int_equal(results->trials[0].damage.too_long, 1);
    assert_int_equal(results->trials[0].damage.partial, 1);
    results_free(results);
}

/* However much of a log is lost, results are still computed, and never better. */
static void any_cut_of_a_log_is_survived(void **state)
{
    (void)state;
    struct fixture f = { .clients = 2, .points = 3, .model = "p2p", .block_size = 100000 };
    static const char *const logs[] = { "h1.p2p_peer", "r1.p2p_server", "labctl" };
    results_free(compute(&f));
    for (size_t i = 0; i < ARRAY_LENGTH(logs); i++) {
        cleanup_free char *path = fs_path("%s/trials/001/logs/%s.jsonl", run_dir, logs[i]);
        struct lab_error err;
        size_t length;
        cleanup_free char *whole = fs_read_file(path, 1 << 20, &length, &err);
        for (size_t cut = 0; cut < length; cut += 13) {
            assert_int_equal(fs_write_file(path, whole, cut, &err), 0);
            struct results *results = results_compute(run_dir, &err);
            assert_non_null(results);
            assert_int_equal(results->trials[0].hosts[1].exit, 0);
            results_free(results);
        }
        assert_int_equal(fs_write_file(path, whole, length, &err), 0);
    }
}

/* --- results.json --------------------------------------------------------- */

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
        assert_within(err.message, "results.json");
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
        assert_within(err.message, edits[i].says);
    }
}

/* --- the table ------------------------------------------------------------ */

static char *print(const struct results *results)
{
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    results_print(results, out);
    fclose(out);
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
        if (strcspn(line, "\n") > 80 && strncmp(line, "run directory", 13) != 0)
            fail_msg("wider than 80 columns: %.*s", (int)strcspn(line, "\n"), line);
    return text;
}

static void table_of_one_trial(void **state)
{
    (void)state;
    struct fixture f = { .name = "cs6-short-read",
                         .rate = "10Mbit",
                         .title = "h3 takes the first short recv() for the end of the file, "
                                  "and loses what would have come after it",
                         .fates[2] = FATE_SHORT_READ };
    struct results *results = compute(&f);
    cleanup_free char *text = print(results);
    assert_within(text, "cs6-short-read: h3 takes");
    assert_within(text, "client/server, server r1, 6 clients, file 155.7 kB");
    assert_within(text, "192.168.30.1");
    assert_within(text, "NO");
    assert_within(text, "- h3 cs_client: received 89994 of 155700 bytes (truncated)");
    assert_within(text, "bound ");
    assert_within(text, run_dir);
    results_free(results);
}

static void table_of_several_trials(void **state)
{
    (void)state;
    struct fixture f = { .trials = 5, .rate = "10Mbit", .trial_step_s = 0.01 };
    struct results *results = compute(&f);
    cleanup_free char *text = print(results);
    assert_within(text, "median");
    assert_within(text, "efficiency");
    assert_within(text, "trial 3, in the middle by makespan");
    assert_null(strstr(strstr(text, "192.168.60.1") + 1, "192.168.")); /* one trial's hosts */
    results_free(results);
}

static void table_of_many_hosts_is_short(void **state)
{
    (void)state;
    struct fixture f = { .clients = 25 * 8, .points = 1, .finish_step_s = 0.001 };
    f.fates[0] = FATE_TOLD_ERROR;
    struct results *results = compute(&f);
    cleanup_free char *text = print(results);
    assert_within(text, "h1 ");
    assert_within(text, "h200 ");
    assert_within(text, "and 189 faster hosts");
    results_free(results);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(measures_of_a_good_run),
        cmocka_unit_test(sequential_start_times),
        cmocka_unit_test(summary_is_over_trials_that_are_ok),
        cmocka_unit_test(an_empty_file_is_no_failure),
        cmocka_unit_test(every_fate_of_a_host),
        cmocka_unit_test(makespan_needs_every_host),
        cmocka_unit_test(labctl_gives_the_reason_of_a_trial),
        cmocka_unit_test(logs_overrule_labctl_when_it_says_ok),
        cmocka_unit_test(a_failed_server_is_the_reason),
        cmocka_unit_test(no_origin_no_times),
        cmocka_unit_test(fewer_trials_than_planned),
        cmocka_unit_test(a_cause_outside_the_logs),
        cmocka_unit_test(not_a_run_directory),
        cmocka_unit_test(damage_is_counted_and_passed_over),
        cmocka_unit_test(any_cut_of_a_log_is_survived),
        cmocka_unit_test(written_read_and_rebuilt_are_the_same),
        cmocka_unit_test(read_is_computed_to_the_last_bit),
        cmocka_unit_test(run_dir_is_the_final_one),
        cmocka_unit_test(refuses_damaged_results),
        cmocka_unit_test(table_of_one_trial),
        cmocka_unit_test(table_of_several_trials),
        cmocka_unit_test(table_of_many_hosts_is_short),
    };
    struct CMUnitTest separate[ARRAY_LENGTH(tests)];
    memcpy(separate, tests, sizeof(tests));
    for (size_t i = 0; i < ARRAY_LENGTH(tests); i++) {
        separate[i].setup_func = set_up;
        separate[i].teardown_func = tear_down;
    }
    return cmocka_run_group_tests(separate, NULL, NULL);
}
