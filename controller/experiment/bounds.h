/* Theoretical lower bounds on the makespan of a file distribution. */
#ifndef LABCTL_BOUNDS_H
#define LABCTL_BOUNDS_H

#include <stdint.h>

#include "experiment/experiment.h"

enum binding_kind { BINDING_NONE, BINDING_SERVER_UPLINK, BINDING_DOWNLINK, BINDING_AGGREGATE };

struct bound {
    double fluid_s;  /* payload at the links' raw rates; 0 when nothing binds */
    double framed_s; /* with Ethernet, IP and TCP headers: x 1514/1448, but for a late begin */
    enum binding_kind binding;
};

/* Bytes the shaper charges for a full segment, and the payload it carries (MTU 1500,
 * TCP timestamps on). */
#define BOUND_FRAME_BYTES   1514.0
#define BOUND_PAYLOAD_BYTES 1448.0

/* Bound for moving `bytes` to every client of the experiment.
 *   client/server (Kurose and Ross):     max( N F / u_s, F / d_min )
 *   peer to peer  (Kumar and Ross 2006): max( F / u_s, F / d_min, N F / (u_s + sum u_i) )
 * The latter holds for any way there is, and so for the model "exec".
 * The server on the router has no single uplink: u_s is infinite. Started one after the
 * other, client/server times add up; a client that begins later, by a stagger or because it
 * joins late, has its own downlink to fill from then on. Faults do not enter it: it is the
 * bound of the network as built, with every client served. */
struct bound bound_makespan(const struct experiment *experiment, uint64_t bytes);

const char *binding_name(enum binding_kind binding); /* "server-uplink", ... */
const char *binding_term(enum binding_kind binding); /* "the server's uplink", ... */

#endif
