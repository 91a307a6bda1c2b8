#include "topology/network.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "labctl/cleanup.h"
#include "py/log.h"
#include "topology/internal.h"
#include "topology/walls.h"

/* At the prompt of labctl shell the user may change what there is to change. */
static int raise_walls(const struct network *network, struct lab_error *err)
{
    if (walls_raise(network->router_pid, err) < 0)
        return -1;
    for (size_t i = 0; i < network->plan->experiment->host_count; i++)
        if (walls_raise(network->host_pids[i], err) < 0)
            return -1;
    return 0;
}

static int build(struct network *network, enum network_flags flags, struct lab_error *err)
{
    size_t hosts = network->plan->experiment->host_count;
    network->host_pids = calloc(hosts, sizeof(*network->host_pids));
    if (!network->host_pids)
        return lab_error_memory(err);
    if (environment_prepare(hosts + 1, err) < 0 || py_start(flags & NETWORK_INTERACTIVE, err) < 0)
        return -1;
    if (objects_build(network, err) < 0 || network_configure(network, err) < 0)
        return -1;
    if (network_verify(network, err) < 0)
        return -1;
    return flags & NETWORK_INTERACTIVE ? 0 : raise_walls(network, err);
}

struct network *network_build(const struct plan *plan, enum network_flags flags,
                              struct lab_error *err)
{
    struct network *network = calloc(1, sizeof(*network));
    if (!network) {
        lab_error_memory(err);
        return NULL;
    }
    network->plan = plan;
    if (build(network, flags, err) < 0) {
        network_free(network);
        return NULL;
    }
    return network;
}

void network_free(struct network *network)
{
    if (!network)
        return;
    Py_CLEAR(network->net);
    py_stop();
    free(network->host_pids);
    free(network);
}

pid_t network_router_pid(const struct network *network)
{
    return network->router_pid;
}

pid_t network_host_pid(const struct network *network, size_t host)
{
    return network->host_pids[host];
}

/* --- commands ------------------------------------------------------------- */

static int copy_text(PyObject *text, char **output, struct lab_error *err)
{
    const char *utf8 = PyUnicode_Check(text) ? PyUnicode_AsUTF8(text) : "";
    if (!utf8)
        return py_error(LAB_ERR_INTERNAL, err);
    *output = strdup(utf8);
    return *output ? 0 : lab_error_memory(err);
}

/* It stays to be waited for by Mininet; one that has been waited for is lost as well. */
static bool has_ended(pid_t pid)
{
    siginfo_t info = { .si_pid = 0 };
    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid != 0;
}

bool network_lost_shell(const struct network *network)
{
    for (size_t i = 0; i < network->plan->experiment->host_count; i++)
        if (has_ended(network->host_pids[i]))
            return true;
    return has_ended(network->router_pid);
}

int network_command(struct network *network, const char *node, const char *line, char **output,
                    struct lab_error *err)
{
    if (strlen(line) > NETWORK_LINE_MAX)
        return lab_error_set(err, LAB_ERR_INTERNAL,
                             "a command line for %s has %zu bytes, and at "
                             "most %d can be given to a node's shell",
                             node, strlen(line), NETWORK_LINE_MAX);
    cleanup_py PyObject *object =
        py_call(network->net, "get", Py_BuildValue("(s)", node), NULL, err);
    cleanup_py PyObject *text =
        object ? py_call(object, "cmd", Py_BuildValue("(s)", line), NULL, err) : NULL;
    if (!text)
        return lab_error_wrap(err, "node %s", node);
    if (py_log_check(node, LAB_ERR_NODE, err) < 0)
        return -1;
    return output ? copy_text(text, output, err) : 0;
}

int network_shell(struct network *network, struct lab_error *err)
{
    cleanup_py PyObject *class = py_import("mininet.cli", "CLI", err);
    /* Its history would be a file in the user's home. */
    if (!class || py_set(class, "readlineInited", PyBool_FromLong(1), err) < 0)
        return -1;
    if (py_log_release(err) < 0)
        return -1;
    cleanup_py PyObject *prompt =
        py_call(class, NULL, Py_BuildValue("(O)", network->net), NULL, err);
    return prompt ? 0 : -1;
}
