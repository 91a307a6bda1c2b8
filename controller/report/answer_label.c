/* What a run is called among those of its group. */
#include <stdio.h>
#include <string.h>

#include "base/fs.h"
#include "experiment/sweep.h"
#include "report/answer.h"
#include "report/answer_parts.h"

static const char *model_words(enum model_kind model)
{
    static const char *const words[] = {
        [MODEL_CS] = "client/server", [MODEL_P2P] = "peer to peer", [MODEL_EXEC] = "commands"
    };
    return words[model];
}

static bool model_is_unique(const struct run_group *group, const struct report_run *run)
{
    for (size_t i = 0; i < group->count; i++)
        if (group->runs[i] != run && group->runs[i]->results->model == run->results->model)
            return false;
    return run->results->model != MODEL_EXEC;
}

/* "/topology/link/up" is "up" to people. */
const char *answer_pointer_name(const char *pointer)
{
    const char *slash = strrchr(pointer, '/');
    return slash ? slash + 1 : pointer;
}

static char *cell_words(const struct report_run *run)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    for (size_t i = 0; out && i < run->cell->value_count; i++) {
        const struct cell_value *value = &run->cell->values[i];
        fputs(i ? ", " : "", out);
        if (strcmp(value->pointer, SWEEP_HOSTS) == 0) /* as sweep_label() has it */
            fprintf(out, "clients %zu", run->experiment->client_count);
        else
            fprintf(out, "%s %s", answer_pointer_name(value->pointer), value->text);
    }
    if (out)
        fclose(out);
    return text;
}

bool answer_is_called_by_name(const struct run_group *group, const struct report_run *run)
{
    return group->kind == GROUP_COMPARISON && !model_is_unique(group, run);
}

char *answer_run_label(const struct run_group *group, const struct report_run *run)
{
    if (group->kind == GROUP_COMPARISON && model_is_unique(group, run))
        return fs_path("%s", model_words(run->results->model));
    if (group->kind == GROUP_SWEEP && run->cell && run->cell->value_count > 0)
        return cell_words(run);
    return fs_path("%s", run->results->experiment);
}
