#include "experiment/exec.h"

#include <stdlib.h>

#include "labctl/cleanup.h"

int exec_check_word(const char *text, struct lab_error *err)
{
    static const struct template_value known[] = {
        { "file", "" },  { "file_name", "" }, { "output", "" },  { "server_ip", "" },
        { "port", "" },  { "host", "" },      { "host_ip", "" }, { "peers", "" },
        { "index", "" }, { "work_dir", "" },  { "folder", "" },
    };
    cleanup_free char *expanded = template_expand(text, known, ARRAY_LENGTH(known), err);
    return expanded ? 0 : -1;
}

int exec_place_words(char **words, const char *folder, struct lab_error *err)
{
    for (; words && *words; words++) {
        char *placed = template_replace(*words, "folder", folder);
        if (!placed)
            return lab_error_memory(err);
        free(*words);
        *words = placed;
    }
    return 0;
}

void exec_free_words(char **words)
{
    for (char **word = words; word && *word; word++)
        free(*word);
    free(words);
}
