#include "report/page/page_faults.h"

/* A page has the faults of one trial of each run, and of every trial those that did not happen. */
static const struct {
    const char *key;
    size_t most;
} parts[] = {
    [FAULTS_ALL] = { "faults", 256 },
    [FAULTS_UNREACHED] = { "unreached", 4 },
};

static void put_fault(struct json_out *json, const struct fault_result *fault)
{
    json_out_open(json, '{');
    json_out_key_integer(json, "fault", fault->fault);
    json_out_key_string(json, "kind", fault_event_name(fault->kind));
    json_out_key_string(json, "node", fault->node);
    json_out_key_string(json, "planned", fault->planned);
    json_out_key(json, "reached");
    json_out_bool(json, fault->reached);
    json_out_key_number(json, "at_s", fault->at_s, 6);
    json_out_key_integer(json, "up_bps", (int64_t)fault->up_bps);
    json_out_key_integer(json, "down_bps", (int64_t)fault->down_bps);
    json_out_key_string(json, "reason", fault->reason);
    json_out_close(json, '}');
}

static bool belongs(const struct fault_result *fault, enum page_faults which)
{
    return which == FAULTS_ALL || !fault->reached;
}

void page_faults_write(struct json_out *json, const struct trial_result *trial,
                       enum page_faults which)
{
    size_t count = 0, written = 0;
    for (size_t i = 0; i < trial->fault_count; i++)
        count += belongs(&trial->faults[i], which);
    if (count == 0)
        return;
    json_out_key_open(json, parts[which].key, '{');
    json_out_key_open(json, "shown", '[');
    for (size_t i = 0; i < trial->fault_count && written < parts[which].most; i++)
        if (belongs(&trial->faults[i], which)) {
            put_fault(json, &trial->faults[i]);
            written++;
        }
    json_out_close(json, ']');
    json_out_key_integer(json, "left", (int64_t)(count - written));
    json_out_close(json, '}');
}
