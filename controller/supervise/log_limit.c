#include "supervise/log_limit.h"

#include <signal.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "labctl/cleanup.h"
#include "supervise/program.h"
#include "supervise/startline.h"

static void check_log(struct program *program, const char *trial_dir, const char *suffix)
{
    cleanup_free char *name = startline_log(program->command, suffix);
    cleanup_free char *path = fs_path("%s/%s", trial_dir, name);
    struct stat st;
    if (stat(path, &st) < 0 || st.st_size <= LOG_LIMIT_BYTES)
        return;
    lab_error_set(&program->told_error, LAB_ERR_NODE,
                  "stopped, since it wrote %lld bytes to %s, at most %lld are taken",
                  (long long)st.st_size, name, LOG_LIMIT_BYTES);
    program_signal(program, SIGKILL);
}

void log_limit_check(struct program *programs, size_t count, const char *trial_dir)
{
    for (size_t i = 0; i < count; i++) {
        if (!program_alive(&programs[i]))
            continue;
        check_log(&programs[i], trial_dir, "jsonl");
        check_log(&programs[i], trial_dir, "log");
    }
}
