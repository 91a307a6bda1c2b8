#include "testing.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "supervise/follow.h"

/* A log being written, and what its follower handed out, line by line with a "|". */
struct fixture {
    char path[64];
    int fd;
    struct follower follower;
    char taken[4096];
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    strcpy(fixture->path, "/tmp/labctl-follow-XXXXXX");
    fixture->fd = mkstemp(fixture->path);
    follow_init(&fixture->follower);
    *state = fixture;
    return fixture->fd < 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    follow_release(&fixture->follower);
    close(fixture->fd);
    unlink(fixture->path);
    free(fixture);
    return 0;
}

static void add(struct fixture *fixture, const char *text)
{
    assert_int_equal(write(fixture->fd, text, strlen(text)), strlen(text));
}

static void take(void *context, char *line, size_t length)
{
    assert_int_equal(strlen(line), length);
    struct fixture *fixture = context;
    size_t used = strlen(fixture->taken);
    snprintf(fixture->taken + used, sizeof(fixture->taken) - used, "%.40s|", line);
}

/* What the next look hands out. */
static const char *look(struct fixture *fixture)
{
    fixture->taken[0] = '\0';
    assert_int_equal(follow_read(&fixture->follower, fixture->path, take, fixture), 0);
    return fixture->taken;
}

static void test_only_what_is_new(void **state)
{
    struct fixture *fixture = *state;
    assert_string_equal(look(fixture), "");
    add(fixture, "one\ntwo\n");
    assert_string_equal(look(fixture), "one|two|");
    assert_string_equal(look(fixture), "");
    add(fixture, "three\n\n");
    assert_string_equal(look(fixture), "three||");
}

static void test_part_of_a_line_waits(void **state)
{
    struct fixture *fixture = *state;
    add(fixture, "{\"event\":");
    assert_string_equal(look(fixture), "");
    add(fixture, "\"ready\"}");
    assert_string_equal(look(fixture), "");
    add(fixture, "\nnext");
    assert_string_equal(look(fixture), "{\"event\":\"ready\"}|");
    add(fixture, "\n");
    assert_string_equal(look(fixture), "next|");
}

static void test_line_too_long_is_skipped(void **state)
{
    struct fixture *fixture = *state;
    char *long_text = calloc(1, 3 * FOLLOW_LINE_MAX + 1);
    memset(long_text, 'x', 3 * FOLLOW_LINE_MAX);
    add(fixture, "before\n");
    add(fixture, long_text);
    assert_string_equal(look(fixture), "before|");
    add(fixture, long_text);
    assert_string_equal(look(fixture), "");
    add(fixture, "\nafter\n");
    assert_string_equal(look(fixture), "after|");
    assert_int_equal(fixture->follower.skipped, 1);
    long_text[FOLLOW_LINE_MAX - 1] = '\0'; /* the longest that is taken */
    add(fixture, long_text);
    add(fixture, "\n");
    assert_int_equal(strlen(look(fixture)), 41);
    assert_int_equal(fixture->follower.skipped, 1);
    free(long_text);
}

static void test_many_lines_at_once(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < 10000; i++)
        add(fixture, i == 9999 ? "last\n" : "123456789\n");
    fixture->taken[0] = '\0';
    /* A look reads as long as there is more. */
    assert_int_equal(follow_read(&fixture->follower, fixture->path, take, fixture), 0);
    assert_int_equal(fixture->follower.offset, 9999 * 10 + 5);
}

static void test_log_comes_later(void **state)
{
    struct fixture *fixture = *state;
    unlink(fixture->path);
    assert_string_equal(look(fixture), "");
    close(fixture->fd);
    fixture->fd = open(fixture->path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    add(fixture, "there\n");
    assert_string_equal(look(fixture), "there|");
}

static void test_unreadable(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(follow_read(&fixture->follower, "/dev/null/log", take, fixture), -1);
    assert_int_equal(errno, ENOTDIR);
}

static void ignore(void *context, char *line, size_t length)
{
    (void)line;
    (void)length;
    ++*(int *)context;
}

/* A program that writes faster than it is read keeps nobody waiting. */
static void test_one_look_is_bounded(void **state)
{
    struct fixture *fixture = *state;
    int lines = 0, looks = 1;
    assert_int_equal(ftruncate(fixture->fd, 5ll * FOLLOW_TURN_BYTES / 2), 0);
    assert_int_equal(lseek(fixture->fd, 0, SEEK_END), 5ll * FOLLOW_TURN_BYTES / 2);
    add(fixture, "\nlast\n");
    while (follow_read(&fixture->follower, fixture->path, ignore, &lines) == 1)
        looks++;
    assert_int_equal(looks, 3);
    assert_int_equal(lines, 1);
    assert_int_equal(fixture->follower.skipped, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_only_what_is_new, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_part_of_a_line_waits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_line_too_long_is_skipped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_many_lines_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_log_comes_later, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_unreadable, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_one_look_is_bounded, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
