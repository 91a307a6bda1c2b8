#include "results/event_log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int event_log_open(struct event_log *log, const char *path, struct lab_error *err)
{
    /* O_NONBLOCK: a FIFO in the place of a log must not stop the reader. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return 1;
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0) {
        lab_error_errno(err, LAB_ERR_IO, errno, "cannot read %s", path);
        if (fd >= 0)
            close(fd);
        return -1;
    }
    if (!S_ISREG(st.st_mode)) {
        close(fd);
        return lab_error_set(err, LAB_ERR_IO, "cannot read %s: not a regular file", path);
    }
    log->fd = fd;
    log->read_errno = 0;
    log->begin = log->end = 0;
    log->skipping = log->at_end = false;
    log->damage = (struct log_damage){ 0 };
    return 0;
}

void event_log_close(struct event_log *log)
{
    close(log->fd);
    log->fd = -1;
}

/* Read more behind what is there, which is first moved to the front. */
static void fill(struct event_log *log)
{
    memmove(log->buffer, log->buffer + log->begin, log->end - log->begin);
    log->end -= log->begin;
    log->begin = 0;
    ssize_t n;
    do
        n = read(log->fd, log->buffer + log->end, EVENT_LOG_LINE_MAX - log->end);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        log->read_errno = errno;
    if (n <= 0)
        log->at_end = true;
    else
        log->end += (size_t)n;
}

/* The next line without its end, whole in the buffer and ended by a NUL, or NULL when
 * there are no more. *complete tells whether its newline was there. */
static char *next_line(struct event_log *log, size_t *length, bool *complete)
{
    size_t searched = 0;
    for (;;) {
        char *start = log->buffer + log->begin;
        size_t held = log->end - log->begin;
        char *newline = memchr(start + searched, '\n', held - searched);
        if (!newline && !log->at_end && held < EVENT_LOG_LINE_MAX) {
            searched = held;
            fill(log);
            continue;
        }
        if (!newline && held == 0)
            return NULL;
        bool too_long = !newline && !log->at_end;
        bool tail_of_long = log->skipping;
        *length = newline ? (size_t)(newline - start) : held;
        *complete = newline != NULL;
        start[*length] = '\0';
        log->begin += *length + (newline != NULL);
        log->damage.too_long += too_long && !tail_of_long;
        log->skipping = too_long;
        if (!too_long && !tail_of_long)
            return start;
        searched = 0;
    }
}

static bool is_blank(const char *line)
{
    return line[strspn(line, " \t\r")] == '\0';
}

bool event_log_next(struct event_log *log, struct event_record *record)
{
    for (;;) {
        size_t length;
        bool complete;
        char *line = next_line(log, &length, &complete);
        if (!line)
            return false;
        if (strlen(line) == length && is_blank(line))
            continue;
        if (record_parse(record, line, length))
            return true;
        if (complete)
            log->damage.malformed++;
        else
            log->damage.partial++;
    }
}

void log_damage_add(struct log_damage *sum, const struct log_damage *more)
{
    sum->malformed += more->malformed;
    sum->too_long += more->too_long;
    sum->partial += more->partial;
    sum->dropped_bytes += more->dropped_bytes;
}
