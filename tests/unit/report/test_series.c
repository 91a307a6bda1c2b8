#include "testing.h"

#include "report/series.h"

static void keeps_all_of_few(void **state)
{
    (void)state;
    struct series series = { 0 };
    for (int i = 0; i < SERIES_MAX; i++)
        series_add(&series, i, 2 * i);
    series_finish(&series);
    assert_int_equal(series.count, SERIES_MAX);
    for (int i = 0; i < SERIES_MAX; i++)
        assert_true(series.points[i].x == i && series.points[i].y == 2 * i);
    series_clear(&series);
}

static void stays_bounded_and_whole(void **state)
{
    (void)state;
    for (int given = SERIES_MAX + 1; given < 100 * SERIES_MAX; given = given * 3 / 2) {
        struct series series = { 0 };
        for (int i = 0; i < given; i++)
            series_add(&series, i, i);
        series_finish(&series);
        assert_true(series.count <= SERIES_MAX + 1);
        assert_true(series.count >= SERIES_MAX / 2);
        assert_true(series.points[0].x == 0);
        assert_true(series.points[series.count - 1].x == given - 1);
        /* Evenly thinned: no gap is wider than the stride. */
        for (size_t i = 1; i < series.count; i++) {
            double gap = series.points[i].x - series.points[i - 1].x;
            assert_true(gap > 0 && gap <= (double)series.stride);
        }
        series_clear(&series);
    }
}

static void none_and_one(void **state)
{
    (void)state;
    struct series series = { 0 };
    series_finish(&series);
    assert_int_equal(series.count, 0);
    series_add(&series, 1, 2);
    series_finish(&series);
    assert_int_equal(series.count, 1);
    series_clear(&series);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_all_of_few),
        cmocka_unit_test(stays_bounded_and_whole),
        cmocka_unit_test(none_and_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
