#include <arpa/inet.h>
#include <string.h>

#include "labctl/cleanup.h"
#include "py/log.h"
#include "topology/internal.h"
#include "topology/settings.h"

/* Mininet's classes, and what was replaced in them while links are made. */
struct mininet {
    PyObject *network_class; /* owned, as the others */
    PyObject *link_class;
    PyObject *interface_class;
    PyObject *interface_config; /* TCIntf.config */
};

static void cleanup_mininet_(struct mininet *mininet)
{
    Py_XDECREF(mininet->network_class);
    Py_XDECREF(mininet->link_class);
    Py_XDECREF(mininet->interface_class);
    Py_XDECREF(mininet->interface_config);
}

static int import_mininet(struct mininet *mininet, struct lab_error *err)
{
    mininet->network_class = py_import("mininet.net", "Mininet", err);
    if (!mininet->network_class)
        return -1;
    mininet->link_class = py_import("mininet.link", "TCLink", err);
    mininet->interface_class =
        mininet->link_class ? py_import("mininet.link", "TCIntf", err) : NULL;
    if (!mininet->interface_class)
        return -1;
    mininet->interface_config = PyObject_GetAttrString(mininet->interface_class, "config");
    return mininet->interface_config ? 0 : py_error(LAB_ERR_INTERNAL, err);
}

/* --- nodes ---------------------------------------------------------------- */

/* Mininet(topo=None, controller=None), without its fixLimits(): that would change settings
 * of the whole machine when root runs it, and for anyone else fail with a warning. The
 * limits that matter are set by environment_prepare(). */
static PyObject *make_network(const struct mininet *mininet, struct lab_error *err)
{
    if (py_set(mininet->network_class, "inited", PyBool_FromLong(1), err) < 0)
        return NULL;
    return py_call(mininet->network_class, NULL, PyTuple_New(0),
                   Py_BuildValue("{s:O,s:O}", "topo", Py_None, "controller", Py_None), err);
}

/* `parameters` is consumed. *pid is that of the node's shell. */
static PyObject *add_node(PyObject *net, const char *name, PyObject *parameters, pid_t *pid,
                          struct lab_error *err)
{
    PyObject *node = py_call(net, "addHost", Py_BuildValue("(s)", name), parameters, err);
    cleanup_py PyObject *number = node ? PyObject_GetAttrString(node, "pid") : NULL;
    *pid = number ? (pid_t)PyLong_AsLong(number) : -1;
    if (node && *pid < 0) {
        py_error(LAB_ERR_INTERNAL, err);
        Py_CLEAR(node);
    }
    if (!node)
        lab_error_wrap(err, "node %s", name);
    return node;
}

/* --- links ---------------------------------------------------------------- */

/* Stands in for Mininet's own making of a pair of interfaces and of their settings while
 * its objects are made. Those would take a dozen processes for a link, and build a queue
 * that no real link has; labctl does both in one batch afterwards. */
static PyObject *leave_to_labctl(PyObject *self, PyObject *args, PyObject *kwargs)
{
    (void)self, (void)args, (void)kwargs;
    Py_RETURN_NONE;
}

static PyMethodDef leave_definition = { "leave_to_labctl",
                                        (PyCFunction)(void (*)(void))leave_to_labctl,
                                        METH_VARARGS | METH_KEYWORDS,
                                        "Do nothing: labctl makes and sets up all interfaces." };

static int replace_methods(const struct mininet *mininet, struct lab_error *err)
{
    cleanup_py PyObject *function = py_function(&leave_definition, NULL, err);
    if (!function || py_set(mininet->link_class, "makeIntfPair", Py_NewRef(function), err) < 0)
        return -1;
    return py_set(mininet->interface_class, "config", Py_NewRef(function), err);
}

/* From here on Mininet's prompt can add links and change settings in Mininet's own way. */
static int restore_methods(const struct mininet *mininet, struct lab_error *err)
{
    if (PyObject_DelAttrString(mininet->link_class, "makeIntfPair") < 0)
        return py_error(LAB_ERR_INTERNAL, err);
    return py_set(mininet->interface_class, "config", Py_NewRef(mininet->interface_config), err);
}

