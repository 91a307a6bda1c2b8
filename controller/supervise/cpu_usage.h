/* How the processors were used: by the whole machine, and by a process with all it started. */
#ifndef LABCTL_CPU_USAGE_H
#define LABCTL_CPU_USAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Cumulative since the machine started. Its clock ticks every 10 ms, so that only intervals
 * of some tenths of a second say something. */
struct cpu_usage {
    unsigned cpus;
    uint64_t busy_ns;
    uint64_t interrupt_ns; /* of it: interrupts, in which the kernel receives packets */
    uint64_t steal_ns;     /* taken by the machine below this virtual one; not busy */
    uint64_t total_ns;     /* with idle time: cpus x the time that passed */
    uint64_t pressure_us;  /* some task had to wait for a processor (PSI) */
    bool has_pressure;     /* the kernel keeps count of that */
    unsigned runnable;     /* tasks that run or could, at the moment, this one not counted */
};

/* False when /proc cannot be read. */
bool cpu_usage_read(struct cpu_usage *usage);

/* Cumulative since the process began. */
struct process_usage {
    uint64_t cpu_ns;
    uint64_t wait_ns; /* could have run, and waited for a processor */
};

/* Of all that process `pid`, the shell of a job, has started, without itself: all living
 * descendants and their threads together. False when there are none. */
bool job_usage_read(pid_t pid, struct process_usage *usage);

#endif
