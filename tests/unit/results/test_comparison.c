#include "testing.h"

#include <math.h>

#include "labctl/cleanup.h"
#include "results/comparison.h"

#define assert_near(a, b, tolerance) assert_true(fabs((a) - (double)(b)) < (tolerance))

static struct rank_test test_of(const double *a, size_t n, const double *b, size_t m)
{
    struct rank_test test;
    struct lab_error err = LAB_ERROR_INIT;
    assert_int_equal(comparison_rank_test(a, n, b, m, &test, &err), 0);
    return test;
}

/* Permeability of membranes, the example of Hollander and Wolfe (and of R's wilcox.test):
 * W = 35, one-sided p = 0.1272. */
static void exact_p_is_that_of_the_book(void **state)
{
    (void)state;
    const double a[] = { 0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46 };
    const double b[] = { 1.15, 0.88, 0.90, 0.74, 1.21 };
    struct rank_test test = test_of(a, 10, b, 5);
    assert_true(test.exact);
    assert_near(test.u, 35, 1e-9);
    assert_near(test.p, 2 * 0.1272, 1e-4);
}

/* 126 ways to deal out nine ranks; 7 of them put 17 pairs or more in the first's favour. */
static void exact_p_counts_the_ways(void **state)
{
    (void)state;
    const double a[] = { 19, 22, 16, 29, 24 }, b[] = { 20, 11, 17, 12 };
    struct rank_test test = test_of(a, 5, b, 4), mirrored = test_of(b, 4, a, 5);
    assert_near(test.u, 17, 1e-9);
    assert_near(test.p, 2 * 7 / 126.0, 1e-12);
    assert_near(mirrored.u, 3, 1e-9);
    assert_near(mirrored.p, test.p, 1e-12);
}

/* {1, 2, 2} against {2, 3}: doubled ranks 2, 6, 6, 6, 10. Of the ten choices of three, the three
 * with 2, 6, 6 are the least, and are what is there. */
static void ties_share_their_rank(void **state)
{
    (void)state;
    const double a[] = { 1, 2, 2 }, b[] = { 2, 3 };
    struct rank_test test = test_of(a, 3, b, 2);
    assert_near(test.u, 1, 1e-9); /* two ties of one half each */
    assert_near(test.p, 0.6, 1e-12);
}

static void equal_samples_do_not_differ(void **state)
{
    (void)state;
    const double a[] = { 5, 5, 5, 5, 5, 5 };
    assert_near(test_of(a, 6, a, 6).p, 1, 1e-12);
    double many[100];
    for (size_t i = 0; i < ARRAY_LENGTH(many); i++)
        many[i] = 3;
    struct rank_test test = test_of(many, 100, many, 100);
    assert_false(test.exact);
    assert_near(test.p, 1, 1e-12);
}

/* Apart altogether: one choice on either side of C(10, 5). */
static void apart_gives_the_least_p(void **state)
{
    (void)state;
    const double a[] = { 1, 2, 3, 4, 5 }, b[] = { 6, 7, 8, 9, 10 };
    assert_near(test_of(a, 5, b, 5).p, 2 / 252.0, 1e-12);
    assert_near(comparison_least_p(5, 5), 2 / 252.0, 1e-12);
    assert_near(comparison_least_p(3, 3), 0.1, 1e-12);
    assert_near(comparison_least_p(1, 40), 2 / 41.0, 1e-12);
    assert_near(comparison_least_p(0, 7), 1, 1e-12);
}

/* On either side of the seam, against the count of all C(60, 30) and C(61, 31) ways: the normal
 * distribution is off by a tenth of a p this small. */
static void normal_meets_exact(void **state)
{
    (void)state;
    double a[31], b[31];
    for (size_t i = 0; i < 31; i++) {
        a[i] = (double)i;
        b[i] = (double)i + 7.3;
    }
    struct rank_test exact = test_of(a, 30, b, 30), normal = test_of(a, 31, b, 30);
    assert_true(exact.exact);
    assert_false(normal.exact);
    assert_near(exact.p, 0.00319354082, 1e-11);
    assert_near(normal.p, 0.00593800284, 7e-4);
}

