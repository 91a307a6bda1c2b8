#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "results/statistics.h"

#define assert_close(a, b) assert_true(fabs((a) - (double)(b)) < 1e-12 * fmax(1, fabs((double)(b))))

static void none_is_not_a_number(void **state)
{
    (void)state;
    struct summary summary = statistics_summarise(NULL, 0);
    assert_int_equal(summary.n, 0);
    assert_true(isnan(summary.min) && isnan(summary.median) && isnan(summary.mean));
    assert_true(isnan(summary.max) && isnan(summary.stdev));
    assert_true(isnan(statistics_median(NULL, 0)));
}

static void one_has_no_spread(void **state)
{
    (void)state;
    double values[] = { 4.5 };
    struct summary summary = statistics_summarise(values, 1);
    assert_int_equal(summary.n, 1);
    assert_close(summary.min, 4.5);
    assert_close(summary.median, 4.5);
    assert_close(summary.mean, 4.5);
    assert_close(summary.max, 4.5);
    assert_close(summary.stdev, 0);
}

static void odd_count_takes_the_middle(void **state)
{
    (void)state;
    double values[] = { 9, 1, 5 };
    struct summary summary = statistics_summarise(values, 3);
    assert_close(summary.min, 1);
    assert_close(summary.median, 5);
    assert_close(summary.mean, 5);
    assert_close(summary.max, 9);
    assert_close(summary.stdev, 4); /* sqrt((16 + 0 + 16) / 2) */
}

static void even_count_takes_the_mean_of_two(void **state)
{
    (void)state;
    double values[] = { 10, 2, 4, 3 };
    assert_close(statistics_median(values, 4), 3.5);
    assert_close(statistics_summarise(values, 4).stdev, sqrt(38.75 / 3));
}

/* One pass over x and x^2 would lose all digits here. */
static void far_from_zero_keeps_digits(void **state)
{
    (void)state;
    double values[] = { 1e9 + 1, 1e9 + 2, 1e9 + 3 };
    assert_close(statistics_summarise(values, 3).stdev, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(none_is_not_a_number),
        cmocka_unit_test(one_has_no_spread),
        cmocka_unit_test(odd_count_takes_the_middle),
        cmocka_unit_test(even_count_takes_the_mean_of_two),
        cmocka_unit_test(far_from_zero_keeps_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
