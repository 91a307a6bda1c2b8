#include "lib/command.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/template.h"
#include "labctl/cleanup.h"
#include "lib/confine.h"
#include "lib/usage.h"

/* How long a group may take to end when it is asked to, in steps of one millisecond. */
#define STOP_STEPS 1000

/* By how much a file may be larger than the one that is shared, unless it is said: logs and
 * what else a program may write are smaller. */
#define FILE_MORE (1ull << 30)

/* --- words ---------------------------------------------------------------- */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* What placeholders stand for: what the command line says, and the paths, absolute, since
 * the command may change its folder. */
struct values {
    struct template_value list[4 + NODE_VALUES_MAX];
    size_t count;
    char *owned[3 + NODE_VALUES_MAX];
    size_t owned_count;
};

static void add_value(struct values *values, const char *name, const char *value)
{
    values->list[values->count++] = (struct template_value){ name, value };
}

static void add_path(struct values *values, const char *name, const char *path)
{
    char here[PATH_MAX] = "";
    if (!getcwd(here, sizeof(here)))
        here[0] = '\0';
    char *absolute = path[0] == '/' ? fs_path("%s", path) : fs_path("%s/%s", here, path);
    values->owned[values->owned_count++] = absolute;
    add_value(values, name, absolute);
}

static void make_values(struct values *values, const struct node_args *args)
{
    *values = (struct values){ 0 };
    add_value(values, "file_name", base_name(args->file));
    add_path(values, "file", args->file);
    add_path(values, "work_dir", args->work);
    add_path(values, "output", args->output ? args->output : "/dev/null");
    for (size_t i = 0; i < args->set.count; i++) {
        const char *equals = strchr(args->set.words[i], '=');
        char *name = strndup(args->set.words[i], (size_t)(equals - args->set.words[i]));
        values->owned[values->owned_count++] = name;
        add_value(values, name, equals + 1);
    }
}

static void free_values(struct values *values)
{
    for (size_t i = 0; i < values->owned_count; i++)
        free(values->owned[i]);
}

static void free_words(char **words)
{
    for (char **word = words; word && *word; word++)
        free(*word);
    free(words);
}

static size_t count_words(char *const *words)
{
    size_t count = 0;
    while (words[count])
        count++;
    return count;
}

/* `count` words with their placeholders replaced, ended by NULL. Caller frees. */
static char **expand_words(char *const *words, size_t count, const struct values *values,
                           struct lab_error *err)
{
    char **expanded = calloc(count + 1, sizeof(*expanded));
    for (size_t i = 0; expanded && i < count; i++) {
        expanded[i] = template_expand(words[i], values->list, values->count, err);
        if (!expanded[i]) {
            free_words(expanded);
            return NULL;
        }
    }
    return expanded;
}

/* --- the child ------------------------------------------------------------- */

/* By its absolute path: our own folder is out of sight for the command (seclude.h). */
static int enter_work(const struct node_args *args)
{
    char here[PATH_MAX];
    return getcwd(here, sizeof(here)) && chdir(here) == 0 ? chdir(args->work) : -1;
}

static void run_child(const struct node_args *args, int output, char **words, char **variables)
{
    sigset_t none;
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    struct stat shared = { 0 };
    struct lab_error err = LAB_ERROR_INIT;
    stat(args->file, &shared);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (char **variable = variables; *variable; variable++)
        putenv(*variable);
    if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
        dup2(output, STDERR_FILENO) < 0 || enter_work(args) < 0) {
        node_say("cannot enter %s: %s", args->work, strerror(errno));
    } else if (confine_privileges(CONFINE_PROGRAM, &err) < 0) {
        node_say("%s", err.message);
    } else {
        confine_resources(args->max_memory,
                          args->max_file ? args->max_file : (uint64_t)shared.st_size + FILE_MORE);
        execvp(words[0], words);
        node_say("cannot start %s: %s", words[0], strerror(errno));
    }
    _exit(127);
}

static int fork_child(struct command *command, const struct node_args *args, char **words,
                      char **variables, struct lab_error *err)
{
    cleanup_close int output = -1;
    if (log_pump_open(&command->pump, STDERR_FILENO, &output, err))
        return -1;
    command->pid = fork();
    if (command->pid < 0)
        return lab_error_errno(err, LAB_ERR_NODE, errno, "cannot start %s", words[0]);
    if (command->pid == 0)
        run_child(args, output, words, variables);
    setpgid(command->pid, command->pid); /* both do it: neither has to wait for the other */
    command->pidfd = (int)syscall(SYS_pidfd_open, command->pid, 0);
    if (command->pidfd < 0)
        return lab_error_errno(err, LAB_ERR_INTERNAL, errno, "cannot watch %s", words[0]);
    return 0;
}

int command_start(struct command *command, struct node *node, struct lab_error *err)
{
    const struct node_args *args = &node->args;
    struct values values;
    *command = (struct command){ .pid = -1, .pidfd = -1, .pump.from = -1 };
    make_values(&values, args);
    char **words = expand_words(args->command, count_words(args->command), &values, err);
    char **variables = words ? expand_words(args->env.words, args->env.count, &values, err) : NULL;
    int result = variables ? fork_child(command, args, words, variables, err) : -1;
    if (result)
        log_pump_close(&command->pump);
    free_words(variables);
    free_words(words);
    free_values(&values);
    return result;
}

/* Take the status of the child, if it has one or, with options 0, when it has. Until then the
 * system knows what it used. */
static bool take_status(struct command *command, int options)
{
    siginfo_t end = { 0 };
    if (waitid(P_PID, (id_t)command->pid, &end, WEXITED | WNOWAIT | options) < 0 || end.si_pid == 0)
        return false;
    command->waited_ns = usage_waited_ns(command->pid);
    return waitpid(command->pid, &command->status, 0) == command->pid;
}

bool command_ended(struct command *command, struct loop *loop, int wait_ms)
{
    struct pollfd fds[] = { { .fd = command->pidfd, .events = POLLIN },
                            { .fd = loop->signal_fd, .events = POLLIN },
                            { .fd = command->pump.from, .events = POLLIN } };
    if (poll(fds, ARRAY_LENGTH(fds), wait_ms) <= 0)
        return false;
    log_pump_move(&command->pump);
    if (fds[1].revents)
        loop->stop = loop->signalled = true;
    return fds[0].revents && take_status(command, WNOHANG);
}

void command_stop(struct command *command)
{
    if (command->pidfd < 0)
        return;
    kill(-command->pid, SIGTERM);
    for (int step = 0; step < STOP_STEPS && kill(-command->pid, 0) == 0; step++) {
        take_status(command, WNOHANG);
        log_pump_move(&command->pump); /* who waits to write does not end */
        usleep(1000);
    }
    kill(-command->pid, SIGKILL);
    take_status(command, 0);
    close(command->pidfd);
    command->pidfd = -1;
    command->dropped = log_pump_close(&command->pump);
}

int command_check(const struct command *command, unsigned expected, struct lab_error *err)
{
    int status = command->status;
    if (WIFSIGNALED(status))
        return lab_error_set(err, LAB_ERR_NODE, "the command was ended by signal %d (%s)",
                             WTERMSIG(status), strsignal(WTERMSIG(status)));
    if ((unsigned)WEXITSTATUS(status) != expected)
        return lab_error_set(err, LAB_ERR_NODE, "the command ended with status %d, expected %u",
                             WEXITSTATUS(status), expected);
    return 0;
}
