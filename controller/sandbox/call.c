#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/socket.h>

#include "sandbox/sandbox.h"
#include "sandbox/setup.h"

struct call {
    sandbox_function *function;
    void *arg;
};

/* What the function has to say goes over the channel, as the error it left. */
static int call_entry(int channel, void *arg)
{
    const struct call *call = arg;
    struct lab_error err = LAB_ERROR_INIT;
    call->function(call->arg, &err);
    return send(channel, &err, sizeof(err), MSG_NOSIGNAL) == (ssize_t)sizeof(err) ? 0 : 1;
}

static int hear(struct sandbox *sandbox, struct lab_error *err)
{
    struct lab_error heard = LAB_ERROR_INIT;
    ssize_t got;
    do
        got = recv(sandbox->channel, &heard, sizeof(heard), 0);
    while (got < 0 && errno == EINTR);
    int status = sandbox_wait(sandbox, err);
    if (status < 0)
        return -1;
    if (got != (ssize_t)sizeof(heard))
        return lab_error_set(err, LAB_ERR_INTERNAL, "the sandbox ended with status %d and no word",
                             status);
    if (heard.code == LAB_ERR_NONE)
        return 0;
    *err = heard;
    return -1;
}

int sandbox_call(sandbox_function *function, void *arg, enum sandbox_flags flags,
                 struct lab_error *err)
{
    struct sandbox sandbox = SANDBOX_INIT;
    struct call call = { function, arg };
    struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
    if (sandbox_start(&sandbox, call_entry, &call, flags, err) < 0)
        return -1;
    if (!(flags & SANDBOX_KEEP_TERMINAL))
        return hear(&sandbox, err);
    sigaction(SIGINT, &ignore, &before); /* Ctrl-C is for who has the terminal */
    int result = hear(&sandbox, err);
    sigaction(SIGINT, &before, NULL);
    return result;
}

static int probe_host(void *arg, struct lab_error *err)
{
    (void)arg;
    return setup_probe_host(err);
}

int sandbox_probe(struct lab_error *err)
{
    return sandbox_call(probe_host, NULL, 0, err);
}
