/* Wire codec: what is encoded is decoded to the same, and what breaks the format is refused. */
#include "testing.h"

#include "labctl/wire.h"

#define ANYBODY                                                                                    \
    (WIRE_FROM_CS_SERVER | WIRE_FROM_CS_CLIENT | WIRE_FROM_P2P_SERVER | WIRE_FROM_P2P_PEER |       \
     WIRE_FROM_NEIGHBOUR)

static const enum wire_type types[] = {
    WIRE_LENGTH,    WIRE_REQUEST,    WIRE_REPORT,       WIRE_LENGTH_ASK,  WIRE_PART_ASK,
    WIRE_HAVE,      WIRE_RETURNED,   WIRE_TIME_CONSUME, WIRE_FILE_LENGTH, WIRE_DIGESTS,
    WIRE_PEERS,     WIRE_PEER_GONE,  WIRE_SHARE,        WIRE_RECALL,      WIRE_OVER,
    WIRE_FILE_PART, WIRE_PEER_HELLO, WIRE_HOLD,         WIRE_WANT,        WIRE_DIGESTS_ASK,
};
#define TYPE_COUNT (sizeof(types) / sizeof(types[0]))

static struct wire_message decode(const uint8_t *bytes, size_t length)
{
    struct lab_error err = LAB_ERROR_INIT;
    struct wire_header header;
    struct wire_message message;
    assert_int_equal(wire_decode_header(bytes, ANYBODY, &header, &err), 0);
    assert_int_equal(WIRE_HEADER_SIZE + header.body, length);
    assert_int_equal(wire_decode_body(&header, bytes + WIRE_HEADER_SIZE, &message, &err), 0);
    return message;
}

static int decode_header(const uint8_t *bytes, unsigned senders)
{
    struct lab_error err = LAB_ERROR_INIT;
    struct wire_header header;
    int status = wire_decode_header(bytes, senders, &header, &err);
    if (status)
        assert_int_equal(err.code, LAB_ERR_PROTOCOL);
    return status;
}

static void every_type_round_trips(void **state)
{
    (void)state;
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        uint8_t once[256], twice[256];
        uint32_t words[] = { 1, 0xdeadbeef, UINT32_MAX, 0, 5, 6, 7, 8 };
        struct wire_message message = { .type = types[i],
                                        .bytes = 0x1234567,
                                        .offset = 0xfedcba9876543210,
                                        .nanoseconds = UINT64_MAX,
                                        .block_size = 65536,
                                        .blocks = 77,
                                        .block = 76,
                                        .peer = 3,
                                        .port = 65535,
                                        .copies = 9,
                                        .asks = 1,
                                        .alone = 1,
                                        .drain_us = 1000000,
                                        .count = wire_entries_max(types[i]) ? 2 : 0,
                                        .words = words };
        size_t length = wire_encode(&message, once);
        assert_int_equal(length, wire_encoded_size(&message));
        if (types[i] == WIRE_FILE_PART)
            continue; /* its payload is not there; see below */
        struct wire_message back = decode(once, length);
        assert_int_equal(back.type, types[i]);
        assert_int_equal(back.count, message.count);
        back.words = words;
        assert_int_equal(wire_encode(&back, twice), length);
        assert_memory_equal(once, twice, length);
    }
}

static void fields_and_list_keep_their_values(void **state)
{
    (void)state;
    uint8_t bytes[128];
    uint32_t words[] = { 4, 0x0a000001, 5000, 9, 0xc0a80a01, 65535 };
    struct wire_message peers = { .type = WIRE_PEERS, .count = 2, .words = words };
    struct wire_message back = decode(bytes, wire_encode(&peers, bytes));
    for (uint32_t i = 0; i < 2; i++)
        for (unsigned k = 0; k < WIRE_PEER_WORDS; k++)
            assert_int_equal(wire_entry_word(&back, i, k), words[WIRE_PEER_WORDS * i + k]);

    struct wire_message request = { .type = WIRE_REQUEST, .offset = 1ull << 40, .bytes = 7 };
    back = decode(bytes, wire_encode(&request, bytes));
    assert_int_equal(back.offset, 1ull << 40);
    assert_int_equal(back.bytes, 7);
}

