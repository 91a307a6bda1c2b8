/* What a command of the user's says, on its way into our log: through a pipe, so that one
 * that says gigabytes does not fill the disk. The first PUMP_HEAD_BYTES are written as they
 * come, the last PUMP_TAIL_BYTES at the end, and what lies between them is counted. */
#ifndef NODES_LOG_PUMP_H
#define NODES_LOG_PUMP_H

#include <stddef.h>
#include <stdint.h>

#include "labctl/error.h"

#define PUMP_HEAD_BYTES (16u << 20)
#define PUMP_TAIL_BYTES (64u << 10)

struct log_pump {
    int from;        /* our end of the pipe, or -1; owned */
    int log;         /* borrowed */
    uint64_t head;   /* bytes written so far */
    uint64_t behind; /* bytes that came behind them */
    char *tail;      /* owned: the last of those, as a ring */
};

/* Make the pipe. *to is the command's end, which the caller closes once the command has it.
 * Returns 0, or -1 with err set; close the pump in either case. */
int log_pump_open(struct log_pump *pump, int log, int *to, struct lab_error *err);

/* Take what there is, without waiting, but not so much that nothing else has its turn. When
 * the command has closed its end, pump->from becomes -1. */
void log_pump_move(struct log_pump *pump);

/* Take the rest of what there is, write the tail, and close. Returns the bytes that were
 * dropped; 0 for a pump that is closed already. */
uint64_t log_pump_close(struct log_pump *pump);

#endif
