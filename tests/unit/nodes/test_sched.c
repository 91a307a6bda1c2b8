/* The scheduler, without sockets: every peer gets every block exactly once, whatever
 * order things happen in, and whoever leaves. */
#include "testing.h"

#include "lib/sched.h"

#define PEERS_MAX  32
#define BLOCKS_MAX 200
#define NONE       UINT32_MAX

/* A world of peers that do what the scheduler says, one copy at a time. */
struct world {
    struct sched *sched;
    uint32_t blocks, peers;
    bool there[PEERS_MAX];
    bool stuck[PEERS_MAX]; /* passes nothing on, but gives back what is recalled */
    bool have[PEERS_MAX][BLOCKS_MAX];
    unsigned received[PEERS_MAX][BLOCKS_MAX];
    struct {
        uint32_t from, to, block;
    } copies[PEERS_MAX * BLOCKS_MAX]; /* to be made by peers */
    size_t copy_count;
    unsigned from_server;
};

static struct lab_error err;

static uint32_t join(struct world *world)
{
    uint32_t peer;
    assert_int_equal(sched_join(world->sched, &peer, &err), 0);
    assert_false(sched_knows(world->sched, peer));
    assert_int_equal(sched_take_part(world->sched, peer, &err), 0);
    assert_true(sched_knows(world->sched, peer));
    world->there[peer] = true;
    world->peers = sched_peers(world->sched);
    return peer;
}

static struct world *new_world(uint32_t blocks, uint32_t peers)
{
    struct world *world = calloc(1, sizeof(*world));
    world->blocks = blocks;
    world->sched = sched_new(blocks, &err);
    assert_non_null(world->sched);
    for (uint32_t i = 0; i < peers; i++)
        join(world);
    return world;
}

static void free_world(struct world *world)
{
    sched_free(world->sched);
    free(world);
}

static void receive(struct world *world, uint32_t peer, uint32_t block)
{
    world->have[peer][block] = true;
    world->received[peer][block]++;
    sched_have(world->sched, peer, block);
}

static void owe(struct world *world, uint32_t from, uint32_t block, const uint32_t *share,
                uint32_t count)
{
    assert_true(world->have[from][block]);
    for (uint32_t i = 0; i < count; i++) {
        assert_true(share[i] < world->peers && share[i] != from);
        world->copies[world->copy_count].from = from;
        world->copies[world->copy_count].block = block;
        world->copies[world->copy_count++].to = share[i];
    }
}

static bool server_sends(struct world *world)
{
    uint32_t block, peer, share[PEERS_MAX];
    bool answers;
    if (!sched_next_send(world->sched, &block, &peer))
        return false;
    assert_true(block < world->blocks && world->there[peer]);
    assert_int_equal(sched_sending(world->sched, peer), block);
    world->from_server++;
    receive(world, peer, block);
    uint32_t count = sched_sent(world->sched, peer, false, share, &answers);
    owe(world, peer, block, share, count);
    return true;
}

static bool server_shares(struct world *world)
{
    uint32_t peer, block, count, share[PEERS_MAX];
    if (!sched_next_share(world->sched, &peer, &block, share, &count))
        return false;
    owe(world, peer, block, share, count);
    return true;
}

static uint32_t waiting(const struct world *world, uint32_t peer)
{
    uint32_t count = 0;
    for (size_t i = 0; i < world->copy_count; i++)
        count += world->copies[i].from == peer;
    return count;
}

static void drop_copy(struct world *world, size_t i)
{
    world->copies[i] = world->copies[--world->copy_count];
}

static bool server_recalls(struct world *world)
{
    uint32_t peer, copies;
    if (!sched_next_recall(world->sched, true, &peer, &copies))
        return false;
    assert_true(copies > 0);
    for (size_t i = world->copy_count; i-- > 0 && copies;) {
        if (world->copies[i].from != peer)
            continue;
        sched_returned(world->sched, peer, world->copies[i].block, world->copies[i].to);
        drop_copy(world, i);
        copies--;
    }
    sched_recall_answered(world->sched, peer);
    sched_load(world->sched, peer, waiting(world, peer), 1000);
    return true;
}

static bool peers_send(struct world *world)
{
    bool any = false;
    for (uint32_t peer = 0; peer < world->peers; peer++) {
        for (size_t i = 0; i < world->copy_count && !world->stuck[peer]; i++) {
            if (world->copies[i].from != peer)
                continue;
            uint32_t to = world->copies[i].to;
            if (world->there[to])
                receive(world, to, world->copies[i].block);
            drop_copy(world, i);
            any = true;
            break;
        }
    }
    return any;
}

