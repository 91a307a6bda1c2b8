/* The table that a run prints at its end. */
#include "computed.h"

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
    assert_contains(text, "cs6-short-read: h3 takes");
    assert_contains(text, "client/server, server r1, 6 clients, file 155.7 kB");
    assert_contains(text, "192.168.30.1");
    assert_contains(text, "NO");
    assert_contains(text, "- h3 cs_client: received 89994 of 155700 bytes (truncated)");
    assert_contains(text, "bound ");
    assert_contains(text, run_dir);
    results_free(results);
}

static void table_of_several_trials(void **state)
{
    (void)state;
    struct fixture f = { .trials = 5, .rate = "10Mbit", .trial_step_s = 0.01 };
    struct results *results = compute(&f);
    cleanup_free char *text = print(results);
    assert_contains(text, "median");
    assert_contains(text, "efficiency");
    assert_contains(text, "trial 3, in the middle by makespan");
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
    assert_contains(text, "h1 ");
    assert_contains(text, "h200 ");
    assert_contains(text, "and 189 faster hosts");
    results_free(results);
}

/* Verdicts of trials as if they had been found. */
static void judge(struct results *results, size_t trial, enum verdict verdict, const char *code)
{
    struct trial_result *result = &results->trials[trial];
    verdict_clear(result);
    result->verdict = verdict;
    result->reason_count = code != NULL;
    result->reasons = calloc(1, sizeof(*result->reasons));
    result->reasons[0].verdict = verdict;
    result->reasons[0].message = fs_path("what was found");
    snprintf(result->reasons[0].code, sizeof(result->reasons[0].code), "%s", code ? code : "");
    if (!code)
        free(result->reasons[0].message);
}

/* The counts are those of results.json: a trial that is not ok is invalid, and no verdict is left
 * out. */
static void verdicts_of_all_trials_are_counted(void **state)
{
    (void)state;
    struct results *results = compute(&(struct fixture){ .trials = 6 });
    judge(results, 0, VERDICT_VALID, "log_dropped");
    judge(results, 1, VERDICT_SUSPECT, "cpu_busy");
    judge(results, 2, VERDICT_VALID, "log_dropped");
    judge(results, 3, VERDICT_INVALID, "clock");
    results->trials[4].status = RESULT_TIMEOUT;
    judge(results, 4, VERDICT_INVALID, "not_ok");
    judge(results, 5, VERDICT_UNKNOWN, NULL);
    cleanup_free char *text = print(results);
    assert_contains(text,
                    "verdicts    2 valid, 1 suspect, 2 invalid (left out of the statistics),\n"
                    "            1 unknown (no samples in the logs to tell by)\n");
    assert_contains(text, "    2  ok, suspect");
    assert_contains(text, "    4  ok, invalid");
    assert_contains(text, "    5  timeout");
    assert_contains(text, "    6  ok, unknown");
    assert_contains(text, "- trial 1 and 1 more, note: what was found (log_dropped)");
    assert_contains(text, "- trial 2, suspect: what was found (cpu_busy)");
    assert_null(strstr(text, "- trial 3"));
    assert_null(strstr(text, "not_ok"));
    results_free(results);
}

static void one_trial_has_its_verdict_whatever_it_is(void **state)
{
    (void)state;
    struct results *results = compute(&(struct fixture){ .fates[1] = FATE_CORRUPT });
    cleanup_free char *failed = print(results);
    assert_contains(failed, "verdict     invalid\n");
    results_free(results);
    results = compute(&(struct fixture){ 0 });
    cleanup_free char *old = print(results);
    assert_contains(old, "verdict     unknown (no samples in the logs to tell by)\n");
    judge(results, 0, VERDICT_VALID, "log_dropped");
    cleanup_free char *noted = print(results);
    assert_contains(noted, "verdict     valid\n  - note: what was found (log_dropped)\n");
    results_free(results);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(table_of_one_trial),
        TEST(table_of_several_trials),
        TEST(table_of_many_hosts_is_short),
        TEST(verdicts_of_all_trials_are_counted),
        TEST(one_trial_has_its_verdict_whatever_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
