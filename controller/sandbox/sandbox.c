#include "sandbox/sandbox.h"

#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "labctl/cleanup.h"
#include "sandbox/explain.h"
#include "sandbox/idmap.h"
#include "sandbox/setup.h"

#define NAMESPACES (CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET)

/* fork() into new namespaces: 0 in the child, its pid in the parent, or -1. */
static pid_t clone_into(uint64_t namespaces, int *pidfd)
{
    struct clone_args args = {
        .flags = namespaces | CLONE_PIDFD,
        .pidfd = (uint64_t)(uintptr_t)pidfd,
        .exit_signal = SIGCHLD,
    };
    return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

/* --- the child ------------------------------------------------------------ */

/* The child may not begin before its user is mapped, and must not outlive its parent.
 * PR_SET_PDEATHSIG comes first: a parent that died before it shows as the end of the
 * channel, one that dies later takes the child along. */
static void await_parent(int channel)
{
    char go;
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || recv(channel, &go, 1, 0) != 1)
        _exit(1);
}

/* Signals as a new program finds them: what the parent blocks, ignores or catches for
 * itself must not reach the programs that are started in here. */
static void reset_signals(void)
{
    static const int caught[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGWINCH, SIGCHLD };
    sigset_t none;
    sigemptyset(&none);
    for (size_t i = 0; i < ARRAY_LENGTH(caught); i++)
        signal(caught[i], SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void run_child(int channel, sandbox_entry *entry, void *arg, enum sandbox_flags flags,
                      bool mapped)
{
    struct lab_error err = LAB_ERROR_INIT;
    await_parent(channel);
    reset_signals();
    int failed = setup_namespaces(flags, mapped, &err);
    if (send(channel, &err, sizeof(err), MSG_NOSIGNAL) != (ssize_t)sizeof(err) || failed)
        _exit(1);
    int status = entry(channel, arg);
    fflush(NULL);
    _exit(status);
}

/* --- the parent ----------------------------------------------------------- */

static void release(struct sandbox *sandbox)
{
    cleanup_close_(&sandbox->pidfd);
    cleanup_close_(&sandbox->channel);
    *sandbox = (struct sandbox)SANDBOX_INIT;
}

static int wait_status(const struct sandbox *sandbox)
{
    int status;
    while (waitpid(sandbox->pid, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return status;
}

int sandbox_wait(struct sandbox *sandbox, struct lab_error *err)
{
    int status = wait_status(sandbox);
    release(sandbox);
    if (WIFEXITED(status))
        return WEXITSTATUS(status);
    return lab_error_set(err, LAB_ERR_INTERNAL,
                         "the first process of the sandbox was ended by "
                         "signal %d (%s)",
                         WTERMSIG(status), strsignal(WTERMSIG(status)));
}

void sandbox_kill(struct sandbox *sandbox)
{
    if (sandbox->pid < 0)
        return;
    syscall(SYS_pidfd_send_signal, sandbox->pidfd, SIGKILL, NULL, 0);
    wait_status(sandbox);
    release(sandbox);
}

/* Let the child go and hear how its set-up went. */
static int handshake(struct sandbox *sandbox, bool mapped, struct lab_error *err)
{
    if (mapped && idmap_write(sandbox->pid, geteuid(), getegid(), err) < 0)
        return -1;
    struct lab_error heard = LAB_ERROR_INIT;
    ssize_t got = -1;
    if (send(sandbox->channel, "", 1, MSG_NOSIGNAL) == 1)
        do
            got = recv(sandbox->channel, &heard, sizeof(heard), 0);
        while (got < 0 && errno == EINTR);
    if (got != (ssize_t)sizeof(heard))
        return lab_error_set(err, LAB_ERR_INTERNAL,
                             "the first process of the sandbox ended "
                             "before it was set up");
    if (heard.code == LAB_ERR_NONE)
        return 0;
    *err = heard;
    return -1;
}

/* Root needs no user namespace, unless it is the root of a container without the rights. */
static pid_t clone_child(struct sandbox *sandbox, bool *mapped)
{
    *mapped = geteuid() != 0;
    if (!*mapped) {
        pid_t pid = clone_into(NAMESPACES, &sandbox->pidfd);
        if (pid >= 0 || errno != EPERM)
            return pid;
        *mapped = true;
    }
    return clone_into(NAMESPACES | CLONE_NEWUSER, &sandbox->pidfd);
}

int sandbox_start(struct sandbox *sandbox, sandbox_entry *entry, void *arg,
                  enum sandbox_flags flags, struct lab_error *err)
{
    int ends[2];
    bool mapped;
    *sandbox = (struct sandbox)SANDBOX_INIT;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return lab_error_errno(err, LAB_ERR_INTERNAL, errno, "cannot make a channel");
    sandbox->channel = ends[0];
    signal(SIGCHLD, SIG_DFL); /* were it ignored, no exit status would be left to wait for */
    fflush(NULL);             /* or the child would write it a second time */
    sandbox->pid = clone_child(sandbox, &mapped);
    if (sandbox->pid == 0) {
        close(ends[0]);
        run_child(ends[1], entry, arg, flags, mapped);
    }
    int clone_errno = errno;
    close(ends[1]);
    if (sandbox->pid < 0) {
        struct sandbox_facts facts;
        explain_read_facts(&facts);
        release(sandbox);
        return explain_clone(clone_errno, &facts, err);
    }
    if (handshake(sandbox, mapped, err) < 0) {
        sandbox_kill(sandbox);
        return -1;
    }
    return 0;
}