/* One round: everybody who has little to do asks; everybody does one thing. */
static bool go_on(struct world *world)
{
    for (uint32_t peer = 0; peer < world->peers; peer++) {
        if (!world->there[peer])
            continue;
        sched_load(world->sched, peer, waiting(world, peer), 1000 * waiting(world, peer));
        if (waiting(world, peer) == 0)
            sched_ask(world->sched, peer);
    }
    bool any = server_sends(world);
    any |= server_shares(world);
    any |= peers_send(world);
    if (!any)
        any = server_recalls(world);
    return any;
}

static void run(struct world *world)
{
    for (unsigned round = 0; go_on(world); round++)
        assert_true(round < 100000);
}

static void check_complete(const struct world *world, unsigned at_most)
{
    for (uint32_t peer = 0; peer < world->peers; peer++)
        for (uint32_t b = 0; world->there[peer] && b < world->blocks; b++)
            if (!world->have[peer][b] || world->received[peer][b] > at_most)
                fail_msg("peer %u got block %u %u times", peer, b, world->received[peer][b]);
}

static void everybody_gets_every_block_once(void **state)
{
    static const uint32_t sizes[][2] = { { 1, 1 },  { 0, 3 },   { 1, 5 },  { 200, 1 },
                                         { 50, 2 }, { 100, 6 }, { 33, 30 } };
    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct world *world = new_world(sizes[i][0], sizes[i][1]);
        run(world);
        check_complete(world, 1);
        assert_int_equal(sched_stock(world->sched), 0);
        free_world(world);
    }
}

/* A server that is no faster than the peers sends each block once. */
static void each_block_leaves_the_server_once(void **state)
{
    (void)state;
    struct world *world = new_world(60, 3);
    for (uint32_t peer = 0; peer < 3; peer++)
        for (int i = 0; i < 40; i++)
            sched_ask(world->sched, peer);
    for (int i = 0; i < 60; i++)
        assert_true(server_sends(world));
    assert_int_equal(world->copy_count, 60 * 2);
    assert_int_equal(sched_stock(world->sched), 0);
    assert_false(server_sends(world));
    while (peers_send(world))
        ;
    check_complete(world, 1);
    free_world(world);
}

/* Who asks more often gets more blocks. */
static void blocks_go_to_those_who_ask(void **state)
{
    (void)state;
    struct world *world = new_world(30, 3);
    uint32_t block, peer, share[PEERS_MAX], given[3] = { 0 };
    bool answers;
    for (int i = 0; i < 30; i++) {
        sched_ask(world->sched, i % 3 ? 2 : 0);
        assert_true(sched_next_send(world->sched, &block, &peer));
        given[peer]++;
        sched_sent(world->sched, peer, false, share, &answers);
        assert_true(answers);
    }
    assert_int_equal(given[0], 10);
    assert_int_equal(given[1], 0);
    assert_int_equal(given[2], 20);
    free_world(world);
}

/* Hand out all that can be; is any of it for `whom`? */
static bool is_given_work(struct world *world, uint32_t whom)
{
    uint32_t block, peer, count, share[PEERS_MAX];
    bool given = false;
    while (sched_next_share(world->sched, &peer, &block, share, &count))
        given |= peer == whom;
    return given;
}

/* What a silent peer was to bring is brought by others, and it gets nothing to do until it
 * speaks. */
static void a_silent_peer_is_replaced_until_it_speaks(void **state)
{
    (void)state;
    struct world *world = new_world(40, 4);
    while (waiting(world, 1) == 0)
        assert_true(go_on(world));
    world->stuck[1] = true; /* it receives, like one that is paused */
    sched_ask(world->sched, 1);
    sched_silent(world->sched, 1);
    for (size_t i = world->copy_count; i-- > 0;)
        if (world->copies[i].from == 1)
            drop_copy(world, i);
    run(world);
    check_complete(world, 1);
    assert_int_equal(waiting(world, 1), 0);
    join(world); /* somebody else needs all blocks now */
    assert_false(is_given_work(world, 1));
    sched_speaks(world->sched, 1);
    join(world);
    assert_true(is_given_work(world, 1));
    free_world(world);
}

