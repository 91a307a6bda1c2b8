#include "labctl/wire.h"

#include <stddef.h>
#include <string.h>

#define FIELDS_MAX 6

/* A field: where it is in struct wire_message, and its width in bytes (4 or 8). */
struct field {
    uint8_t width;
    uint8_t offset;
};

#define U32(member)                                                                                \
    {                                                                                              \
        4, offsetof(struct wire_message, member)                                                   \
    }
#define U64(member)                                                                                \
    {                                                                                              \
        8, offsetof(struct wire_message, member)                                                   \
    }

/* What each type is made of: the protocol itself. */
static const struct layout {
    const char *name;
    unsigned senders;
    unsigned entry_words; /* 0: no list */
    struct field fields[FIELDS_MAX];
} layouts[] = {
    [WIRE_LENGTH] = { "length", WIRE_FROM_CS_SERVER, 0, { U64(bytes) } },
    [WIRE_REQUEST] = { "request",
                       WIRE_FROM_CS_CLIENT,
                       0,
                       { U64(client), U64(offset), U64(bytes) } },
    [WIRE_REPORT] = { "report", WIRE_FROM_CS_CLIENT, 0, { U64(nanoseconds), U64(bytes) } },
    [WIRE_LEAVE] = { "leave", WIRE_FROM_CS_CLIENT, 0, { U64(bytes) } },

    [WIRE_LENGTH_ASK] = { "file length", WIRE_FROM_P2P_PEER, 0, { U32(port) } },
    [WIRE_PART_ASK] = { "file part", WIRE_FROM_P2P_PEER, 0, { U32(block), U32(peer) } },
    [WIRE_HAVE] = { "have",
                    WIRE_FROM_P2P_PEER | WIRE_FROM_NEIGHBOUR,
                    1,
                    { U32(copies), U32(drain_us) } },
    [WIRE_RETURNED] = { "returned",
                        WIRE_FROM_P2P_PEER,
                        WIRE_RETURNED_WORDS,
                        { U32(copies), U32(drain_us) } },
    [WIRE_TIME_CONSUME] = { "time consume",
                            WIRE_FROM_P2P_PEER,
                            0,
                            { U64(nanoseconds), U64(bytes) } },

    [WIRE_FILE_LENGTH] = { "file length",
                           WIRE_FROM_P2P_SERVER,
                           WIRE_DIGEST_WORDS,
                           { U64(bytes), U32(block_size), U32(round), U32(rounds), U32(blocks),
                             U32(peer) } },
    [WIRE_DIGESTS] = { "digests",
                       WIRE_FROM_P2P_SERVER | WIRE_FROM_NEIGHBOUR,
                       WIRE_DIGEST_WORDS,
                       { U32(block) } },
    [WIRE_PEERS] = { "peers", WIRE_FROM_P2P_SERVER, WIRE_PEER_WORDS, { { 0 } } },
    [WIRE_PEER_GONE] = { "peer gone", WIRE_FROM_P2P_SERVER, 0, { U32(peer) } },
    [WIRE_SHARE] = { "share", WIRE_FROM_P2P_SERVER, 1, { U32(block), U32(asks) } },
    [WIRE_RECALL] = { "recall", WIRE_FROM_P2P_SERVER, 0, { U32(copies) } },
    [WIRE_OVER] = { "over", WIRE_FROM_P2P_SERVER, 0, { { 0 } } },

    [WIRE_FILE_PART] = { "file part",
                         WIRE_FROM_P2P_SERVER | WIRE_FROM_NEIGHBOUR,
                         0,
                         { U32(block), U32(bytes) } },
    [WIRE_PEER_HELLO] = { "peer hello", WIRE_FROM_NEIGHBOUR, 0, { U32(peer), U32(port) } },
    [WIRE_HOLD] = { "hold", WIRE_FROM_NEIGHBOUR, 1, { U32(block), U32(alone) } },
    [WIRE_WANT] = { "want", WIRE_FROM_NEIGHBOUR, 1, { { 0 } } },
    [WIRE_DIGESTS_ASK] = { "digests", WIRE_FROM_NEIGHBOUR, 0, { U32(block) } },
};

#define LAYOUT_COUNT (sizeof(layouts) / sizeof(layouts[0]))

static const struct layout *find_layout(unsigned type)
{
    return type < LAYOUT_COUNT && layouts[type].name ? &layouts[type] : NULL;
}

static uint64_t get_integer(const uint8_t *at, unsigned width)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < width; i++)
        value = value << 8 | at[i];
    return value;
}

static uint8_t *put_integer(uint8_t *at, uint64_t value, unsigned width)
{
    for (unsigned i = 0; i < width; i++)
        at[i] = (uint8_t)(value >> 8 * (width - 1 - i));
    return at + width;
}

static uint32_t fixed_size(const struct layout *layout)
{
    uint32_t size = 0;
    for (unsigned i = 0; i < FIELDS_MAX; i++)
        size += layout->fields[i].width;
    return size;
}

