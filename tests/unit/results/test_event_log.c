#include "testing.h"

#include <sys/stat.h>

#include "results/event_log.h"
#include "run_fixture.h"

static struct event_log reader;

/* Read a log of this content; the number of events in it. */
static unsigned read_all(const char *text)
{
    struct lab_error err;
    cleanup_free char *path = fs_path("%s/log.jsonl", fixture_root);
    fixture_write(path, text);
    assert_int_equal(event_log_open(&reader, path, &err), 0);
    struct event_record record;
    unsigned events = 0;
    while (event_log_next(&reader, &record))
        events++;
    event_log_close(&reader);
    return events;
}

#define LINE "{\"t\":1,\"event\":\"progress\",\"bytes\":5}\n"

static void reads_whole_lines(void **state)
{
    (void)state;
    assert_int_equal(read_all(LINE "\n  \r\n" LINE), 2);
    assert_int_equal(reader.damage.malformed + reader.damage.too_long + reader.damage.partial, 0);
    assert_int_equal(read_all(""), 0);
}

static void counts_a_half_last_line(void **state)
{
    (void)state;
    assert_int_equal(read_all(LINE LINE "{\"t\":1,\"eve"), 2);
    assert_int_equal(reader.damage.partial, 1);
    assert_int_equal(reader.damage.malformed, 0);
}

static void takes_a_last_line_that_lacks_only_its_end(void **state)
{
    (void)state;
    assert_int_equal(read_all(LINE "{\"t\":1,\"event\":\"finish\"}"), 2);
    assert_int_equal(reader.damage.partial, 0);
}

static void counts_what_is_no_event(void **state)
{
    (void)state;
    assert_int_equal(read_all(LINE "Segmentation fault\n{\"t\":2}\n" LINE), 2);
    assert_int_equal(reader.damage.malformed, 2);
}

static void passes_over_a_line_that_is_too_long(void **state)
{
    (void)state;
    for (size_t length = EVENT_LOG_LINE_MAX - 1; length < 3 * EVENT_LOG_LINE_MAX; length += 16384) {
        cleanup_free char *filler = malloc(length + 1);
        memset(filler, 'x', length);
        filler[length] = '\0';
        cleanup_free char *text = fs_path(LINE "%s\n" LINE, filler);
        assert_int_equal(read_all(text), 2);
        assert_int_equal(reader.damage.too_long + reader.damage.malformed, 1);
        cleanup_free char *unended = fs_path(LINE "%s", filler);
        assert_int_equal(read_all(unended), 1);
    }
}

static void reads_lines_across_buffers(void **state)
{
    (void)state;
    enum { COUNT = 20000 };
    cleanup_free char *text = malloc(COUNT * 64);
    size_t used = 0;
    for (int i = 0; i < COUNT; i++)
        used += (size_t)sprintf(text + used, "{\"t\":%d,\"event\":\"progress\",\"bytes\":%d}\n", i,
                                i * 7);
    assert_int_equal(read_all(text), COUNT);
    assert_int_equal(reader.damage.malformed, 0);
}

static void names_what_cannot_be_read(void **state)
{
    (void)state;
    struct lab_error err = LAB_ERROR_INIT;
    cleanup_free char *absent = fs_path("%s/absent.jsonl", fixture_root);
    assert_int_equal(event_log_open(&reader, absent, &err), 1);
    assert_int_equal(err.code, LAB_ERR_NONE);
    assert_int_equal(event_log_open(&reader, fixture_root, &err), -1);
    assert_non_null(strstr(err.message, "not a regular file"));
    cleanup_free char *fifo = fs_path("%s/fifo.jsonl", fixture_root);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_int_equal(event_log_open(&reader, fifo, &err), -1); /* and does not wait */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_whole_lines),
        cmocka_unit_test(counts_a_half_last_line),
        cmocka_unit_test(takes_a_last_line_that_lacks_only_its_end),
        cmocka_unit_test(counts_what_is_no_event),
        cmocka_unit_test(passes_over_a_line_that_is_too_long),
        cmocka_unit_test(reads_lines_across_buffers),
        cmocka_unit_test(names_what_cannot_be_read),
    };
    return cmocka_run_group_tests(tests, fixture_set_up, fixture_tear_down);
}
