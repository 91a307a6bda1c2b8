#include "lib/log_pump.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Taken in one go. */
#define TURN_BYTES (1u << 20)

#define CHUNK_BYTES (64u << 10)

int log_pump_open(struct log_pump *pump, int log, int *to, struct lab_error *err)
{
    int ends[2];
    *pump = (struct log_pump){ .from = -1, .log = log };
    pump->tail = malloc(PUMP_TAIL_BYTES);
    if (!pump->tail)
        return lab_error_memory(err);
    if (pipe2(ends, O_CLOEXEC))
        return lab_error_errno(err, LAB_ERR_INTERNAL, errno, "cannot make a pipe");
    fcntl(ends[0], F_SETFL, O_NONBLOCK); /* ours: the command's writes wait */
    pump->from = ends[0];
    *to = ends[1];
    return 0;
}

/* A log that cannot be written is no reason to stop. */
static void write_log(const struct log_pump *pump, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(pump->log, data, size);
        if (n < 0 && errno != EINTR)
            return;
        data += n > 0 ? n : 0;
        size -= n > 0 ? (size_t)n : 0;
    }
}

static void keep_tail(struct log_pump *pump, const char *data, size_t size)
{
    while (size > 0) {
        size_t at = (size_t)(pump->behind % PUMP_TAIL_BYTES);
        size_t part = size < PUMP_TAIL_BYTES - at ? size : PUMP_TAIL_BYTES - at;
        memcpy(pump->tail + at, data, part);
        pump->behind += part;
        data += part;
        size -= part;
    }
}

static void take(struct log_pump *pump, const char *data, size_t size)
{
    uint64_t room = PUMP_HEAD_BYTES - pump->head;
    size_t first = size < room ? size : (size_t)room;
    write_log(pump, data, first);
    pump->head += first;
    keep_tail(pump, data + first, size - first);
}

void log_pump_move(struct log_pump *pump)
{
    char chunk[CHUNK_BYTES];
    for (size_t moved = 0; pump->from >= 0 && moved < TURN_BYTES;) {
        ssize_t n = read(pump->from, chunk, sizeof(chunk));
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (n <= 0) {
            close(pump->from);
            pump->from = -1;
            return;
        }
        take(pump, chunk, (size_t)n);
        moved += (size_t)n;
    }
}

/* Returns the bytes that are in neither head nor tail. */
static uint64_t write_tail(struct log_pump *pump)
{
    char note[96];
    bool wrapped = pump->behind > PUMP_TAIL_BYTES;
    uint64_t dropped = wrapped ? pump->behind - PUMP_TAIL_BYTES : 0;
    size_t oldest = wrapped ? (size_t)(pump->behind % PUMP_TAIL_BYTES) : 0;
    size_t length = wrapped ? PUMP_TAIL_BYTES : (size_t)pump->behind;
    if (dropped) {
        int size = snprintf(note, sizeof(note), "\n[labctl: %llu bytes were dropped here]\n",
                            (unsigned long long)dropped);
        write_log(pump, note, (size_t)size);
    }
    write_log(pump, pump->tail + oldest, length - oldest);
    write_log(pump, pump->tail, oldest);
    return dropped;
}

uint64_t log_pump_close(struct log_pump *pump)
{
    if (!pump->tail)
        return 0;
    log_pump_move(pump);
    if (pump->from >= 0)
        close(pump->from);
    pump->from = -1;
    uint64_t dropped = write_tail(pump);
    free(pump->tail);
    pump->tail = NULL;
    return dropped;
}
