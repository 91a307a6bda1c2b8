/* The order of a sweep's trials. No cell has a directory: no trial is there yet. */
#include "testing.h"

#include "commands/sweep_schedule.h"

#define CELLS 4

struct fixture {
    struct sweep sweep;
    struct cell cells[CELLS];
    struct schedule schedule;
};

static void begin(struct fixture *f, unsigned warmup, unsigned planned, unsigned max_planned)
{
    struct lab_error err = LAB_ERROR_INIT;
    *f = (struct fixture){ .sweep = { .cells = CELLS, .seed = 3 } };
    for (unsigned i = 0; i < CELLS; i++)
        f->cells[i] = (struct cell){ .number = i + 1,
                                     .dir = (char *)"/nonexistent",
                                     .warmup = warmup,
                                     .planned = planned,
                                     .max_planned = max_planned };
    assert_int_equal(schedule_init(&f->schedule, &f->sweep, f->cells, CELLS, &err), 0);
}

static void expect_trial(struct fixture *f, unsigned number, bool warmup, bool *seen)
{
    struct cell *cell = NULL;
    struct trial_id trial;
    assert_int_equal(schedule_next(&f->schedule, &cell, &trial), SCHEDULE_TRIAL);
    assert_int_equal(trial.number, number);
    assert_int_equal(trial.warmup, warmup);
    assert_false(seen[cell->number]);
    seen[cell->number] = true;
}

static enum schedule_answer next(struct fixture *f)
{
    struct cell *cell;
    struct trial_id trial;
    return schedule_next(&f->schedule, &cell, &trial);
}

/* All cells have their warm-up, then their first trial, then their second. */
static void test_cells_take_turns(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 1, 2, 2);
    for (unsigned round = 0; round < 3; round++) {
        bool seen[CELLS + 1] = { false };
        for (unsigned i = 0; i < CELLS; i++)
            expect_trial(&f, round == 0 ? 1 : round, round == 0, seen);
    }
    assert_int_equal(next(&f), SCHEDULE_DONE);
    assert_int_equal(next(&f), SCHEDULE_DONE);
    schedule_release(&f.schedule);
}

/* One without a warm-up waits for those that have some: its first trial stands beside theirs. */
static void test_rounds_are_those_of_the_longest(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 1, 1, 1);
    f.cells[0].warmup = 0;
    f.cells[1].planned = f.cells[1].max_planned = 3;
    bool warm[CELLS + 1] = { [1] = true }, first[CELLS + 1] = { false };
    for (unsigned i = 0; i < CELLS - 1; i++)
        expect_trial(&f, 1, true, warm);
    for (unsigned i = 0; i < CELLS; i++)
        expect_trial(&f, 1, false, first);
    for (unsigned number = 2; number <= 3; number++) {
        bool seen[CELLS + 1] = { false };
        expect_trial(&f, number, false, seen);
        assert_true(seen[2]);
    }
    assert_int_equal(next(&f), SCHEDULE_DONE);
    schedule_release(&f.schedule);
}

static void test_what_is_given_up_is_passed_over(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 0, 1, 1);
    f.cells[2].given_up = true;
    bool seen[CELLS + 1] = { [3] = true };
    for (unsigned i = 0; i < CELLS - 1; i++)
        expect_trial(&f, 1, false, seen);
    assert_int_equal(next(&f), SCHEDULE_DONE);
    schedule_release(&f.schedule);
}

/* Whether one more trial is needed is not known while the last one runs. */
static void test_waits_for_what_decides(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 0, 1, 5);
    bool seen[CELLS + 1] = { false };
    for (unsigned i = 0; i < CELLS; i++)
        expect_trial(&f, 1, false, seen);
    f.cells[1].running = 1;
    assert_int_equal(next(&f), SCHEDULE_WAIT);
    f.cells[1].running = 0;
    assert_int_equal(next(&f), SCHEDULE_DONE); /* no results ask for more */
    schedule_release(&f.schedule);
}

static void test_same_seed_same_order(void **state)
{
    (void)state;
    struct fixture a, b;
    begin(&a, 0, 3, 3);
    begin(&b, 0, 3, 3);
    for (unsigned i = 0; i < 3 * CELLS; i++) {
        struct cell *of_a = NULL, *of_b = NULL;
        struct trial_id trial;
        schedule_next(&a.schedule, &of_a, &trial);
        schedule_next(&b.schedule, &of_b, &trial);
        assert_int_equal(of_a->number, of_b->number);
    }
    schedule_release(&a.schedule);
    schedule_release(&b.schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells_take_turns),
        cmocka_unit_test(test_rounds_are_those_of_the_longest),
        cmocka_unit_test(test_what_is_given_up_is_passed_over),
        cmocka_unit_test(test_waits_for_what_decides),
        cmocka_unit_test(test_same_seed_same_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
