#include "results/samples.h"

#include <stdlib.h>
#include <string.h>

#include "labctl/cleanup.h"
#include "labctl/event.h"

int samples_init(struct samples *samples, const struct plan *plan, struct lab_error *err)
{
    *samples = (struct samples){ .plan = plan };
    samples->links = calloc(plan->experiment->host_count + 1, sizeof(*samples->links));
    samples->programs = calloc(plan->command_count + 1, sizeof(*samples->programs));
    return samples->links && samples->programs ? 0 : lab_error_memory(err);
}

void samples_clear(struct samples *samples)
{
    free(samples->links);
    free(samples->programs);
    *samples = (struct samples){ 0 };
}

#define KEEP(samples, value)                                                                       \
    do {                                                                                           \
        (samples)->last = (value);                                                                 \
        if ((samples)->count++ == 0)                                                               \
            (samples)->first = (samples)->last;                                                    \
    } while (0)

static void take_cpu(struct samples *samples, const struct event_record *record)
{
    const struct cpu_sample sample = {
        .t_ns = record->t,
        .boot_ns = record_count(record, "boot_ns", 0),
        .cpus = record_count(record, "cpus", 0),
        .busy_ns = record_count(record, "busy_ns", 0),
        .interrupt_ns = record_count(record, "interrupt_ns", 0),
        .steal_ns = record_count(record, "steal_ns", 0),
        .total_ns = record_count(record, "total_ns", 0),
        .pressure_us = record_count(record, "pressure_us", 0),
        .runnable = record_count(record, "runnable", 0),
    };
    samples->has_pressure = record_find(record, "pressure_us") != NULL;
    KEEP(&samples->cpu, sample);
}

/* Samples list hosts and programs in the plan's order, so that the one that follows the last
 * one found is nearly always the one that is looked for. `name_of` gives the name of each. */
static size_t find(const struct plan *plan, const char *name, size_t count, size_t *next,
                   const char *(*name_of)(const struct plan *plan, size_t i))
{
    for (size_t tried = 0; tried < count; tried++) {
        size_t i = (*next + tried) % count;
        if (strcmp(name_of(plan, i), name) == 0) {
            *next = i + 1;
            return i;
        }
    }
    return count;
}

static const char *host_name(const struct plan *plan, size_t i)
{
    return plan->experiment->hosts[i].name;
}

static const char *command_node(const struct plan *plan, size_t i)
{
    return i < plan->command_count ? plan->commands[i].node : "";
}

static void take_link(struct samples *samples, const struct event_record *record)
{
    static const char *const names[] = { [SAMPLES_UP] = "up", [SAMPLES_DOWN] = "down" };
    const char *direction = record_string(record, "direction", "");
    size_t hosts = samples->plan->experiment->host_count;
    /* Both directions of a host follow each other. */
    size_t next = samples->next_link ? samples->next_link - 1 : 0;
    size_t host = find(samples->plan, record_string(record, "node", ""), hosts, &next, host_name);
    if (host == hosts)
        return;
    samples->next_link = next;
    const struct link_sample sample = {
        .t_ns = record->t,
        .bytes = record_count(record, "bytes", 0),
        .packets = record_count(record, "packets", 0),
        .drops = record_count(record, "drops", 0),
    };
    for (int i = 0; i < SAMPLES_DIRECTIONS; i++)
        if (strcmp(direction, names[i]) == 0)
            KEEP(&samples->links[host].at[i], sample);
}

static void take_program(struct samples *samples, const struct event_record *record)
{
    size_t count = samples->plan->command_count + 1;
    size_t program = find(samples->plan, record_string(record, "node", "?"), count,
                          &samples->next_program, command_node);
    if (program == count)
        return;
    const struct program_sample sample = {
        .cpu_ns = record_count(record, "cpu_ns", 0),
        .wait_ns = record_count(record, "wait_ns", 0),
    };
    KEEP(&samples->programs[program].at, sample);
}

static void take_fault(struct samples *samples, const struct event_record *record)
{
    (void)record;
    samples->faulted = true;
}

void samples_take(struct samples *samples, const struct event_record *record)
{
    static const struct {
        const char *event;
        void (*take)(struct samples *samples, const struct event_record *record);
    } events[] = {
        { EVENT_LINK, take_link },
        { EVENT_PROGRAM, take_program },
        { EVENT_CPU, take_cpu },
        { EVENT_FAULT, take_fault },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(events); i++)
        if (strcmp(record->event, events[i].event) == 0)
            events[i].take(samples, record);
}
