#include "results/print_faults.h"

#include <math.h>

#include "base/units.h"
#include "labctl/cleanup.h"

static const char *const verbs[] = {
    [FAULT_EVENT_KILL] = "kill",        [FAULT_EVENT_PAUSE] = "pause",
    [FAULT_EVENT_RESUME] = "resume",    [FAULT_EVENT_LINK_DOWN] = "link down,",
    [FAULT_EVENT_LINK_UP] = "link up,", [FAULT_EVENT_LINK_RATE] = "link rate,",
    [FAULT_EVENT_CORRUPT] = "corrupt",  [FAULT_EVENT_JOIN] = "join",
};

static char *describe(const struct fault_result *fault)
{
    char up[UNITS_TEXT_MAX] = "", down[UNITS_TEXT_MAX] = "";
    if (fault->up_bps)
        units_format_rate(fault->up_bps, up, sizeof(up));
    if (fault->down_bps)
        units_format_rate(fault->down_bps, down, sizeof(down));
    return fs_path("%s %s%s%s%s%s", verbs[fault->kind], fault->node, *up ? " up " : "", up,
                   *down ? " down " : "", down);
}

void print_faults(const struct trial_result *trial, FILE *out)
{
    for (size_t i = 0; i < trial->fault_count; i++) {
        const struct fault_result *fault = &trial->faults[i];
        char at[32] = "-";
        cleanup_free char *what = describe(fault);
        if (!isnan(fault->at_s))
            snprintf(at, sizeof(at), "%.3f s", fault->at_s);
        fprintf(out, "%-11s %10s  %-32s planned at %s%s%s\n", i ? "" : "faults", at, what,
                fault->planned, fault->reached ? "" : ", not reached: ", fault->reason);
    }
    if (trial->fault_count > 0)
        fputc('\n', out);
}
