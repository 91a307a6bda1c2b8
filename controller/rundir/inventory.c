#include "rundir/inventory.h"

#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "labctl/cleanup.h"
#include "labctl/event.h"
#include "results/event_log.h"

bool inventory_has(const char *run_dir, struct trial_id trial)
{
    cleanup_free char *dir = plan_trial_dir(run_dir, trial.number, trial.warmup);
    cleanup_free char *path = fs_path("%s/" PLAN_LOG_DIR "/labctl.jsonl", dir);
    cleanup_free struct event_log *log = malloc(sizeof(*log));
    struct event_record record;
    struct lab_error ignored; /* a log that cannot be read tells of no end */
    bool ended = false;
    if (!log || event_log_open(log, path, &ignored) != 0)
        return false;
    while (event_log_next(log, &record))
        if (strcmp(record.event, EVENT_END) == 0)
            ended = !record_find(&record, "outside") &&
                    strcmp(record_string(&record, "status", "interrupted"), "interrupted") != 0;
    event_log_close(log);
    return ended;
}

static int look(const char *run_dir, struct trial_id trial, struct trial_list *list,
                struct lab_error *err)
{
    if (inventory_has(run_dir, trial))
        return 0;
    cleanup_free char *dir = plan_trial_dir(run_dir, trial.number, trial.warmup);
    list->at[list->count++] = trial;
    return fs_remove_tree(dir, err);
}

int inventory_missing(const char *run_dir, unsigned warmup, unsigned counted,
                      struct trial_list *list, struct lab_error *err)
{
    *list = (struct trial_list){ .at = calloc((size_t)warmup + counted + 1, sizeof(*list->at)) };
    if (!list->at)
        return lab_error_memory(err);
    for (unsigned i = 1; i <= warmup; i++)
        if (look(run_dir, (struct trial_id){ i, true }, list, err) < 0)
            return -1;
    for (unsigned i = 1; i <= counted; i++)
        if (look(run_dir, (struct trial_id){ i, false }, list, err) < 0)
            return -1;
    return 0;
}
