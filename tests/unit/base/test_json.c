#include "testing.h"

#include "base/json.h"

struct pair {
    uint64_t count;
    bool flag;
};

static void decode_count(const struct json_at *at, void *out)
{
    json_get_integer(at, 1, 10, out);
}

static void decode_flag(const struct json_at *at, void *out)
{
    json_get_bool(at, out);
}

static const struct json_field fields[] = {
    { "count", decode_count, offsetof(struct pair, count), true },
    { "flag", decode_flag, offsetof(struct pair, flag), false },
};

/* Decode `text` as a pair; what was wrong with it is in err. */
static int decode(const char *text, size_t length, struct pair *pair, struct lab_error *err)
{
    struct json_doc doc;
    int result = json_doc_parse(&doc, "f.json", text, length, err);
    if (result == 0) {
        struct json_at root = json_root(&doc);
        json_decode_object(&root, fields, ARRAY_LENGTH(fields), pair);
        result = json_doc_check(&doc, err);
    }
    json_doc_close(&doc);
    return result;
}

static const char *complaint(const char *text)
{
    static struct lab_error err;
    struct pair pair = { 0 };
    assert_int_equal(decode(text, strlen(text), &pair, &err), -1);
    assert_int_equal(err.code, LAB_ERR_INVALID);
    return err.message;
}

static void test_decodes(void **state)
{
    (void)state;
    struct lab_error err;
    struct pair pair = { 0 };
    const char *text = "{\"flag\": true, \"count\": 3}";
    assert_int_equal(decode(text, strlen(text), &pair, &err), 0);
    assert_int_equal(pair.count, 3);
    assert_true(pair.flag);
}

static void test_names_line_pointer_and_value(void **state)
{
    (void)state;
    const char *said = complaint("{\n  \"flag\": true,\n\n  \"count\": \"3\"\n}");
    assert_string_equal(said,
                        "f.json:4: /count: expected a whole number from 1 to 10, found \"3\"");
    assert_contains(complaint("[1]"), "f.json:1: expected an object, found an array");
    assert_contains(complaint("{\"count\": 1.5}"), "found the number 1.5");
    assert_contains(complaint("{\"count\": 1e999}"), "expected a whole number");
    assert_contains(complaint("{\"count\": 11}"), "found the number 11");
}

static void test_several_problems_at_once(void **state)
{
    (void)state;
    const char *said = complaint("{\"Count\": 1,\n\"flog\": 2,\n\"flag\": 3, \"flag\": null}");
    assert_contains(said, "f.json:1: /Count: unknown key; did you mean \"count\"?");
    assert_contains(said, "f.json:2: /flog: unknown key; did you mean \"flag\"?");
    assert_contains(said, "f.json:3: /flag: duplicate key");
    assert_contains(said, "f.json:3: /flag: expected true or false, found the number 3");
    assert_contains(said, "\"count\" is missing");
}

static void test_keys_with_odd_characters(void **state)
{
    (void)state;
    assert_contains(complaint("{\"count\": 1, \"a/b~c\\n\": 2}"), "/a~1b~0c?: unknown key");
    assert_contains(complaint("{\"x\": [{\"}\": \"{\"}], \"count\":\n 0}"), "f.json:1: /count:");
    assert_contains(complaint("{\"x\": \"\\\"\",\n \"count\": 0}"), "f.json:2: /count:");
}

static void test_syntax_errors_name_the_place(void **state)
{
    (void)state;
    assert_contains(complaint("{\n \"count\": 1,,\n}"), "f.json:2:");
    assert_contains(complaint("{\"count\": 1"), "ends too early");
    assert_contains(complaint("{\"count\": 1} x"), "did not expect 'x'");
    assert_contains(complaint(""), "ends too early");
    assert_contains(complaint("{\"count\": NaN}"), "not valid JSON");
    assert_contains(complaint("{\"a\\\\\": 0,\n\"b\\u0000\": 1}"),
                    "f.json:2:3: \\u0000 has no place");
    assert_contains(complaint("{\"\xc3\x28\": 1}"), "f.json:1:3: not valid UTF-8");
    assert_contains(complaint("{\n\v\"count\": 1}"), "f.json:2:1: a control character");
}

static void test_nul_byte(void **state)
{
    (void)state;
    struct lab_error err;
    struct pair pair;
    assert_int_equal(decode("{\"count\": 1}\0", 13, &pair, &err), -1);
    assert_contains(err.message, "a control character");
}

static void test_deep_nesting_is_refused(void **state)
{
    (void)state;
    char text[20001];
    memset(text, '[', 20000);
    text[20000] = '\0';
    assert_contains(complaint(text), "not valid JSON");
}

/* A hundred thousand problems are counted, the first are told, and it does not take long. */
static void test_endless_problems(void **state)
{
    (void)state;
    size_t count = 100000;
    char *text = malloc(count * 16 + 16), *end = text;
    end += sprintf(end, "{\"count\":1");
    for (size_t i = 0; i < count; i++)
        end += sprintf(end, ",\"k%zu\":0", i);
    strcpy(end, "}");
    const char *said = complaint(text);
    assert_contains(said, "/k0: unknown key");
    assert_contains(said, "(and more)");
    free(text);
}

static void test_large_file_is_refused(void **state)
{
    (void)state;
    char path[] = "test_json_XXXXXX";
    struct lab_error err;
    struct json_doc doc;
    int fd = mkstemp(path);
    assert_int_equal(ftruncate(fd, 100 << 20), 0);
    assert_int_equal(json_doc_read(&doc, path, &err), -1);
    assert_contains(err.message, "at most");
    json_doc_close(&doc);
    close(fd);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decodes),
        cmocka_unit_test(test_names_line_pointer_and_value),
        cmocka_unit_test(test_several_problems_at_once),
        cmocka_unit_test(test_keys_with_odd_characters),
        cmocka_unit_test(test_syntax_errors_name_the_place),
        cmocka_unit_test(test_nul_byte),
        cmocka_unit_test(test_deep_nesting_is_refused),
        cmocka_unit_test(test_endless_problems),
        cmocka_unit_test(test_large_file_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