/* A promise that is not kept is taken over by the server, one block at a time. */
static void the_server_rescues_who_waits_in_vain(void **state)
{
    (void)state;
    struct world *world = new_world(7, 2);
    uint32_t block, sent, peer;
    for (int i = 0; i < 5; i++) {
        sched_ask(world->sched, 0);
        assert_true(server_sends(world));
    }
    assert_false(sched_rescue(world->sched, 0, &block));
    for (int i = 0; i < 5; i++) {
        assert_true(sched_rescue(world->sched, 1, &block));
        assert_true(sched_next_send(world->sched, &sent, &peer));
        assert_int_equal(peer, 1);
        assert_int_equal(sent, block);
        bool answers;
        uint32_t share[PEERS_MAX];
        receive(world, 1, sent);
        assert_int_equal(sched_sent(world->sched, 1, false, share, &answers), 0);
    }
    assert_false(sched_rescue(world->sched, 1, &block));
    free_world(world);
}

/* However often a peer names a block, what is kept of it is bounded. */
static void asking_by_number_is_bounded(void **state)
{
    (void)state;
    struct world *world = new_world(10, 1);
    uint32_t block, peer, share[PEERS_MAX], sends = 0;
    bool answers;
    sched_ask(world->sched, 0);
    assert_true(server_sends(world));
    for (int i = 0; i < 100000; i++)
        sched_refetch(world->sched, 0, 0);
    while (sched_next_send(world->sched, &block, &peer)) {
        sched_sent(world->sched, peer, false, share, &answers);
        sends++;
    }
    assert_in_range(sends, 1, 1025);
    free_world(world);
}

/* Peers whose uplinks never have time get all from the server; those that have some are left
 * enough to choose from. */
static void a_server_with_time_does_not_wait_to_be_asked(void **state)
{
    (void)state;
    struct world *world = new_world(10, 2);
    while (server_sends(world))
        ;
    check_complete(world, 1);
    assert_int_equal(world->from_server, 10 * 2);
    free_world(world);

    world = new_world(100, 4);
    for (int i = 0; i < 6; i++)
        assert_true(server_sends(world));
    assert_int_equal(sched_stock(world->sched), 6 * 3);
    sched_ask(world->sched, 2);
    assert_true(server_shares(world));
    assert_true(waiting(world, 2) > 0);
    free_world(world);
}

static void one_who_comes_late_gets_everything(void **state)
{
    (void)state;
    struct world *world = new_world(40, 3);
    run(world);
    uint32_t late = join(world);
    assert_int_equal(sched_stock(world->sched), 40);
    run(world);
    check_complete(world, 1);
    assert_true(world->have[late][39]);
    free_world(world);
}

/* Copies that a peer owed when it left are made by others. */
static void one_who_leaves_is_replaced(void **state)
{
    (void)state;
    for (uint32_t leaver = 0; leaver < 5; leaver++) {
        struct world *world = new_world(80, 5);
        for (int i = 0; i < 30; i++)
            go_on(world);
        world->there[leaver] = false;
        sched_leave(world->sched, leaver);
        for (size_t i = world->copy_count; i-- > 0;)
            if (world->copies[i].from == leaver)
                drop_copy(world, i);
        run(world);
        check_complete(world, 1);
        free_world(world);
    }
}

/* A peer that passes nothing on is relieved of it. */
static void copies_are_recalled_from_a_slow_one(void **state)
{
    (void)state;
    struct world *world = new_world(50, 4);
    world->stuck[1] = true;
    run(world);
    check_complete(world, 1);
    free_world(world);
}

static void a_block_on_a_slow_way_is_given_to_another(void **state)
{
    (void)state;
    struct world *world = new_world(5, 3);
    uint32_t block, slow, share[PEERS_MAX];
    bool answers;
    sched_ask(world->sched, 0);
    assert_true(sched_next_send(world->sched, &block, &slow));
    assert_int_equal(sched_stock(world->sched), 0);
    sched_slow(world->sched, slow, block, false);
    assert_int_equal(sched_stock(world->sched), 2);
    run(world);
    assert_true(world->have[1][0] && world->have[2][0]);
    /* When it has come at last, there is nobody left to pass it on to. */
    assert_int_equal(sched_sent(world->sched, slow, true, share, &answers), 0);
    free_world(world);
}

/* A block for peer 0, the one that asks. */
static uint32_t send_to_first(struct world *world, bool slow)
{
    uint32_t block, peer, share[PEERS_MAX];
    bool answers;
    sched_ask(world->sched, 0);
    assert_true(sched_next_send(world->sched, &block, &peer));
    assert_int_equal(peer, 0);
    sched_sent(world->sched, 0, slow, share, &answers);
    return block;
}

