#include "testing.h"

#include <unistd.h>

#include "sandbox/idmap.h"

static void test_lines(void **state)
{
    (void)state;
    char line[IDMAP_LINE_MAX];
    assert_string_equal(idmap_line(0, line, sizeof(line)), "0 0 1\n");
    assert_string_equal(idmap_line(1000, line, sizeof(line)), "0 1000 1\n");
    assert_string_equal(idmap_line(4294967294, line, sizeof(line)), "0 4294967294 1\n");
}

/* This process is in the namespace it began in, whose maps were written long ago. */
static void test_refusal_names_the_file(void **state)
{
    (void)state;
    struct lab_error err = LAB_ERROR_INIT;
    assert_int_equal(idmap_write(getpid(), geteuid(), getegid(), &err), -1);
    assert_int_equal(err.code, LAB_ERR_UNSUPPORTED);
    assert_contains(err.message, "/proc/");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_refusal_names_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
