/* Faults at work, on programs that are plain shells and on links that only take note. */
#include "testing.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "experiment/plan.h"
#include "supervise/faults.h"
#include "supervise/seize.h"

struct fixture {
    struct experiment *experiment;
    struct plan *plan;
    struct program programs[4];
    struct launcher launcher;
    struct event_writer log;
    int log_fd;
    struct faults faults;
    char changes[200]; /* what was done to links */
};

static int note_change(void *context, size_t host, enum network_change change,
                       const struct plan_link *from, const struct plan_link *to,
                       uint64_t *changed_ns, struct lab_error *err)
{
    static const char *const names[] = { "down", "up", "rate" };
    struct fixture *fixture = context;
    size_t used = strlen(fixture->changes);
    (void)err;
    snprintf(fixture->changes + used, sizeof(fixture->changes) - used, "h%zu %s %d>%d;", host + 1,
             names[change], (int)(from->host.rate_bps / 1000000),
             (int)(to->host.rate_bps / 1000000));
    *changed_ns = event_now();
    return 0;
}

static void begin(struct fixture *fixture, const char *faults)
{
    static const char head[] =
        "{\"name\":\"x\",\"topology\":{\"hosts\":3,\"link\":{\"up\":\"8Mbit\",\"down\":\"8Mbit\"}},"
        "\"workload\":{\"model\":\"cs\",\"file\":{\"size\":100}},\"faults\":%s}";
    struct lab_error err = LAB_ERROR_INIT;
    char text[1000];
    snprintf(text, sizeof(text), head, faults);
    *fixture = (struct fixture){ .log_fd = memfd_create("log", 0) };
    fixture->experiment = experiment_parse("x.json", text, strlen(text), &err);
    assert_non_null(fixture->experiment);
    fixture->plan = plan_build(fixture->experiment, &err);
    for (size_t i = 0; i < 4; i++)
        program_init(&fixture->programs[i], &fixture->plan->commands[i], "/nowhere");
    fixture->launcher = (struct launcher){ NULL, fixture, note_change };
    event_writer_init(&fixture->log, fixture->log_fd);
    assert_int_equal(faults_init(&fixture->faults, fixture->plan, &fixture->launcher,
                                 fixture->programs, 100, &err),
                     0);
    fixture->faults.log = &fixture->log;
}

static char *end(struct fixture *fixture)
{
    char *log = calloc(1, 10000);
    assert_true(pread(fixture->log_fd, log, 9999, 0) > 0);
    faults_release(&fixture->faults);
    for (size_t i = 0; i < 4; i++)
        program_release(&fixture->programs[i]);
    plan_free(fixture->plan);
    experiment_free(fixture->experiment);
    close(fixture->log_fd);
    return log;
}

static void turn(struct fixture *fixture)
{
    struct lab_error err = LAB_ERROR_INIT;
    assert_int_equal(faults_turn(&fixture->faults, &err), 0);
}

static void test_links_change_and_are_put_back(void **state)
{
    (void)state;
    struct fixture fixture;
    struct lab_error err = LAB_ERROR_INIT;
    begin(&fixture, "[{\"at\":0,\"link\":\"h2\",\"down_for\":\"100s\"},"
                    "{\"at\":0,\"link\":\"h2\",\"down_for\":\"200s\"},"
                    "{\"at\":0,\"link\":\"h3\",\"up\":\"2Mbit\"},"
                    "{\"at\":\"60min\",\"kill\":\"h1\"}]");
    turn(&fixture);
    assert_string_equal(fixture.changes, ""); /* the transfer has not begun */
    faults_begin(&fixture.faults, event_now());
    turn(&fixture);
    turn(&fixture);
    assert_string_equal(fixture.changes, "h2 down 8>8;h3 rate 8>2;");
    assert_int_equal(faults_end(&fixture.faults, &err), 0);
    assert_string_equal(fixture.changes, "h2 down 8>8;h3 rate 8>2;h2 up 8>8;h3 rate 2>8;");
    cleanup_free char *log = end(&fixture);
    assert_contains(log, "\"kind\":\"link_rate\",\"node\":\"h3\",\"fault\":3,\"planned\":\"0ns\","
                         "\"up_bps\":2000000,\"reached\":true");
    assert_contains(log, "\"kind\":\"link_up\",\"node\":\"h2\",\"fault\":1,\"planned\":\"100s\","
                         "\"reached\":false,\"reason\":\"another fault still holds it\"");
    assert_contains(log, "\"kind\":\"kill\",\"node\":\"h1\",\"fault\":4,\"planned\":\"3600s\","
                         "\"reached\":false,\"reason\":\"the transfer had ended\"");
}

