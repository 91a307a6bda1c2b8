#include "testing.h"

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

static struct interval interval_of(size_t count)
{
    double values[1000];
    for (size_t i = 0; i < count; i++)
        values[i] = (double)i + 1; /* so that a value is its rank */
    return statistics_median_interval(values, count);
}

/* Ranks and coverage by the binomial table: n = 6 has 1 - 2/64, n = 9 drops one value at either
 * end for 1 - 2 (1 + 9)/512, n = 100 is the textbook's 40th to 61st with 0.9648. */
static void interval_has_the_ranks_of_the_table(void **state)
{
    (void)state;
    static const struct {
        size_t count;
        double low, high, coverage;
    } known[] = {
        { 6, 1, 6, 1 - 2 / 64.0 },
        { 8, 1, 8, 1 - 2 / 256.0 },
        { 9, 2, 8, 1 - 20 / 512.0 },
        { 10, 2, 9, 1 - 22 / 1024.0 },
        { 15, 4, 12, 1 - 2 * 576 / 32768.0 },
        { 20, 6, 15, 1 - 2 * 21700 / 1048576.0 },
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        struct interval interval = interval_of(known[i].count);
        assert_close(interval.low, known[i].low);
        assert_close(interval.high, known[i].high);
        assert_true(fabs(interval.coverage - known[i].coverage) < 1e-9);
    }
    struct interval hundred = interval_of(100);
    assert_close(hundred.low, 40);
    assert_close(hundred.high, 61);
    assert_true(fabs(hundred.coverage - 0.9648) < 1e-4);
}

/* n / 2 - 1.96 sqrt(n) / 2 of a thousand is the 469th. */
static void interval_of_many_meets_the_normal_one(void **state)
{
    (void)state;
    struct interval interval = interval_of(1000);
    assert_close(interval.low, 469);
    assert_close(interval.high, 532);
    assert_true(interval.coverage >= 0.95 && interval.coverage < 0.96);
}

static void few_values_have_no_interval(void **state)
{
    (void)state;
    for (size_t count = 0; count < STATISTICS_INTERVAL_LEAST; count++) {
        struct interval interval = interval_of(count);
        assert_true(isnan(interval.low) && isnan(interval.high));
        assert_close(interval.coverage, 0);
    }
    double values[] = { 6, 5, 4, 3, 2, 1 };
    struct summary summary = statistics_summarise(values, 6);
    assert_close(summary.ci_low, 1);
    assert_close(summary.ci_high, 6);
    assert_true(isnan(statistics_summarise(values, 5).ci_low));
}

static void jain_is_one_when_fair(void **state)
{
    (void)state;
    const double fair[] = { 4, 4, 4 }, greedy[] = { 0, 0, 7, 0 }, mixed[] = { 1, 2, 3 };
    assert_close(statistics_jain(fair, 3), 1);
    assert_close(statistics_jain(greedy, 4), 0.25);
    assert_close(statistics_jain(mixed, 3), 36.0 / 42);
    assert_true(isnan(statistics_jain(NULL, 0)) && isnan(statistics_jain(greedy, 2)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(none_is_not_a_number),
        cmocka_unit_test(one_has_no_spread),
        cmocka_unit_test(odd_count_takes_the_middle),
        cmocka_unit_test(even_count_takes_the_mean_of_two),
        cmocka_unit_test(far_from_zero_keeps_digits),
        cmocka_unit_test(interval_has_the_ranks_of_the_table),
        cmocka_unit_test(interval_of_many_meets_the_normal_one),
        cmocka_unit_test(few_values_have_no_interval),
        cmocka_unit_test(jain_is_one_when_fair),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
