#include "supervise/casualty.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "supervise/message.h"

static const struct network *shells; /* NULL: the network is being built */
static struct message last_word = { .kind = MESSAGE_END };
static const struct lab_error *failure; /* of the building, which then ends its shells itself */
static int outside = -1;

/* Only calls that are safe in a signal handler: the message was made before. Of several
 * children that end at a time one signal may tell, so every shell is looked at. */
static void take_casualty(int number, siginfo_t *info, void *context)
{
    (void)number;
    (void)context;
    int before = errno;
    bool killed = info->si_code == CLD_KILLED || info->si_code == CLD_DUMPED;
    bool lost = shells ? network_lost_shell(shells) : killed && failure->code == LAB_ERR_NONE;
    errno = before;
    if (!lost)
        return;
    message_send(outside, &last_word, false);
    _exit(lab_error_exit_status(last_word.error.code));
}

void casualty_watch_building(int channel, const struct lab_error *err)
{
    struct sigaction action = { .sa_sigaction = take_casualty,
                                .sa_flags = SA_SIGINFO | SA_RESTART | SA_NOCLDSTOP };
    outside = channel;
    failure = err;
    lab_error_set(&last_word.error, LAB_ERR_NODE,
                  "a process that the network needs to be built was killed");
    sigaction(SIGCHLD, &action, NULL);
}

void casualty_watch_shells(const struct network *network)
{
    lab_error_set(&last_word.error, LAB_ERR_NODE, "the shell of a node has ended");
    shells = network;
}
