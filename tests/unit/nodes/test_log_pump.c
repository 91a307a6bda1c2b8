#include "testing.h"

#include <sys/mman.h>
#include <unistd.h>

#include "lib/log_pump.h"

struct fixture {
    struct log_pump pump;
    int log, to;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    struct lab_error err = LAB_ERROR_INIT;
    fixture->log = memfd_create("log", 0);
    *state = fixture;
    return log_pump_open(&fixture->pump, fixture->log, &fixture->to, &err);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    close(fixture->log);
    close(fixture->to);
    free(fixture);
    return 0;
}

/* Write `size` bytes that tell their own place: one letter for each kilobyte. */
static void say(struct fixture *fixture, size_t size)
{
    static size_t at;
    char line[1024];
    if (size == 0)
        at = 0;
    for (; size > 0; size -= sizeof(line)) {
        memset(line, 'a' + (int)(at++ % 26), sizeof(line));
        assert_int_equal(write(fixture->to, line, sizeof(line)), sizeof(line));
        log_pump_move(&fixture->pump);
    }
}

static off_t length(const struct fixture *fixture)
{
    return lseek(fixture->log, 0, SEEK_END);
}

static void test_little_is_kept_whole(void **state)
{
    struct fixture *fixture = *state;
    say(fixture, 0);
    say(fixture, 100 << 10);
    assert_int_equal(length(fixture), 100 << 10); /* and is there at once */
    assert_int_equal(log_pump_close(&fixture->pump), 0);
    assert_int_equal(length(fixture), 100 << 10);
    assert_int_equal(log_pump_close(&fixture->pump), 0);
}

static void test_the_tail_closes_up_when_it_holds_the_rest(void **state)
{
    struct fixture *fixture = *state;
    say(fixture, PUMP_HEAD_BYTES + PUMP_TAIL_BYTES);
    assert_int_equal(length(fixture), PUMP_HEAD_BYTES);
    assert_int_equal(log_pump_close(&fixture->pump), 0);
    assert_int_equal(length(fixture), PUMP_HEAD_BYTES + PUMP_TAIL_BYTES);
}

static void test_head_and_tail_are_kept_and_the_rest_is_counted(void **state)
{
    struct fixture *fixture = *state;
    char found[1024] = "", note[] = "\n[labctl: 1048576 bytes were dropped here]\n";
    say(fixture, 0);
    say(fixture, PUMP_HEAD_BYTES + (1 << 20) + PUMP_TAIL_BYTES - 1024);
    assert_int_equal(write(fixture->to, "the end", 7), 7);
    assert_int_equal(write(fixture->to, found, sizeof(found) - 7), sizeof(found) - 7);
    assert_int_equal(log_pump_close(&fixture->pump), 1 << 20);
    assert_int_equal(length(fixture), PUMP_HEAD_BYTES + (off_t)strlen(note) + PUMP_TAIL_BYTES);
    assert_true(pread(fixture->log, found, strlen(note), PUMP_HEAD_BYTES) > 0);
    assert_string_equal(found, note);
    memset(found, 0, sizeof(found));
    assert_true(pread(fixture->log, found, 7, length(fixture) - 1024) == 7);
    assert_string_equal(found, "the end");
}

static void test_the_end_of_the_command_is_seen(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(write(fixture->to, "x", 1), 1);
    close(fixture->to);
    fixture->to = dup(fixture->log);
    log_pump_move(&fixture->pump);
    log_pump_move(&fixture->pump);
    assert_int_equal(fixture->pump.from, -1);
    assert_int_equal(log_pump_close(&fixture->pump), 0);
    assert_int_equal(length(fixture), 1);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_little_is_kept_whole),
        TEST(test_the_tail_closes_up_when_it_holds_the_rest),
        TEST(test_head_and_tail_are_kept_and_the_rest_is_counted),
        TEST(test_the_end_of_the_command_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
