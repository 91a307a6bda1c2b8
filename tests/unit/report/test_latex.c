/* The table for a paper. */
#include "testing.h"

#include "../results/run_fixture.h"
#include "report/groups.h"
#include "report/latex.h"

static void names_are_no_commands_of_latex(void **state)
{
    (void)state;
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    latex_put_text(out, "a_b \\input{x} 5% $1 #2 {}~^<>|\"\xff");
    fclose(out);
    assert_string_equal(text, "a\\_b \\textbackslash{}input\\{x\\} 5\\% \\$1 \\#2 \\{\\}"
                              "\\textasciitilde{}\\textasciicircum{}\\textless{}\\textgreater{}"
                              "\\textbar{}\\textquotedbl{}?");
    free(text);
}

/* The table of all runs below the fixture folder. Caller frees. */
static char *table(void)
{
    struct lab_error err = LAB_ERROR_INIT;
    struct run_set set;
    struct run_groups groups;
    const char *roots[] = { fixture_root };
    cleanup_free char *path = fixture_below("table.tex");
    assert_int_equal(run_set_load(&set, roots, 1, "", stderr, &err), 0);
    assert_int_equal(groups_build(&groups, &set, &err), 0);
    assert_int_equal(latex_write(&groups, path, &err), 0);
    groups_clear(&groups);
    run_set_clear(&set);
    return fs_read_file(path, 1 << 20, NULL, &err);
}

/* Column by column: name, clients, file, n, median, interval, mean, s.d., bound, eff., J. */
static void a_row_has_the_figures_of_its_run(void **state)
{
    (void)state;
    fixture_make_below("a/1", &(struct fixture){ .name = "a",
                                                 .server = "s1",
                                                 .rate = "8Mbit",
                                                 .size = 1000000,
                                                 .clients = 2,
                                                 .finish_s = 2.5,
                                                 .trials = 7,
                                                 .trial_step_s = 0.01 });
    cleanup_free char *text = table();
    assert_contains(text, "\\begin{tabular}{lrrrrrrrrrr}\n");
    assert_contains(text, "\na & 2 & 1 MB & 7 & 2.530 & [2.500, 2.560] & 2.530 & 0.0216 & 2.091 & "
                          "0.83 & 1.000 \\\\\n");
}

/* Milliseconds keep three digits, a true zero is one, and what does not exist is a dash. */
static void small_times_keep_their_digits(void **state)
{
    (void)state;
    fixture_make_below("a/1", &(struct fixture){ .name = "a", .finish_s = 0.0012345, .trials = 6 });
    fixture_make_below("b/1", &(struct fixture){ .name = "b", .finish_s = 0.0000456 });
    fixture_make_below("c/1", &(struct fixture){ .name = "c", .fates[0] = FATE_CORRUPT });
    cleanup_free char *text = table();
    assert_contains(text, "\na & 6 & 155.7 kB & 6 & 0.00123 & [0.00123, 0.00123] & 0.00123 & "
                          "0.000 & -- & -- & 1.000 ");
    assert_contains(text, "\nb & 6 & 155.7 kB & 1 & 0.0000456 & -- & 0.0000456 & -- & -- & -- & ");
    assert_contains(text, "\nc & 6 & 155.7 kB & 0 & -- & -- & -- & -- & -- & -- & -- ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(names_are_no_commands_of_latex),
        TEST(a_row_has_the_figures_of_its_run),
        TEST(small_times_keep_their_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
