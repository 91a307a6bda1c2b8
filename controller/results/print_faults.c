#include "results/print_faults.h"

#include <math.h>
#include <string.h>

#include "base/units.h"

/* What is said of a link follows its host's name; of a program, goes before it. */
static const char *const forms[] = {
    [FAULT_EVENT_KILL] = "kill %s",          [FAULT_EVENT_PAUSE] = "pause %s",
    [FAULT_EVENT_RESUME] = "resume %s",      [FAULT_EVENT_LINK_DOWN] = "link of %s down",
    [FAULT_EVENT_LINK_UP] = "link of %s up", [FAULT_EVENT_LINK_RATE] = "link of %s at",
    [FAULT_EVENT_CORRUPT] = "corrupt %s",    [FAULT_EVENT_JOIN] = "join %s",
};

static void print_rate(uint64_t bps, const char *before, const char *direction, FILE *out)
{
    char rate[UNITS_TEXT_MAX];
    if (bps)
        fprintf(out, "%s %s %s", before, units_format_rate(bps, rate, sizeof(rate)), direction);
}

static void print_what(const struct fault_result *fault, FILE *out)
{
    const char *form = forms[fault->kind], *name = strstr(form, "%s");
    fprintf(out, "%.*s%s%s", (int)(name - form), form, fault->node, name + strlen("%s"));
    print_rate(fault->up_bps, "", "up", out);
    print_rate(fault->down_bps, fault->up_bps ? "," : "", "down", out);
}

void print_faults(const struct trial_result *trial, FILE *out)
{
    if (trial->fault_count > 0)
        fprintf(out, "%10s  %-13s  %s\n", "at s", "planned", "fault");
    for (size_t i = 0; i < trial->fault_count; i++) {
        const struct fault_result *fault = &trial->faults[i];
        char at[32] = "-";
        if (!isnan(fault->at_s))
            snprintf(at, sizeof(at), "%.3f", fault->at_s);
        fprintf(out, "%10s  %-13s  ", at, fault->planned);
        print_what(fault, out);
        fprintf(out, "%s%s\n", fault->reached ? "" : "; not reached: ", fault->reason);
    }
    if (trial->fault_count > 0)
        fputc('\n', out);
}
