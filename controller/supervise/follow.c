#include "supervise/follow.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "labctl/cleanup.h"

void follow_init(struct follower *follower)
{
    follower->fd = -1;
    follower->offset = 0;
    follower->used = 0;
    follower->skipping = false;
    follower->skipped = 0;
}

void follow_release(struct follower *follower)
{
    cleanup_close_(&follower->fd);
    follower->fd = -1;
}

static void end_line(struct follower *follower, follow_line *take, void *context)
{
    follower->line[follower->used] = '\0';
    if (!follower->skipping)
        take(context, follower->line, follower->used);
    follower->skipping = false;
    follower->used = 0;
}

/* Append part of a line; a line that becomes too long is given up. */
static void add_part(struct follower *follower, const char *part, size_t length)
{
    if (follower->skipping)
        return;
    if (follower->used + length >= sizeof(follower->line)) {
        follower->skipping = true;
        follower->skipped++;
        return;
    }
    memcpy(follower->line + follower->used, part, length);
    follower->used += length;
}

static void split(struct follower *follower, const char *data, size_t length, follow_line *take,
                  void *context)
{
    while (length > 0) {
        const char *newline = memchr(data, '\n', length);
        size_t part = newline ? (size_t)(newline - data) : length;
        add_part(follower, data, part);
        if (newline) {
            end_line(follower, take, context);
            part++;
        }
        data += part;
        length -= part;
    }
}

int follow_read(struct follower *follower, const char *path, follow_line *take, void *context)
{
    if (follower->fd < 0) {
        follower->fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        if (follower->fd < 0)
            return errno == ENOENT ? 0 : -1;
    }
    char data[16384];
    off_t until = follower->offset + FOLLOW_TURN_BYTES;
    while (follower->offset < until) {
        ssize_t got = pread(follower->fd, data, sizeof(data), follower->offset);
        if (got < 0 && errno != EINTR)
            return -1;
        if (got <= 0)
            return 0;
        follower->offset += got;
        split(follower, data, (size_t)got, take, context);
    }
    return 1;
}
