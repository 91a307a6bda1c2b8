#include "commands/sweep_schedule.h"

#include <stdlib.h>

#include "experiment/sweep_order.h"
#include "labctl/cleanup.h"
#include "results/results.h"
#include "rundir/inventory.h"

int schedule_init(struct schedule *schedule, const struct sweep *sweep, struct cell *cells,
                  size_t count, struct lab_error *err)
{
    *schedule = (struct schedule){ .sweep = sweep, .cells = cells, .count = count };
    schedule->order = calloc(sweep->cells, sizeof(*schedule->order));
    if (!schedule->order)
        return lab_error_memory(err);
    for (size_t i = 0; i < count; i++)
        if (cells[i].warmup > schedule->warm_rounds)
            schedule->warm_rounds = cells[i].warmup;
    schedule->position = sweep->cells;
    return 0;
}

static int compare_number(const void *key, const void *cell)
{
    unsigned a = *(const unsigned *)key, b = ((const struct cell *)cell)->number;
    return (a > b) - (a < b);
}

static struct cell *find_cell(const struct schedule *schedule, unsigned number)
{
    return bsearch(&number, schedule->cells, schedule->count, sizeof(*schedule->cells),
                   compare_number);
}

static struct trial_id trial_of_round(const struct schedule *schedule)
{
    bool warmup = schedule->round <= schedule->warm_rounds;
    return (struct trial_id){ schedule->round - (warmup ? 0 : schedule->warm_rounds), warmup };
}

/* Whether what the cells came to says how many trials they have ("until") can be looked at: once
 * the trials that are planned so far have ended. */
static bool must_wait(const struct schedule *schedule, unsigned next_trial)
{
    bool open = false, running = false;
    for (size_t i = 0; i < schedule->count; i++) {
        const struct cell *cell = &schedule->cells[i];
        open = open || (!cell->given_up && cell->planned < cell->max_planned &&
                        cell->planned + 1 == next_trial);
        running = running || cell->running > 0;
    }
    return open && running;
}

static void look_at_results(struct schedule *schedule, unsigned next_trial)
{
    for (size_t i = 0; i < schedule->count; i++) {
        struct cell *cell = &schedule->cells[i];
        struct lab_error ignored;
        if (cell->given_up || cell->planned >= cell->max_planned || cell->planned + 1 != next_trial)
            continue;
        struct results *results = results_compute(cell->dir, &ignored);
        if (results)
            cell->planned = results->planned_trials;
        results_free(results);
    }
}

static unsigned count_rounds(const struct schedule *schedule)
{
    unsigned most = 0;
    for (size_t i = 0; i < schedule->count; i++)
        if (schedule->cells[i].planned > most)
            most = schedule->cells[i].planned;
    return schedule->warm_rounds + most;
}

static enum schedule_answer begin_round(struct schedule *schedule)
{
    unsigned next = schedule->round + 1;
    if (next > schedule->warm_rounds) {
        if (must_wait(schedule, next - schedule->warm_rounds))
            return SCHEDULE_WAIT;
        look_at_results(schedule, next - schedule->warm_rounds);
    }
    if (next > count_rounds(schedule))
        return SCHEDULE_DONE;
    schedule->round = next;
    schedule->position = 0;
    sweep_order(schedule->sweep->seed, next, schedule->order, schedule->sweep->cells);
    return SCHEDULE_TRIAL;
}

static bool wants(const struct cell *cell, struct trial_id trial)
{
    return !cell->given_up && trial.number <= (trial.warmup ? cell->warmup : cell->planned) &&
           !inventory_has(cell->dir, trial);
}

enum schedule_answer schedule_next(struct schedule *schedule, struct cell **cell,
                                   struct trial_id *trial)
{
    for (;;) {
        while (schedule->position < schedule->sweep->cells) {
            *cell = find_cell(schedule, schedule->order[schedule->position++]);
            *trial = trial_of_round(schedule);
            if (*cell && wants(*cell, *trial))
                return SCHEDULE_TRIAL;
        }
        enum schedule_answer answer = begin_round(schedule);
        if (answer != SCHEDULE_TRIAL)
            return answer;
    }
}

void schedule_release(struct schedule *schedule)
{
    free(steal_ptr(schedule->order));
}
