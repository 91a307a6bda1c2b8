#include "lib/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

int gate_open_reader(const char *path, struct lab_error *err)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return lab_error_errno(err, LAB_ERR_IO, errno, "cannot open the gate %s", path);
    return fd;
}

static int interrupted(struct loop *loop, struct lab_error *err)
{
    loop->stop = loop->signalled = true;
    return lab_error_set(err, LAB_ERR_INTERRUPTED, "stopped by a signal at the gate");
}

static int read_instant(int fd, struct loop *loop, uint64_t *planned, struct lab_error *err)
{
    size_t got = 0;
    while (got < sizeof(*planned)) {
        struct pollfd fds[] = { { .fd = fd, .events = POLLIN },
                                { .fd = loop->signal_fd, .events = POLLIN } };
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            return lab_error_errno(err, LAB_ERR_INTERNAL, errno, "cannot wait at the gate");
        if (fds[1].revents)
            return interrupted(loop, err);
        if (!fds[0].revents)
            continue;
        ssize_t n = read(fd, (char *)planned + got, sizeof(*planned) - got);
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return lab_error_errno(err, LAB_ERR_IO, errno, "cannot read from the gate");
        if (n == 0)
            return lab_error_set(err, LAB_ERR_NODE,
                                 "the gate was closed after %zu bytes, expected %zu", got,
                                 sizeof(*planned));
        got += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

int gate_wait(int fd, struct loop *loop, uint64_t *planned, struct lab_error *err)
{
    if (read_instant(fd, loop, planned, err))
        return -1;
    return loop_sleep_until(loop, *planned) ? 0 : interrupted(loop, err);
}
