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

bool uplink_has_room(const struct uplink *uplink)
{
    return uplink->counted < uplink->width;
}

uint64_t uplink_patience(const struct uplink *uplink)
{
    if (!uplink->usual_ns)
        return SLOW_UNKNOWN_NS;
    uint64_t patience = SLOW_FACTOR * uplink->usual_ns;
    return patience > SLOW_MINIMUM_NS ? patience : SLOW_MINIMUM_NS;
}

void uplink_begin(struct uplink *uplink, struct uplink_send *send, uint64_t now)
{
    send->active = true;
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
