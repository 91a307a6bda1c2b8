#include "testing.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "supervise/cpu_usage.h"

static uint64_t own_cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Spend processor time, however little of it the machine has to spare. */
static void burn(uint64_t ns)
{
    for (uint64_t until = own_cpu_ns() + ns; own_cpu_ns() < until;)
        ;
}

static void test_machine_counts_up(void **state)
{
    (void)state;
    struct cpu_usage before, after;
    assert_true(cpu_usage_read(&before));
    burn(60000000);
    assert_true(cpu_usage_read(&after));
    assert_true(before.cpus > 0);
    assert_true(after.busy_ns > before.busy_ns);
    assert_true(after.total_ns - before.total_ns >= after.busy_ns - before.busy_ns);
    assert_true(after.pressure_us >= before.pressure_us);
}

/* A job as labctl starts it: a shell (which is not counted), the program, and its child. */
static void test_job_with_children(void **state)
{
    (void)state;
    int ready[2];
    char byte;
    struct process_usage usage;
    assert_int_equal(pipe(ready), 0);
    pid_t shell = fork();
    if (shell == 0) {
        setpgid(0, 0);
        burn(300000000);
        pid_t program = fork();
        if (program == 0 && fork() >= 0) {
            burn(20000000); /* the program, and the child it has made by now */
            assert_int_equal(write(ready[1], "x", 1), 1);
            for (;;)
                pause();
        }
        for (;;)
            pause();
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_true(job_usage_read(shell, &usage));
    assert_true(usage.cpu_ns >= 40000000);
    assert_true(usage.cpu_ns < 300000000);

    kill(-shell, SIGKILL);
    assert_int_equal(waitpid(shell, NULL, 0), shell);
    close(ready[0]);
}

static void test_job_without_children(void **state)
{
    (void)state;
    struct process_usage usage;
    pid_t shell = fork();
    if (shell == 0)
        for (;;)
            pause();
    assert_false(job_usage_read(shell, &usage));
    kill(shell, SIGKILL);
    waitpid(shell, NULL, 0);
    assert_false(job_usage_read(shell, &usage));
    assert_int_equal(usage.cpu_ns, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_machine_counts_up),
        cmocka_unit_test(test_job_with_children),
        cmocka_unit_test(test_job_without_children),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
