#include "testing.h"

#include <sys/wait.h>

#include "supervise/startline.h"

static void test_quote(void **state)
{
    (void)state;
    static const struct {
        const char *text, *quoted;
    } cases[] = {
        { "", "''" },
        { "plain", "'plain'" },
        { "two words", "'two words'" },
        { "it's", "'it'\\''s'" },
        { "$(id)`id`\\", "'$(id)`id`\\'" },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        cleanup_free char *quoted = startline_quote(cases[i].text);
        assert_string_equal(quoted, cases[i].quoted);
    }
}

/* What a shell makes of the words after quoting. */
static void assert_survives(const char *text)
{
    cleanup_free char *quoted = startline_quote(text);
    cleanup_free char *line = NULL;
    char found[512] = "";
    assert_true(asprintf(&line, "printf %%s %s", quoted) > 0);
    FILE *shell = popen(line, "r");
    assert_non_null(shell);
    size_t length = fread(found, 1, sizeof(found) - 1, shell);
    assert_int_equal(pclose(shell), 0);
    assert_int_equal(length, strlen(text));
    assert_string_equal(found, text);
}

static void test_hostile_strings_survive_a_shell(void **state)
{
    (void)state;
    static const char *const hostile[] = {
        "'",        "''",   "'\\''",    "\"",         "$HOME",    "${PATH}",  "$(echo x)",
        "`echo x`", "a;b",  "a&&b",     "a|b",        "a>b",      "*",        "?",
        "[a-z]",    "~",    "!!",       "#x",         "\\",       "\\n",      "-n",
        "--",       "a\tb", "a\nb",     "a'b\"c$d`e", "\xc3\xa9", "\xff\xfe", " lead and trail ",
        "{a,b}",    "$'x'", "\x01\x7f",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(hostile); i++)
        assert_survives(hostile[i]);
}

static void test_line(void **state)
{
    (void)state;
    char *argv[] = { "cs_client", "--node", "h1", "--output", "it's", NULL };
    struct plan_command command = { .node = "h1", .program = "cs_client", .argv = argv };
    cleanup_free char *line = startline_make(&command, "/run/my dir", "/opt/nodes");
    assert_contains(line, "cd '/run/my dir' && ");
    assert_contains(line, "'/opt/nodes/cs_client' '--node' 'h1' '--output' 'it'\\''s' </dev/null "
                          ">'logs/h1.cs_client.jsonl' 2>'logs/h1.cs_client.log'");
    assert_contains(line, "echo $? >'logs/h1.cs_client.exit'");
}

static void test_job(void **state)
{
    (void)state;
    assert_int_equal(startline_job("[1] 48\r\nlabctl-job:48\r\n"), 48);
    assert_int_equal(startline_job("labctl-job:4711"), 4711);
    assert_int_equal(startline_job("bash: fork: Resource temporarily unavailable\r\n"), -1);
    assert_int_equal(startline_job("labctl-job:\r\n"), -1);
    assert_int_equal(startline_job(""), -1);
}

static void test_log_names(void **state)
{
    (void)state;
    struct plan_command command = { .node = "r1", .program = "p2p_server" };
    cleanup_free char *path = startline_log(&command, "exit");
    assert_string_equal(path, "logs/r1.p2p_server.exit");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quote),     cmocka_unit_test(test_hostile_strings_survive_a_shell),
        cmocka_unit_test(test_line),      cmocka_unit_test(test_job),
        cmocka_unit_test(test_log_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