/* Forty and forty distinct values: mean of U 800, variance 40 x 40 x 81 / 12 = 10800. The ith of
 * the first is above i + 6 of the second, as far as there are so many. */
static void normal_p_by_hand(void **state)
{
    (void)state;
    double a[40], b[40];
    for (size_t i = 0; i < 40; i++) {
        b[i] = (double)i;
        a[i] = (double)i + 5.5;
    }
    struct rank_test test = test_of(a, 40, b, 40);
    double wins = 0;
    for (size_t i = 0; i < 40; i++)
        wins += fmin(40, (double)i + 6);
    assert_near(test.u, wins, 1e-9);
    double z = (fabs(wins - 800) - 0.5) / sqrt(10800);
    assert_near(test.p, erfc(z / sqrt(2)), 1e-12);
}

static void nothing_tells_nothing(void **state)
{
    (void)state;
    const double a[] = { 1 };
    assert_true(isnan(test_of(a, 1, a, 0).p));
    struct interval interval;
    struct lab_error err = LAB_ERROR_INIT;
    assert_int_equal(comparison_median_difference(a, 1, a, 1, 1, &interval, &err), 0);
    assert_true(isnan(interval.low) && isnan(interval.high) && interval.coverage == 0);
}

static struct interval difference_of(const double *a, size_t n, const double *b, size_t m)
{
    struct interval interval;
    struct lab_error err = LAB_ERROR_INIT;
    assert_int_equal(comparison_median_difference(a, n, b, m, 42, &interval, &err), 0);
    return interval;
}

static void bootstrap_of_constants_is_a_point(void **state)
{
    (void)state;
    const double a[] = { 2, 2, 2 }, b[] = { 5, 5 };
    struct interval interval = difference_of(a, 3, b, 2);
    assert_near(interval.low, 3, 1e-12);
    assert_near(interval.high, 3, 1e-12);
}

/* Two values x and y: a resampling of two has median x, (x + y) / 2 or y, with chances 1/4, 1/2,
 * 1/4. Against a constant the middle 95 % therefore reach from x to y. */
static void bootstrap_of_two_spans_them(void **state)
{
    (void)state;
    const double a[] = { 0, 0 }, b[] = { 10, 20 };
    struct interval interval = difference_of(a, 2, b, 2);
    assert_near(interval.low, 10, 1e-12);
    assert_near(interval.high, 20, 1e-12);
}

/* The median of 101 values spread evenly over 0 ... 100: its standard error is that of the
 * 51st of 101 uniform order statistics, 100 x 0.5 / sqrt(103) = 4.9, so 95 % are 50 +- 9.7. */
static void bootstrap_has_the_right_width(void **state)
{
    (void)state;
    double a[101] = { 0 }, b[101];
    for (size_t i = 0; i < 101; i++)
        b[i] = (double)(100 - i);
    struct interval interval = difference_of(a, 101, b, 101), again = difference_of(a, 101, b, 101);
    assert_near(interval.low, 40.3, 2);
    assert_near(interval.high, 59.7, 2);
    assert_near(interval.low, again.low, 1e-12);
    assert_near(interval.high, again.high, 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_p_is_that_of_the_book),
        cmocka_unit_test(exact_p_counts_the_ways),
        cmocka_unit_test(ties_share_their_rank),
        cmocka_unit_test(equal_samples_do_not_differ),
        cmocka_unit_test(apart_gives_the_least_p),
        cmocka_unit_test(normal_meets_exact),
        cmocka_unit_test(normal_p_by_hand),
        cmocka_unit_test(nothing_tells_nothing),
        cmocka_unit_test(bootstrap_of_constants_is_a_point),
        cmocka_unit_test(bootstrap_of_two_spans_them),
        cmocka_unit_test(bootstrap_has_the_right_width),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
