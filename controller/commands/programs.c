#include "commands/programs.h"

#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "labctl/cleanup.h"
#include "topology/network.h"

static const char *const programs[] = { "cs_server", "cs_client",   "p2p_server",
                                        "p2p_peer",  "exec_server", "exec_client" };

/* The first program that is not in `folder`, or NULL. */
static const char *find_missing(const char *folder)
{
    for (size_t i = 0; i < ARRAY_LENGTH(programs); i++) {
        cleanup_free char *path = fs_path("%s/%s", folder, programs[i]);
        if (access(path, X_OK) < 0)
            return programs[i];
    }
    return NULL;
}

char *programs_find(struct lab_error *err)
{
    static const char *const places[] = { "nodes", "../libexec/labctl" };
    char self[PATH_MAX] = "";
    if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0) {
        lab_error_set(err, LAB_ERR_UNSUPPORTED,
                      "cannot tell where labctl is: /proc is not mounted");
        return NULL;
    }
    const char *folder = dirname(self);
    for (size_t i = 0; i < ARRAY_LENGTH(places); i++) {
        cleanup_free char *place = fs_path("%s/%s", folder, places[i]);
        if (!find_missing(place))
            return realpath(place, NULL);
    }
    cleanup_free char *place = fs_path("%s/%s", folder, places[0]);
    lab_error_set(err, LAB_ERR_UNSUPPORTED,
                  "the node program %s is neither in %s/%s nor in %s/%s; build or install labctl "
                  "as a whole",
                  find_missing(place), folder, places[0], folder, places[1]);
    return NULL;
}

char *programs_search(const char *name)
{
    const char *path = getenv("PATH");
    cleanup_free char *list = fs_path("%s:%s", path ? path : "", NETWORK_SYSTEM_PATH);
    char *rest = NULL;
    for (char *folder = strtok_r(list, ":", &rest); folder; folder = strtok_r(NULL, ":", &rest)) {
        cleanup_free char *candidate = fs_path("%s/%s", folder, name);
        if (access(candidate, X_OK) == 0)
            return steal_ptr(candidate);
    }
    return NULL;
}

/* A program on the PATH, or a file where its absolute path says. */
static bool is_there(const char *need)
{
    if (need[0] == '/')
        return access(need, F_OK) == 0;
    cleanup_free char *path = programs_search(need);
    return path != NULL;
}

int programs_check(char *const *needs, struct lab_error *err)
{
    char missing[1000] = "";
    for (; needs && *needs; needs++) {
        const char *package = strchr(*needs, '=') + 1;
        cleanup_free char *program = strndup(*needs, (size_t)(package - 1 - *needs));
        size_t used = strlen(missing);
        if (!is_there(program))
            snprintf(missing + used, sizeof(missing) - used, "%s%s (Debian's package %s)",
                     used ? ", " : "", program, package);
    }
    if (!missing[0])
        return 0;
    return lab_error_set(err, LAB_ERR_UNSUPPORTED, "not installed: %s", missing);
}
