#include "report/page/page_detail.h"

#include <math.h>

#include "report/page/page_trial.h"

/* What one page holds of each, in all. */
#define POINTS_TOTAL   100000u
#define ARRIVALS_TOTAL 100000u

/* Of one client at most, which is more than a screen has columns to show, and at least. */
#define POINTS_MAX   200u
#define POINTS_LEAST 12u

static size_t share(size_t total, size_t among, size_t least, size_t most)
{
    size_t part = among ? total / among : most;
    return part < least ? least : part > most ? most : part;
}

struct detail_budget detail_budget_share(const struct run_set *set)
{
    size_t clients = 0;
    for (size_t i = 0; i < set->count; i++)
        clients += set->runs[i].experiment->client_count;
    return (
        struct detail_budget){ share(POINTS_TOTAL, clients, POINTS_LEAST, POINTS_MAX),
                               share(ARRIVALS_TOTAL, clients, POINTS_LEAST, DETAIL_BLOCKS_MAX) };
}

/* [x, y, x, y, ...], the last point always among them. */
static void put_series(struct json_out *json, const struct series *series, size_t points,
                       int y_decimals)
{
    size_t step = (series->count + points - 1) / points;
    json_out_open(json, '[');
    for (size_t i = 0; i < series->count; i++) {
        if (i % step != 0 && i + 1 != series->count)
            continue;
        json_out_number(json, series->points[i].x, 6);
        json_out_number(json, series->points[i].y, y_decimals);
    }
    json_out_close(json, ']');
}

static void put_curves(struct json_out *json, const struct run_detail *detail, size_t points)
{
    json_out_key_open(json, "curves", '[');
    for (size_t c = 0; c < detail->client_count; c++)
        put_series(json, &detail->clients[c].curve, points, 0);
    json_out_close(json, ']');
}

/* --- blocks --------------------------------------------------------------- */

/* Multiple of the stride that leaves no client more than `most` arrivals. */
static uint32_t choose_stride(const struct run_detail *detail, size_t most)
{
    size_t longest = 0;
    for (size_t c = 0; c < detail->client_count; c++)
        if (detail->clients[c].arrival_count > longest)
            longest = detail->clients[c].arrival_count;
    return detail->block_stride * (uint32_t)((longest + most - 1) / most);
}

/* Four arrays a client: number, sender, when it was whole and how long that took. */
static void put_arrivals(struct json_out *json, const struct client_detail *client, uint32_t stride)
{
    json_out_open(json, '{');
    for (int column = 0; column < 4; column++) {
        static const char *const names[] = { "block", "from", "at_us", "took_us" };
        json_out_key_open(json, names[column], '[');
        for (size_t i = 0; i < client->arrival_count; i++) {
            const struct block_arrival *arrival = &client->arrivals[i];
            const int64_t values[] = { arrival->block, arrival->from, llround(arrival->at_s * 1e6),
                                       llround((arrival->at_s - arrival->began_s) * 1e6) };
            if (arrival->block % stride == 0)
                json_out_integer(json, values[column]);
        }
        json_out_close(json, ']');
    }
    json_out_close(json, '}');
}

static void put_blocks(struct json_out *json, const struct run_detail *detail, size_t most)
{
    if (detail->block_stride == 0)
        return;
    uint32_t stride = choose_stride(detail, most);
    json_out_key_open(json, "blocks", '{');
    json_out_key_integer(json, "stride", stride);
    json_out_key_open(json, "clients", '[');
    for (size_t c = 0; c < detail->client_count; c++)
        put_arrivals(json, &detail->clients[c], stride);
    json_out_close(json, ']');
    json_out_close(json, '}');
}

/* --- the rest ------------------------------------------------------------- */

/* More make cells too small to be seen: the page then says where the figures are. */
#define MATRIX_NODES_MAX 200

/* Bytes by client (row) and sender (column). */
static void put_matrix(struct json_out *json, const struct run_detail *detail)
{
    json_out_key_open(json, "nodes", '[');
    for (size_t i = 0; i < detail->node_count; i++)
        json_out_string(json, detail->nodes[i]);
    json_out_close(json, ']');
    json_out_key_open(json, "matrix", '[');
    bool wanted = detail->node_count > 0 && detail->client_count < MATRIX_NODES_MAX;
    for (size_t c = 0; wanted && c < detail->client_count; c++) {
        const uint64_t *bytes = detail->clients[c].bytes_from;
        json_out_open(json, '[');
        for (size_t i = 0; i < detail->node_count; i++)
            json_out_integer(json, bytes ? (int64_t)bytes[i] : 0);
        json_out_close(json, ']');
    }
    json_out_close(json, ']');
}

static void put_links(struct json_out *json, const struct run_detail *detail, size_t points)
{
    json_out_key_open(json, "links", '[');
    for (size_t i = 0; i < detail->link_count; i++) {
        const struct link_detail *link = &detail->links[i];
        json_out_open(json, '{');
        json_out_key_string(json, "node", link->node);
        json_out_key_string(json, "direction", link->up ? "up" : "down");
        json_out_key_number(json, "seconds", link->last_s - link->first_s, 6);
        json_out_key_integer(json, "bytes", (int64_t)(link->last_bytes - link->first_bytes));
        json_out_key_integer(json, "drops", (int64_t)(link->last_drops - link->first_drops));
        json_out_key(json, "bps");
        put_series(json, &link->rate, points, 0);
        json_out_close(json, '}');
    }
    json_out_close(json, ']');
}

static void put_rtts(struct json_out *json, const struct run_detail *detail, size_t points)
{
    json_out_key_open(json, "rtt", '[');
    for (size_t i = 0; i < detail->rtt_count; i++) {
        json_out_open(json, '{');
        json_out_key_string(json, "node", detail->rtts[i].node);
        json_out_key(json, "rtt_s");
        put_series(json, &detail->rtts[i].rtt, points, 6);
        json_out_close(json, '}');
    }
    json_out_close(json, ']');
}

void page_detail_write(struct json_out *json, const struct report_run *run,
                       const struct detail_budget *budget)
{
    json_out_open(json, '{');
    json_out_key_integer(json, "trial", run->shown->trial);
    put_curves(json, &run->detail, budget->points);
    put_blocks(json, &run->detail, budget->arrivals);
    put_matrix(json, &run->detail);
    put_links(json, &run->detail, budget->points);
    put_rtts(json, &run->detail, budget->points);
    page_faults_write(json, run->shown, FAULTS_ALL);
    json_out_close(json, '}');
}