/* A share counts what all clients hold together. */
static void test_share_of_all_bytes(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture, "[{\"at\":\"50%\",\"link\":\"h1\",\"down\":\"2Mbit\"}]");
    faults_begin(&fixture.faults, event_now());
    fixture.programs[1].bytes = 100;
    fixture.programs[2].bytes = 49;
    turn(&fixture);
    assert_string_equal(fixture.changes, "");
    assert_true(faults_wait(&fixture.faults, 1000) < 20);
    fixture.programs[2].bytes = 50;
    turn(&fixture);
    assert_string_equal(fixture.changes, "h1 rate 8>8;");
    assert_int_equal(faults_wait(&fixture.faults, 1000), 1000);
    free(end(&fixture));
}

/* A shell with two generations of children. */
static pid_t start_family(void)
{
    int ready[2];
    char byte;
    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ready[1], STDOUT_FILENO);
        dup2(open("/dev/null", O_WRONLY), STDERR_FILENO); /* the word of a shell on its dead */
        execl("/bin/sh", "sh", "-c", "sh -c 'sleep 100 & sleep 100 & echo; wait' & wait $!; exit 7",
              (char *)NULL);
        _exit(127);
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    return pid;
}

/* The children are killed, and their parent lives to tell. */
static void test_kill_spares_the_shell(void **state)
{
    (void)state;
    struct fixture fixture;
    struct lab_error err = LAB_ERROR_INIT;
    begin(&fixture, "[{\"at\":0,\"pause\":\"h1\",\"for\":\"100s\"},{\"at\":0,\"kill\":\"h1\"},"
                    "{\"at\":0,\"kill\":\"h2\"}]");
    pid_t job = fixture.programs[1].job = start_family();
    faults_begin(&fixture.faults, event_now());
    turn(&fixture);
    int status;
    assert_int_equal(waitpid(job, &status, 0), job);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 7);
    assert_true(fixture.programs[1].killed);
    assert_false(fixture.programs[2].killed);
    fixture.programs[1].ended = true;
    assert_int_equal(faults_end(&fixture.faults, &err), 0);
    cleanup_free char *log = end(&fixture);
    assert_contains(log, "\"kind\":\"kill\",\"node\":\"h1\",\"fault\":2,\"planned\":\"0ns\","
                         "\"reached\":true");
    assert_contains(log, "\"node\":\"h2\",\"fault\":3,\"planned\":\"0ns\",\"reached\":false,"
                         "\"reason\":\"its program had ended\"");
}

static void test_seize_reaches_all_generations(void **state)
{
    (void)state;
    struct lab_error err = LAB_ERROR_INIT;
    size_t reached = 0;
    pid_t root = start_family();
    assert_int_equal(seize_all(root, SIGSTOP, &reached, &err), 0);
    assert_int_equal(reached, 3);
    assert_int_equal(waitpid(root, NULL, WNOHANG), 0);
    assert_int_equal(seize_signal(root, SIGKILL, &reached, &err), 0);
    assert_int_equal(reached, 3);
    assert_int_equal(waitpid(root, NULL, 0), root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_links_change_and_are_put_back),
        cmocka_unit_test(test_share_of_all_bytes),
        cmocka_unit_test(test_kill_spares_the_shell),
        cmocka_unit_test(test_seize_reaches_all_generations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