/* `bytes` is 64 bits wide in memory whatever its width on the wire; the others match. */
static void set_field(struct wire_message *message, struct field field, uint64_t value)
{
    char *at = (char *)message + field.offset;
    if (field.width == 8 || field.offset == offsetof(struct wire_message, bytes))
        memcpy(at, &value, sizeof(value));
    else
        memcpy(at, &(uint32_t){ (uint32_t)value }, sizeof(uint32_t));
}

static uint64_t get_field(const struct wire_message *message, struct field field)
{
    const char *at = (const char *)message + field.offset;
    uint64_t wide = 0;
    uint32_t narrow = 0;
    if (field.width == 8 || field.offset == offsetof(struct wire_message, bytes)) {
        memcpy(&wide, at, sizeof(wide));
        return wide;
    }
    memcpy(&narrow, at, sizeof(narrow));
    return narrow;
}

int wire_decode_header(const uint8_t bytes[WIRE_HEADER_SIZE], unsigned senders,
                       struct wire_header *header, struct lab_error *err)
{
    uint32_t length = (uint32_t)get_integer(bytes, 4);
    unsigned version = bytes[4], type = bytes[5];
    uint32_t count = (uint32_t)get_integer(bytes + 6, 2);
    const struct layout *layout = find_layout(type);

    if (version != WIRE_VERSION)
        return lab_error_set(err, LAB_ERR_PROTOCOL, "message of version %u, expected %u", version,
                             WIRE_VERSION);
    if (!layout || !(layout->senders & senders))
        return lab_error_set(err, LAB_ERR_PROTOCOL,
                             "message of type %u, which is not expected here", type);
    uint32_t body = fixed_size(layout) + count * 4 * layout->entry_words;
    uint32_t payload_max = type == WIRE_FILE_PART ? WIRE_BLOCK_MAX : 0;
    if ((count && !layout->entry_words) || body > WIRE_BODY_MAX)
        return lab_error_set(err, LAB_ERR_PROTOCOL,
                             "a `%s` message with %u entries, at most %u fit", layout->name, count,
                             wire_entries_max((enum wire_type)type));
    if (length < body || length - body > payload_max)
        return lab_error_set(err, LAB_ERR_PROTOCOL, "a `%s` message of %u bytes, expected %u to %u",
                             layout->name, length, body, body + payload_max);
    *header = (struct wire_header){ length, (enum wire_type)type, count, body, length - body };
    return 0;
}

int wire_decode_body(const struct wire_header *header, const uint8_t *body,
                     struct wire_message *message, struct lab_error *err)
{
    const struct layout *layout = &layouts[header->type];
    *message = (struct wire_message){ .type = header->type, .count = header->count };
    for (unsigned i = 0; i < FIELDS_MAX && layout->fields[i].width; i++) {
        set_field(message, layout->fields[i], get_integer(body, layout->fields[i].width));
        body += layout->fields[i].width;
    }
    message->entries = body;
    if (header->type == WIRE_FILE_PART && message->bytes != header->payload)
        return lab_error_set(err, LAB_ERR_PROTOCOL, "a block said to be of %llu bytes came with %u",
                             (unsigned long long)message->bytes, header->payload);
    return 0;
}

uint32_t wire_entry_word(const struct wire_message *message, uint32_t i, unsigned k)
{
    unsigned words = layouts[message->type].entry_words;
    return (uint32_t)get_integer(message->entries + 4 * ((size_t)i * words + k), 4);
}

static uint32_t body_size(const struct wire_message *message)
{
    const struct layout *layout = &layouts[message->type];
    return fixed_size(layout) + message->count * 4 * layout->entry_words;
}

size_t wire_encoded_size(const struct wire_message *message)
{
    return WIRE_HEADER_SIZE + body_size(message);
}

size_t wire_encode(const struct wire_message *message, uint8_t *out)
{
    const struct layout *layout = &layouts[message->type];
    uint64_t payload = message->type == WIRE_FILE_PART ? message->bytes : 0;
    uint8_t *at = put_integer(out, body_size(message) + payload, 4);
    *at++ = WIRE_VERSION;
    *at++ = (uint8_t)message->type;
    at = put_integer(at, message->count, 2);
    for (unsigned i = 0; i < FIELDS_MAX && layout->fields[i].width; i++)
        at = put_integer(at, get_field(message, layout->fields[i]), layout->fields[i].width);
    for (size_t i = 0; i < (size_t)message->count * layout->entry_words; i++)
        at = put_integer(at, message->words[i], 4);
    return (size_t)(at - out);
}

uint32_t wire_entries_max(enum wire_type type)
{
    const struct layout *layout = find_layout(type);
    if (!layout || !layout->entry_words)
        return 0;
    return (WIRE_BODY_MAX - fixed_size(layout)) / (4 * layout->entry_words);
}

const char *wire_type_name(enum wire_type type)
{
    const struct layout *layout = find_layout(type);
    return layout ? layout->name : "unknown";
}
