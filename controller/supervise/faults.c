#include "supervise/faults.h"

#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "supervise/fault_actions.h"

/* How often logs are looked at while a share of the bytes is waited for. */
#define SHARE_TICK_MS 2

enum stage {
    STAGE_PENDING,
    STAGE_ACTIVE, /* and to be undone at until_ns */
    STAGE_DONE,
};

struct fault_state {
    enum stage stage;
    uint64_t until_ns;
};

int faults_init(struct faults *faults, const struct plan *plan, const struct launcher *launcher,
                struct program *programs, uint64_t file_bytes, struct lab_error *err)
{
    const struct experiment *experiment = plan->experiment;
    *faults = (struct faults){
        .plan = plan,
        .launcher = launcher,
        .programs = programs,
        .file_bytes = file_bytes,
        .states = calloc(experiment->fault_count + 1, sizeof(*faults->states)),
        .joins = calloc(experiment->client_count + 1, sizeof(*faults->joins)),
        .links = calloc(experiment->host_count + 1, sizeof(*faults->links)),
        .downs = calloc(experiment->host_count + 1, sizeof(*faults->downs)),
        .pauses = calloc(plan->command_count + 1, sizeof(*faults->pauses)),
    };
    if (!faults->states || !faults->joins || !faults->links || !faults->downs || !faults->pauses)
        return lab_error_memory(err);
    memcpy(faults->links, plan->links, experiment->host_count * sizeof(*faults->links));
    return 0;
}

void faults_release(struct faults *faults)
{
    free(faults->states);
    free(faults->joins);
    free(faults->links);
    free(faults->downs);
    free(faults->pauses);
}

void faults_begin(struct faults *faults, uint64_t start_ns)
{
    faults->start_ns = start_ns;
}

void faults_join(struct faults *faults, size_t client, uint64_t instant)
{
    faults->joins[client] = instant;
}

/* --- one fault ------------------------------------------------------------ */

static int act(struct faults *faults, size_t index, struct lab_error *err)
{
    const struct fault_spec *fault = &faults->plan->experiment->faults[index];
    struct fault_state *state = &faults->states[index];
    struct happening what = happening_of(faults->plan->experiment, index);
    if (fault_act(faults, fault, &what, err) < 0)
        return -1;
    bool ends = fault_can_end(fault) && !what.reason;
    state->stage = ends ? STAGE_ACTIVE : STAGE_DONE;
    state->until_ns = (what.t_ns ? what.t_ns : event_now()) + fault->for_ns;
    return happening_tell(faults->log, &what, err);
}

static int undo(struct faults *faults, size_t index, struct lab_error *err)
{
    const struct fault_spec *fault = &faults->plan->experiment->faults[index];
    struct happening what = happening_of(faults->plan->experiment, index);
    happening_plan_end(&what, fault);
    faults->states[index].stage = STAGE_DONE;
    if (fault_undo(faults, fault, &what, err) < 0)
        return -1;
    return happening_tell(faults->log, &what, err);
}

/* --- when ----------------------------------------------------------------- */

/* Share of the file's bytes that all clients hold together, in millionths. */
static double delivered_ppm(const struct faults *faults)
{
    double held = 0, whole = (double)faults->file_bytes;
    size_t clients = faults->plan->experiment->client_count;
    for (size_t i = 0; i < clients; i++) {
        double bytes = (double)faults->programs[i + 1].bytes;
        held += bytes < whole ? bytes : whole;
    }
    return whole > 0 ? held / (whole * (double)clients) * 1e6 : 1e6;
}

static bool is_due(const struct faults *faults, size_t index, uint64_t now, double ppm)
{
    const struct fault_spec *fault = &faults->plan->experiment->faults[index];
    const struct fault_state *state = &faults->states[index];
    if (state->stage == STAGE_DONE)
        return false;
    if (state->stage == STAGE_ACTIVE)
        return now >= state->until_ns;
    if (fault->by_share)
        return now >= faults->start_ns && ppm >= (double)fault->at_ppm;
    return now >= faults->start_ns + fault->at_ns;
}

static void take_earlier(uint64_t *due_ns, uint64_t t_ns)
{
    if (t_ns < *due_ns)
        *due_ns = t_ns;
}

