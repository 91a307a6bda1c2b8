/* These make real sandboxes, which every user may, and are skipped where none may. */
#include "testing.h"

#include <fcntl.h>
#include <net/if.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/sandbox.h"

static void skip_without_namespaces(void)
{
    struct lab_error err = LAB_ERROR_INIT;
    if (sandbox_probe(&err) == 0)
        return;
    print_message("skipped: %s\n", err.message);
    skip();
}

static int start(struct sandbox *sandbox, sandbox_entry *entry, void *arg)
{
    struct lab_error err = LAB_ERROR_INIT;
    int result = sandbox_start(sandbox, entry, arg, 0, &err);
    if (result < 0)
        print_error("%s\n", err.message);
    return result;
}

/* What a process in the sandbox sees of itself. */
struct view {
    pid_t pid;
    uid_t uid;
    gid_t gid;
    pid_t session;
    char host[64];
    bool only_loopback, own_proc, empty_input;
    int arg;
};

static int look_around(int channel, void *arg)
{
    struct view view = { .pid = getpid(), .uid = getuid(), .gid = getgid(), .session = getsid(0) };
    char self[16] = "", byte;
    gethostname(view.host, sizeof(view.host));
    struct if_nameindex *names = if_nameindex();
    view.only_loopback =
        names && names[0].if_index && strcmp(names[0].if_name, "lo") == 0 && names[1].if_index == 0;
    if_freenameindex(names);
    view.own_proc = readlink("/proc/self", self, sizeof(self) - 1) == 1 && self[0] == '1';
    view.empty_input = read(STDIN_FILENO, &byte, 1) == 0;
    view.arg = *(int *)arg;
    return send(channel, &view, sizeof(view), 0) == (ssize_t)sizeof(view) ? 7 : 1;
}

static void test_view_from_inside(void **state)
{
    (void)state;
    skip_without_namespaces();
    struct sandbox sandbox;
    struct lab_error err = LAB_ERROR_INIT;
    struct view view;
    int arg = 42;
    assert_int_equal(start(&sandbox, look_around, &arg), 0);
    assert_int_equal(recv(sandbox.channel, &view, sizeof(view), 0), sizeof(view));
    assert_int_equal(sandbox_wait(&sandbox, &err), 7);
    assert_int_equal(view.pid, 1);
    assert_int_equal(view.uid, 0);
    assert_int_equal(view.gid, 0);
    assert_int_equal(view.session, 1);
    assert_string_equal(view.host, "labctl");
    assert_true(view.only_loopback);
    assert_true(view.own_proc);
    assert_true(view.empty_input);
    assert_int_equal(view.arg, 42);
}

/* A grandchild that would live for long, and holds the write end of a pipe. */
static int leave_a_child(int channel, void *arg)
{
    (void)channel, (void)arg;
    if (fork() == 0) {
        setsid();
        sleep(1000);
        _exit(0);
    }
    return 0;
}

/* True when the pipe comes to its end, which is when the last holder is gone. */
static bool ends_soon(int fd)
{
    char byte;
    alarm(20);
    bool ended = read(fd, &byte, 1) == 0;
    alarm(0);
    return ended;
}

static void test_end_takes_all_along(void **state)
{
    (void)state;
    skip_without_namespaces();
    struct sandbox sandbox;
    struct lab_error err = LAB_ERROR_INIT;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(start(&sandbox, leave_a_child, NULL), 0);
    close(ends[1]);
    assert_int_equal(sandbox_wait(&sandbox, &err), 0);
    assert_true(ends_soon(ends[0]));
    close(ends[0]);
}

static int wait_forever(int channel, void *arg)
{
    (void)arg;
    leave_a_child(channel, NULL);
    send(channel, "", 1, 0);
    sleep(1000);
    return 0;
}

static void test_kill(void **state)
{
    (void)state;
    skip_without_namespaces();
    struct sandbox sandbox;
    int ends[2];
    char byte;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(start(&sandbox, wait_forever, NULL), 0);
    close(ends[1]);
    assert_int_equal(recv(sandbox.channel, &byte, 1, 0), 1);
    sandbox_kill(&sandbox);
    assert_true(ends_soon(ends[0]));
    assert_int_equal(sandbox.pid, -1);
    sandbox_kill(&sandbox); /* once more does nothing */
    close(ends[0]);
}

/* The parent is killed outright, at no particular moment: nothing may be left. */
static void test_parent_dies(void **state)
{
    (void)state;
    skip_without_namespaces();
    for (useconds_t delay = 0; delay < 8000; delay += 400) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        pid_t parent = fork();
        if (parent == 0) {
            struct sandbox sandbox;
            struct lab_error err = LAB_ERROR_INIT;
            sandbox_start(&sandbox, wait_forever, NULL, 0, &err);
            sleep(1000);
            _exit(0);
        }
        close(ends[1]);
        usleep(delay);
        kill(parent, SIGKILL);
        assert_int_equal(waitpid(parent, NULL, 0), parent);
        assert_true(ends_soon(ends[0]));
        close(ends[0]);
    }
}

static void test_death_is_an_error(void **state)
{
    (void)state;
    skip_without_namespaces();
    struct sandbox sandbox;
    struct lab_error err = LAB_ERROR_INIT;
    char byte;
    assert_int_equal(start(&sandbox, wait_forever, NULL), 0);
    assert_int_equal(recv(sandbox.channel, &byte, 1, 0), 1);
    assert_int_equal(kill(sandbox.pid, SIGKILL), 0);
    assert_int_equal(sandbox_wait(&sandbox, &err), -1);
    assert_int_equal(err.code, LAB_ERR_INTERNAL);
    assert_contains(err.message, "signal 9");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_view_from_inside),
        cmocka_unit_test(test_end_takes_all_along),
        cmocka_unit_test(test_kill),
        cmocka_unit_test(test_parent_dies),
        cmocka_unit_test(test_death_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
