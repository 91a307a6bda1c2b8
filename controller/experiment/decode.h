/* Decoders of the parts of an experiment file. They add problems to the document, and
 * leave in `experiment` what could be read. */
#ifndef LABCTL_DECODE_H
#define LABCTL_DECODE_H

#include "base/json.h"
#include "experiment/experiment.h"

/* Quantities: a string with a unit, or a bare number of the base unit. */
void decode_rate(const struct json_at *at, void *out);         /* uint64_t, bit/s */
void decode_time(const struct json_at *at, void *out);         /* uint64_t, ns */
void decode_file_size(const struct json_at *at, void *out);    /* uint64_t, bytes */
void decode_block_size(const struct json_at *at, void *out);   /* uint64_t, bytes; 0: "auto" */
void decode_limit_memory(const struct json_at *at, void *out); /* uint64_t, bytes */
void decode_limit_file(const struct json_at *at, void *out);   /* uint64_t, bytes; 0: "auto" */
void decode_queue(const struct json_at *at, void *out);        /* uint64_t, bytes; 0: "auto" */
void decode_fraction(const struct json_at *at, void *out);     /* double, 0..1 */

void decode_seed(const struct json_at *at, void *out);   /* uint64_t */
void decode_bool(const struct json_at *at, void *out);   /* bool */
void decode_text(const struct json_at *at, void *out);   /* char *, strdup'ed */
void decode_ignore(const struct json_at *at, void *out); /* decoded elsewhere, or not at all */

/* Index of `name` in `names`, or complains at `at` and returns -1. */
int decode_choice(const struct json_at *at, const char *const *names, size_t count);

/* The "tcp" and "telemetry" objects. */
void decode_tcp(const struct json_at *at, void *out);       /* struct experiment */
void decode_telemetry(const struct json_at *at, void *out); /* uint64_t, ns; 0: off */

/* The "until" object. */
void decode_until(const struct json_at *at, void *out); /* struct until_spec */

/* The "topology" object. */
void decode_topology(const struct json_at *at, struct experiment *experiment);

/* The "workload" object; the topology must have been decoded. */
void decode_workload(const struct json_at *at, struct experiment *experiment);

/* The keys of the model "exec" in a "workload" object: what each decodes to, and what
 * belongs together. */
void decode_command(const struct json_at *at, void *out); /* char ***: words */
void decode_env(const struct json_at *at, void *out);     /* char ***: "NAME=VALUE" */
void decode_needs(const struct json_at *at, void *out);   /* char ***: "program=package" */
void decode_ready(const struct json_at *at, void *out);   /* struct exec_spec */
void decode_exit(const struct json_at *at, void *out);    /* unsigned */
void decode_output(const struct json_at *at, void *out);  /* bool: that there is none */
void check_exec(const struct json_at *workload, const struct experiment *experiment);

/* The experiment of a parsed document. As experiment_read(), with which it shares its errors, but
 * "sweep" and "zip" are passed over. */
struct experiment *experiment_decode(struct json_doc *doc, struct lab_error *err);

/* The folder that the paths of a document count from: its "folder", or that of the file.
 * Absolute, where that folder is there. Caller frees. */
char *experiment_folder(const struct json_doc *doc);

/* "limits" (struct limits_spec) and "writable" (char ***: paths as written). */
void decode_limits(const struct json_at *at, void *out);
void decode_writable(const struct json_at *at, void *out);
void limits_place_writable(struct experiment *experiment); /* make them absolute */

/* Whether each "writable" path is there and can be written: LAB_ERR_INVALID if not. */
int limits_check_writable(const struct experiment *experiment, struct lab_error *err);

/* "faults", "join" and "expect" of the root; the workload must have been decoded. */
void decode_faults(const struct json_at *root, struct experiment *experiment);

/* Index of the host called `name`, or -1. */
long experiment_find_host(const struct experiment *experiment, const char *name);

#endif
