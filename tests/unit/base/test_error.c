#include "testing.h"

static void test_wrap_keeps_code_and_order(void **state)
{
    (void)state;
    struct lab_error err;
    assert_int_equal(lab_error_set(&err, LAB_ERR_TIMEOUT, "no answer for %d s", 3), -1);
    assert_int_equal(lab_error_wrap(&err, "h%d", 1), -1);
    assert_string_equal(err.message, "h1: no answer for 3 s");
    assert_int_equal(err.code, LAB_ERR_TIMEOUT);
}

static void test_errno_text(void **state)
{
    (void)state;
    struct lab_error err;
    lab_error_errno(&err, LAB_ERR_IO, 2, "cannot read %s", "x");
    assert_string_equal(err.message, "cannot read x: No such file or directory");
}

static void test_long_message_is_cut_visibly(void **state)
{
    (void)state;
    struct lab_error err;
    char text[2 * LAB_ERROR_MESSAGE_MAX];
    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    lab_error_set(&err, LAB_ERR_IO, "%s", text);
    assert_int_equal(strlen(err.message), LAB_ERROR_MESSAGE_MAX - 1);
    assert_string_equal(err.message + LAB_ERROR_MESSAGE_MAX - 4, "...");
}

static void test_exit_statuses(void **state)
{
    (void)state;
    assert_int_equal(lab_error_exit_status(LAB_ERR_USAGE), 2);
    assert_int_equal(lab_error_exit_status(LAB_ERR_INVALID), 2);
    assert_int_equal(lab_error_exit_status(LAB_ERR_UNSUPPORTED), 3);
    assert_int_equal(lab_error_exit_status(LAB_ERR_NODE), 1);
    assert_int_equal(lab_error_exit_status(LAB_ERR_INTERRUPTED), 130);
}

static void test_code_by_name(void **state)
{
    (void)state;
    for (enum lab_error_code code = LAB_ERR_USAGE; code <= LAB_ERR_INTERNAL; code++)
        assert_int_equal(lab_error_code_of(lab_error_name(code), LAB_ERR_NONE), code);
    assert_int_equal(lab_error_code_of("", LAB_ERR_NODE), LAB_ERR_NODE);
    assert_int_equal(lab_error_code_of("none", LAB_ERR_NODE), LAB_ERR_NODE); /* no failure */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrap_keeps_code_and_order),
        cmocka_unit_test(test_errno_text),
        cmocka_unit_test(test_long_message_is_cut_visibly),
        cmocka_unit_test(test_code_by_name),
        cmocka_unit_test(test_exit_statuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
