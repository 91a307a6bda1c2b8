/* The event vocabulary: what node programs and the controller write, one JSON
 * object a line, and what the results are computed from.
 *
 * Every event has
 *   "t"      CLOCK_MONOTONIC in nanoseconds, an integer; one clock for all hosts of
 *            a run, because they share one kernel
 *   "event"  one of the names below
 * and the fields listed with it. A reader ignores events and fields it does not
 * know. docs/results-format.md is the reference for people. */
#ifndef LABCTL_EVENT_H
#define LABCTL_EVENT_H

/* --- written by node programs (logs/NODE.PROGRAM.jsonl) ------------------- */

/* First line of every log: "node" name, "program" name, "pid". */
#define EVENT_START "start"
/* Set up and waiting: a server listens ("port"), a client waits at its gate. */
#define EVENT_READY "ready"
/* The client begins: "planned", the instant it was told, in the clock of "t". */
#define EVENT_BEGIN "begin"
/* A connection was accepted or made: "connection" number, "peer" "IP:PORT". */
#define EVENT_ACCEPT  "accept"
#define EVENT_CONNECT "connect"
/* Client/server. Client: the connection broke, and another will be made: "bytes" it holds,
 * "reason". Server: a client came again and goes on: "connection", "peer", "bytes" it has. */
#define EVENT_RETRY  "retry"
#define EVENT_RESUME "resume"
/* What there is to fetch: "bytes", and for peer to peer "blocks", "block_size". */
#define EVENT_LENGTH "length"
/* Bytes of the file this host holds so far: "bytes". At most one every 20 ms. */
#define EVENT_PROGRESS "progress"
/* A block arrived and its digest was right: "block", "bytes", "from" (IPv4 of the
 * sender), "began" (when its first byte arrived, clock of "t"). */
#define EVENT_BLOCK "block"
/* A block arrived and its digest was wrong; it is fetched again: "block", "from". */
#define EVENT_BAD_BLOCK "bad_block"
/* Peer to peer: the server took note that a peer sent a broken block, and trusts it with
 * nothing more: "peer" IP:PORT, "block", and "by" IP:PORT: who says so. */
#define EVENT_DISTRUST "distrust"
/* Peer to peer: the server is lost, and the peers go on by themselves: "reason", "bytes". */
#define EVENT_ALONE "alone"
/* Peer to peer: told by a signal to spoil the blocks it passes on from now on. */
#define EVENT_CORRUPTING "corrupting"
/* The last byte of the file is here: "bytes". */
#define EVENT_FINISH "finish"
/* Server: a client said how long it took: "peer", "seconds", "bytes". */
#define EVENT_REPORT "report"
/* A connection ended: "connection", "peer", "bytes_sent", "bytes_received", "reason". */
#define EVENT_CLOSE "close"
/* With telemetry, at its interval unless nothing moved, and when a connection ends: what
 * TCP_INFO says of it. "connection", "peer", "rtt_us", "cwnd" (segments), "retransmits"
 * (segments), "delivery_rate_bps", and bytes of payload without repetitions, "bytes_sent",
 * "bytes_received". */
#define EVENT_TCP "tcp"
/* Model exec: the command said more than its log holds: "bytes" of it were dropped. */
#define EVENT_DROPPED "dropped"
/* Something went wrong: "code" (lab_error_name), "message". Fatal if an exit follows. */
#define EVENT_ERROR "error"
/* Last line of a log: "status", the exit status that follows; "cpu_ns" and "wait_ns" as of
 * EVENT_PROGRAM, of the whole life of the program. */
#define EVENT_EXIT "exit"

/* --- written by the controller (logs/labctl.jsonl) ------------------------ */

/* First line: "trial" number, "warmup" true or false, "file_bytes", "file_sha256". */
#define EVENT_TRIAL "trial"
/* A client's gate was opened: "node", "planned" (instant it was told). */
#define EVENT_GATE "gate"
/* A node program ended: "node", "program", and "status" or "signal" (a number). */
#define EVENT_NODE_EXIT "node_exit"
/* A fault of the experiment, or the end of one: "kind" kill|pause|resume|link_down|link_up|
 * link_rate|corrupt|join, "node", "fault" (its place in the experiment's list, from 1; 0 for a
 * join), "planned" (when, as text), "reached" true, and "t" is when it happened; for link_rate
 * "up_bps" and "down_bps", where they change. One that did not happen has "reached" false and
 * "reason". */
#define EVENT_FAULT "fault"
/* A received file was hashed: "node", "bytes", "sha256" (absent if there is no file). */
#define EVENT_VERIFY "verify"
/* Samples of the timed window: one as it begins, one as it ends, and with telemetry some
 * between. All counters are cumulative.
 * What a link carried: "node" (the host), "direction" up|down, "bytes", "packets", "drops",
 * "backlog" (bytes queued at the moment). */
#define EVENT_LINK "link"
/* How busy the machine is: "cpus"; "busy_ns", of it "interrupt_ns", "steal_ns" (taken by the
 * machine below a virtual one), "total_ns", of all processors together; "pressure_us" (some
 * task waited for a processor; absent where the kernel does not count it); "runnable" (tasks
 * that run or could, at the moment, but for labctl's); "boot_ns" (CLOCK_BOOTTIME, which goes
 * on while the machine sleeps). */
#define EVENT_CPU "cpu"
/* What a node program and all it started has used: "node", "program", "cpu_ns", "wait_ns" (it
 * could have run, and waited for a processor). Node "" is labctl itself. */
#define EVENT_PROGRAM "program"
/* Last line: "status" ok|failed|timeout|interrupted; and if not ok "code", "message". "outside"
 * true: the sandbox died in the middle of the trial, or did not answer any more, and this was
 * written for it; the trial is unfinished. */
#define EVENT_END "end"

#endif
