/* Whole trials without a network: the launcher is a plain shell, and the node programs are
 * scripts that play the part of good and bad ones. */
#include "testing.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "experiment/plan.h"
#include "labctl/event_writer.h"
#include "supervise/message.h"
#include "supervise/trial.h"

#define FILE_TEXT "the file that is distributed\n"

struct fixture {
    char dir[64]; /* both the run directory and, in nodes/, the programs */
    char *nodes;
    struct experiment *experiment;
    struct plan *plan;
    struct supervision run;
    int outside; /* the other end of the channel */
    bool fatal;
    struct lab_error err;
    char *log; /* labctl.jsonl of the trial, after run_trial() */
};

/* --- the stand-in for a node's shell --------------------------------------- */

static int run_in_shell(void *context, const char *node, const char *line, char **output,
                        struct lab_error *err)
{
    (void)node;
    const struct fixture *fixture = context;
    cleanup_free char *path = fs_path("%s/shell-output", fixture->dir);
    pid_t pid = fork();
    if (pid == 0) {
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        dup2(fd, STDOUT_FILENO);
        dup2(open("/dev/null", O_WRONLY), STDERR_FILENO); /* the shell's word on dead jobs */
        execl("/bin/bash", "bash", "-c", line, (char *)NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    *output = fs_read_file(path, 4096, NULL, err);
    return *output ? 0 : -1;
}

/* --- fixture ---------------------------------------------------------------- */

static void write_program(struct fixture *fixture, const char *name, const char *body)
{
    struct lab_error err;
    cleanup_free char *path = fs_path("%s/%s", fixture->nodes, name);
    cleanup_free char *text =
        fs_path("#!/bin/bash\n"
                "while [ $# -gt 0 ]; do declare \"${1#--}=$2\"; shift 2; done\n"
                "say() { echo \"{ \\\"t\\\": 1, \\\"event\\\": \\\"$1\\\"${2:+, $2} }\"; }\n"
                "%s\n",
                body);
    assert_int_equal(fs_write_file(path, text, strlen(text), &err), 0);
    assert_int_equal(chmod(path, 0700), 0);
}

/* A server that ends once `clients` files named done.* are there, or when it is told to. */
#define GOOD_SERVER                                                                                \
    "trap 'exit 0' TERM; say ready\n"                                                              \
    "until [ $(ls done.* 2>/dev/null | wc -l) -ge $clients ]; do sleep 0.01; done"

/* The gate is opened before `ready` is said, as a client must. */
#define CLIENT_AT_GATE "exec 3<>$gate; say ready; head -c 8 <&3 >/dev/null; say begin\n"

#define GOOD_CLIENT                                                                                \
    CLIENT_AT_GATE "cp ../../file.bin $output; say finish '\"bytes\":29'; touch done.$node"

static int set_up(void **state)
{
    static const char text[] =
        "{ \"name\": \"x\", \"topology\": { \"hosts\": 3 }, \"workload\": { \"model\": \"cs\", "
        "\"server\": \"r1\", \"file\": { \"size\": 29, \"seed\": 1 } }, \"timeout\": \"30s\" }";
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    int ends[2];
    strcpy(fixture->dir, "/tmp/labctl-trial-XXXXXX");
    assert_non_null(mkdtemp(fixture->dir));
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    fixture->nodes = fs_path("%s/nodes", fixture->dir);
    fixture->outside = ends[0];
    fixture->experiment = experiment_parse("x.json", text, strlen(text), &fixture->err);
    assert_non_null(fixture->experiment);
    fixture->plan = plan_build(fixture->experiment, &fixture->err);
    fixture->run = (struct supervision){ .plan = fixture->plan,
                                         .run_dir = fixture->dir,
                                         .nodes_dir = fixture->nodes,
                                         .launcher = { run_in_shell, fixture },
                                         .channel = ends[1] };
    cleanup_free char *shared = fs_path("%s/file.bin", fixture->dir);
    assert_int_equal(fs_make_dirs(fixture->nodes, &fixture->err), 0);
    assert_int_equal(fs_write_file(shared, FILE_TEXT, strlen(FILE_TEXT), &fixture->err), 0);
    assert_int_equal(supervision_hash_file(&fixture->run, &fixture->err), 0);
    write_program(fixture, "cs_server", GOOD_SERVER);
    write_program(fixture, "cs_client", GOOD_CLIENT);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    struct lab_error err;
    fs_remove_tree(fixture->dir, &err);
    close(fixture->outside);
    close(fixture->run.channel);
    plan_free(fixture->plan);
    experiment_free(fixture->experiment);
    free(fixture->nodes);
    free(fixture->log);
    free(fixture);
    return 0;
}

/* Run one trial; the messages stay in the channel. */
static int run_trial(struct fixture *fixture)
{
    struct lab_error err;
    fixture->err.code = LAB_ERR_NONE;
    int result = trial_run(&fixture->run, 1, false, &fixture->fatal, &fixture->err);
    cleanup_free char *path = fs_path("%s/trials/001/logs/labctl.jsonl", fixture->dir);
    fixture->log = fs_read_file(path, 1 << 20, NULL, &err);
    assert_non_null(fixture->log);
    return result;
}

static void assert_failed(struct fixture *fixture, enum lab_error_code code, const char *message)
{
    assert_int_equal(fixture->err.code, code);
    assert_contains(fixture->err.message, message);
    assert_contains(fixture->log, "\"event\":\"end\",\"status\":\"");
    assert_contains(fixture->log, lab_error_name(code));
}

static size_t count(const char *text, const char *part)
{
    size_t found = 0;
    for (const char *at = text; (at = strstr(at, part)); at++)
        found++;
    return found;
}

/* Whether programs of the trial are left; every one has its folder in its environment. */
static bool any_left(const struct fixture *fixture)
{
    cleanup_free char *line =
        fs_path("ps -eo args | grep -v grep | grep -q -- '%s/nodes/'", fixture->dir);
    return system(line) == 0;
}

/* --- tests ------------------------------------------------------------------ */

static void test_all_is_well(void **state)
{
    struct fixture *fixture = *state;
    int result = run_trial(fixture);
    assert_string_equal(fixture->err.code ? fixture->err.message : "", "");
    assert_int_equal(result, 0);
    assert_false(fixture->fatal);
    assert_int_equal(count(fixture->log, "\"event\":\"gate\""), 3);
    assert_int_equal(count(fixture->log, "\"event\":\"node_exit\""), 4);
    assert_int_equal(count(fixture->log, "\"event\":\"verify\""), 3);
    assert_int_equal(count(fixture->log, fixture->run.sha256), 4);
    assert_contains(fixture->log, "\"event\":\"end\",\"status\":\"ok\"}\n");
    cleanup_free char *exit = fs_path("%s/trials/001/logs/h2.cs_client.exit", fixture->dir);
    cleanup_free char *text = fs_read_file(exit, 16, NULL, &fixture->err);
    assert_string_equal(text, "0\n");
    cleanup_free char *gates = fs_path("%s/trials/001/gates", fixture->dir);
    assert_int_equal(access(gates, F_OK), -1);
}

static void test_together_is_one_instant(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(run_trial(fixture), 0);
    const char *first = strstr(fixture->log, "\"planned\":");
    assert_non_null(first);
    cleanup_free char *planned = strndup(first, strcspn(first, "}"));
    assert_int_equal(count(fixture->log, planned), 3);
}

static void test_one_after_the_other(void **state)
{
    struct fixture *fixture = *state;
    fixture->experiment->start = START_SEQUENTIAL;
    write_program(fixture, "cs_client",
                  CLIENT_AT_GATE "ls done.* >seen.$node 2>/dev/null; cp ../../file.bin $output\n"
                                 "touch done.$node; say finish '\"bytes\":29'");
    assert_int_equal(run_trial(fixture), 0);
    for (int i = 2; i <= 3; i++) { /* it began with the one before it done */
        cleanup_free char *path = fs_path("%s/trials/001/seen.h%d", fixture->dir, i);
        cleanup_free char *seen = fs_read_file(path, 4096, NULL, &fixture->err);
        cleanup_free char *before = fs_path("done.h%d", i - 1);
        assert_non_null(seen);
        assert_contains(seen, before);
    }
}

static void test_staggered(void **state)
{
    struct fixture *fixture = *state;
    unsigned long long planned[3];
    fixture->experiment->start = START_STAGGER;
    fixture->experiment->stagger_ns = 7000000;
    assert_int_equal(run_trial(fixture), 0);
    const char *at = fixture->log;
    for (size_t i = 0; i < 3; i++) {
        at = strstr(at + 1, "\"planned\":");
        assert_int_equal(sscanf(at, "\"planned\":%llu", &planned[i]), 1);
    }
    assert_int_equal(planned[1] - planned[0], 7000000);
    assert_int_equal(planned[2] - planned[1], 7000000);
}

/* The others finish; the message names host and program, and shows the end of its log. */
static void test_client_fails(void **state)
{
    struct fixture *fixture = *state;
    write_program(fixture, "cs_client",
                  CLIENT_AT_GATE
                  "if [ $node = h2 ]; then for i in 1 2 3 4 5 6 7; do echo \"word $i\" >&2; done\n"
                  "say error '\"code\":\"protocol\",\"message\":\"bad reply\"'; exit 9; fi\n"
                  "sleep 0.1; cp ../../file.bin $output; say finish '\"bytes\":29'");
    assert_int_equal(run_trial(fixture), -1);
    assert_true(fixture->fatal);
    assert_failed(fixture, LAB_ERR_PROTOCOL, "h2: cs_client ended with status 9: bad reply");
    assert_contains(fixture->err.message, "logs/h2.cs_client.log\n    word 3\n");
    assert_contains(fixture->err.message, "word 7");
    assert_null(strstr(fixture->err.message, "word 2"));
    assert_contains(fixture->log, "\"node\":\"h2\",\"program\":\"cs_client\",\"status\":9");
    assert_contains(fixture->log, "\"node\":\"h3\",\"program\":\"cs_client\",\"status\":0");
    assert_int_equal(count(fixture->log, fixture->run.sha256), 3); /* the file, h1 and h3 */
    assert_false(any_left(fixture));
}

static void test_client_is_killed(void **state)
{
    struct fixture *fixture = *state;
    write_program(fixture, "cs_client", CLIENT_AT_GATE "kill -SEGV $$");
    assert_int_equal(run_trial(fixture), -1);
    assert_failed(fixture, LAB_ERR_NODE, "was ended by signal 11");
    assert_contains(fixture->log, "\"program\":\"cs_client\",\"signal\":11");
}

/* The clients would wait for ever; they are stopped at once, and the server is blamed. */
static void test_server_dies(void **state)
{
    struct fixture *fixture = *state;
    write_program(fixture, "cs_server", "say ready; sleep 0.2; echo boom >&2; exit 5");
    write_program(fixture, "cs_client", CLIENT_AT_GATE "exec sleep 1000");
    assert_int_equal(run_trial(fixture), -1);
    assert_failed(fixture, LAB_ERR_NODE, "r1: cs_server ended with status 5");
    assert_contains(fixture->err.message, "boom");
    assert_false(any_left(fixture));
}

/* Clients notice a dead server before its end is known; it is the server's failure still. */
static void test_server_is_blamed_first(void **state)
{
    struct fixture *fixture = *state;
    write_program(fixture, "cs_server",
                  "say ready; until [ -e gone ]; do sleep 0.01; done\n"
                  "sleep 0.05; exit 5");
    write_program(fixture, "cs_client", CLIENT_AT_GATE "touch gone; exit 1");
    assert_int_equal(run_trial(fixture), -1);
    assert_failed(fixture, LAB_ERR_NODE, "r1: cs_server ended with status 5");
}

static void test_never_ready(void **state)
{
    struct fixture *fixture = *state;
    write_program(fixture, "cs_server", "echo 'the port is taken' >&2; exit 1");
    assert_int_equal(run_trial(fixture), -1);
    assert_failed(fixture, LAB_ERR_NODE, "r1: cs_server ended with status 1");
    assert_contains(fixture->err.message, "the port is taken");
    assert_int_equal(count(fixture->log, "\"event\":\"gate\""), 0);
}

static void test_ends_without_being_ready(void **state)
{
    struct fixture *fixture = *state;
    write_program(fixture, "cs_client", "exit 0");
    assert_int_equal(run_trial(fixture), -1);
    assert_failed(fixture, LAB_ERR_NODE, "h1: cs_client ended with status 0");
    assert_contains(fixture->err.message, "before it was ready");
}

static void test_program_is_missing(void **state)
{
    struct fixture *fixture = *state;
    cleanup_free char *path = fs_path("%s/cs_client", fixture->nodes);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(run_trial(fixture), -1);
    assert_failed(fixture, LAB_ERR_NODE, "h1: cs_client ended with status 127");
    assert_contains(fixture->err.message, "No such file");
}

static void test_time_is_up(void **state)
{
    struct fixture *fixture = *state;
    fixture->experiment->timeout_ns = 2000000000;
    write_program(fixture, "cs_client",
                  CLIENT_AT_GATE "[ $node = h2 ] && exec sleep 1000\n"
                                 "cp ../../file.bin $output; say finish '\"bytes\":29'");
    assert_int_equal(run_trial(fixture), -1);
    assert_true(fixture->fatal);
    assert_failed(fixture, LAB_ERR_TIMEOUT, "h2: cs_client has not ended");
    assert_contains(fixture->log, "\"status\":\"timeout\"");
    assert_int_equal(count(fixture->log, fixture->run.sha256), 3);
    assert_false(any_left(fixture));
}

/* A program that will not hear SIGTERM gets SIGKILL. */
static void test_stubborn_program(void **state)
{
    struct fixture *fixture = *state;
    fixture->experiment->timeout_ns = 2000000000;
    write_program(fixture, "cs_client",
                  "trap '' TERM\n" CLIENT_AT_GATE "while :; do sleep 1000; done");
    assert_int_equal(run_trial(fixture), -1);
    assert_failed(fixture, LAB_ERR_TIMEOUT, "h1: cs_client has not ended");
    assert_contains(fixture->err.message, "2 more clients");
    assert_false(any_left(fixture));
}

static void test_interrupt(void **state)
{
    struct fixture *fixture = *state;
    write_program(fixture, "cs_client", CLIENT_AT_GATE "exec sleep 1000");
    message_interrupt(fixture->outside);
    assert_int_equal(run_trial(fixture), -1);
    assert_true(fixture->fatal);
    assert_failed(fixture, LAB_ERR_INTERRUPTED, "interrupted");
    assert_contains(fixture->log, "\"status\":\"interrupted\"");
    assert_false(any_left(fixture));
}

static void test_truncated_file(void **state)
{
    struct fixture *fixture = *state;
    write_program(fixture, "cs_client",
                  CLIENT_AT_GATE "head -c 10 ../../file.bin >$output; touch done.$node");
    assert_int_equal(run_trial(fixture), -1);
    assert_false(fixture->fatal);
    assert_failed(fixture, LAB_ERR_TRUNCATED, "expected 29 bytes, found 10");
}

static void test_corrupt_file(void **state)
{
    struct fixture *fixture = *state;
    write_program(fixture, "cs_client",
                  CLIENT_AT_GATE "tr a-z A-Z <../../file.bin >$output; touch done.$node");
    assert_int_equal(run_trial(fixture), -1);
    assert_false(fixture->fatal);
    assert_failed(fixture, LAB_ERR_CORRUPT, "not the one that was sent");
}

static void test_no_file(void **state)
{
    struct fixture *fixture = *state;
    write_program(fixture, "cs_client", CLIENT_AT_GATE "touch done.$node");
    assert_int_equal(run_trial(fixture), -1);
    assert_failed(fixture, LAB_ERR_TRUNCATED, "expected a file of 29 bytes, found none");
}

static void test_files_are_kept_or_not(void **state)
{
    struct fixture *fixture = *state;
    cleanup_free char *path = fs_path("%s/trials/001/recv/h1/file.bin", fixture->dir);
    assert_int_equal(run_trial(fixture), 0);
    assert_int_equal(access(path, F_OK), fixture->experiment->keep_files ? 0 : -1);
    cleanup_free char *dir = fs_path("%s/trials", fixture->dir);
    assert_int_equal(fs_remove_tree(dir, &fixture->err), 0);
    free(fixture->log);
    fixture->experiment->keep_files = !fixture->experiment->keep_files;
    assert_int_equal(run_trial(fixture), 0);
    assert_int_equal(access(path, F_OK), fixture->experiment->keep_files ? 0 : -1);
}

/* The last word on every client is told, whatever was told before. */
static void test_messages(void **state)
{
    struct fixture *fixture = *state;
    uint32_t last[3] = { 0 };
    uint64_t bytes[3] = { 0 };
    bool transfer = false;
    assert_int_equal(run_trial(fixture), 0);
    struct pollfd poller = { fixture->outside, POLLIN, 0 };
    while (poll(&poller, 1, 0) > 0) {
        struct message message;
        assert_int_equal(message_receive(fixture->outside, &message, &fixture->err), 1);
        transfer |= message.kind == MESSAGE_PHASE && message.phase == PHASE_TRANSFER;
        for (uint32_t i = 0; message.kind == MESSAGE_HOSTS && i < message.hosts.count; i++) {
            last[message.hosts.at[i].client] = message.hosts.at[i].state;
            bytes[message.hosts.at[i].client] = message.hosts.at[i].bytes;
        }
    }
    assert_true(transfer);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(last[i], HOST_ENDED);
        assert_int_equal(bytes[i], 29);
    }
}

#define TRIAL_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRIAL_TEST(test_all_is_well),
        TRIAL_TEST(test_together_is_one_instant),
        TRIAL_TEST(test_one_after_the_other),
        TRIAL_TEST(test_staggered),
        TRIAL_TEST(test_client_fails),
        TRIAL_TEST(test_client_is_killed),
        TRIAL_TEST(test_server_dies),
        TRIAL_TEST(test_server_is_blamed_first),
        TRIAL_TEST(test_never_ready),
        TRIAL_TEST(test_ends_without_being_ready),
        TRIAL_TEST(test_program_is_missing),
        TRIAL_TEST(test_time_is_up),
        TRIAL_TEST(test_stubborn_program),
        TRIAL_TEST(test_interrupt),
        TRIAL_TEST(test_truncated_file),
        TRIAL_TEST(test_corrupt_file),
        TRIAL_TEST(test_no_file),
        TRIAL_TEST(test_files_are_kept_or_not),
        TRIAL_TEST(test_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
