/* The reader of results.json takes any bytes: it refuses them with a message, or makes
 * results that can be printed, and written and read to the same. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "results/results.h"
#include "round_trip.h"

#define RUN_DIR "run"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void print(const struct results *results)
{
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    results_print(results, out);
    fclose(out);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lab_error err = LAB_ERROR_INIT;
    struct results *results =
        results_parse("results.json", (const char *)data, size, RUN_DIR, &err);
    if (!results) {
        if (err.code == LAB_ERR_NONE || !err.message[0])
            abort();
        return 0;
    }
    print(results);
    round_trip(results, RUN_DIR);
    return 0;
}
