#include "testing.h"

#include <math.h>

#include "../results/run_fixture.h"
#include "report/csv.h"
#include "results/results.h"

static char *path;
static struct csv csv;

static int set_up(void **state)
{
    fixture_set_up(state);
    path = fixture_below("table.csv");
    return 0;
}

static int tear_down(void **state)
{
    free(path);
    return fixture_tear_down(state);
}

static void begin(void)
{
    struct lab_error err;
    assert_int_equal(csv_open(&csv, path, "a,b", &err), 0);
}

static void expect(const char *rows)
{
    struct lab_error err;
    assert_int_equal(csv_close(&csv, &err), 0);
    cleanup_free char *text = fs_read_file(path, 1 << 16, NULL, &err);
    cleanup_free char *wanted = fs_path("a,b\n%s", rows);
    assert_string_equal(text, wanted);
}

static void quotes_only_what_needs_it(void **state)
{
    (void)state;
    begin();
    csv_text(&csv, "plain text; no quotes");
    csv_text(&csv, "a,b");
    csv_text(&csv, "say \"no\"");
    csv_text(&csv, "two\nlines");
    csv_text(&csv, "\r");
    csv_text(&csv, "");
    csv_text(&csv, NULL);
    csv_end_row(&csv);
    expect("plain text; no quotes,\"a,b\",\"say \"\"no\"\"\",\"two\nlines\",\"\r\",,\n");
}

static void numbers(void **state)
{
    (void)state;
    begin();
    csv_count(&csv, 0);
    csv_count(&csv, UINT64_MAX);
    csv_bool(&csv, true);
    csv_bool(&csv, false);
    csv_end_row(&csv);
    csv_seconds(&csv, 4.31);
    csv_seconds(&csv, NAN);
    csv_ratio(&csv, 0.97);
    csv_ratio(&csv, NAN);
    csv_end_row(&csv);
    csv_exit(&csv, 139);
    csv_exit(&csv, EXIT_UNKNOWN);
    csv_empty(&csv);
    csv_end_row(&csv);
    expect("0,18446744073709551615,true,false\n4.310000000,,0.970000,\n139,,\n");
}

static void reals_are_written_as_printf_does(void **state)
{
    (void)state;
    begin();
    csv_seconds(&csv, 0);
    csv_seconds(&csv, -0.25);
    csv_seconds(&csv, 1.9999999996);
    csv_seconds(&csv, 86400.000000001);
    csv_seconds(&csv, -2e12);
    csv_end_row(&csv);
    csv_ratio(&csv, 1e-6);
    csv_ratio(&csv, 1.0000005);
    csv_ratio(&csv, -3);
    csv_end_row(&csv);
    expect("0.000000000,-0.250000000,2.000000000,86400.000000001,-2000000000000.000000000\n"
           "0.000001,1.000001,-3.000000\n");
}

static void nanoseconds_are_exact(void **state)
{
    (void)state;
    begin();
    csv_nanoseconds(&csv, 0);
    csv_nanoseconds(&csv, 1);
    csv_nanoseconds(&csv, -1);
    csv_nanoseconds(&csv, 12345678901234567);
    csv_nanoseconds(&csv, INT64_MIN);
    csv_end_row(&csv);
    expect("0.000000000,0.000000001,-0.000000001,12345678.901234567,-9223372036.854775808\n");
}

static void an_abandoned_file_leaves_the_old_one(void **state)
{
    (void)state;
    fixture_write(path, "old");
    begin();
    csv_text(&csv, "new");
    csv_abandon(&csv);
    struct lab_error err;
    cleanup_free char *text = fs_read_file(path, 100, NULL, &err);
    assert_string_equal(text, "old");
}

static void a_full_disk_is_told(void **state)
{
    (void)state;
    if (access("/dev/full", W_OK) != 0)
        skip();
    begin();
    fclose(csv.out);
    csv.out = fopen("/dev/full", "w");
    for (int i = 0; i < 100000; i++)
        csv_text(&csv, "text");
    struct lab_error err = LAB_ERROR_INIT;
    assert_int_equal(csv_close(&csv, &err), -1);
    assert_int_equal(err.code, LAB_ERR_IO);
    assert_int_not_equal(access(path, F_OK), 0);
}

static void a_folder_that_is_not_there(void **state)
{
    (void)state;
    struct lab_error err = LAB_ERROR_INIT;
    cleanup_free char *nowhere = fs_path("%s/none/table.csv", fixture_root);
    assert_int_equal(csv_open(&csv, nowhere, "a", &err), -1);
    assert_int_equal(err.code, LAB_ERR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(quotes_only_what_needs_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(numbers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reals_are_written_as_printf_does, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nanoseconds_are_exact, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_abandoned_file_leaves_the_old_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_full_disk_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_folder_that_is_not_there, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
