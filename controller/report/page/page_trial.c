#include "report/page/page_trial.h"

void page_error_write(struct json_out *json, const struct result_error *error)
{
    if (!error->message)
        return;
    json_out_key_string(json, "code", lab_error_name(error->code));
    json_out_key_string(json, "message", error->message);
}

/* --- faults --------------------------------------------------------------- */

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

/* --- the trial ------------------------------------------------------------ */

static bool all_ok(const struct trial_result *trial)
{
    for (size_t i = 0; i < trial->host_count; i++)
        if (trial->hosts[i].status != RESULT_OK)
            return false;
    return true;
}

/* The hosts that are not ok, with the reason; the others are told by their times. */
static void put_failures(struct json_out *json, const struct trial_result *trial)
{
    if (all_ok(trial))
        return;
    json_out_key_open(json, "failures", '[');
    for (size_t i = 0; i < trial->host_count; i++) {
        if (trial->hosts[i].status == RESULT_OK)
            continue;
        json_out_open(json, '{');
        json_out_key_string(json, "host", trial->hosts[i].host);
        json_out_key_string(json, "status", result_status_name(trial->hosts[i].status));
        if (trial->hosts[i].expected) {
            json_out_key(json, "expected");
            json_out_bool(json, true);
        }
        page_error_write(json, &trial->hosts[i].error);
        json_out_close(json, '}');
    }
    json_out_close(json, ']');
}

static void put_verdict(struct json_out *json, const struct trial_result *trial)
{
    json_out_key_string(json, "verdict", verdict_name(trial->verdict));
    if (trial->reason_count == 0)
        return;
    json_out_key_open(json, "reasons", '[');
    for (size_t i = 0; i < trial->reason_count; i++) {
        json_out_open(json, '{');
        json_out_key_string(json, "verdict", verdict_name(trial->reasons[i].verdict));
        json_out_key_string(json, "code", trial->reasons[i].code);
        json_out_key_string(json, "message", trial->reasons[i].message);
        json_out_close(json, '}');
    }
    json_out_close(json, ']');
}

void page_trial_write(struct json_out *json, const struct trial_result *trial)
{
    json_out_open(json, '{');
    json_out_key_integer(json, "trial", trial->trial);
    json_out_key_string(json, "status", result_status_name(trial->status));
    page_error_write(json, &trial->error);
    put_verdict(json, trial);
    page_faults_write(json, trial, FAULTS_UNREACHED);
    json_out_key_number(json, "makespan_s", trial->makespan_s, PAGE_SECONDS);
    json_out_key_number(json, "mean_s", trial->mean_s, PAGE_SECONDS);
    json_out_key_number(json, "spread_s", trial->spread_s, PAGE_SECONDS);
    json_out_key_number(json, "start_skew_s", trial->start_skew_s, PAGE_SECONDS);
    json_out_key_number(json, "efficiency", trial->efficiency, PAGE_RATIO);
    json_out_key_number(json, "jain", trial->jain_index, PAGE_RATIO);
    json_out_key_open(json, "finish_s", '[');
    for (size_t i = 0; i < trial->host_count; i++)
        json_out_number(json, trial->hosts[i].finish_s, 6);
    json_out_close(json, ']');
    put_failures(json, trial);
    json_out_close(json, '}');
}
