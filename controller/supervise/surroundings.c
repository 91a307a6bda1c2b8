#include "supervise/surroundings.h"

#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "labctl/cleanup.h"
#include "sandbox/privileges.h"
#include "sandbox/view.h"

/* Processes of a node that are not its program's: Mininet's shell, the job, the node
 * program, what a shell starts meanwhile. And those of the sandbox itself. */
#define PROCESSES_OF_NODE    8
#define PROCESSES_OF_SANDBOX 200

/* Folders that programs, libraries and modules are found in. */
static const char *const search_paths[] = { "PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "HOME" };

static void see_search_path(struct view *view, const char *variable)
{
    const char *value = getenv(variable);
    cleanup_free char *list = fs_path("%s", value ? value : "");
    char *rest = NULL;
    for (char *folder = strtok_r(list, ":", &rest); folder; folder = strtok_r(NULL, ":", &rest))
        view_add(view, folder, false);
}

/* A word that is the path of something: the program, or a file it is given. */
static void see_words(struct view *view, char *const *words)
{
    for (; words && *words; words++)
        view_add(view, *words, false);
}

static void make_view(struct view *view, const struct supervise_input *input)
{
    const struct experiment *experiment = input->plan->experiment;
    cleanup_free char *file = fs_path("%s/file.bin", input->run_dir);
    cleanup_free char *trials = fs_path("%s/" PLAN_TRIALS_DIR, input->run_dir);
    cleanup_free char *folder = realpath(experiment->folder, NULL);
    view->temporary_bytes = experiment->limits.memory;
    view->sockets = input->sockets;
    view_add(view, input->run_dir, false);
    view_add(view, trials, true);
    view_add(view, input->nodes_dir, false);
    view_add(view, file, false);
    if (folder)
        view_add(view, folder, false);
    for (size_t i = 0; i < ARRAY_LENGTH(search_paths); i++)
        see_search_path(view, search_paths[i]);
    see_words(view, experiment->exec.server_command);
    see_words(view, experiment->exec.client_command);
    for (char **path = experiment->writable; path && *path; path++)
        view_add(view, *path, true);
}

int surroundings_enter(const struct supervise_input *input, struct lab_error *err)
{
    const struct experiment *experiment = input->plan->experiment;
    cleanup_free struct view *view = calloc(1, sizeof(*view));
    if (!view || setenv("TMPDIR", "/tmp", 1) < 0)
        return lab_error_memory(err);
    cleanup_free char *trials = fs_path("%s/" PLAN_TRIALS_DIR, input->run_dir);
    if (fs_make_dirs(trials, err) < 0)
        return -1;
    make_view(view, input);
    int result = view_apply(view, err);
    view_release(view);
    uint64_t nodes = experiment->host_count + 1;
    privileges_limit_processes(nodes * (experiment->limits.processes + PROCESSES_OF_NODE) +
                               PROCESSES_OF_SANDBOX);
    return result;
}
