#include "rundir/shared_store.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "labctl/cleanup.h"

#define STORE_DIR "files"

struct shared_entry {
    char *path; /* absolute; owned */
    struct shared_file file;
};

int shared_store_init(struct shared_store *store, const char *run_dir, struct lab_error *err)
{
    *store = (struct shared_store){ .dir = fs_path("%s/" STORE_DIR, run_dir) };
    if (fs_remove_tree(store->dir, err) < 0)
        return -1;
    return fs_make_dirs(store->dir, err);
}

/* Where the file of an experiment is: a given one has its own path. Caller frees. */
static char *path_of(const struct shared_store *store, const struct experiment *experiment)
{
    const struct file_spec *spec = &experiment->file;
    if (!spec->path)
        return fs_path("%s/%" PRIu64 "-%" PRIu64 ".bin", store->dir, spec->size, spec->seed);
    cleanup_free char *path = experiment_file_path(experiment);
    char *absolute = realpath(path, NULL);
    return absolute ? absolute : steal_ptr(path);
}

static struct shared_entry *find(const struct shared_store *store, const char *path)
{
    for (size_t i = 0; i < store->count; i++)
        if (strcmp(store->entries[i].path, path) == 0)
            return &store->entries[i];
    return NULL;
}

int shared_store_add(struct shared_store *store, const struct experiment *experiment,
                     const volatile sig_atomic_t *stop, struct lab_error *err)
{
    cleanup_free char *path = path_of(store, experiment);
    if (find(store, path))
        return 0;
    struct shared_entry *entries =
        realloc(store->entries, (store->count + 1) * sizeof(*store->entries));
    if (!entries)
        return lab_error_memory(err);
    store->entries = entries;
    struct shared_file file = { 0 };
    int failed = experiment->file.path
                     ? fs_sha256(path, file.sha256, &file.bytes, err)
                     : shared_file_make(path, &experiment->file, stop, &file, err);
    if (failed == 0)
        entries[store->count++] = (struct shared_entry){ steal_ptr(path), file };
    return failed;
}

int shared_store_link(const struct shared_store *store, const struct experiment *experiment,
                      const char *cell_dir, const struct shared_file **file, struct lab_error *err)
{
    cleanup_free char *path = path_of(store, experiment);
    cleanup_free char *link = fs_path("%s/" SHARED_FILE_NAME, cell_dir);
    const struct shared_entry *entry = find(store, path);
    if (!entry)
        return lab_error_set(err, LAB_ERR_INTERNAL, "%s was not made", path);
    *file = &entry->file;
    if ((unlink(link) < 0 && errno != ENOENT) || symlink(path, link) < 0)
        return lab_error_errno(err, LAB_ERR_IO, errno, "cannot link %s to %s", link, path);
    return 0;
}

void shared_store_clear(struct shared_store *store)
{
    struct lab_error ignored; /* what cannot be removed stays */
    for (size_t i = 0; i < store->count; i++)
        free(store->entries[i].path);
    free(store->entries);
    if (store->dir)
        fs_remove_tree(store->dir, &ignored);
    free(store->dir);
    *store = (struct shared_store){ 0 };
}
