#include "results/trial_host.h"

#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>

#include "base/fs.h"
#include "labctl/cleanup.h"
#include "results/trial.h"

/* Bytes of the file that the host came to hold. Blocks may have come twice. */
static uint64_t bytes_held(const struct host_case *c)
{
    const struct node_facts *facts = c->facts;
    if (facts->finished)
        return facts->finish_bytes;
    uint64_t blocks = facts->block_bytes;
    if (blocks > c->trial->file_bytes)
        blocks = c->trial->file_bytes;
    return blocks > facts->progress_bytes ? blocks : facts->progress_bytes;
}

static void fail_host(struct host_result *host, const struct host_case *c, enum lab_error_code code,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));

static void fail_host(struct host_result *host, const struct host_case *c, enum lab_error_code code,
                      const char *format, ...)
{
    va_list args;
    va_start(args, format);
    cleanup_free char *what = fs_vpath(format, args);
    va_end(args);
    host->status = result_status_of(code);
    result_error_set(&host->error, code, "%s %s: %s", c->command->node, c->command->program, what);
}

/* The program was stopped by labctl, or with labctl, before it was done. */
static void fail_stopped(struct host_result *host, const struct host_case *c)
{
    char held[64] = "before it began";
    if (c->facts->began)
        snprintf(held, sizeof(held), "at %" PRIu64 " of %" PRIu64 " bytes", host->bytes,
                 c->trial->file_bytes);
    const struct control_facts *control = c->control;
    if (!c->facts->has_log && host->exit == EXIT_UNKNOWN)
        fail_host(host, c, LAB_ERR_INTERRUPTED, "was not started");
    else if (control->has_end && control->end_status == RESULT_TIMEOUT)
        fail_host(host, c, LAB_ERR_TIMEOUT, "stopped %s when the time was up", held);
    else if (control->has_end && control->end_status == RESULT_FAILED)
        fail_host(host, c, LAB_ERR_INTERRUPTED, "stopped %s because the trial had failed", held);
    else if (control->has_end && control->end_status == RESULT_INTERRUPTED)
        fail_host(host, c, LAB_ERR_INTERRUPTED, "stopped %s: the run was interrupted", held);
    else
        fail_host(host, c, LAB_ERR_INTERRUPTED, "%s when its log ended: the run was killed", held);
}

/* Was the program stopped from outside, rather than ended by itself? */
static bool was_stopped(const struct host_case *c, int exit)
{
    enum lab_error_code code = c->facts->error.code;
    if (code != LAB_ERR_NONE)
        return code == LAB_ERR_INTERRUPTED;
    bool timeout_or_interrupt =
        c->control->has_end &&
        (c->control->end_status == RESULT_TIMEOUT || c->control->end_status == RESULT_INTERRUPTED);
    bool terminated =
        exit == 128 + 15 && c->control->has_end && c->control->end_status != RESULT_OK;
    return timeout_or_interrupt || terminated || exit == EXIT_UNKNOWN;
}

static void fail_exit(struct host_result *host, const struct host_case *c)
{
    if (host->exit > 128)
        fail_host(host, c, LAB_ERR_NODE, "killed by signal %d (%s)", host->exit - 128,
                  strsignal(host->exit - 128));
    else
        fail_host(host, c, LAB_ERR_NODE, "ended with status %d%s", host->exit,
                  c->facts->finished ? " after its last byte" : " before it had the file");
}

/* The received file against the file that was sent. */
static void judge_file(struct host_result *host, const struct host_case *c)
{
    const struct node_verdict *verdict = c->verdict;
    const struct trial_result *trial = c->trial;
    if (!verdict->verified)
        fail_host(host, c, LAB_ERR_INTERRUPTED, "the received file was not verified");
    else if (!verdict->sha256[0])
        fail_host(host, c, LAB_ERR_TRUNCATED, "there is no received file");
    else if (verdict->bytes < trial->file_bytes)
        fail_host(host, c, LAB_ERR_TRUNCATED,
                  "the received file has %" PRIu64 " of %" PRIu64 " bytes", verdict->bytes,
                  trial->file_bytes);
    else if (!host->verified)
        fail_host(host, c, LAB_ERR_CORRUPT,
                  "the received file differs: SHA-256 %.16s..., expected %.16s...", verdict->sha256,
                  trial->file_sha256);
}

static void judge_host(struct host_result *host, const struct host_case *c)
{
    const struct node_facts *facts = c->facts;
    uint64_t file_bytes = c->trial->file_bytes;
    if (c->verdict->killed && host->exit == 128 + SIGKILL)
        fail_host(host, c, LAB_ERR_KILLED,
                  "killed by a fault of the experiment at %" PRIu64 " of %" PRIu64 " bytes",
                  host->bytes, file_bytes);
    else if (facts->finished && facts->finish_bytes < file_bytes)
        fail_host(host, c, LAB_ERR_TRUNCATED, "received %" PRIu64 " of %" PRIu64 " bytes",
                  host->bytes, file_bytes);
    else if (facts->finished && facts->finish_bytes > file_bytes)
        fail_host(host, c, LAB_ERR_CORRUPT, "received %" PRIu64 " bytes of a file of %" PRIu64,
                  host->bytes, file_bytes);
    else if (facts->finished && host->exit == 0 && !c->no_file)
        judge_file(host, c);
    else if (facts->finished && host->exit == 0)
        return;
    else if (was_stopped(c, host->exit))
        fail_stopped(host, c);
    else if (facts->error.message && host->exit != 0)
        fail_host(host, c, facts->error.code, "%s", facts->error.message);
    else
        fail_exit(host, c);
}

static double seconds_since(uint64_t origin_ns, uint64_t t_ns)
{
    return statistics_round_seconds(((double)t_ns - (double)origin_ns) / 1e9);
}

/* A log may tell anything; what no conversion to a whole number could hold is cut. */
#define GOODPUT_MAX 1e18

static void time_host(struct host_result *host, const struct host_case *c)
{
    const struct node_facts *facts = c->facts;
    uint64_t origin = c->trial->origin_ns;
    host->start_s = host->finish_s = NAN;
    if (!origin)
        return;
    /* A client begins a moment before the connection that makes the origin. */
    if (facts->began)
        host->start_s = facts->begin_ns > origin ? seconds_since(origin, facts->begin_ns) : 0;
    if (facts->finished && facts->finish_bytes == c->trial->file_bytes)
        host->finish_s = fmax(0, seconds_since(origin, facts->finish_ns));
    double took = host->finish_s - host->start_s;
    if (took > 0) /* false for NAN */
        host->goodput_bps = (uint64_t)fmin((double)host->bytes * 8 / took, GOODPUT_MAX);
}

void trial_host_compute(struct host_result *host, const struct host_case *c)
{
    const struct node_verdict *verdict = c->verdict;
    host->bytes = bytes_held(c);
    host->exit = c->facts->exit != EXIT_UNKNOWN ? c->facts->exit : verdict->exit;
    host->bad_blocks = c->facts->bad_blocks;
    host->verified = verdict->verified && verdict->sha256[0] &&
                     strcmp(verdict->sha256, c->trial->file_sha256) == 0;
    time_host(host, c);
    judge_host(host, c);
    enum expect_kind expect = c->command->expect;
    host->expected = host->status == RESULT_FAILED &&
                     (expect == EXPECT_FAILED ||
                      (expect == EXPECT_KILLED && host->error.code == LAB_ERR_KILLED));
}
