#include "testing.h"

#include <sys/stat.h>

#include "base/fs.h"

static int set_up(void **state)
{
    char *folder = strdup("test_fs_XXXXXX");
    *state = mkdtemp(folder);
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    struct lab_error err;
    int result = fs_remove_tree(*state, &err);
    free(*state);
    return result;
}

static void test_write_then_read(void **state)
{
    struct lab_error err;
    cleanup_free char *path = fs_path("%s/file", (char *)*state);
    size_t length;
    assert_int_equal(fs_write_file(path, "one", 3, &err), 0);
    assert_int_equal(fs_write_file(path, "two\0!", 5, &err), 0);
    cleanup_free char *text = fs_read_file(path, 10, &length, &err);
    assert_int_equal(length, 5);
    assert_memory_equal(text, "two\0!", 6);
    assert_null(fs_read_file(path, 4, NULL, &err));
    assert_contains(err.message, "at most 4");
    assert_null(fs_read_file(*state, 100, NULL, &err));
    assert_contains(err.message, "not a regular file");
}

static void test_make_dirs(void **state)
{
    struct lab_error err;
    struct stat st;
    cleanup_free char *deep = fs_path("%s/a/b/c", (char *)*state);
    assert_int_equal(fs_make_dirs(deep, &err), 0);
    assert_int_equal(fs_make_dirs(deep, &err), 0);
    assert_int_equal(stat(deep, &st), 0);
    cleanup_free char *file = fs_path("%s/file", (char *)*state);
    assert_int_equal(fs_write_file(file, "", 0, &err), 0);
    assert_int_equal(fs_make_dirs(file, &err), -1);
    assert_contains(err.message, "Not a directory");
}

/* Removing a tree removes a link, and leaves what it points to. */
static void test_remove_tree_follows_no_link(void **state)
{
    struct lab_error err;
    cleanup_free char *outside = fs_path("%s/outside", (char *)*state);
    cleanup_free char *kept = fs_path("%s/kept", outside);
    cleanup_free char *tree = fs_path("%s/tree/deep", (char *)*state);
    cleanup_free char *link = fs_path("%s/link", tree);
    cleanup_free char *top = fs_path("%s/tree", (char *)*state);
    assert_int_equal(fs_make_dirs(outside, &err), 0);
    assert_int_equal(fs_make_dirs(tree, &err), 0);
    assert_int_equal(fs_write_file(kept, "x", 1, &err), 0);
    assert_int_equal(symlink("../../outside", link), 0);
    assert_int_equal(fs_remove_tree(top, &err), 0);
    assert_int_equal(access(top, F_OK), -1);
    assert_int_equal(access(kept, F_OK), 0);
    assert_int_equal(fs_remove_tree(top, &err), 0);
}

/* FIPS 180-4 examples: the empty message and "abc". */
static void test_sha256(void **state)
{
    struct lab_error err;
    char hex[SHA256_HEX_SIZE];
    uint64_t bytes;
    cleanup_free char *path = fs_path("%s/file", (char *)*state);
    assert_int_equal(fs_write_file(path, "", 0, &err), 0);
    assert_int_equal(fs_sha256(path, hex, &bytes, &err), 0);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_int_equal(bytes, 0);
    assert_int_equal(fs_write_file(path, "abc", 3, &err), 0);
    assert_int_equal(fs_sha256(path, hex, &bytes, &err), 0);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_int_equal(bytes, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_write_then_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_make_dirs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_remove_tree_follows_no_link, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_sha256, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
