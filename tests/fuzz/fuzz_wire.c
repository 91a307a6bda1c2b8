/* The wire codec takes any bytes: it refuses them, or what it makes of them encodes to the
 * same bytes again. */
#include <stdlib.h>
#include <string.h>

#include "labctl/cleanup.h"
#include "labctl/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_round_trip(const struct wire_header *header, const struct wire_message *message,
                             const uint8_t *data, unsigned words_per_entry)
{
    struct wire_message again = *message;
    cleanup_free uint32_t *words = malloc((size_t)message->count * words_per_entry * 4 + 1);
    cleanup_free uint8_t *bytes = malloc(WIRE_HEADER_SIZE + header->body);
    for (uint32_t i = 0; i < message->count; i++)
        for (unsigned k = 0; k < words_per_entry; k++)
            words[i * words_per_entry + k] = wire_entry_word(message, i, k);
    again.words = words;
    if (wire_encoded_size(&again) != WIRE_HEADER_SIZE + header->body ||
        wire_encode(&again, bytes) != WIRE_HEADER_SIZE + header->body ||
        memcmp(bytes, data, WIRE_HEADER_SIZE + header->body) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lab_error err = LAB_ERROR_INIT;
    struct wire_header header;
    struct wire_message message;
    if (size < WIRE_HEADER_SIZE || wire_decode_header(data, UINT32_MAX, &header, &err))
        return 0;
    if (header.body > WIRE_BODY_MAX || header.payload > WIRE_BLOCK_MAX)
        abort();
    if (size - WIRE_HEADER_SIZE < header.body ||
        wire_decode_body(&header, data + WIRE_HEADER_SIZE, &message, &err))
        return 0;
    struct wire_message one = { .type = header.type, .count = 1 }, none = { .type = header.type };
    unsigned entry = wire_entries_max(header.type)
                         ? (unsigned)(wire_encoded_size(&one) - wire_encoded_size(&none)) / 4
                         : 0;
    check_round_trip(&header, &message, data, entry);
    return 0;
}
