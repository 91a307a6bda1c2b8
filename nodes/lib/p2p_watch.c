#include "labctl/event.h"
#include "lib/p2p_member.h"

/* A peer should say that it has a block within this many times the patience there is with
 * a send, and need not within the least: it tells of several at once, the queues on the way may be
 * full, and TCP repeats a lost segment after 200 ms and more. It knows by then to whom to pass the
 * block on, so if it has it after all, others make the same copies for nothing. */
#define ARRIVAL_FACTOR   2
#define ARRIVAL_LEAST_NS 800000000ull

/* No promise is waited for longer than this, or than ARRIVAL_FACTOR times the patience
 * when sends take long. A program may be kept from running for a good part of a second. */
#define PROMISE_NS 1000000000ull

/* How often to look, at least. */
#define LOOK_NS 100000000ull

static uint64_t arrival_patience(const struct p2p_server *server)
{
    uint64_t patience = ARRIVAL_FACTOR * uplink_patience(&server->uplink);
    return patience > ARRIVAL_LEAST_NS ? patience : ARRIVAL_LEAST_NS;
}

static uint64_t promise_patience(const struct p2p_server *server)
{
    uint64_t patience = arrival_patience(server);
    return patience > PROMISE_NS ? patience : PROMISE_NS;
}

/* A block may also take long to arrive when the socket took it at once. */
static bool is_overdue(const struct p2p_member *member, uint64_t now)
{
    return member->awaits && now - member->awaited_ns > arrival_patience(member->server);
}

static void watch_sends(struct p2p_member *member, uint64_t now)
{
    struct p2p_server *server = member->server;
    if (uplink_check(&server->uplink, &member->send, now))
        sched_slow(server->sched, member->peer, sched_sending(server->sched, member->peer), false);
    if (!is_overdue(member, now))
        return;
    sched_slow(server->sched, member->peer, member->awaited, member->overdue);
    member->awaits = false;
    member->overdue = true;
}

/* One that lacks blocks which others promised and gets none: the server sends them. It may
 * be that their sender is alive and merely far too slow. */
static void rescue(struct p2p_member *member)
{
    if (!sched_rescue(member->server->sched, member->peer, &member->rescued))
        member->rescued = WIRE_ANY_BLOCK;
}

void p2p_watch_gain(struct p2p_member *member, uint32_t block)
{
    if (member->awaits && block == member->awaited)
        member->awaits = member->overdue = false;
    member->gained_ns = member->heard_ns;
    if (block == member->rescued)
        rescue(member); /* and the next, until somebody else brings one */
    else
        member->rescued = WIRE_ANY_BLOCK;
}

static bool give_up_silent(struct p2p_member *member, uint64_t now)
{
    struct lab_error err = LAB_ERROR_INIT;
    if (member->reported || now - member->heard_ns <= P2P_SILENCE_NS)
        return false;
    lab_error_set(&err, LAB_ERR_TIMEOUT, "%s said nothing for %llu s", member->channel.name,
                  P2P_SILENCE_NS / 1000000000ull);
    channel_fail(&member->channel, &err);
    return true;
}

static void watch_promises(struct p2p_member *member, uint64_t now)
{
    struct p2p_server *server = member->server;
    uint64_t patience = promise_patience(server);
    if (now - member->heard_ns > patience) {
        sched_silent(server->sched, member->peer);
        return;
    }
    if (!member->reported && !member->send.active && now - member->gained_ns > patience) {
        member->gained_ns = now;
        rescue(member);
    }
}

/* The server itself was not running for a while: nobody else is to blame. */
static void forgive(struct p2p_server *server, uint64_t now)
{
    for (struct p2p_member *member = server->members; member; member = member->next) {
        member->heard_ns = now;
        member->gained_ns = now;
        member->awaited_ns = now;
    }
}

uint64_t p2p_watch_members(struct p2p_server *server, uint64_t now)
{
    if (!server->members) {
        server->watched_ns = 0;
        return LOOP_NEVER;
    }
    if (server->watched_ns && now > server->watched_ns + PROMISE_NS)
        forgive(server, now);
    server->watched_ns = now;
    for (struct p2p_member *member = server->members, *after; member; member = after) {
        after = member->next;
        if (member->peer == P2P_NO_PEER || give_up_silent(member, now) || !p2p_takes_part(member))
            continue;
        watch_sends(member, now);
        watch_promises(member, now);
    }
    return now + LOOK_NS;
}
