#include "topology/tool.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "labctl/cleanup.h"

/* Enough to keep every processor of a large machine busy; the kernel serialises the rest. */
#define JOBS_AT_ONCE 8

extern char **environ;

int tool_enter(pid_t pid, struct lab_error *err)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
    cleanup_close int way_back = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    cleanup_close int there = open(path, O_RDONLY | O_CLOEXEC);
    if (way_back < 0 || there < 0 || setns(there, CLONE_NEWNET) < 0)
        return lab_error_errno(err, LAB_ERR_INTERNAL, errno,
                               "cannot enter the network namespace of process %d", (int)pid);
    return steal_fd(way_back);
}

int tool_leave(int way_back, struct lab_error *err)
{
    int result = setns(way_back, CLONE_NEWNET);
    int setns_errno = errno;
    close(way_back);
    if (result < 0)
        return lab_error_errno(err, LAB_ERR_INTERNAL, setns_errno,
                               "cannot return to the network namespace of the sandbox");
    return 0;
}

/* --- one job -------------------------------------------------------------- */

/* Input and output are memory files: no pipe can fill up, whatever the order of reading. */
static int open_files(struct tool_job *job, struct lab_error *err)
{
    const char *input = job->input ? job->input : "";
    size_t length = strlen(input);
    job->input_fd = memfd_create("input", MFD_CLOEXEC);
    job->output_fd = memfd_create("output", MFD_CLOEXEC);
    if (job->input_fd < 0 || job->output_fd < 0 ||
        pwrite(job->input_fd, input, length, 0) != (ssize_t)length)
        return lab_error_errno(err, LAB_ERR_INTERNAL, errno, "cannot prepare to run %s",
                               job->argv[0]);
    return 0;
}

static void close_files(struct tool_job *job)
{
    cleanup_close_(&job->input_fd);
    cleanup_close_(&job->output_fd);
    job->input_fd = job->output_fd = -1;
}

static int spawn(struct tool_job *job, struct lab_error *err)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, job->input_fd, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, job->output_fd, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, job->output_fd, STDERR_FILENO);
    int failed =
        posix_spawnp(&job->pid, job->argv[0], &actions, NULL, (char *const *)job->argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed) {
        job->pid = 0;
        return lab_error_errno(err, LAB_ERR_UNSUPPORTED, failed, "cannot run %s%s", job->argv[0],
                               failed == ENOENT ? " (mend: install the package iproute2)" : "");
    }
    return 0;
}

/* The child is in the namespace that its parent is in when it is spawned. */
static int start(struct tool_job *job, struct lab_error *err)
{
    if (open_files(job, err) < 0)
        return -1;
    if (job->node_pid == 0)
        return spawn(job, err);
    int way_back = tool_enter(job->node_pid, err);
    if (way_back < 0)
        return -1;
    int failed = spawn(job, err);
    struct lab_error leaving = LAB_ERROR_INIT;
    if (tool_leave(way_back, &leaving) < 0 && !failed) {
        *err = leaving;
        return -1;
    }
    return failed;
}

static int read_output(struct tool_job *job, struct lab_error *err)
{
    struct stat st;
    if (fstat(job->output_fd, &st) < 0)
        return lab_error_errno(err, LAB_ERR_INTERNAL, errno, "output of %s", job->argv[0]);
    job->output = calloc(1, (size_t)st.st_size + 1);
    if (!job->output)
        return lab_error_memory(err);
    if (pread(job->output_fd, job->output, (size_t)st.st_size, 0) != st.st_size)
        return lab_error_errno(err, LAB_ERR_INTERNAL, errno, "output of %s", job->argv[0]);
    for (size_t end = (size_t)st.st_size; end > 0 && isspace((unsigned char)job->output[end - 1]);)
        job->output[--end] = '\0';
    return 0;
}

static int finish(struct tool_job *job, struct lab_error *err)
{
    int status;
    while (waitpid(job->pid, &status, 0) < 0)
        if (errno != EINTR)
            return lab_error_errno(err, LAB_ERR_INTERNAL, errno, "cannot wait for %s",
                                   job->argv[0]);
    job->pid = 0;
    if (read_output(job, err) < 0)
        return -1;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return lab_error_set(err, LAB_ERR_UNSUPPORTED, "%s: %s failed: %s", job->node, job->argv[0],
                             job->output[0] ? job->output : "it said nothing");
    return 0;
}

/* --- all jobs ------------------------------------------------------------- */

int tool_run(struct tool_job *jobs, size_t count, struct lab_error *err)
{
    size_t started = 0, finished = 0;
    int result = 0;
    for (size_t i = 0; i < count; i++)
        jobs[i].input_fd = jobs[i].output_fd = -1;
    while (finished < started || (result == 0 && started < count)) {
        if (result == 0 && started < count && started - finished < JOBS_AT_ONCE) {
            result = start(&jobs[started], err);
            started++;
            continue;
        }
        struct tool_job *job = &jobs[finished++];
        struct lab_error later = LAB_ERROR_INIT;
        if (job->pid > 0 && finish(job, result ? &later : err) < 0)
            result = -1;
        close_files(job);
    }
    return result;
}

void tool_free_jobs(struct tool_job *jobs, size_t count)
{
    for (size_t i = 0; jobs && i < count; i++) {
        free(jobs[i].input);
        free(jobs[i].output);
    }
    free(jobs);
}
