#include "supervise/program.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/event_record.h"
#include "base/fs.h"
#include "labctl/cleanup.h"
#include "labctl/event.h"
#include "supervise/log_limit.h"
#include "supervise/startline.h"

void program_init(struct program *program, const struct plan_command *command,
                  const char *trial_dir)
{
    cleanup_free char *log = startline_log(command, "jsonl");
    memset(program, 0, sizeof(*program));
    program->command = command;
    program->log_path = fs_path("%s/%s", trial_dir, log);
    program->job = -1;
    program->pidfd = -1;
    program->status = PROGRAM_NO_STATUS;
    follow_init(&program->follower);
}

void program_release(struct program *program)
{
    follow_release(&program->follower);
    cleanup_close_(&program->pidfd);
    free(program->log_path);
}

bool program_started(const struct program *program)
{
    return program->job > 0;
}

bool program_alive(const struct program *program)
{
    return program_started(program) && !program->ended;
}

bool program_failed(const struct program *program)
{
    return program->ended && (program->signal != 0 || program->status != 0);
}

bool program_failed_as_expected(const struct program *program)
{
    enum expect_kind expect = program->command->expect;
    return program_failed(program) &&
           (expect == EXPECT_FAILED || (expect == EXPECT_KILLED && program->killed));
}

/* --- start and end -------------------------------------------------------- */

int program_start(struct program *program, const char *trial_dir, const char *nodes_dir,
                  const struct launcher *launcher, struct lab_error *err)
{
    const struct plan_command *command = program->command;
    cleanup_free char *line = startline_make(command, trial_dir, nodes_dir);
    cleanup_free char *output = NULL;
    if (launcher->run(launcher->context, command->node, line, &output, err) < 0)
        return lab_error_wrap(err, "cannot start %s", command->program);
    program->job = startline_job(output);
    if (program->job < 0)
        return lab_error_set(err, LAB_ERR_NODE,
                             "%s: cannot start %s: the shell of the node says: "
                             "%.500s",
                             command->node, command->program, output);
    program->pidfd = (int)syscall(SYS_pidfd_open, program->job, 0);
    if (program->pidfd < 0 && errno != ESRCH)
        return lab_error_errno(err, LAB_ERR_INTERNAL, errno, "%s: cannot watch %s", command->node,
                               command->program);
    return 0; /* with no pidfd when it has ended already */
}

void program_signal(const struct program *program, int signal)
{
    if (program_alive(program))
        kill(-program->job, signal);
}

/* What a shell says of its child: 128 and the signal, when a signal ended it. */
#define SHELL_SIGNAL_BASE 128

static void take_status(struct program *program, int status)
{
    program->status = status;
    if (status > SHELL_SIGNAL_BASE && status < SHELL_SIGNAL_BASE + NSIG) {
        program->signal = status - SHELL_SIGNAL_BASE;
        program->status = PROGRAM_NO_STATUS;
    }
}

int program_reap(struct program *program, const char *trial_dir, struct lab_error *err)
{
    cleanup_free char *name = startline_log(program->command, "exit");
    cleanup_free char *path = fs_path("%s/%s", trial_dir, name);
    cleanup_fclose FILE *stream = fopen(path, "re");
    int status;
    if (stream && fscanf(stream, "%d", &status) == 1)
        take_status(program, status);
    program->ended = true;
    int more = 1;
    for (off_t turn = 0; more > 0 && turn < LOG_LIMIT_BYTES / FOLLOW_TURN_BYTES; turn++)
        more = program_follow(program, err);
    return more < 0 ? -1 : 0;
}

/* --- its log -------------------------------------------------------------- */

static void take_ready(struct program *program, const struct event_record *event)
{
    (void)event;
    program->ready = true;
}

static void take_progress(struct program *program, const struct event_record *event)
{
    program->bytes = record_count(event, "bytes", 0);
    program->bytes_ns = event->t;
}

static void take_finish(struct program *program, const struct event_record *event)
{
    take_progress(program, event);
    program->finished = true;
}

static void take_error(struct program *program, const struct event_record *event)
{
    enum lab_error_code code = lab_error_code_of(record_string(event, "code", ""), LAB_ERR_NODE);
    lab_error_set(&program->told_error, code, "%s", record_string(event, "message", ""));
}

