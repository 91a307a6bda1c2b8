#include "report/detail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int run_detail_init(struct run_detail *detail, size_t clients)
{
    detail->clients = calloc(clients + 1, sizeof(*detail->clients));
    detail->nodes = calloc(DETAIL_NODES_MAX, sizeof(*detail->nodes));
    detail->client_count = clients;
    return detail->clients && detail->nodes ? 0 : -1;
}

void run_detail_clear(struct run_detail *detail)
{
    for (size_t i = 0; detail->clients && i < detail->client_count; i++) {
        series_clear(&detail->clients[i].curve);
        free(detail->clients[i].arrivals);
        free(detail->clients[i].bytes_from);
    }
    for (size_t i = 0; i < detail->link_count; i++)
        series_clear(&detail->links[i].rate);
    for (size_t i = 0; i < detail->rtt_count; i++)
        series_clear(&detail->rtts[i].rtt);
    free(detail->clients);
    free(detail->nodes);
    free(detail->links);
    free(detail->rtts);
    *detail = (struct run_detail){ 0 };
}

/* --- blocks and bytes ----------------------------------------------------- */

/* Index of a sender; DETAIL_NODES_MAX when there is no more room. */
static size_t find_node(struct run_detail *detail, const char *name)
{
    for (size_t i = 0; i < detail->node_count; i++)
        if (strncmp(detail->nodes[i], name, sizeof(detail->nodes[i]) - 1) == 0)
            return i;
    if (detail->node_count < DETAIL_NODES_MAX)
        snprintf(detail->nodes[detail->node_count++], sizeof(detail->nodes[0]), "%s", name);
    else
        return DETAIL_NODES_MAX;
    return detail->node_count - 1;
}

static size_t add_bytes(struct run_detail *detail, size_t client, const char *from, uint64_t bytes)
{
    struct client_detail *to = &detail->clients[client];
    size_t node = find_node(detail, from);
    if (!to->bytes_from)
        to->bytes_from = calloc(DETAIL_NODES_MAX, sizeof(*to->bytes_from));
    if (to->bytes_from && node < DETAIL_NODES_MAX)
        to->bytes_from[node] += bytes;
    return node;
}

void run_detail_add_bytes(struct run_detail *detail, size_t client, const char *from,
                          uint64_t bytes)
{
    add_bytes(detail, client, from, bytes);
}

/* Keep half as many blocks from now on. */
static void thin(struct run_detail *detail)
{
    detail->block_stride *= 2;
    for (size_t c = 0; c < detail->client_count; c++) {
        struct client_detail *client = &detail->clients[c];
        size_t kept = 0;
        for (size_t i = 0; i < client->arrival_count; i++)
            if (client->arrivals[i].block % detail->block_stride == 0)
                client->arrivals[kept++] = client->arrivals[i];
        client->arrival_count = kept;
    }
}

static bool make_room(struct client_detail *client)
{
    if (client->arrival_count < client->arrival_room)
        return true;
    size_t room = client->arrival_room ? 2 * client->arrival_room : 64;
    struct block_arrival *more = realloc(client->arrivals, room * sizeof(*more));
    if (!more)
        return false;
    client->arrivals = more;
    client->arrival_room = room;
    return true;
}

void run_detail_add_block(struct run_detail *detail, size_t client, const char *from,
                          uint64_t bytes, struct block_arrival arrival)
{
    struct client_detail *to = &detail->clients[client];
    size_t node = add_bytes(detail, client, from, bytes);
    if (detail->block_stride == 0)
        detail->block_stride = 1;
    /* Past this number of blocks even a log of one block again and again ends. */
    if (to->arrival_count >= DETAIL_BLOCKS_MAX && detail->block_stride < 1u << 30)
        thin(detail);
    if (node == DETAIL_NODES_MAX || arrival.block % detail->block_stride != 0 ||
        to->arrival_count >= DETAIL_BLOCKS_MAX || !make_room(to))
        return;
    arrival.from = (uint16_t)node;
    to->arrivals[to->arrival_count++] = arrival;
}

/* --- links, round-trip times ---------------------------------------------- */

/* One more entry of `size` bytes, zeroed, at the end of an array that grows one by one:
 * there are few. NULL when there is no memory. */
static void *append(void **array, size_t *count, size_t size)
{
    char *more = realloc(*array, (*count + 1) * size);
    if (!more)
        return NULL;
    *array = more;
    return memset(more + (*count)++ * size, 0, size);
}

static struct link_detail *find_link(struct run_detail *detail, const char *node, bool up)
{
    for (size_t i = 0; i < detail->link_count; i++)
        if (detail->links[i].up == up && strcmp(detail->links[i].node, node) == 0)
            return &detail->links[i];
    if (detail->link_count == 2 * DETAIL_NODES_MAX)
        return NULL;
    struct link_detail *link =
        append((void **)&detail->links, &detail->link_count, sizeof(*detail->links));
    if (link) {
        snprintf(link->node, sizeof(link->node), "%s", node);
        link->up = up;
    }
    return link;
}

void run_detail_add_link(struct run_detail *detail, const char *node, bool up, double at_s,
                         uint64_t bytes, uint64_t drops)
{
    struct link_detail *link = find_link(detail, node, up);
    if (!link)
        return;
    if (link->samples++ == 0) {
        link->first_s = at_s;
        link->first_bytes = bytes;
        link->first_drops = drops;
    } else if (at_s > link->last_s && bytes >= link->last_bytes) {
        series_add(&link->rate, at_s,
                   8 * (double)(bytes - link->last_bytes) / (at_s - link->last_s));
    }
    link->last_s = at_s;
    link->last_bytes = bytes;
    link->last_drops = drops;
}

static void end_turn(struct rtt_detail *rtt)
{
    if (rtt->told > 0)
        series_add(&rtt->rtt, rtt->turn_s, rtt->sum_s / (double)rtt->told);
    rtt->sum_s = 0;
    rtt->told = 0;
}

static struct rtt_detail *find_rtt(struct run_detail *detail, const char *node)
{
    struct rtt_detail *found = NULL;
    for (size_t i = 0; i < detail->rtt_count && !found; i++)
        if (strcmp(detail->rtts[i].node, node) == 0)
            found = &detail->rtts[i];
    if (!found) {
        if (detail->rtt_count < DETAIL_NODES_MAX)
            found = append((void **)&detail->rtts, &detail->rtt_count, sizeof(*detail->rtts));
        if (found)
            snprintf(found->node, sizeof(found->node), "%s", node);
    }
    return found;
}

void run_detail_add_rtt(struct run_detail *detail, const char *node, double at_s, double rtt_s,
                        double turn_s)
{
    struct rtt_detail *rtt = find_rtt(detail, node);
    if (!rtt)
        return;
    if (rtt->told > 0 && at_s >= rtt->turn_s + turn_s)
        end_turn(rtt);
    if (rtt->told++ == 0)
        rtt->turn_s = at_s;
    rtt->sum_s += rtt_s;
}

void run_detail_end(struct run_detail *detail)
{
    for (size_t i = 0; i < detail->rtt_count; i++)
        end_turn(&detail->rtts[i]);
    for (size_t i = 0; i < detail->link_count; i++)
        series_finish(&detail->links[i].rate);
}
