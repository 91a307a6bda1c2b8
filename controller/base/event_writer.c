#include "labctl/event_writer.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/utf8.h"

uint64_t event_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void event_writer_init(struct event_writer *writer, int fd)
{
    writer->fd = fd;
    writer->write_errno = 0;
    writer->used = 0;
}

/* Write out whole lines; on a failure they are dropped and the first errno is kept. */
static void write_out(struct event_writer *writer)
{
    size_t done = 0;
    while (done < writer->used && !writer->write_errno) {
        ssize_t n = write(writer->fd, writer->buffer + done, writer->used - done);
        if (n >= 0)
            done += (size_t)n;
        else if (errno != EINTR)
            writer->write_errno = errno;
    }
    writer->used = 0;
}

int event_flush(struct event_writer *writer, struct lab_error *err)
{
    write_out(writer);
    if (writer->write_errno)
        return lab_error_errno(err, LAB_ERR_IO, writer->write_errno, "cannot write the event log");
    return 0;
}

static void append(struct event_writer *writer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void append(struct event_writer *writer, const char *format, ...)
{
    size_t room = sizeof(writer->buffer) - writer->used;
    va_list args;
    va_start(args, format);
    int written = vsnprintf(writer->buffer + writer->used, room, format, args);
    va_end(args);
    if (written > 0 && (size_t)written < room)
        writer->used += (size_t)written;
}

void event_begin(struct event_writer *writer, const char *event, uint64_t t_ns)
{
    if (sizeof(writer->buffer) - writer->used < EVENT_LINE_MAX)
        write_out(writer);
    append(writer, "{\"t\":%" PRIu64 ",\"event\":\"%s\"", t_ns ? t_ns : event_now(), event);
}

void event_integer(struct event_writer *writer, const char *key, int64_t value)
{
    append(writer, ",\"%s\":%" PRId64, key, value);
}

void event_real(struct event_writer *writer, const char *key, double value)
{
    if (isfinite(value))
        append(writer, ",\"%s\":%.9g", key, value);
    else
        append(writer, ",\"%s\":null", key);
}

void event_bool(struct event_writer *writer, const char *key, bool value)
{
    append(writer, ",\"%s\":%s", key, value ? "true" : "false");
}

/* Longest string written, in bytes of its escaped form, so that a line stays bounded. */
#define STRING_MAX (EVENT_LINE_MAX / 4)

void event_string(struct event_writer *writer, const char *key, const char *value)
{
    append(writer, ",\"%s\":\"", key);
    size_t start = writer->used;
    for (const char *s = value; *s && writer->used - start < STRING_MAX;) {
        size_t length = utf8_length((const unsigned char *)s);
        if (length == 0) {
            append(writer, "\\ufffd");
            length = 1;
        } else if (*s == '"' || *s == '\\') {
            append(writer, "\\%c", *s);
        } else if ((unsigned char)*s < 0x20) {
            append(writer, "\\u%04x", *s);
        } else {
            append(writer, "%.*s", (int)length, s);
        }
        s += length;
    }
    append(writer, "\"");
}

void event_end(struct event_writer *writer)
{
    append(writer, "}\n");
}