/* The events that matter while a program runs. A log may hold anything besides. */
static void take_line(void *context, char *line, size_t length)
{
    static const struct {
        const char *name;
        void (*take)(struct program *program, const struct event_record *event);
    } events[] = {
        { EVENT_READY, take_ready },
        { EVENT_PROGRESS, take_progress },
        { EVENT_FINISH, take_finish },
        { EVENT_ERROR, take_error },
    };
    struct event_record event;
    if (!record_parse(&event, line, length))
        return;
    for (size_t i = 0; i < ARRAY_LENGTH(events); i++)
        if (strcmp(event.event, events[i].name) == 0)
            events[i].take(context, &event);
}

int program_follow(struct program *program, struct lab_error *err)
{
    int more = follow_read(&program->follower, program->log_path, take_line, program);
    if (more >= 0)
        return more;
    return lab_error_errno(err, LAB_ERR_IO, errno, "%s", program->log_path);
}

/* --- what went wrong ------------------------------------------------------ */

#define TAIL_LINES 5
#define TAIL_BYTES 800

/* Where the last TAIL_LINES lines of a text begin. */
static char *last_lines(char *text)
{
    char *at = text + strlen(text);
    for (int lines = 0; at > text; at--)
        if (at[-1] == '\n' && ++lines == TAIL_LINES)
            return at;
    return at;
}

/* The last lines of a file, each indented on a line of its own; "" when it has none. */
static void read_tail(const char *path, char *tail, size_t size)
{
    char data[TAIL_BYTES + 1] = "";
    tail[0] = '\0';
    cleanup_fclose FILE *stream = fopen(path, "re");
    if (!stream)
        return;
    if (fseek(stream, -TAIL_BYTES, SEEK_END) < 0)
        rewind(stream); /* shorter than that */
    size_t length = fread(data, 1, TAIL_BYTES, stream);
    while (length > 0 && data[length - 1] == '\n')
        data[--length] = '\0';
    char *rest = NULL;
    size_t used = 0;
    for (char *line = strtok_r(last_lines(data), "\n", &rest); line && used < size;
         line = strtok_r(NULL, "\n", &rest))
        used += (size_t)snprintf(tail + used, size - used, "\n    %s", line);
}

static void describe_end(const struct program *program, char *text, size_t size)
{
    if (program->killed && program->signal == SIGKILL)
        snprintf(text, size, "was killed by a fault of the experiment");
    else if (program->signal)
        snprintf(text, size, "was ended by signal %d (%s)", program->signal,
                 strsignal(program->signal));
    else if (program->status == PROGRAM_NO_STATUS)
        snprintf(text, size, "ended, and its exit status is not known");
    else
        snprintf(text, size, "ended with status %d", program->status);
}

int program_check_expected(const struct program *program, struct lab_error *err)
{
    const struct plan_command *command = program->command;
    char end[128];
    if (command->expect == EXPECT_OK || program_failed_as_expected(program))
        return 0;
    describe_end(program, end, sizeof(end));
    return lab_error_set(err, LAB_ERR_NODE, "%s: %s was expected to %s, and %s", command->node,
                         command->program,
                         command->expect == EXPECT_KILLED ? "be killed by a fault" : "fail",
                         program->ended ? end : "did not end");
}

int program_describe_failure(const struct program *program, const char *trial_dir,
                             struct lab_error *err)
{
    const struct plan_command *command = program->command;
    cleanup_free char *name = startline_log(command, "log");
    cleanup_free char *path = fs_path("%s/%s", trial_dir, name);
    char end[128], tail[TAIL_BYTES + TAIL_LINES * 8];
    describe_end(program, end, sizeof(end));
    read_tail(path, tail, sizeof(tail));
    const struct lab_error *told = &program->told_error;
    bool said = told->code != LAB_ERR_NONE && told->message[0];
    enum lab_error_code usual = program->killed ? LAB_ERR_KILLED : LAB_ERR_NODE;
    /* A program may have any status; a run with a failed program has one. */
    bool usable = said && lab_error_exit_status(told->code) == 1;
    return lab_error_set(err, usable ? told->code : usual, "%s: %s %s%s%.600s%s%s%s", command->node,
                         command->program, end, said ? ": " : "", said ? told->message : "",
                         tail[0] ? "; the end of " : "", tail[0] ? name : "", tail);
}
