/* A peer that spoils what it passes on: the fault that digests are there to find. */
#include <signal.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

#include "labctl/cleanup.h"
#include "labctl/event.h"
#include "lib/p2p_parts.h"

static volatile sig_atomic_t signalled;

static void take_signal(int signal)
{
    (void)signal;
    signalled = 1;
}

void p2p_hear_corrupt_signal(void)
{
    struct sigaction action = { .sa_handler = take_signal };
    sigemptyset(&action.sa_mask);
    sigaction(P2P_CORRUPT_SIGNAL, &action, NULL);
}

void p2p_check_corrupt(struct p2p_peer *peer)
{
    if (peer->corrupting || !signalled)
        return;
    peer->corrupting = true;
    event_begin(&peer->node->events, EVENT_CORRUPTING, 0);
    event_end(&peer->node->events);
    node_say("told to spoil the blocks that are passed on");
}

/* Each receiver has a place of its own in the file of spoilt blocks, since several may be
 * sent to at once, and one block at a time to each. */
int p2p_spoil(struct p2p_peer *peer, uint32_t to, uint32_t block, uint64_t *offset)
{
    uint32_t length = blocks_length(&peer->blocks, block);
    uint64_t place = (uint64_t)to * peer->blocks.block_size;
    cleanup_free uint8_t *bytes = malloc(length);
    if (peer->spoilt_fd < 0)
        peer->spoilt_fd = memfd_create("spoilt", MFD_CLOEXEC);
    if (!bytes || peer->spoilt_fd < 0 || pread(peer->output_fd, bytes, length, (off_t)*offset) < 1)
        return -1;
    bytes[0] ^= 1;
    if (pwrite(peer->spoilt_fd, bytes, length, (off_t)place) != (ssize_t)length)
        return -1;
    *offset = place;
    return peer->spoilt_fd;
}
