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

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(table_of_one_trial),
        TEST(table_of_several_trials),
        TEST(table_of_many_hosts_is_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
