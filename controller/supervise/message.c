#include "supervise/message.h"

#include <errno.h>
#include <sys/socket.h>

void message_send(int channel, const struct message *message, bool may_drop)
{
    int flags = MSG_NOSIGNAL | (may_drop ? MSG_DONTWAIT : 0);
    while (send(channel, message, sizeof(*message), flags) < 0 && errno == EINTR)
        ;
}

bool message_interrupted(int channel)
{
    char word;
    return recv(channel, &word, sizeof(word), MSG_DONTWAIT) >= 0 || errno != EAGAIN;
}

int message_receive(int channel, struct message *message, struct lab_error *err)
{
    ssize_t got;
    do
        got = recv(channel, message, sizeof(*message), 0);
    while (got < 0 && errno == EINTR);
    if (got == 0 || (got < 0 && errno == ECONNRESET))
        return 0;
    if (got < 0)
        return lab_error_errno(err, LAB_ERR_INTERNAL, errno, "channel of the sandbox");
    if (got != (ssize_t)sizeof(*message))
        return lab_error_set(err, LAB_ERR_INTERNAL,
                             "channel of the sandbox: expected messages of %zu bytes, found %zd",
                             sizeof(*message), got);
    return 1;
}

void message_interrupt(int channel)
{
    send(channel, "", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}