/* What Mininet calls the parameters of one direction of a link, kept in its objects. */
static PyObject *direction(const struct plan_port *port, const struct plan_link *link)
{
    PyObject *parameters = PyDict_New();
    cleanup_py PyObject *rate = PyFloat_FromDouble((double)port->rate_bps / 1e6);
    cleanup_py PyObject *delay =
        PyUnicode_FromFormat("%lluus", (unsigned long long)link->delay_ns / 1000);
    cleanup_py PyObject *loss = PyFloat_FromDouble(link->loss * 100);
    if (!parameters || !rate || !delay || !loss ||
        (port->rate_bps > 0 && PyDict_SetItemString(parameters, "bw", rate) < 0) ||
        (link->delay_ns > 0 && PyDict_SetItemString(parameters, "delay", delay) < 0) ||
        (link->loss > 0 && PyDict_SetItemString(parameters, "loss", loss) < 0))
        Py_CLEAR(parameters);
    return parameters;
}

/* Tell an interface object its address, as its setIP() would. */
static int note_address(PyObject *link, const char *end, const struct plan_port *port,
                        struct lab_error *err)
{
    char address[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &port->address, address, sizeof(address));
    cleanup_py PyObject *interface = PyObject_GetAttrString(link, end);
    if (!interface)
        return py_error(LAB_ERR_INTERNAL, err);
    if (py_set(interface, "ip", PyUnicode_FromString(address), err) < 0)
        return -1;
    return py_set(interface, "prefixLen", PyUnicode_FromFormat("%d", PLAN_PREFIX_LENGTH), err);
}

static int add_link(PyObject *net, const struct mininet *mininet, PyObject *host, PyObject *router,
                    const struct plan_link *plan, struct lab_error *err)
{
    char host_mac[MAC_TEXT_SIZE], router_mac[MAC_TEXT_SIZE];
    PyObject *options =
        Py_BuildValue("{s:O,s:s,s:s,s:s,s:s,s:N,s:N}", "cls", mininet->link_class, "intfName1",
                      plan->host.interface, "intfName2", plan->router.interface, "addr1",
                      settings_mac(plan->host.address, host_mac), "addr2",
                      settings_mac(plan->router.address, router_mac), "params1",
                      direction(&plan->host, plan), "params2", direction(&plan->router, plan));
    cleanup_py PyObject *link =
        py_call(net, "addLink", Py_BuildValue("(OO)", host, router), options, err);
    if (!link)
        return lab_error_wrap(err, "link %s", plan->host.interface);
    if (note_address(link, "intf1", &plan->host, err) < 0)
        return -1;
    return note_address(link, "intf2", &plan->router, err);
}

/* --- all of it ------------------------------------------------------------ */

static int add_host(struct network *network, const struct mininet *mininet, PyObject *router,
                    size_t i, struct lab_error *err)
{
    const struct plan_link *link = &network->plan->links[i];
    char address[INET_ADDRSTRLEN], gateway[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &link->host.address, address, sizeof(address));
    inet_ntop(AF_INET, &link->router.address, gateway, sizeof(gateway));
    PyObject *parameters =
        Py_BuildValue("{s:N,s:N}", "ip", PyUnicode_FromFormat("%s/%d", address, PLAN_PREFIX_LENGTH),
                      "defaultRoute", PyUnicode_FromFormat("via %s", gateway));
    cleanup_py PyObject *host =
        parameters ? add_node(network->net, network->plan->experiment->hosts[i].name, parameters,
                              &network->host_pids[i], err)
                   : NULL;
    if (!host)
        return parameters ? -1 : py_error(LAB_ERR_INTERNAL, err);
    return add_link(network->net, mininet, host, router, link, err);
}

static int add_all(struct network *network, const struct mininet *mininet, struct lab_error *err)
{
    const struct experiment *experiment = network->plan->experiment;
    cleanup_py PyObject *router =
        add_node(network->net, experiment->router, Py_BuildValue("{s:O}", "ip", Py_None),
                 &network->router_pid, err);
    if (!router)
        return -1;
    for (size_t i = 0; i < experiment->host_count; i++)
        if (add_host(network, mininet, router, i, err) < 0)
            return -1;
    return 0;
}

int objects_build(struct network *network, struct lab_error *err)
{
    __attribute__((cleanup(cleanup_mininet_))) struct mininet mininet = { 0 };
    if (py_log_capture(err) < 0 || import_mininet(&mininet, err) < 0)
        return -1;
    network->net = make_network(&mininet, err);
    if (!network->net || replace_methods(&mininet, err) < 0 ||
        add_all(network, &mininet, err) < 0 || restore_methods(&mininet, err) < 0)
        return -1;
    /* Hosts are configured already; start() would do it again, a process at a time. */
    if (py_set(network->net, "built", PyBool_FromLong(1), err) < 0)
        return -1;
    return py_log_check("the network cannot be built", LAB_ERR_UNSUPPORTED, err);
}
