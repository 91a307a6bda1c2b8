#include "testing.h"

#include "pictures.h"
#include "report/gnuplot.h"

static struct plot plot;

static void expect_text(void (*put)(FILE *out, const char *text, size_t max), const char *text,
                        size_t max, const char *wanted)
{
    char *written;
    size_t length;
    FILE *out = open_memstream(&written, &length);
    put(out, text, max);
    fclose(out);
    assert_string_equal(written, wanted);
    free(written);
}

static void quoting_of_constants(void **state)
{
    (void)state;
    expect_text(gnuplot_quote, "plain_name", 20, "'plain_name'");
    expect_text(gnuplot_quote, "it's `date` \\n @x \"y\" $z", 40,
                "'it\xe2\x80\x99s `date` \\n @x \"y\" $z'");
    expect_text(gnuplot_quote, "two\nlines\t", 20, "'two lines '");
    expect_text(gnuplot_quote, "a\xff\xc3(", 20, "'a?\?('");
    expect_text(gnuplot_quote, "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 3,
                "'\xc3\xa9\xc3\xa9\xe2\x80\xa6'");
    expect_text(gnuplot_quote, "'''", 2, "'\xe2\x80\x99\xe2\x80\xa6'");
    expect_text(gnuplot_quote, "", 2, "''");
}

static void quoting_of_cells(void **state)
{
    (void)state;
    expect_text(gnuplot_cell, "plain name", 20, "\"plain name\"");
    expect_text(gnuplot_cell, "a\"b\\c\nd", 20, "\"a'b'c d\"");
}

static void begin(const char *title)
{
    struct lab_error err;
    static const char *const options[] = { "set key off", NULL };
    assert_int_equal(plot_begin(&plot, fixture_root, "test", &err), 0);
    plot_put_frame(&plot, &(struct plot_frame){ title, title, 400, 300, options });
    fputs("1 1\n2 4\n", plot.data);
}

/* Finish the plot, and have it drawn. */
static int draw(struct lab_error *err)
{
    static const char *const names[] = { "test" };
    if (plot_end(&plot, err) < 0)
        return -1;
    return gnuplot_draw(fixture_root, names, 1, err) == 1 ? 0 : -1;
}

static void draws_whatever_the_title(void **state)
{
    (void)state;
    if (!gnuplot_is_there())
        skip();
    static const char *const titles[] = {
        "Plain",
        "under_score ^ { } @ & < > \" ' ~ $ % \\ `touch canary`",
        "'; system('touch canary'); '",
        "`touch canary`",
        "\"; system \"touch canary\"; \"",
        "trailing backslash \\",
        "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80 \xff",
        "a\nset output 'canary'\n",
        "@canary",
    };
    cleanup_free char *svg = fixture_below("test.svg"), *png = fixture_below("test.png"),
                      *canary = fixture_below("canary");
    for (size_t i = 0; i < ARRAY_LENGTH(titles); i++) {
        struct lab_error err = LAB_ERROR_INIT;
        begin(titles[i]);
        fputs("plot 'test.dat' using 1:2 with lines title ", plot.script);
        gnuplot_quote(plot.script, titles[i], 100);
        fputs("\n", plot.script);
        if (draw(&err) < 0)
            fail_msg("%s: %s", titles[i], err.message);
        assert_true(is_svg(svg));
        assert_true(is_png(png));
        assert_int_not_equal(access(canary, F_OK), 0);
    }
}

/* The files name each other relative to their folder, so a moved report can be redrawn. */
static void script_draws_again_elsewhere(void **state)
{
    (void)state;
    if (!gnuplot_is_there())
        skip();
    struct lab_error err = LAB_ERROR_INIT;
    begin("Again");
    fputs("plot 'test.dat' using 1:2 with points\n", plot.script);
    assert_int_equal(draw(&err), 0);
    cleanup_free char *moved = fs_path("%s-moved", fixture_root),
                      *svg = fs_path("%s/test.svg", moved);
    cleanup_free char *command = fs_path("cd '%s' && rm test.svg && gnuplot test.gp", moved);
    assert_int_equal(rename(fixture_root, moved), 0);
    assert_int_equal(system(command), 0);
    assert_true(is_svg(svg));
    assert_int_equal(rename(moved, fixture_root), 0);
}

