#include "testing.h"

#include "base/fs.h"
#include "labctl/cleanup.h"
#include "rundir/inventory.h"

static char folder[] = "/tmp/test_inventory.XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    struct lab_error err = LAB_ERROR_INIT;
    (void)state;
    return fs_remove_tree(folder, &err);
}

/* Let trial `number` have a log of these lines. */
static void write_log(unsigned number, const char *lines)
{
    struct lab_error err = LAB_ERROR_INIT;
    cleanup_free char *trial = plan_trial_dir(folder, number, false);
    cleanup_free char *logs = fs_path("%s/" PLAN_LOG_DIR, trial);
    cleanup_free char *path = fs_path("%s/labctl.jsonl", logs);
    assert_int_equal(fs_make_dirs(logs, &err), 0);
    assert_int_equal(fs_write_file(path, lines, strlen(lines), &err), 0);
}

static bool has(unsigned number)
{
    return inventory_has(folder, (struct trial_id){ number, false });
}

#define TRIAL "{\"t\":1,\"event\":\"trial\",\"trial\":1}\n"
#define END   TRIAL "{\"t\":2,\"event\":\"end\",\"status\":"

static void only_a_trial_that_ended_by_itself_is_done(void **state)
{
    (void)state;
    assert_false(has(1));
    write_log(1, TRIAL);
    assert_false(has(1));
    write_log(1, END "\"ok\"}\n");
    assert_true(has(1));
    write_log(1, END "\"failed\",\"code\":\"truncated\",\"message\":\"m\"}\n");
    assert_true(has(1));
    write_log(1, END "\"interrupted\",\"code\":\"interrupted\",\"message\":\"m\"}\n");
    assert_false(has(1));
    write_log(1, END "\"failed\",\"code\":\"internal\",\"message\":\"m\",\"outside\":true}\n");
    assert_false(has(1));
}

static void what_is_missing_is_listed_and_its_rest_removed(void **state)
{
    struct trial_list missing;
    struct lab_error err = LAB_ERROR_INIT;
    (void)state;
    write_log(1, END "\"ok\"}\n");
    write_log(2, END "\"timeout\",\"code\":\"timeout\",\"message\":\"m\",\"outside\":true}\n");
    write_log(3, END "\"timeout\",\"code\":\"timeout\",\"message\":\"m\"}\n");
    assert_int_equal(inventory_missing(folder, 1, 3, &missing, &err), 0);
    assert_int_equal(missing.count, 2);
    assert_true(missing.at[0].warmup);
    assert_int_equal(missing.at[1].number, 2);
    free(missing.at);
    cleanup_free char *gone = plan_trial_dir(folder, 2, false);
    cleanup_free char *kept = plan_trial_dir(folder, 3, false);
    size_t length;
    cleanup_free char *log = fs_path("%s/" PLAN_LOG_DIR "/labctl.jsonl", kept);
    cleanup_free char *text = fs_read_file(log, 4096, &length, &err);
    assert_non_null(text);
    cleanup_free char *lost = fs_path("%s/" PLAN_LOG_DIR "/labctl.jsonl", gone);
    assert_null(fs_read_file(lost, 4096, &length, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_a_trial_that_ended_by_itself_is_done),
        cmocka_unit_test(what_is_missing_is_listed_and_its_rest_removed),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
