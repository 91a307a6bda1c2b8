#include "lib/uplink.h"

/* A send is slow after this many times the usual duration, and never before a time
 * that a busy machine may keep a program waiting. */
#define SLOW_FACTOR      8
#define RECOVERED_FACTOR 2
#define SLOW_MINIMUM_NS  100000000ull
#define SLOW_UNKNOWN_NS  1000000000ull /* before anything is known */

/* Weight of the newest duration in the average: 1 / 8. */
#define USUAL_SHIFT 3

void uplink_init(struct uplink *uplink, uint32_t width)
{
    *uplink = (struct uplink){ .width = width };
}

void uplink_expect(struct uplink *uplink, uint32_t full_bytes)
{
    uplink->full_bytes = full_bytes;
}

bool uplink_has_room(const struct uplink *uplink)
{
    uint64_t most = uplink->counted < uplink->width ? UPLINK_FULL_BYTES : UPLINK_DRY_BYTES;
    return uplink->interface_bytes < most;
}

bool uplink_look_due(const struct uplink *uplink, uint64_t now)
{
    return !uplink_has_room(uplink) && (uplink->begun || now - uplink->looked_ns >= UPLINK_LOOK_NS);
}

void uplink_looked(struct uplink *uplink, uint64_t bytes, uint64_t now)
{
    uplink->interface_bytes = bytes;
    uplink->begun = false;
    uplink->looked_ns = now;
}

uint64_t uplink_drain_ns(const struct uplink *uplink, uint64_t bytes)
{
    /* Sends overlap. */
    uint32_t at_once = uplink->counted > uplink->width ? uplink->counted : uplink->width;
    if (!uplink->full_bytes)
        return 0;
    return (uint64_t)((double)bytes / uplink->full_bytes * (double)uplink->usual_ns / at_once);
}

uint64_t uplink_patience(const struct uplink *uplink)
{
    if (!uplink->usual_ns)
        return SLOW_UNKNOWN_NS;
    uint64_t patience = SLOW_FACTOR * uplink->usual_ns;
    return patience > SLOW_MINIMUM_NS ? patience : SLOW_MINIMUM_NS;
}

void uplink_begin(struct uplink *uplink, struct uplink_send *send, uint32_t bytes, uint64_t now)
{
    uplink->interface_bytes += bytes;
    uplink->begun = true;
    send->bytes = bytes;
    send->active = send->leaving = true;
    send->began_ns = now;
    if (!send->slow)
        uplink->counted++;
}

void uplink_end(struct uplink *uplink, struct uplink_send *send, uint64_t now)
{
    uint64_t took = now - send->began_ns, patience = uplink_patience(uplink);
    if (!send->slow)
        uplink->counted--;
    send->active = false;
    /* One that was slow has to be as quick as the others before it counts as one of them:
     * what the socket's buffer takes at once says little. */
    send->slow = send->slow ? took > RECOVERED_FACTOR * uplink->usual_ns : took > patience;
    if (send->bytes < uplink->full_bytes)
        return;
    /* Slow ones count too, as far as patience goes: when all are slow, the uplink is. */
    took = took < patience ? took : patience;
    if (uplink->usual_ns)
        uplink->usual_ns += (took >> USUAL_SHIFT) - (uplink->usual_ns >> USUAL_SHIFT);
    else
        uplink->usual_ns = took;
}

void uplink_abort(struct uplink *uplink, struct uplink_send *send)
{
    if (send->active && !send->slow)
        uplink->counted--;
    *send = (struct uplink_send){ 0 };
}

bool uplink_check(struct uplink *uplink, struct uplink_send *send, uint64_t now)
{
    if (!send->active || send->slow || now - send->began_ns <= uplink_patience(uplink))
        return false;
    send->slow = true;
    uplink->counted--;
    return true;
}