static void a_failure_leaves_no_picture(void **state)
{
    (void)state;
    if (!gnuplot_is_there())
        skip();
    cleanup_free char *svg = fixture_below("test.svg"), *png = fixture_below("test.png");
    struct lab_error err = LAB_ERROR_INIT;
    fixture_write(svg, "old");
    begin("Broken");
    fputs("plot 'test.dat' with nonsense\n", plot.script);
    assert_int_equal(draw(&err), -1);
    assert_int_equal(err.code, LAB_ERR_IO);
    assert_non_null(strstr(err.message, "test.gp"));
    assert_non_null(strstr(err.message, "line"));
    assert_int_not_equal(access(svg, F_OK), 0);
    assert_int_not_equal(access(png, F_OK), 0);
}

/* More than are drawn at once; one that fails does not stop those after it. */
static void many_are_drawn_whatever_becomes_of_one(void **state)
{
    (void)state;
    if (!gnuplot_is_there())
        skip();
    enum { COUNT = 20, BAD = 3 };
    char texts[COUNT][8];
    const char *names[COUNT];
    struct lab_error err = LAB_ERROR_INIT;
    for (int i = 0; i < COUNT; i++) {
        snprintf(texts[i], sizeof(texts[i]), "n%d", i);
        names[i] = texts[i];
        assert_int_equal(plot_begin(&plot, fixture_root, names[i], &err), 0);
        plot_put_frame(&plot,
                       &(struct plot_frame){ "Many", NULL, 60, 40, (const char *[]){ NULL } });
        fputs(i == BAD ? "plot nonsense\n" : "plot x\n", plot.script);
        assert_int_equal(plot_end(&plot, &err), 0);
    }
    assert_int_equal(gnuplot_draw(fixture_root, names, COUNT, &err), COUNT - 1);
    assert_int_equal(err.code, LAB_ERR_IO);
    assert_non_null(strstr(err.message, "n3.gp"));
    for (int i = 0; i < COUNT; i++) {
        cleanup_free char *png = fs_path("%s/%s.png", fixture_root, names[i]);
        assert_int_equal(access(png, F_OK) == 0, i != BAD);
    }
}

static void a_missing_gnuplot_is_unsupported(void **state)
{
    (void)state;
    cleanup_free char *path = fs_path("%s", getenv("PATH"));
    struct lab_error err = LAB_ERROR_INIT;
    begin("Nobody there");
    fputs("plot 'test.dat'\n", plot.script);
    setenv("PATH", fixture_root, 1);
    int result = draw(&err);
    setenv("PATH", path, 1);
    assert_int_equal(result, -1);
    assert_int_equal(err.code, LAB_ERR_UNSUPPORTED);
    assert_int_equal(lab_error_exit_status(err.code), 3);
    assert_non_null(strstr(err.message, "gnuplot-nox"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quoting_of_constants),
        cmocka_unit_test(quoting_of_cells),
        cmocka_unit_test_setup_teardown(draws_whatever_the_title, fixture_set_up,
                                        fixture_tear_down),
        cmocka_unit_test_setup_teardown(script_draws_again_elsewhere, fixture_set_up,
                                        fixture_tear_down),
        cmocka_unit_test_setup_teardown(a_failure_leaves_no_picture, fixture_set_up,
                                        fixture_tear_down),
        cmocka_unit_test_setup_teardown(many_are_drawn_whatever_becomes_of_one, fixture_set_up,
                                        fixture_tear_down),
        cmocka_unit_test_setup_teardown(a_missing_gnuplot_is_unsupported, fixture_set_up,
                                        fixture_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
