#include "testing.h"

#include "base/template.h"

static const struct template_value values[] = {
    { "port", "5001" },
    { "server_ip", "10.0.0.1" },
    { "empty", "" },
};

static const char *expand(const char *text)
{
    static char kept[LAB_ERROR_MESSAGE_MAX];
    struct lab_error err = LAB_ERROR_INIT;
    cleanup_free char *expanded = template_expand(text, values, ARRAY_LENGTH(values), &err);
    snprintf(kept, sizeof(kept), "%s", expanded ? expanded : err.message);
    return kept;
}

static void test_expands(void **state)
{
    (void)state;
    assert_string_equal(expand("http://{server_ip}:{port}/"), "http://10.0.0.1:5001/");
    assert_string_equal(expand("plain"), "plain");
    assert_string_equal(expand(""), "");
    assert_string_equal(expand("{empty}"), "");
}

static void test_literal_braces(void **state)
{
    (void)state;
    assert_string_equal(expand("awk '{{print $1}}'"), "awk '{print $1}'");
    assert_string_equal(expand("{{port}}"), "{port}");
    assert_string_equal(expand("{{{port}}}"), "{5001}");
}

/* A value is not looked at again: what it holds is no placeholder. */
static void test_values_are_not_expanded(void **state)
{
    (void)state;
    struct lab_error err;
    const struct template_value odd = { "a", "{b} $(id)" };
    cleanup_free char *expanded = template_expand("{a}", &odd, 1, &err);
    assert_string_equal(expanded, "{b} $(id)");
}

static void test_refuses(void **state)
{
    (void)state;
    assert_contains(expand("{prot}"), "{prot} is no placeholder; there are {port} {server_ip}");
    assert_contains(expand("a { b"), "a '{' that belongs to no placeholder");
    assert_contains(expand("a } b"), "a '}' that belongs to no placeholder");
    assert_contains(expand("{port"), "a '{' that belongs");
    assert_contains(expand("{}"), "a '{' that belongs");
}

static const char *replace(const char *text, const char *value)
{
    static char kept[256];
    cleanup_free char *replaced = template_replace(text, "port", value);
    snprintf(kept, sizeof(kept), "%s", replaced);
    return kept;
}

/* The result is a template again, in which only that placeholder is gone. */
static void test_replaces_one(void **state)
{
    (void)state;
    assert_string_equal(replace("{server_ip}:{port}", "80"), "{server_ip}:80");
    assert_string_equal(replace("{{port}} {x", "80"), "{{port}} {x");
    assert_string_equal(replace("{port}{port}", ""), "");
    assert_string_equal(expand(replace("{port}", "a{b}")), "a{b}");
}

static void test_uses(void **state)
{
    (void)state;
    assert_true(template_uses("x{peers}", "peers"));
    assert_false(template_uses("{{peers}}", "peers"));
    assert_false(template_uses("peers } {peer} {", "peers"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expands),
        cmocka_unit_test(test_literal_braces),
        cmocka_unit_test(test_values_are_not_expanded),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_replaces_one),
        cmocka_unit_test(test_uses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
