#include "report/log_ends.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/event_record.h"
#include "base/fs.h"
#include "experiment/plan.h"
#include "labctl/cleanup.h"
#include "labctl/event.h"
#include "labctl/event_writer.h"

/* What was found in the logs of one run. */
struct finding {
    const struct report_run *run;
    char *first; /* owned */
    size_t others;
};

/* What is wrong with a log that should end with this event; NULL: nothing. */
static const char *find_fault(const char *path, const char *last_event)
{
    char tail[EVENT_LINE_MAX + 1];
    struct stat st;
    /* O_NONBLOCK: a FIFO in the place of a log must not stop the reader. */
    cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st) < 0)
        return strerror(errno);
    if (!S_ISREG(st.st_mode))
        return "not a regular file";
    off_t from = st.st_size > EVENT_LINE_MAX ? st.st_size - EVENT_LINE_MAX : 0;
    ssize_t length = pread(fd, tail, EVENT_LINE_MAX, from);
    if (length < 0)
        return strerror(errno);
    if (length == 0 || tail[length - 1] != '\n')
        return "cut off in the middle of a line";
    tail[length - 1] = '\0';
    char *newline = memrchr(tail, '\n', (size_t)length - 1), *line = newline ? newline + 1 : tail;
    struct event_record record;
    bool whole = record_parse(&record, line, strlen(line)) && strcmp(record.event, last_event) == 0;
    return whole ? NULL : "cut off: its last line is not that of its end";
}

static void look_at(struct finding *finding, const struct trial_result *trial, const char *name,
                    const char *last_event)
{
    cleanup_free char *trial_dir = plan_trial_dir(finding->run->path, trial->trial, false);
    cleanup_free char *path = fs_path("%s/%s/%s.jsonl", trial_dir, PLAN_LOG_DIR, name);
    const char *fault = find_fault(path, last_event);
    if (!fault)
        return;
    if (finding->first)
        finding->others++;
    else
        finding->first = fs_path("%s.jsonl of trial %u: %s", name, trial->trial, fault);
}

/* Whether the program came to its own end: one that was killed leaves no last line. */
static bool ended_well(const struct trial_result *trial, const struct plan_command *command)
{
    if (command->is_server)
        return trial->server_exit == 0;
    const struct host_result *host = &trial->hosts[command->client];
    return host->status == RESULT_OK && host->exit == 0;
}

static void look_at_trial(struct finding *finding, const struct trial_result *trial,
                          const struct plan *plan)
{
    if (trial->status != RESULT_OK)
        return;
    look_at(finding, trial, "labctl", EVENT_END);
    for (size_t i = 0; i < plan->command_count; i++) {
        const struct plan_command *command = &plan->commands[i];
        cleanup_free char *name = fs_path("%s.%s", command->node, command->program);
        if (ended_well(trial, command))
            look_at(finding, trial, name, EVENT_EXIT);
    }
}

char *log_ends_check(const struct report_run *run)
{
    struct finding finding = { .run = run };
    struct lab_error ignored = LAB_ERROR_INIT; /* the record of a run makes a plan */
    struct plan *plan = plan_build(run->experiment, &ignored);
    for (size_t i = 0; plan && i < run->results->trial_count; i++)
        look_at_trial(&finding, &run->results->trials[i], plan);
    plan_free(plan);
    if (!finding.others)
        return finding.first;
    char *text = fs_path("%s; so are %zu other logs", finding.first, finding.others);
    free(finding.first);
    return text;
}