/* Whatever it is told takes long to get there, and to be answered: the server makes them sooner.
 * One slow send says little: a segment was lost, or a program was kept waiting. */
static void one_who_is_slow_to_receive_makes_no_copies_of_the_stock(void **state)
{
    (void)state;
    struct world *world = new_world(4, 3);
    uint32_t block, peer, share[PEERS_MAX], count;
    uint32_t late = send_to_first(world, false);
    sched_slow(world->sched, 0, late, false);
    sched_have(world->sched, 0, late);
    sched_ask(world->sched, 0);
    assert_true(sched_next_share(world->sched, &peer, &block, share, &count));
    assert_int_equal(block, late);

    send_to_first(world, true);
    late = send_to_first(world, true);
    sched_slow(world->sched, 0, late, false);
    sched_have(world->sched, 0, late);
    sched_ask(world->sched, 0);
    assert_false(sched_next_share(world->sched, &peer, &block, share, &count));

    /* Once it has received quickly it is one of them again. */
    send_to_first(world, false);
    sched_ask(world->sched, 0);
    assert_true(sched_next_share(world->sched, &peer, &block, share, &count));
    assert_int_equal(block, late);
    free_world(world);
}

static void a_broken_block_comes_from_the_server(void **state)
{
    (void)state;
    struct world *world = new_world(4, 3);
    uint32_t block, peer, share[PEERS_MAX], count;
    run(world);
    sched_distrust(world->sched, 2);
    world->have[1][3] = false;
    sched_refetch(world->sched, 1, 3);
    assert_true(sched_next_send(world->sched, &block, &peer));
    assert_int_equal(block, 3);
    assert_int_equal(peer, 1);
    assert_false(sched_next_send(world->sched, &block, &peer));

    /* And the one who sent it passes nothing on any more. */
    uint32_t late = join(world);
    sched_ask(world->sched, 2);
    while (sched_next_share(world->sched, &peer, &block, share, &count))
        assert_int_not_equal(peer, 2);
    (void)late;
    free_world(world);
}

/* Whom nobody trusts is given the file all the same, by the server and at once. */
static void peers_none_of_which_is_trusted_get_all_blocks(void **state)
{
    (void)state;
    struct world *world = new_world(50, 2);
    struct sched *sched = world->sched;
    uint32_t block, peer, share[PEERS_MAX], got[2] = { 0 };
    bool answers;
    for (uint32_t p = 0; p < 2; p++) {
        sched_ask(sched, p);
        assert_true(sched_distrust(sched, p));
    }
    while (sched_next_send(sched, &block, &peer)) {
        assert_int_equal(sched_sent(sched, peer, false, share, &answers), 0);
        sched_have(sched, peer, block);
        got[peer]++;
    }
    assert_int_equal(got[0], 50);
    assert_int_equal(got[1], 50);
    free_world(world);
}

static void one_who_is_slow_to_receive_is_not_starved(void **state)
{
    (void)state;
    struct world *world = new_world(200, 3);
    uint32_t block, peer, share[PEERS_MAX], given = 0;
    bool answers;
    for (int i = 0; i < 200; i++) {
        for (uint32_t p = 0; p < 3; p++)
            sched_ask(world->sched, p);
        assert_true(sched_next_send(world->sched, &block, &peer));
        given += peer == 0;
        sched_sent(world->sched, peer, peer == 0, share, &answers);
    }
    assert_in_range(given, 2, 40);
    free_world(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everybody_gets_every_block_once),
        cmocka_unit_test(each_block_leaves_the_server_once),
        cmocka_unit_test(blocks_go_to_those_who_ask),
        cmocka_unit_test(a_silent_peer_is_replaced_until_it_speaks),
        cmocka_unit_test(the_server_rescues_who_waits_in_vain),
        cmocka_unit_test(asking_by_number_is_bounded),
        cmocka_unit_test(a_server_with_time_does_not_wait_to_be_asked),
        cmocka_unit_test(one_who_comes_late_gets_everything),
        cmocka_unit_test(one_who_leaves_is_replaced),
        cmocka_unit_test(copies_are_recalled_from_a_slow_one),
        cmocka_unit_test(a_block_on_a_slow_way_is_given_to_another),
        cmocka_unit_test(one_who_is_slow_to_receive_makes_no_copies_of_the_stock),
        cmocka_unit_test(a_broken_block_comes_from_the_server),
        cmocka_unit_test(peers_none_of_which_is_trusted_get_all_blocks),
        cmocka_unit_test(one_who_is_slow_to_receive_is_not_starved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
