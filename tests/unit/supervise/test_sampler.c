/* Samples of a live network of two hosts: the uplink of h1 is shaped, all else is not. Skipped
 * where there is no sandbox. */
#include "testing.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "experiment/plan.h"
#include "results/event_log.h"
#include "sandbox/sandbox.h"
#include "supervise/sampler.h"
#include "topology/network.h"

static const char text[] =
    "{ \"name\": \"x\", \"topology\": { \"hosts\": 2, \"links\": { \"h1\": { \"up\": \"10Mbit\" } "
    "} }, "
    "\"workload\": { \"model\": \"cs\", \"file\": { \"size\": 1, \"seed\": 1 } }, "
    "\"telemetry\": { \"interval\": \"10ms\" } }";

struct answer {
    int result;
    struct lab_error err;
};

struct request {
    const struct plan *plan;
    const char *log;
};

static pid_t host_pid(const void *network, size_t host)
{
    return network_host_pid(network, host);
}

/* Ten pings of h2 by h1, 1,000 bytes of payload each, between two samples; then one more
 * sample for telemetry, which must wait until it is due. */
static int sample(struct network *network, const struct request *request, struct lab_error *err)
{
    const struct sampler_nodes nodes = { network_router_pid(network), host_pid, network };
    struct sampler *sampler = sampler_open(request->plan, &nodes, err);
    static struct event_writer log;
    cleanup_close int fd = open(request->log, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    event_writer_init(&log, fd);
    if (!sampler || fd < 0)
        return -1;
    sampler_begin(sampler, NULL, 0, &log);
    sampler_tick(sampler, NULL, 0, &log);
    if (network_command(network, "h1", "ping -q -c 10 -i 0.01 -s 1000 192.168.20.1", NULL, err) < 0)
        return -1;
    while (sampler_wait_ms(sampler, 1000) > 0)
        usleep(1000);
    sampler_tick(sampler, NULL, 0, &log);
    sampler_end(sampler, NULL, 0, &log);
    int after_end = sampler_wait_ms(sampler, 77);
    sampler_free(sampler);
    return after_end == 77 ? 0
                           : lab_error_set(err, LAB_ERR_INTERNAL, "still waiting: %d", after_end);
}

static int inside(int channel, void *arg)
{
    const struct request *request = arg;
    struct answer answer = { .result = -1, .err = LAB_ERROR_INIT };
    struct network *network = network_build(request->plan, 0, &answer.err);
    if (network)
        answer.result = sample(network, request, &answer.err);
    network_free(network);
    return send(channel, &answer, sizeof(answer), 0) == (ssize_t)sizeof(answer) ? 0 : 1;
}

/* Counters of all samples of one direction of a host's link, in order. */
struct samples {
    uint64_t bytes[8], packets[8];
    size_t count;
};

static struct samples samples_of(const char *path, const char *host, const char *direction)
{
    struct lab_error err = LAB_ERROR_INIT;
    struct samples samples = { .count = 0 };
    struct event_record record;
    cleanup_free struct event_log *log = malloc(sizeof(*log));
    assert_int_equal(event_log_open(log, path, &err), 0);
    while (event_log_next(log, &record)) {
        if (strcmp(record.event, "link") != 0 || samples.count == 8 ||
            strcmp(record_string(&record, "node", ""), host) != 0 ||
            strcmp(record_string(&record, "direction", ""), direction) != 0)
            continue;
        samples.bytes[samples.count] = record_count(&record, "bytes", 0);
        samples.packets[samples.count++] = record_count(&record, "packets", 0);
    }
    event_log_close(log);
    return samples;
}

static void test_counts_what_is_carried(void **state)
{
    (void)state;
    struct lab_error err = LAB_ERROR_INIT;
    struct answer answer;
    struct sandbox sandbox;
    char path[] = "/tmp/labctl-sampler-XXXXXX";
    if (sandbox_probe(&err) < 0) {
        print_message("skipped: %s\n", err.message);
        skip();
    }
    close(mkstemp(path));
    struct experiment *experiment = experiment_parse("x.json", text, strlen(text), &err);
    assert_non_null(experiment);
    struct plan *plan = plan_build(experiment, &err);
    struct request request = { plan, path };
    assert_int_equal(sandbox_start(&sandbox, inside, &request, 0, &err), 0);
    assert_int_equal(recv(sandbox.channel, &answer, sizeof(answer), 0), sizeof(answer));
    sandbox_wait(&sandbox, &err);
    assert_string_equal(answer.result ? answer.err.message : "", "");

    /* There and back, over a queue and over bare interfaces: 1,042 bytes a packet. */
    static const struct {
        const char *host, *direction;
    } all[] = { { "h1", "up" }, { "h1", "down" }, { "h2", "up" }, { "h2", "down" } };
    for (size_t i = 0; i < ARRAY_LENGTH(all); i++) {
        struct samples samples = samples_of(path, all[i].host, all[i].direction);
        assert_int_equal(samples.count, 3);
        assert_int_equal(samples.packets[1] - samples.packets[0], 10);
        assert_int_equal(samples.bytes[1] - samples.bytes[0], 10420);
        assert_int_equal(samples.bytes[2], samples.bytes[1]);
    }
    cleanup_free char *log = fs_read_file(path, 1 << 16, NULL, &err);
    assert_contains(log, "\"event\":\"cpu\",\"cpus\":");
    assert_contains(log, "\"event\":\"program\",\"node\":\"\",\"program\":\"labctl\",\"cpu_ns\":");
    unlink(path);
    plan_free(plan);
    experiment_free(experiment);
}

static void test_no_sampler_takes_none(void **state)
{
    (void)state;
    sampler_begin(NULL, NULL, 0, NULL);
    sampler_tick(NULL, NULL, 0, NULL);
    sampler_end(NULL, NULL, 0, NULL);
    assert_int_equal(sampler_wait_ms(NULL, 20), 20);
    sampler_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts_what_is_carried),
        cmocka_unit_test(test_no_sampler_takes_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
