#include "supervise/link_counters.h"

#include <errno.h>
#include <linux/gen_stats.h>
#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "labctl/cleanup.h"

/* The kernel fills at most this much with one answer (NLMSG_GOODSIZE is less). */
#define ANSWER_MAX 65536

int link_counters_open(struct lab_error *err)
{
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (fd < 0)
        return lab_error_errno(err, LAB_ERR_UNSUPPORTED, errno,
                               "cannot ask the kernel for the counters of the links");
    return fd;
}

/* --- attributes ----------------------------------------------------------- */

/* A run of netlink attributes. */
struct attributes {
    const struct rtattr *first;
    size_t length;
};

static struct attributes inside(const struct rtattr *attribute)
{
    return (struct attributes){ RTA_DATA(attribute), RTA_PAYLOAD(attribute) };
}

/* Attributes after the `header` bytes with which a message begins. */
static struct attributes after(const struct nlmsghdr *message, size_t header)
{
    size_t length = NLMSG_PAYLOAD(message, 0);
    size_t skipped = NLMSG_ALIGN(header);
    if (length < skipped)
        return (struct attributes){ NULL, 0 };
    return (struct attributes){ (const void *)((const char *)NLMSG_DATA(message) + skipped),
                                length - skipped };
}

static const struct rtattr *find(struct attributes in, unsigned short type)
{
    const struct rtattr *at = in.first;
    for (size_t left = in.length; at && RTA_OK(at, left); at = RTA_NEXT(at, left))
        if ((at->rta_type & NLA_TYPE_MASK) == type)
            return at;
    return NULL;
}

/* Copy an attribute's value, or as much of it as there is: structs grow with the kernel. */
static void copy(struct attributes in, unsigned short type, void *out, size_t size)
{
    const struct rtattr *found = find(in, type);
    if (found)
        memcpy(out, RTA_DATA(found), RTA_PAYLOAD(found) < size ? RTA_PAYLOAD(found) : size);
}

/* --- requests ------------------------------------------------------------- */

struct request {
    struct nlmsghdr header;
    union {
        struct tcmsg queues;
        struct if_stats_msg interfaces;
    };
};

struct taker {
    link_take_queue *queue;
    link_take_interface *interface;
    void *context;
};

static void take_queue(const struct nlmsghdr *message, const struct taker *taker)
{
    const struct tcmsg *header = NLMSG_DATA(message);
    struct attributes in = after(message, sizeof(*header));
    const struct rtattr *kind = find(in, TCA_KIND), *stats = find(in, TCA_STATS2);
    struct gnet_stats_basic basic = { 0 };
    struct gnet_stats_queue queue = { 0 };
    char name[32] = "";
    if (!kind || !stats)
        return;
    copy(in, TCA_KIND, name, sizeof(name) - 1);
    copy(inside(stats), TCA_STATS_BASIC, &basic, sizeof(basic));
    copy(inside(stats), TCA_STATS_QUEUE, &queue, sizeof(queue));
    uint64_t packets = basic.packets; /* 32 bits; newer kernels tell all 64 besides */
    copy(inside(stats), TCA_STATS_PKT64, &packets, sizeof(packets));
    const struct link_counters counters = { basic.bytes, packets, queue.drops, queue.backlog };
    taker->queue(taker->context, (unsigned)header->tcm_ifindex, name, &counters);
}

static void take_interface(const struct nlmsghdr *message, const struct taker *taker)
{
    const struct if_stats_msg *header = NLMSG_DATA(message);
    struct rtnl_link_stats64 stats = { 0 };
    copy(after(message, sizeof(*header)), IFLA_STATS_LINK_64, &stats, sizeof(stats));
    const struct link_counters sent = { stats.tx_bytes, stats.tx_packets, stats.tx_dropped, 0 };
    const struct link_counters received = { stats.rx_bytes, stats.rx_packets, stats.rx_dropped, 0 };
    taker->interface(taker->context, header->ifindex, &sent, &received);
}

/* One datagram of the answer. Returns 1 at the end of it, 0 when there is more, or -1 with
 * errno set. */
static int take_answer(const char *data, size_t length, const struct taker *taker)
{
    const struct nlmsghdr *message = (const void *)data;
    for (; NLMSG_OK(message, length); message = NLMSG_NEXT(message, length)) {
        if (message->nlmsg_type == NLMSG_DONE)
            return 1;
        if (message->nlmsg_type == NLMSG_ERROR) {
            errno = -((const struct nlmsgerr *)NLMSG_DATA(message))->error;
            return -1;
        }
        if (message->nlmsg_type == RTM_NEWQDISC && taker->queue)
            take_queue(message, taker);
        else if (message->nlmsg_type == RTM_NEWSTATS && taker->interface)
            take_interface(message, taker);
    }
    return 0;
}

static int ask(int fd, struct request *request, size_t size, const struct taker *taker)
{
    static _Alignas(struct nlmsghdr) char answer[ANSWER_MAX];
    request->header.nlmsg_len = (uint32_t)(NLMSG_HDRLEN + size);
    request->header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    if (send(fd, request, request->header.nlmsg_len, 0) < 0)
        return -1;
    for (;;) {
        ssize_t length = recv(fd, answer, sizeof(answer), 0);
        if (length < 0 && errno == EINTR)
            continue;
        int state = length <= 0 ? -1 : take_answer(answer, (size_t)length, taker);
        if (state != 0)
            return state < 0 ? -1 : 0;
    }
}

static int fail(struct lab_error *err)
{
    return lab_error_errno(err, LAB_ERR_INTERNAL, errno,
                           "cannot read the counters of the links from the kernel");
}

int link_counters_queues(int fd, link_take_queue *take, void *context, struct lab_error *err)
{
    struct request request = { .header.nlmsg_type = RTM_GETQDISC,
                               .queues = { .tcm_family = AF_UNSPEC } };
    const struct taker taker = { .queue = take, .context = context };
    return ask(fd, &request, sizeof(request.queues), &taker) < 0 ? fail(err) : 0;
}

int link_counters_interfaces(int fd, link_take_interface *take, void *context,
                             struct lab_error *err)
{
    struct request request = { .header.nlmsg_type = RTM_GETSTATS,
                               .interfaces = { .family = AF_UNSPEC,
                                               .filter_mask =
                                                   IFLA_STATS_FILTER_BIT(IFLA_STATS_LINK_64) } };
    const struct taker taker = { .interface = take, .context = context };
    return ask(fd, &request, sizeof(request.interfaces), &taker) < 0 ? fail(err) : 0;
}
