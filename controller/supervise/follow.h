/* Following a log of JSON lines while a program writes it: only what is new is read, only
 * whole lines are handed out, and memory stays bounded whatever is written. */
#ifndef LABCTL_FOLLOW_H
#define LABCTL_FOLLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* A line longer than this is skipped. No program of labctl writes one (EVENT_LINE_MAX). */
#define FOLLOW_LINE_MAX 8192

struct follower {
    int fd;           /* of the log, or -1 until it is there; owned */
    off_t offset;     /* of what is read next */
    size_t used;      /* bytes of an unfinished line in `line` */
    bool skipping;    /* the rest of a line too long */
    unsigned skipped; /* lines skipped so far */
    char line[FOLLOW_LINE_MAX];
};

/* Given a line of `length` bytes with a NUL behind it, which it may write to. */
typedef void follow_line(void *context, char *line, size_t length);

void follow_init(struct follower *follower);
void follow_release(struct follower *follower);

/* Most bytes that one call reads, so that a program that writes faster than it is read keeps
 * nobody from looking at the others, and at the clock. */
#define FOLLOW_TURN_BYTES (4 << 20)

/* Hand lines that were finished since the last call to `take`, without their newline. A
 * log that is not there yet is as good as empty. Returns 1 when there may be more, 0 when
 * there is none, or -1 with errno set. */
int follow_read(struct follower *follower, const char *path, follow_line *take, void *context);

#endif
