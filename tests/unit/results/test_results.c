/* From logs to measures, and to what went wrong. */
#include "computed.h"

#include <math.h>

#define assert_close(a, b) assert_true(fabs((a) - (b)) < 1e-8)

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
    assert_contains(results->error.message, "trial 2: ");
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

static const struct {
    enum fate fate;
    const char *end_status;
    enum result_status status;
    enum lab_error_code code;
    const char *message;
    bool has_finish;
} fates[] = {
    { FATE_SHORT_READ, "failed", RESULT_FAILED, LAB_ERR_TRUNCATED,
      "h3 cs_client: received 89994 of 155700 bytes", false },
    { FATE_TOLD_ERROR, "failed", RESULT_FAILED, LAB_ERR_IO,
      "h3 cs_client: cannot write recv/file.bin: No space left", false },
    { FATE_SILENT_EXIT, "failed", RESULT_FAILED, LAB_ERR_NODE,
      "h3 cs_client: ended with status 1 before it had the file", false },
    { FATE_SIGNAL, "failed", RESULT_FAILED, LAB_ERR_NODE, "h3 cs_client: killed by signal 11",
      false },
    { FATE_CORRUPT, "failed", RESULT_FAILED, LAB_ERR_CORRUPT, "the received file differs", true },
    { FATE_SHORT_FILE, "failed", RESULT_FAILED, LAB_ERR_TRUNCATED,
      "the received file has 77850 of 155700 bytes", true },
    { FATE_NO_FILE, "failed", RESULT_FAILED, LAB_ERR_TRUNCATED, "there is no received file", true },
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

static void every_fate_of_a_host(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(fates); i++) {
        struct fixture f = { .end_status = fates[i].end_status };
        f.fates[2] = fates[i].fate;
        fixture_remove(run_dir);
        struct results *results = compute(&f);
        const struct host_result *host = &results->trials[0].hosts[2];
        assert_int_equal(host->status, fates[i].status);
        assert_int_equal(host->error.code, fates[i].code);
        assert_contains(host->error.message, fates[i].message);
        assert_int_equal(!isnan(host->finish_s), fates[i].has_finish);
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
    assert_contains(results->trials[0].error.message, "h4 cs_client: cannot write");
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
    assert_contains(results->trials[0].error.message, "r1 cs_server: cannot read ../../file.bin");
    results_free(results);
}

static void no_origin_no_times(void **state)
{
    (void)state;
    struct fixture f = { .no_accept = true };
    struct results *results = compute(&f);
    assert_int_equal(results->trials[0].status, RESULT_FAILED);
    assert_contains(results->trials[0].error.message, "no accepted connection");
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
    assert_contains(err.message, "experiment.json");
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(measures_of_a_good_run),
        TEST(sequential_start_times),
        TEST(summary_is_over_trials_that_are_ok),
        TEST(an_empty_file_is_no_failure),
        TEST(every_fate_of_a_host),
        TEST(makespan_needs_every_host),
        TEST(labctl_gives_the_reason_of_a_trial),
        TEST(logs_overrule_labctl_when_it_says_ok),
        TEST(a_failed_server_is_the_reason),
        TEST(no_origin_no_times),
        TEST(fewer_trials_than_planned),
        TEST(a_cause_outside_the_logs),
        TEST(not_a_run_directory),
        TEST(damage_is_counted_and_passed_over),
        TEST(any_cut_of_a_log_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
