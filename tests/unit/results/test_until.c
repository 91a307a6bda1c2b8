/* How many trials "until" asks for, given how wide the interval is. */
#include "testing.h"

#include <math.h>

#include "results/until.h"

/* `done` trials with a median of 10 s and an interval of so many seconds. */
static unsigned planned(size_t done, double width, double ci, unsigned max_trials)
{
    const struct results results = {
        .trial_count = done, .makespan_s = { .median = 10, .ci_low = 9, .ci_high = 9 + width }
    };
    const struct experiment experiment = { .trials = 8, .until = { ci, max_trials } };
    return until_planned_trials(&results, &experiment);
}

static void test_without_until_the_file_says(void **state)
{
    (void)state;
    assert_int_equal(planned(0, 9, 0, 30), 8);
    assert_int_equal(planned(20, 9, 0, 30), 8);
}

static void test_one_more_until_it_is_narrow(void **state)
{
    (void)state;
    assert_int_equal(planned(12, 1.1, 0.1, 30), 13);
    assert_int_equal(planned(12, 0.9, 0.1, 30), 12);
}

static void test_never_fewer_than_first(void **state)
{
    (void)state;
    const struct experiment experiment = { .trials = 8, .until = { 0.1, 30 } };
    unsigned first = experiment_first_trials(&experiment);
    assert_true(first >= UNTIL_TRIALS_MIN);
    assert_int_equal(planned(0, 0.1, 0.1, 30), first);
    assert_int_equal(planned(first - 1, 0.1, 0.1, 30), first);
}

static void test_never_more_than_most(void **state)
{
    (void)state;
    assert_int_equal(planned(29, 5, 0.1, 30), 30);
    assert_int_equal(planned(30, 5, 0.1, 30), 30);
    assert_int_equal(planned(31, 5, 0.1, 30), 31);
}

/* Too few trials that are ok have no interval. */
static void test_no_interval_is_not_narrow(void **state)
{
    (void)state;
    assert_int_equal(planned(12, NAN, 0.1, 30), 13);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_until_the_file_says),
        cmocka_unit_test(test_one_more_until_it_is_narrow),
        cmocka_unit_test(test_never_fewer_than_first),
        cmocka_unit_test(test_never_more_than_most),
        cmocka_unit_test(test_no_interval_is_not_narrow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