int faults_wait(const struct faults *faults, int timeout_ms)
{
    const struct experiment *experiment = faults->plan->experiment;
    uint64_t now = event_now(), due_ns = now + (uint64_t)timeout_ms * 1000000u;
    if (!faults->start_ns)
        return timeout_ms;
    for (size_t i = 0; i < experiment->fault_count; i++) {
        const struct fault_spec *fault = &experiment->faults[i];
        const struct fault_state *state = &faults->states[i];
        if (state->stage == STAGE_ACTIVE)
            take_earlier(&due_ns, state->until_ns);
        else if (state->stage == STAGE_PENDING && fault->by_share)
            take_earlier(&due_ns, now + SHARE_TICK_MS * 1000000u);
        else if (state->stage == STAGE_PENDING)
            take_earlier(&due_ns, faults->start_ns + fault->at_ns);
    }
    return due_ns > now ? (int)((due_ns - now + 999999) / 1000000) : 0;
}

/* --- late clients --------------------------------------------------------- */

static int tell_join(struct faults *faults, size_t client, const char *reason,
                     struct lab_error *err)
{
    const struct experiment *experiment = faults->plan->experiment;
    const struct client_spec *spec = &experiment->clients[client];
    struct happening what = {
        .event = FAULT_EVENT_JOIN,
        .node = experiment->hosts[spec->host].name,
        .t_ns = reason ? 0 : faults->joins[client],
        .reason = reason,
    };
    units_exact_time(spec->join_ns, what.planned, sizeof(what.planned));
    faults->joins[client] = 0;
    return happening_tell(faults->log, &what, err);
}

static int tell_joins(struct faults *faults, uint64_t now, struct lab_error *err)
{
    for (size_t i = 0; i < faults->plan->experiment->client_count; i++) {
        if (!faults->joins[i] || now < faults->joins[i])
            continue;
        const struct program *program = &faults->programs[i + 1];
        bool gone = program->killed || program->ended;
        if (tell_join(faults, i, gone ? PROGRAM_OVER : NULL, err) < 0)
            return -1;
    }
    return 0;
}

/* --- a turn, and the end -------------------------------------------------- */

int faults_turn(struct faults *faults, struct lab_error *err)
{
    uint64_t now = event_now();
    size_t count = faults->plan->experiment->fault_count;
    if (!faults->start_ns)
        return 0;
    double ppm = count > 0 ? delivered_ppm(faults) : 0;
    for (size_t i = 0; i < count; i++) {
        if (!is_due(faults, i, now, ppm))
            continue;
        if ((faults->states[i].stage == STAGE_PENDING ? act : undo)(faults, i, err) < 0)
            return -1;
    }
    return tell_joins(faults, now, err);
}

/* The next trial begins with the network as planned. */
static int restore_links(struct faults *faults, struct lab_error *err)
{
    const struct plan *plan = faults->plan;
    const struct launcher *launcher = faults->launcher;
    for (size_t i = 0; i < plan->experiment->host_count; i++) {
        const struct plan_link *now = &faults->links[i], *planned = &plan->links[i];
        uint64_t ignored;
        if (now->host.rate_bps == planned->host.rate_bps &&
            now->router.rate_bps == planned->router.rate_bps)
            continue;
        if (launcher->change_link(launcher->context, i, NETWORK_LINK_RATE, now, planned, &ignored,
                                  err) < 0)
            return lab_error_wrap(err, "the link of %s", plan->experiment->hosts[i].name);
    }
    return 0;
}

static int tell_missed(struct faults *faults, size_t index, struct lab_error *err)
{
    struct happening what = happening_of(faults->plan->experiment, index);
    what.reason = TRANSFER_OVER;
    faults->states[index].stage = STAGE_DONE;
    return happening_tell(faults->log, &what, err);
}

int faults_end(struct faults *faults, struct lab_error *err)
{
    const struct experiment *experiment = faults->plan->experiment;
    int failed = 0;
    for (size_t i = 0; !failed && i < experiment->fault_count; i++) {
        if (faults->states[i].stage == STAGE_ACTIVE)
            failed = undo(faults, i, err);
        else if (faults->states[i].stage == STAGE_PENDING)
            failed = tell_missed(faults, i, err);
    }
    for (size_t i = 0; !failed && i < experiment->client_count; i++)
        if (faults->joins[i])
            failed = tell_join(faults, i, TRANSFER_OVER, err);
    return failed ? -1 : restore_links(faults, err);
}
