/* How long a sweep is said to take. */
#include "testing.h"

#include "commands/sweep_progress.h"

static double time_to_go(const struct cell *cells, size_t count, unsigned jobs)
{
    const struct sweep_progress progress = { .cells = cells, .count = count, .jobs = jobs };
    return sweep_progress_time_to_go(&progress);
}

/* Until a trial was timed, each takes its bound, and a second for the network. */
static void nothing_timed_yet(void **state)
{
    (void)state;
    const struct cell cells[] = { { .planned = 3, .bound_s = 9 },
                                  { .warmup = 1, .planned = 1, .bound_s = 4 } };
    assert_float_equal(time_to_go(cells, 2, 1), 3 * 10 + 2 * 5, 1e-9);
    assert_float_equal(time_to_go(cells, 2, 4), (3 * 10 + 2 * 5) / 4.0, 1e-9);
}

/* Trials of a cell take as long as those before did; of another, as much longer than its bound as
 * those did. */
static void timed_trials_tell_of_the_others(void **state)
{
    (void)state;
    const struct cell cells[] = {
        { .planned = 4, .done = 2, .timed = 2, .spent_s = 40, .bound_s = 9 },
        { .planned = 1, .bound_s = 4 }
    };
    assert_float_equal(time_to_go(cells, 2, 1), 2 * 20 + 5 * 2, 1e-9);
}

static void what_is_done_or_given_up_takes_no_time(void **state)
{
    (void)state;
    const struct cell cells[] = {
        { .planned = 2, .done = 2, .timed = 2, .spent_s = 7, .bound_s = 3 },
        { .planned = 9, .done = 1, .given_up = true, .bound_s = 50 }
    };
    assert_float_equal(time_to_go(cells, 2, 1), 0, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_timed_yet),
        cmocka_unit_test(timed_trials_tell_of_the_others),
        cmocka_unit_test(what_is_done_or_given_up_takes_no_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