static void numbers_are_big_endian(void **state)
{
    (void)state;
    const uint8_t expected[] = { 0, 0, 0, 8, WIRE_VERSION, WIRE_LENGTH, 0,    0,
                                 0, 0, 0, 0, 0x01,         0x02,        0x03, 0x04 };
    uint8_t bytes[sizeof(expected)];
    struct wire_message message = { .type = WIRE_LENGTH, .bytes = 0x01020304 };
    assert_int_equal(wire_encode(&message, bytes), sizeof(expected));
    assert_memory_equal(bytes, expected, sizeof(expected));
}

static void a_block_announces_its_payload(void **state)
{
    (void)state;
    struct lab_error err = LAB_ERROR_INIT;
    struct wire_header header;
    struct wire_message back;
    uint8_t bytes[64];
    struct wire_message part = { .type = WIRE_FILE_PART, .block = 3, .bytes = 65536 };
    wire_encode(&part, bytes);
    assert_int_equal(wire_decode_header(bytes, ANYBODY, &header, &err), 0);
    assert_int_equal(header.payload, 65536);
    assert_int_equal(wire_decode_body(&header, bytes + WIRE_HEADER_SIZE, &back, &err), 0);
    assert_int_equal(back.block, 3);

    header.payload = 65535;
    assert_int_equal(wire_decode_body(&header, bytes + WIRE_HEADER_SIZE, &back, &err), -1);
    assert_int_equal(err.code, LAB_ERR_PROTOCOL);
}

static void what_breaks_the_format_is_refused(void **state)
{
    (void)state;
    static const struct {
        uint8_t header[WIRE_HEADER_SIZE];
        const char *why;
    } cases[] = {
        { { 0, 0, 0, 8, WIRE_VERSION + 1, WIRE_LENGTH, 0, 0 }, "version" },
        { { 0, 0, 0, 8, WIRE_VERSION, 0, 0, 0 }, "type 0" },
        { { 0, 0, 0, 8, WIRE_VERSION, 255, 0, 0 }, "type 255" },
        { { 0, 0, 0, 7, WIRE_VERSION, WIRE_LENGTH, 0, 0 }, "too short" },
        { { 0, 0, 0, 9, WIRE_VERSION, WIRE_LENGTH, 0, 0 }, "too long" },
        { { 0xff, 0xff, 0xff, 0xff, WIRE_VERSION, WIRE_LENGTH, 0, 0 }, "4 GiB" },
        { { 0, 0, 0, 8, WIRE_VERSION, WIRE_LENGTH, 0, 1 }, "a list where none is" },
        { { 0, 4, 0, 4, WIRE_VERSION, WIRE_DIGESTS, 0xff, 0xff }, "a list too long" },
        { { 0, 0x50, 0, 0, WIRE_VERSION, WIRE_FILE_PART, 0, 0 }, "a block too long" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (decode_header(cases[i].header, ANYBODY) != -1)
            fail_msg("accepted: %s", cases[i].why);
}

static void a_message_from_the_wrong_side_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[64];
    wire_encode(&(struct wire_message){ .type = WIRE_OVER }, bytes);
    assert_int_equal(decode_header(bytes, WIRE_FROM_P2P_SERVER), 0);
    assert_int_equal(decode_header(bytes, WIRE_FROM_P2P_PEER), -1);
    assert_int_equal(decode_header(bytes, WIRE_FROM_NEIGHBOUR), -1);
}

static void the_longest_list_fits(void **state)
{
    (void)state;
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        uint32_t most = wire_entries_max(types[i]);
        if (!most)
            continue;
        assert_true(most <= UINT16_MAX);
        struct wire_message message = { .type = types[i], .count = most };
        assert_true(wire_encoded_size(&message) <= WIRE_HEADER_SIZE + WIRE_BODY_MAX);
        message.count++;
        assert_true(wire_encoded_size(&message) > WIRE_HEADER_SIZE + WIRE_BODY_MAX);
    }
}

static void every_type_has_a_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < TYPE_COUNT; i++)
        assert_string_not_equal(wire_type_name(types[i]), "unknown");
    assert_string_equal(wire_type_name((enum wire_type)200), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_round_trips),
        cmocka_unit_test(fields_and_list_keep_their_values),
        cmocka_unit_test(numbers_are_big_endian),
        cmocka_unit_test(a_block_announces_its_payload),
        cmocka_unit_test(what_breaks_the_format_is_refused),
        cmocka_unit_test(a_message_from_the_wrong_side_is_refused),
        cmocka_unit_test(the_longest_list_fits),
        cmocka_unit_test(every_type_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
