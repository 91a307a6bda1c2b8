#include "testing.h"

#include "base/json_pointer.h"

static void assert_set(const char *document, const char *pointer, const char *value,
                       const char *expected)
{
    struct lab_error err = LAB_ERROR_INIT;
    cJSON *root = cJSON_Parse(document), *node = cJSON_Parse(value);
    int result = json_pointer_set(root, pointer, node, &err);
    cleanup_free char *text = cJSON_PrintUnformatted(root);
    if (expected[0] == '{') {
        assert_int_equal(result, 0);
        assert_string_equal(text, expected);
    } else {
        assert_int_equal(result, -1);
        assert_int_equal(err.code, LAB_ERR_INVALID);
        assert_string_equal(err.message, expected);
    }
    cJSON_Delete(root);
    cJSON_Delete(node);
}

static void test_set(void **state)
{
    (void)state;
    assert_set("{\"a\":{\"b\":1,\"c\":2}}", "/a/b", "\"x\"", "{\"a\":{\"b\":\"x\",\"c\":2}}");
    assert_set("{\"a\":[1,2]}", "/a/1", "{}", "{\"a\":[1,{}]}");
    assert_set("{}", "/a/b", "1", "{\"a\":{\"b\":1}}");
    assert_set("{\"a/b\":1,\"m~n\":2}", "/a~1b", "3", "{\"a/b\":3,\"m~n\":2}");
    assert_set("{\"a/b\":1,\"m~n\":2}", "/m~0n", "3", "{\"a/b\":1,\"m~n\":3}");
    assert_set("{\"A\":1}", "/a", "2", "{\"A\":1,\"a\":2}");
}

static void test_a_way_that_ends_early(void **state)
{
    (void)state;
    assert_set("{\"a\":5}", "/a/b", "1", "/a: expected an object or an array, found the number 5");
    assert_set("{\"a\":[1]}", "/a/1", "1",
               "/a: expected the number of one of its elements, found /1");
    assert_set("{\"a\":[1]}", "/a/-", "1",
               "/a: expected the number of one of its elements, found /-");
    assert_set("{\"a\":[1,2]}", "/a/01", "1",
               "/a: expected the number of one of its elements, found /01");
}

static void test_names(void **state)
{
    (void)state;
    assert_true(json_pointer_valid("/a/b~0~1"));
    assert_false(json_pointer_valid(""));
    assert_false(json_pointer_valid("a"));
    assert_false(json_pointer_valid("/a~2"));
    assert_false(json_pointer_valid("/a~"));
    assert_true(json_pointer_holds("/a", "/a"));
    assert_true(json_pointer_holds("/a", "/a/b"));
    assert_false(json_pointer_holds("/a", "/ab"));
    assert_false(json_pointer_holds("/a/b", "/a"));
    cleanup_free char *last = json_pointer_last("/a/b~1c");
    assert_string_equal(last, "b/c");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set),
        cmocka_unit_test(test_a_way_that_ends_early),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
