#include "rundir/rundir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "experiment/exec.h"
#include "labctl/cleanup.h"
#include "results/results.h"

#define SAME_SECOND_MAX 1000

/* Make PARENT/STAMP[-n].partial for the first n for which neither it nor the final name
 * is there. Returns the final name, or NULL with errno set. */
static char *make_fresh(const char *parent, const char *stamp)
{
    for (unsigned n = 1; n <= SAME_SECOND_MAX; n++) {
        cleanup_free char *final =
            n == 1 ? fs_path("%s/%s", parent, stamp) : fs_path("%s/%s-%u", parent, stamp, n);
        cleanup_free char *partial = fs_path("%s" RESULTS_PARTIAL_SUFFIX, final);
        if (mkdir(partial, 0777) < 0) {
            if (errno != EEXIST)
                return NULL;
        } else if (access(final, F_OK) == 0) {
            rmdir(partial);
        } else {
            return steal_ptr(final);
        }
    }
    errno = EEXIST;
    return NULL;
}

/* The lock goes with the last process that has it: a run that was killed holds none. Node
 * programs do not inherit it. */
static int lock(struct rundir *rundir, struct lab_error *err)
{
    rundir->lock = open(rundir->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (rundir->lock < 0)
        return lab_error_errno(err, LAB_ERR_IO, errno, "cannot open %s", rundir->path);
    if (flock(rundir->lock, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
        return 0; /* a file system without locks does without */
    return lab_error_set(err, LAB_ERR_USAGE, "%s is still being written to by another labctl",
                         rundir->path);
}

int rundir_create(struct rundir *rundir, const char *output, const char *name,
                  struct lab_error *err)
{
    char stamp[32];
    time_t now = time(NULL);
    struct tm utc;
    *rundir = (struct rundir)RUNDIR_INIT;
    strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", gmtime_r(&now, &utc));

    cleanup_free char *parent = fs_path("%s/%s", output, name);
    if (fs_make_dirs(parent, err) < 0)
        return -1;
    rundir->final_path = make_fresh(parent, stamp);
    if (!rundir->final_path)
        return lab_error_errno(err, LAB_ERR_IO, errno, "cannot create a run directory in %s",
                               parent);
    cleanup_free char *partial = fs_path("%s" RESULTS_PARTIAL_SUFFIX, rundir->final_path);
    rundir->path = realpath(partial, NULL);
    if (!rundir->path)
        return lab_error_errno(err, LAB_ERR_IO, errno, "cannot find %s", partial);
    if (exec_check_text(rundir->path, err) == 0)
        return lock(rundir, err);
    rmdir(rundir->path);
    return lab_error_wrap(err, "the path of the run directory has");
}

/* --- one that is there already -------------------------------------------- */

/* `path` without trailing slashes and without the suffix. Caller frees. */
static char *plain_path(const char *path)
{
    char *plain = fs_path("%s", path);
    size_t length = strlen(plain), suffix = strlen(RESULTS_PARTIAL_SUFFIX);
    while (length > 1 && plain[length - 1] == '/')
        plain[--length] = '\0';
    if (length > suffix && strcmp(plain + length - suffix, RESULTS_PARTIAL_SUFFIX) == 0)
        plain[length - suffix] = '\0';
    return plain;
}

char *rundir_find(const char *path, struct lab_error *err)
{
    cleanup_free char *plain = plain_path(path);
    cleanup_free char *partial = fs_path("%s" RESULTS_PARTIAL_SUFFIX, plain);
    bool unfinished = access(partial, F_OK) == 0;
    char *found = realpath(unfinished ? partial : plain, NULL);
    if (!found) {
        lab_error_errno(err, LAB_ERR_USAGE, errno, "cannot find the run directory %s", path);
        return NULL;
    }
    cleanup_free char *record = fs_path("%s/experiment.json", found);
    if (access(record, F_OK) == 0)
        return found;
    lab_error_set(err, LAB_ERR_USAGE,
                  "%s is no run directory that could be resumed: it has no "
                  "experiment.json",
                  path);
    free(found);
    return NULL;
}

int rundir_reopen(struct rundir *rundir, const char *path, struct lab_error *err)
{
    *rundir = (struct rundir)RUNDIR_INIT;
    rundir->final_path = plain_path(path);
    rundir->path = rundir_find(path, err);
    if (!rundir->path || exec_check_text(rundir->path, err) < 0 || lock(rundir, err) < 0)
        return -1;
    cleanup_free char *plain = plain_path(rundir->path);
    cleanup_free char *partial = fs_path("%s" RESULTS_PARTIAL_SUFFIX, plain);
    if (rename(rundir->path, partial) < 0)
        return lab_error_errno(err, LAB_ERR_IO, errno, "cannot rename %s", rundir->path);
    free(rundir->path);
    rundir->path = steal_ptr(partial);
    return 0;
}

int rundir_finish(struct rundir *rundir, struct lab_error *err)
{
    cleanup_free char *final = fs_path("%s", rundir->path);
    final[strlen(final) - strlen(RESULTS_PARTIAL_SUFFIX)] = '\0';
    if (rename(rundir->path, final) < 0)
        return lab_error_errno(err, LAB_ERR_IO, errno, "cannot rename %s", rundir->path);
    free(rundir->path);
    rundir->path = steal_ptr(final);
    return 0;
}

void rundir_release(struct rundir *rundir)
{
    free(rundir->path);
    free(rundir->final_path);
    cleanup_close_(&rundir->lock);
    *rundir = (struct rundir)RUNDIR_INIT;
}
