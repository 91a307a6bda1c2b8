#include "lib/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "labctl/cleanup.h"

static int new_socket(struct lab_error *err)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return lab_error_errno(err, LAB_ERR_INTERNAL, errno, "cannot make a socket");
    return fd;
}

int net_listen(struct in_addr address, uint16_t port, struct lab_error *err)
{
    cleanup_close int fd = new_socket(err);
    if (fd < 0)
        return -1;
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = address };
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
    if (bind(fd, (struct sockaddr *)&at, sizeof(at)) || listen(fd, SOMAXCONN)) {
        char name[NET_NAME_MAX];
        return lab_error_errno(err, LAB_ERR_NODE, errno, "cannot listen at port %u (%s)", port,
                               net_name(&at, name));
    }
    return steal_fd(fd);
}

int net_connect(struct in_addr from, struct in_addr address, uint16_t port, struct lab_error *err)
{
    cleanup_close int fd = new_socket(err);
    if (fd < 0)
        return -1;
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = address };
    struct sockaddr_in self = { .sin_family = AF_INET, .sin_addr = from };
    if (from.s_addr != htonl(INADDR_ANY) && bind(fd, (struct sockaddr *)&self, sizeof(self)))
        return lab_error_errno(err, LAB_ERR_NODE, errno, "cannot connect from %s", inet_ntoa(from));
    if (connect(fd, (struct sockaddr *)&at, sizeof(at)) && errno != EINPROGRESS) {
        char name[NET_NAME_MAX];
        return lab_error_errno(err, LAB_ERR_NODE, errno, "cannot connect to %s",
                               net_name(&at, name));
    }
    return steal_fd(fd);
}

/* The one descriptor kept back for turning connections away. */
static int reserve_fd = -1;

/* Returns the error to be told of: that there is no room, or that nobody was there. */
static int turn_away(int listener)
{
    if (reserve_fd < 0)
        return ENOMEM;
    close(reserve_fd);
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    int error = fd >= 0 ? EMFILE : errno;
    if (fd >= 0)
        close(fd);
    reserve_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return error;
}

int net_accept(int listener, struct sockaddr_in *from)
{
    if (reserve_fd < 0)
        reserve_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    socklen_t length = sizeof(*from);
    int fd = accept4(listener, (struct sockaddr *)from, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0 && (errno == EMFILE || errno == ENFILE))
        errno = turn_away(listener);
    return fd;
}

void net_tune_stream(int fd)
{
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
}

void net_watch_path(int fd)
{
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &(int){ 1 }, sizeof(int));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &(int){ 3 }, sizeof(int));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &(int){ 1 }, sizeof(int));
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &(int){ NET_PATH_PATIENCE_MS }, sizeof(int));
}

void net_tune_blocks(int fd)
{
    net_tune_stream(fd);
    setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &(int){ NET_UNSENT_MAX }, sizeof(int));
}

int net_socket_error(int fd)
{
    int error = 0;
    socklen_t length = sizeof(error);
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
    return error;
}

void net_raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

const char *net_name(const struct sockaddr_in *address, char name[NET_NAME_MAX])
{
    char ip[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &address->sin_addr, ip, sizeof(ip));
    snprintf(name, NET_NAME_MAX, "%s:%u", ip, ntohs(address->sin_port));
    return name;
}
