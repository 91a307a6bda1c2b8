#include "testing.h"

#include "base/event_record.h"

static char line[1 << 17];
static struct event_record record;

static bool parse(const char *text)
{
    snprintf(line, sizeof(line), "%s", text);
    return record_parse(&record, line, strlen(line));
}

static void takes_every_type(void **state)
{
    (void)state;
    assert_true(parse("{\"t\":9007199254740993,\"event\":\"block\", \"n\": -7 , \"r\":1.5e-3,"
                      "\"b\":true,\"f\":false,\"z\":null,\"a\":[1,{\"x\":[]}],\"o\":{}}"));
    assert_true(record.t == 9007199254740993u); /* no double holds it */
    assert_string_equal(record.event, "block");
    assert_int_equal(record_integer(&record, "n", 0), -7);
    assert_int_equal(record_find(&record, "r")->type, RECORD_REAL);
    assert_true(record_find(&record, "r")->real == 1.5e-3);
    assert_true(record_find(&record, "b")->boolean);
    assert_false(record_find(&record, "f")->boolean);
    assert_int_equal(record_find(&record, "z")->type, RECORD_NULL);
    assert_int_equal(record_find(&record, "a")->type, RECORD_NESTED);
    assert_int_equal(record_find(&record, "o")->type, RECORD_NESTED);
    assert_null(record_find(&record, "N"));
}

static void integers_to_the_last(void **state)
{
    (void)state;
    assert_true(parse("{\"t\":1,\"event\":\"e\",\"max\":9223372036854775807,"
                      "\"min\":-9223372036854775808,\"over\":9223372036854775808,"
                      "\"under\":-9223372036854775809,\"zero\":-0}"));
    assert_true(record_integer(&record, "max", 0) == INT64_MAX);
    assert_true(record_integer(&record, "min", 0) == INT64_MIN);
    assert_int_equal(record_find(&record, "over")->type, RECORD_REAL);
    assert_int_equal(record_find(&record, "under")->type, RECORD_REAL);
    assert_int_equal(record_integer(&record, "zero", 1), 0);
}

static void falls_back_on_another_type(void **state)
{
    (void)state;
    assert_true(parse("{\"t\":1,\"event\":\"e\",\"s\":\"5\",\"n\":-5,\"r\":5.0}"));
    assert_int_equal(record_integer(&record, "s", 3), 3);
    assert_int_equal(record_integer(&record, "r", 3), 3);
    assert_int_equal(record_count(&record, "n", 3), 3);
    assert_string_equal(record_string(&record, "n", "none"), "none");
    assert_null(record_string(&record, "absent", NULL));
}

static void unescapes_strings(void **state)
{
    (void)state;
    assert_true(
        parse("{\"t\":1,\"event\":\"e\",\"s\":\"a\\\"\\\\\\/\\b\\f\\n\\r\\tz\","
              "\"u\":\"\\u00e9\\u20ac\\ud83d\\ude00\",\"bad\":\"\\ud83d.\\udc00\\u0000\"}"));
    assert_string_equal(record_string(&record, "s", ""), "a\"\\/\b\f\n\r\tz");
    assert_string_equal(record_string(&record, "u", ""), "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
    assert_string_equal(record_string(&record, "bad", ""), "?.??");
}

static void replaces_what_is_no_utf8(void **state)
{
    (void)state;
    assert_true(parse("{\"t\":1,\"event\":\"e\",\"s\":\"a\xff\xc3z\xc3\xa9\"}"));
    assert_string_equal(record_string(&record, "s", ""), "a??z\xc3\xa9");
}

static void refuses_what_is_no_event(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "{}",
        "null",
        "[]",
        "{\"t\":1}",
        "{\"event\":\"e\"}",
        "{\"t\":-1,\"event\":\"e\"}",
        "{\"t\":1.5,\"event\":\"e\"}",
        "{\"t\":99999999999999999999,\"event\":\"e\"}",
        "{\"t\":\"1\",\"event\":\"e\"}",
        "{\"t\":1,\"event\":7}",
        "{\"t\":1,\"event\":\"e\"} x",
        "{\"t\":1,\"event\":\"e\"",
        "{\"t\":1,\"event\":\"e\",}",
        "{\"t\":1 \"event\":\"e\"}",
        "{t:1,\"event\":\"e\"}",
        "{\"t\":01,\"event\":\"e\"}",
        "{\"t\":1,\"event\":\"e\",\"x\":.5}",
        "{\"t\":1,\"event\":\"e\",\"x\":1.}",
        "{\"t\":1,\"event\":\"e\",\"x\":1e}",
        "{\"t\":1,\"event\":\"e\",\"x\":tru}",
        "{\"t\":1,\"event\":\"e\",\"x\":\"\\q\"}",
        "{\"t\":1,\"event\":\"e\",\"x\":\"\\u12g4\"}",
        "{\"t\":1,\"event\":\"e\",\"x\":\"a\tb\"}",
        "{\"t\":1,\"event\":\"e\",\"x\":[1,]}",
        "{\"t\":1,\"event\":\"e\",\"x\":[1}",
        "{\"t\":1,\"event\":\"prog",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
        if (parse(bad[i]))
            fail_msg("taken for an event: %s", bad[i]);
}

static void refuses_deep_nesting(void **state)
{
    (void)state;
    char text[4096] = "{\"t\":1,\"event\":\"e\",\"x\":";
    size_t used = strlen(text);
    memset(text + used, '[', 1000);
    memset(text + used + 1000, ']', 1000);
    strcpy(text + used + 2000, "}");
    assert_false(parse(text));
}

static void more_fields_than_kept(void **state)
{
    (void)state;
    char text[4096] = "{\"t\":1,\"event\":\"e\"";
    for (int i = 0; i < 100; i++)
        sprintf(text + strlen(text), ",\"k%d\":%d", i, i);
    strcat(text, "}");
    assert_true(parse(text));
    assert_int_equal(record.field_count, RECORD_FIELDS_MAX);
    assert_int_equal(record_integer(&record, "k3", -1), 3);
    assert_null(record_find(&record, "k99"));
}

/* A NUL inside a line ends what is read of it, so the line is refused whole. */
static void nul_byte_is_no_end(void **state)
{
    (void)state;
    static const char text[] = "{\"t\":1,\"event\":\"e\"}\0{}";
    memcpy(line, text, sizeof(text));
    assert_false(record_parse(&record, line, sizeof(text) - 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_every_type),           cmocka_unit_test(integers_to_the_last),
        cmocka_unit_test(falls_back_on_another_type), cmocka_unit_test(unescapes_strings),
        cmocka_unit_test(replaces_what_is_no_utf8),   cmocka_unit_test(refuses_what_is_no_event),
        cmocka_unit_test(refuses_deep_nesting),       cmocka_unit_test(more_fields_than_kept),
        cmocka_unit_test(nul_byte_is_no_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
