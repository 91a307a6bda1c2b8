#include "testing.h"

#include <cjson/cJSON.h>

#include "base/fs.h"
#include "labctl/event_writer.h"

/* A writer on a fresh file, and what it wrote. */
struct written {
    struct event_writer writer;
    char path[32];
    char *text;
};

static int set_up(void **state)
{
    struct written *written = calloc(1, sizeof(*written));
    strcpy(written->path, "test_events_XXXXXX");
    event_writer_init(&written->writer, mkstemp(written->path));
    *state = written;
    return 0;
}

static int tear_down(void **state)
{
    struct written *written = *state;
    close(written->writer.fd);
    unlink(written->path);
    free(written->text);
    free(written);
    return 0;
}

static const char *read_back(struct written *written)
{
    struct lab_error err;
    assert_int_equal(event_flush(&written->writer, &err), 0);
    written->text = fs_read_file(written->path, 1 << 24, NULL, &err);
    assert_non_null(written->text);
    return written->text;
}

static void test_line(void **state)
{
    struct written *written = *state;
    event_begin(&written->writer, "close", 12345678901234);
    event_integer(&written->writer, "bytes", -1);
    event_string(&written->writer, "peer", "10.0.0.1:5");
    event_real(&written->writer, "seconds", 0.25);
    event_bool(&written->writer, "ok", true);
    event_end(&written->writer);
    assert_string_equal(read_back(written),
                        "{\"t\":12345678901234,\"event\":\"close\",\"bytes\":-1,"
                        "\"peer\":\"10.0.0.1:5\",\"seconds\":0.25,\"ok\":true}\n");
}

/* Whatever a string holds, the line is valid JSON and one line. */
static void test_hostile_strings(void **state)
{
    struct written *written = *state;
    static const char *const strings[] = { "\"\\\n\t\x01", "\xff\xfe", "\xc3\xa9", "\xed\xa0\x80" };
    for (size_t i = 0; i < ARRAY_LENGTH(strings); i++) {
        event_begin(&written->writer, "error", 1);
        event_string(&written->writer, "message", strings[i]);
        event_end(&written->writer);
    }
    size_t lines = 0;
    for (char *line = strtok((char *)read_back(written), "\n"); line; line = strtok(NULL, "\n")) {
        cJSON *event = cJSON_Parse(line);
        assert_non_null(event);
        if (lines == 0)
            assert_string_equal(cJSON_GetObjectItem(event, "message")->valuestring, strings[0]);
        cJSON_Delete(event);
        lines++;
    }
    assert_int_equal(lines, ARRAY_LENGTH(strings));
}

static void test_long_strings_keep_the_line_bounded(void **state)
{
    struct written *written = *state;
    char text[20000];
    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    event_begin(&written->writer, "error", 1);
    event_string(&written->writer, "message", text);
    event_string(&written->writer, "peer", text);
    event_integer(&written->writer, "bytes", 7);
    event_end(&written->writer);
    const char *line = read_back(written);
    assert_true(strlen(line) <= EVENT_LINE_MAX);
    assert_contains(line, "\"bytes\":7}\n");
}

static void test_many_lines_arrive_whole(void **state)
{
    struct written *written = *state;
    for (int i = 0; i < 5000; i++) {
        event_begin(&written->writer, "progress", (uint64_t)i + 1);
        event_integer(&written->writer, "bytes", i);
        event_end(&written->writer);
    }
    const char *text = read_back(written);
    size_t lines = 0;
    for (const char *s = text; (s = strchr(s, '\n')); s++)
        lines++;
    assert_int_equal(lines, 5000);
    assert_contains(text, "{\"t\":5000,\"event\":\"progress\",\"bytes\":4999}\n");
}

static void test_full_disk_is_told(void **state)
{
    (void)state;
    static struct event_writer writer;
    struct lab_error err = LAB_ERROR_INIT;
    FILE *full = fopen("/dev/full", "w");
    event_writer_init(&writer, fileno(full));
    event_begin(&writer, "start", 0);
    event_end(&writer);
    assert_int_equal(event_flush(&writer, &err), -1);
    assert_int_equal(err.code, LAB_ERR_IO);
    assert_contains(err.message, "No space left");
    fclose(full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hostile_strings, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_long_strings_keep_the_line_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_many_lines_arrive_whole, set_up, tear_down),
        cmocka_unit_test(test_full_disk_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
