#include "experiment/exec.h"

#include <stdlib.h>

#include "labctl/cleanup.h"

int exec_check_text(const char *text, struct lab_error *err)
{
    for (const unsigned char *s = (const unsigned char *)text; *s; s++)
        if ((*s < 0x20 && *s != '\n') || *s == 0x7f)
            return lab_error_set(err, LAB_ERR_INVALID,
                                 "a control character (U+%04X), which a terminal would act on", *s);
    return 0;
}

int exec_check_word(const char *text, struct lab_error *err)
{
    static const struct template_value known[] = {
        { "file", "" },  { "file_name", "" }, { "output", "" },  { "server_ip", "" },
        { "port", "" },  { "host", "" },      { "host_ip", "" }, { "peers", "" },
        { "index", "" }, { "work_dir", "" },  { "folder", "" },
    };
    if (exec_check_text(text, err) < 0)
        return -1;
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
