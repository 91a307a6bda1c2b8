#include "rundir/rundir.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
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

int rundir_create(struct rundir *rundir, const char *output, const char *name,
                  struct lab_error *err)
{
    char stamp[32];
    time_t now = time(NULL);
    struct tm utc;
    *rundir = (struct rundir){ 0 };
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
        return 0;
    rmdir(rundir->path);
    return lab_error_wrap(err, "the path of the run directory has");
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
    *rundir = (struct rundir){ 0 };
}
