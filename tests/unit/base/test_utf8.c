/* Text for a terminal: nothing in it commands, and lines are broken where they may be. */
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

static void assert_wrapped(const char *text, int indent, const char *expected)
{
    char *printed = NULL;
    size_t size;
    FILE *out = open_memstream(&printed, &size);
    assert_non_null(out);
    utf8_print_wrapped(out, indent, text);
    fclose(out);
    assert_string_equal(printed, expected);
    free(printed);
}

#define TEN   "123456789 "
#define FIFTY TEN TEN TEN TEN TEN

static void lines_are_broken_at_white_space(void **state)
{
    (void)state;
    assert_wrapped("", 0, "\n");
    assert_wrapped(" a  b\n\tc ", 2, "  a b c\n");
    assert_wrapped(FIFTY TEN TEN "123456789 "
                                 "a",
                   0, FIFTY TEN TEN "123456789\na\n");
    assert_wrapped(FIFTY TEN TEN "1234567 "
                                 "a",
                   0, FIFTY TEN TEN "1234567 a\n");
    assert_wrapped(FIFTY TEN TEN "123456 "
                                 "bc",
                   3, "   " FIFTY TEN TEN "123456\n   bc\n");
}

static void columns_are_counted_in_characters(void **state)
{
    (void)state;
    assert_wrapped(FIFTY TEN TEN "123456 "
                                 "\xc3\xa4\xc3\xb6\xc3\xbc",
                   0, FIFTY TEN TEN "123456 \xc3\xa4\xc3\xb6\xc3\xbc\n");
}

static void a_word_too_long_has_a_line_to_itself(void **state)
{
    (void)state;
    char text[128] = "a ", expected[128] = "a\n";
    memset(text + 2, 'x', 100);
    memset(expected + 2, 'x', 100);
    strcat(text, " b");
    strcat(expected, "\nb\n");
    assert_wrapped(text, 0, expected);
}

static void what_commands_a_terminal_is_not_printed(void **state)
{
    (void)state;
    assert_wrapped("a\033[2Jb \xc2\x9bz \xff\x7f", 0, "a?[2Jb ?z ??\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_broken_at_white_space),
        cmocka_unit_test(columns_are_counted_in_characters),
        cmocka_unit_test(a_word_too_long_has_a_line_to_itself),
        cmocka_unit_test(what_commands_a_terminal_is_not_printed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
