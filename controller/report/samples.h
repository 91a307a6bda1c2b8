/* What the logs of a trial tell besides transfers: how links were used, how TCP connections
 * fared, who sent how much to whom. Read as streams; each kind is handed out piece by piece. */
#ifndef LABCTL_REPORT_SAMPLES_H
#define LABCTL_REPORT_SAMPLES_H

#include "report/run_logs.h"

/* What a link carried from one sample to another. Times count from the trial's origin. */
struct link_span {
    size_t host;       /* index into the experiment's hosts */
    bool up;           /* host to router, else router to host */
    uint64_t rate_bps; /* 0: unshaped */
    double start_s, finish_s;
    uint64_t bytes, drops; /* in that time; frames with their headers */
    uint64_t backlog;      /* bytes queued at its end */
};

/* Bits carried per bit that the link could have carried; NAN when it is unshaped. */
double link_span_utilisation(const struct link_span *span);

/* Hand out all spans of a trial, none shorter than `shortest_s` (samples in between are
 * left out). */
typedef void link_span_taker(void *owner, const struct link_span *span);
void samples_read_links(struct run_logs *logs, const struct trial_result *trial, double shortest_s,
                        link_span_taker *take, void *owner);

/* One look at one end of a connection. */
struct connection_sample {
    size_t node;      /* at whose end */
    const char *peer; /* name of the node at the other end, or "IP:PORT"; valid for the call */
    uint64_t connection;
    double time_s;
    uint64_t rtt_us, cwnd, retransmits, delivery_rate_bps, bytes_sent, bytes_received;
    bool sends; /* since the sample before, more went out than came in: rtt_us is measured */
};

typedef void connection_taker(void *owner, const struct connection_sample *sample);
void samples_read_connections(struct run_logs *logs, const struct trial_result *trial,
                              connection_taker *take, void *owner);

/* Bytes of the file that one client got, by the node they came from. */
typedef void traffic_taker(void *owner, size_t to, const uint64_t *from_bytes);
void samples_read_traffic(struct run_logs *logs, const struct trial_result *trial,
                          traffic_taker *take, void *owner);

#endif
