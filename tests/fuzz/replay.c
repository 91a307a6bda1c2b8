/* Runs a fuzz target over files: the corpus as an ordinary test.
 * Usage: replay FOLDER... */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fs.h"
#include "labctl/cleanup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_folder(const char *folder)
{
    int count = 0;
    cleanup_closedir DIR *dir = opendir(folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        struct lab_error err;
        size_t length;
        if (entry->d_name[0] == '.')
            continue;
        cleanup_free char *path = fs_path("%s/%s", folder, entry->d_name);
        cleanup_free char *data = fs_read_file(path, 1 << 24, &length, &err);
        if (!data) {
            fprintf(stderr, "%s\n", err.message);
            exit(1);
        }
        LLVMFuzzerTestOneInput((const uint8_t *)data, length);
        count++;
    }
    return count;
}

int main(int argc, char **argv)
{
    int count = 0;
    for (int i = 1; i < argc; i++)
        count += replay_folder(argv[i]);
    printf("%d inputs\n", count);
    return count > 0 ? 0 : 1;
}
