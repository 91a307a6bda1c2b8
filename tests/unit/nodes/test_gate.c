/* The gate: what comes through it, what does not, and a signal at it. */
#include "testing.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "labctl/event_writer.h"
#include "lib/gate.h"

struct at_gate {
    char folder[64], path[96];
    struct loop loop;
    int fd, writer;
};

static int set_up(void **state)
{
    struct lab_error err = LAB_ERROR_INIT;
    struct at_gate *at = calloc(1, sizeof(*at));
    snprintf(at->folder, sizeof(at->folder), "/tmp/test_gate.XXXXXX");
    assert_non_null(mkdtemp(at->folder));
    snprintf(at->path, sizeof(at->path), "%s/gate", at->folder);
    assert_int_equal(mkfifo(at->path, 0600), 0);
    assert_int_equal(loop_open(&at->loop, &err), 0);
    at->fd = gate_open_reader(at->path, &err);
    assert_true(at->fd >= 0);
    at->writer = open(at->path, O_WRONLY | O_NONBLOCK);
    assert_true(at->writer >= 0);
    *state = at;
    return 0;
}

static int tear_down(void **state)
{
    struct at_gate *at = *state;
    loop_close(&at->loop);
    close(at->fd);
    close(at->writer);
    unlink(at->path);
    rmdir(at->folder);
    free(at);
    return 0;
}

static void the_instant_is_waited_for(void **state)
{
    struct at_gate *at = *state;
    struct lab_error err = LAB_ERROR_INIT;
    uint64_t told = event_now() + 20000000, planned;
    assert_int_equal(write(at->writer, &told, sizeof(told)), sizeof(told));
    assert_int_equal(gate_wait(at->fd, &at->loop, &planned, &err), 0);
    assert_true(planned == told);
    assert_true(event_now() >= told);
}

static void an_instant_in_pieces_is_put_together(void **state)
{
    struct at_gate *at = *state;
    struct lab_error err = LAB_ERROR_INIT;
    uint64_t told = 0x0102030405, planned;
    assert_int_equal(write(at->writer, &told, 3), 3);
    assert_int_equal(write(at->writer, (char *)&told + 3, 5), 5);
    assert_int_equal(gate_wait(at->fd, &at->loop, &planned, &err), 0);
    assert_true(planned == told);
}

static void a_gate_closed_early_is_an_error(void **state)
{
    struct at_gate *at = *state;
    struct lab_error err = LAB_ERROR_INIT;
    uint64_t planned;
    assert_int_equal(write(at->writer, "abc", 3), 3);
    close(at->writer);
    assert_int_equal(gate_wait(at->fd, &at->loop, &planned, &err), -1);
    assert_int_equal(err.code, LAB_ERR_NODE);
    assert_contains(err.message, "after 3 bytes");
}

static void a_signal_ends_the_waiting(void **state)
{
    struct at_gate *at = *state;
    struct lab_error err = LAB_ERROR_INIT;
    uint64_t planned;
    raise(SIGTERM);
    assert_int_equal(gate_wait(at->fd, &at->loop, &planned, &err), -1);
    assert_int_equal(err.code, LAB_ERR_INTERRUPTED);
    assert_true(at->loop.stop && at->loop.signalled);
}

static void a_signal_ends_the_sleep_until_the_instant(void **state)
{
    struct at_gate *at = *state;
    struct lab_error err = LAB_ERROR_INIT;
    uint64_t told = event_now() + 3600000000000, planned;
    assert_int_equal(write(at->writer, &told, sizeof(told)), sizeof(told));
    raise(SIGTERM);
    assert_int_equal(gate_wait(at->fd, &at->loop, &planned, &err), -1);
    assert_int_equal(err.code, LAB_ERR_INTERRUPTED);
}

static void a_gate_that_is_not_there(void **state)
{
    struct lab_error err = LAB_ERROR_INIT;
    (void)state;
    assert_int_equal(gate_open_reader("/nowhere/gate", &err), -1);
    assert_int_equal(err.code, LAB_ERR_IO);
    assert_contains(err.message, "/nowhere/gate");
}

int main(void)
{
#define AT_GATE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        AT_GATE(the_instant_is_waited_for),
        AT_GATE(an_instant_in_pieces_is_put_together),
        AT_GATE(a_gate_closed_early_is_an_error),
        AT_GATE(a_signal_ends_the_waiting),
        AT_GATE(a_signal_ends_the_sleep_until_the_instant),
        cmocka_unit_test(a_gate_that_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
