/* The results of a run: what its event logs amount to.
 *
 * They are a pure function of a run directory (experiment.json and trials/NNN/logs/), so
 * results.json can be deleted and rebuilt. docs/results-format.md says for every figure
 * how it is computed. */
#ifndef LABCTL_RESULTS_H
#define LABCTL_RESULTS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/fs.h"
#include "base/units.h"
#include "experiment/bounds.h"
#include "experiment/experiment.h"
#include "labctl/error.h"
#include "results/event_log.h"
#include "results/statistics.h"
#include "results/verdict.h"

#define RESULTS_SCHEMA "labctl.results/1"

enum result_status { RESULT_OK, RESULT_FAILED, RESULT_TIMEOUT, RESULT_INTERRUPTED };

/* Why something is not ok. An ok one has LAB_ERR_NONE and no message. */
struct result_error {
    enum lab_error_code code;
    char *message; /* owned */
};

/* Exit status of a program that left none. */
#define EXIT_UNKNOWN (-1)

/* A time that is not known is NAN, in JSON null. All times of a trial count from its
 * origin, the server's first accepted connection. */
struct host_result {
    char host[NODE_NAME_MAX + 1];
    char address[INET_ADDRSTRLEN];
    enum result_status status;
    struct result_error error;
    uint64_t bytes;       /* of the file that this host came to hold */
    double start_s;       /* the client began; 0 when that was before the origin */
    double finish_s;      /* the last byte of the whole file arrived */
    uint64_t goodput_bps; /* bytes x 8 / (finish_s - start_s); 0 without a finish */
    bool verified;        /* the received file was hashed, and is the file that was sent */
    int exit;             /* status of the client program, 128 + signal, or EXIT_UNKNOWN */
    uint64_t bad_blocks;  /* blocks that arrived with a wrong digest */
    bool expected;        /* it failed, as the experiment expects of it */
};

/* A fault of the experiment, the end of one, or a late client. */
struct fault_result {
    enum fault_event kind;
    char node[NODE_NAME_MAX + 1];
    unsigned fault; /* its place in the experiment's list, from 1; 0 of a late client */
    char planned[FAULT_MOMENT_MAX + UNITS_TEXT_MAX]; /* as written: "1s", "50%" */
    bool reached;                                    /* it happened */
    double at_s;     /* when; NAN when it did not, or without an origin */
    uint64_t up_bps; /* new rates; 0: as before */
    uint64_t down_bps;
    char reason[64]; /* why it did not happen; "" when it did */
};

struct trial_result {
    unsigned trial; /* from 1; warm-ups are numbered apart */
    enum result_status status;
    struct result_error error;
    char server[NODE_NAME_MAX + 1];
    int server_exit; /* status, 128 + signal, or EXIT_UNKNOWN */
    uint64_t file_bytes;
    char file_sha256[SHA256_HEX_SIZE]; /* "" when not known */
    uint64_t origin_ns;                /* CLOCK_MONOTONIC of the origin; 0 when there is none */
    double makespan_s;                 /* largest finish_s; NAN unless every host has one, those
                                        * apart that failed as expected */
    double mean_s;                     /* mean finish_s; likewise */
    double spread_s;                   /* largest finish_s minus smallest; likewise */
    double start_skew_s;               /* spread of (began - told to begin) over the clients */
    double efficiency;                 /* bound.framed_s / makespan_s; NAN where nothing binds, or
                                        * faults changed what the bound is made from */
    double jain_index;                 /* of the goodputs; as makespan_s */
    struct bound bound;
    struct host_result *hosts; /* the clients, in the experiment's order */
    size_t host_count;
    struct fault_result *faults; /* in the order in which they happened */
    size_t fault_count;
    struct log_damage damage; /* of all logs of the trial */
    struct trial_conditions conditions;
    enum verdict verdict; /* the worst of the reasons' */
    struct verdict_reason *reasons;
    size_t reason_count;
};

struct results {
    enum result_status status; /* of the run: that of its first trial that is not ok */
    struct result_error error;
    char *experiment; /* name */
    char *title;
    char *run_dir;
    enum model_kind model;
    enum start_kind start;
    unsigned planned_trials; /* how many there should be */
    struct trial_result *trials;
    size_t trial_count;
    struct trial_result *warmups;
    size_t warmup_count;
    struct summary makespan_s; /* over the trials that count */
    struct summary efficiency; /* likewise, where something binds */
    struct summary jain_index; /* likewise */
};

/* Suffix of a run directory that is not whole yet; it is no part of results->run_dir. */
#define RESULTS_PARTIAL_SUFFIX ".partial"

/* Compute the results of the run in `run_dir`. Failed trials are results, not errors; -1
 * and NULL are for a directory that is none of a run (no readable experiment.json).
 * Caller frees with results_free(). */
struct results *results_compute(const char *run_dir, struct lab_error *err);

/* Read RUN_DIR/results.json. results->run_dir is `run_dir`: a run may have been moved
 * since. NULL with err set when it is missing, damaged or of another schema. */
struct results *results_read(const char *run_dir, struct lab_error *err);

/* As results_read, of text in memory; `name` stands for the file in messages. */
struct results *results_parse(const char *name, const char *text, size_t length,
                              const char *run_dir, struct lab_error *err);

/* The whole as JSON, ended by a newline. Caller frees; NULL when out of memory. */
char *results_to_json(const struct results *results);

/* Write RUN_DIR/results.json in one step. */
int results_write(const struct results *results, const char *run_dir, struct lab_error *err);

/* For a run that was stopped by something no trial's log tells of (the network could not
 * be built): take over `cause` as the run's status and error, unless a trial gave one. */
void results_set_cause(struct results *results, const struct lab_error *cause);

/* Whether the figures of a trial go into statistics: it is ok, and not invalid. */
bool results_trial_counts(const struct trial_result *trial);

/* The trial that stands for the run: of those that count the one (of two, the first) in the middle
 * by makespan; when none is, the first that has an origin to count times from, or NULL. */
const struct trial_result *results_typical_trial(const struct results *results);

/* The end-of-run table for people: at most 80 columns. */
void results_print(const struct results *results, FILE *out);

void results_free(struct results *results);

/* "ok", "failed", "timeout", "interrupted". */
const char *result_status_name(enum result_status status);

/* Exit status of labctl for these results: 0, 1, 3 or 130. */
int results_exit_status(const struct results *results);

#endif
