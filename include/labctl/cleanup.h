/* Ownership by scope: a variable marked with one of these is released when it
 * goes out of scope; steal_ptr() and steal_fd() hand the value out instead. */
#ifndef LABCTL_CLEANUP_H
#define LABCTL_CLEANUP_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void cleanup_free_(void *pointer)
{
    free(*(void **)pointer);
}

static inline void cleanup_close_(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static inline void cleanup_fclose_(FILE **stream)
{
    if (*stream)
        fclose(*stream);
}

static inline void cleanup_closedir_(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

#define cleanup_free     __attribute__((cleanup(cleanup_free_)))
#define cleanup_close    __attribute__((cleanup(cleanup_close_)))
#define cleanup_fclose   __attribute__((cleanup(cleanup_fclose_)))
#define cleanup_closedir __attribute__((cleanup(cleanup_closedir_)))

/* Take the value out of a cleanup variable; what stays behind is empty. */
#define steal_ptr(variable)                                                                        \
    ({                                                                                             \
        __typeof__(variable) stolen_ = variable;                                                   \
        (variable) = NULL;                                                                         \
        stolen_;                                                                                   \
    })

#define steal_fd(variable)                                                                         \
    ({                                                                                             \
        int stolen_ = variable;                                                                    \
        (variable) = -1;                                                                           \
        stolen_;                                                                                   \
    })

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#endif
