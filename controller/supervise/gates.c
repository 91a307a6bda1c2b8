#include "supervise/gates.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "experiment/plan.h"
#include "labctl/cleanup.h"

int gate_make(const char *trial_dir, const char *node, struct lab_error *err)
{
    cleanup_free char *path = fs_path("%s/%s/%s", trial_dir, PLAN_GATE_DIR, node);
    if (mkfifo(path, 0600) < 0)
        return lab_error_errno(err, LAB_ERR_IO, errno, "cannot make the gate %s", path);
    return 0;
}

int gate_open(const char *trial_dir, const char *node, uint64_t instant, struct lab_error *err)
{
    cleanup_free char *path = fs_path("%s/%s/%s", trial_dir, PLAN_GATE_DIR, node);
    cleanup_close int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || write(fd, &instant, sizeof(instant)) != (ssize_t)sizeof(instant))
        return lab_error_errno(err, LAB_ERR_NODE, errno, "%s does not wait at its gate", node);
    return 0;
}
