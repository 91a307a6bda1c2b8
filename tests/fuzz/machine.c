#include "machine.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* Turns that a machine may take for one piece; more would be a loop without end. */
#define TURNS_MAX 64

/* In the new network only a program itself can be reached, at 127.0.0.1. */
static void set_up_loopback(void)
{
    struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request))
        abort();
    close(fd);
}

/* Before there is any thread, since only then a user may make a namespace. */
__attribute__((constructor)) static void leave_network(void)
{
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET)) {
        fprintf(stderr, "no namespaces here: skipped\n");
        exit(0);
    }
    set_up_loopback();
}

static int null_fd = -1; /* where events go */

static void set_up_once(struct node *node)
{
    static char file_path[64], output_path[64];
    static int ready;
    if (!ready) {
        char bytes[MACHINE_FILE_BYTES] = "bytes";
        int file = memfd_create("file", 0), output = memfd_create("output", 0);
        null_fd = open("/dev/null", O_WRONLY);
        if (null_fd < 0 || file < 0 || output < 0 ||
            write(file, bytes, sizeof(bytes)) != sizeof(bytes))
            abort();
        snprintf(file_path, sizeof(file_path), "/proc/self/fd/%d", file);
        snprintf(output_path, sizeof(output_path), "/proc/self/fd/%d", output);
        ready = 1;
    }
    node->args.file = file_path;
    node->args.output = output_path;
}

struct node *machine_node(void)
{
    static struct node node;
    struct lab_error err = LAB_ERROR_INIT;
    node = (struct node){ .args = { .node = "h1",
                                    .clients = 3,
                                    .port = MACHINE_PORT,
                                    .block_size = MACHINE_BLOCK_SIZE,
                                    .address.s_addr = htonl(INADDR_ANY) } };
    set_up_once(&node);
    event_writer_init(&node.events, null_fd);
    if (loop_open(&node.loop, &err))
        abort();
    return &node;
}

int machine_connect(int *theirs, struct sockaddr_in *address)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends))
        abort();
    *address = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(1) };
    *theirs = ends[0];
    return ends[1];
}

struct run {
    uint64_t (*turn)(void *owner);
    void *owner;
    struct node *node;
    int fd;
    int turns, idle;
};

/* Run the machine with no waiting; stop when it has said nothing for two turns. */
static uint64_t run_turn(void *owner)
{
    struct run *run = owner;
    char said[65536];
    run->turn(run->owner);
    run->idle = recv(run->fd, said, sizeof(said), 0) > 0 ? 0 : run->idle + 1;
    if (run->idle > 2 || ++run->turns > TURNS_MAX)
        run->node->loop.stop = true;
    return 0;
}

void machine_feed(struct node *node, int fd, const uint8_t *data, size_t size,
                  uint64_t (*turn)(void *owner), void *owner)
{
    struct lab_error err = LAB_ERROR_INIT;
    struct run run = { turn, owner, node, fd, 0, 0 };
    if (size && send(fd, data, size, MSG_NOSIGNAL) < 0)
        return;
    node->loop.stop = false;
    loop_run(&node->loop, run_turn, &run, &err);
}

int machine_piece(const uint8_t **data, size_t *size, unsigned *connection, const uint8_t **piece,
                  size_t *length)
{
    if (*size < 3)
        return 0;
    *connection = (*data)[0];
    *length = (size_t)((*data)[1] << 8 | (*data)[2]);
    *piece = *data + 3;
    *data += 3;
    *size -= 3;
    if (*length > *size)
        *length = *size;
    *data += *length;
    *size -= *length;
    return 1;
}
