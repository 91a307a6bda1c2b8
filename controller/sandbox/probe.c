#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>

#include "sandbox/sandbox.h"
#include "sandbox/setup.h"

static int probe_entry(int channel, void *arg)
{
    (void)arg;
    struct lab_error err = LAB_ERROR_INIT;
    setup_probe_host(&err);
    return send(channel, &err, sizeof(err), MSG_NOSIGNAL) == (ssize_t)sizeof(err) ? 0 : 1;
}

int sandbox_probe(struct lab_error *err)
{
    struct sandbox sandbox;
    struct lab_error heard = LAB_ERROR_INIT;
    if (sandbox_start(&sandbox, probe_entry, NULL, 0, err) < 0)
        return -1;
    ssize_t got;
    do
        got = recv(sandbox.channel, &heard, sizeof(heard), 0);
    while (got < 0 && errno == EINTR);
    int status = sandbox_wait(&sandbox, err);
    if (status < 0)
        return -1;
    if (got != (ssize_t)sizeof(heard))
        return lab_error_set(err, LAB_ERR_INTERNAL,
                             "the probe of the sandbox ended with status %d "
                             "and no word",
                             status);
    if (heard.code == LAB_ERR_NONE)
        return 0;
    *err = heard;
    return -1;
}
