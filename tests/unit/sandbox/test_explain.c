#include "testing.h"

#include <errno.h>

#include "sandbox/explain.h"

static const struct sandbox_facts ordinary = { .max_user_namespaces = 15000,
                                               .unprivileged_userns = -1,
                                               .apparmor_restrict = -1 };

static void assert_clone(int errnum, struct sandbox_facts facts, const char *part)
{
    struct lab_error err = LAB_ERROR_INIT;
    assert_int_equal(explain_clone(errnum, &facts, &err), -1);
    assert_int_equal(err.code, LAB_ERR_UNSUPPORTED);
    assert_contains(err.message, part);
}

static void test_names_the_setting(void **state)
{
    (void)state;
    struct sandbox_facts none = ordinary, debian = ordinary, ubuntu = ordinary;
    none.max_user_namespaces = 0;
    debian.unprivileged_userns = 0;
    ubuntu.apparmor_restrict = 1;
    assert_clone(ENOSPC, none, "sysctl -w user.max_user_namespaces=");
    assert_clone(EPERM, debian, "sysctl -w kernel.unprivileged_userns_clone=1");
    assert_clone(EPERM, ubuntu, "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0");
}

static void test_without_a_setting(void **state)
{
    (void)state;
    assert_clone(EPERM, ordinary, "--security-opt seccomp=unconfined");
    assert_clone(ENOSPC, ordinary, "too many namespaces");
    assert_clone(EAGAIN, ordinary, "ulimit -Hu");
    assert_clone(EINVAL, ordinary, "CONFIG_USER_NS");
    assert_clone(ENOSYS, ordinary, "clone3");
    assert_clone(EIO, ordinary, "Input/output error");
}

/* Settings for ordinary users do not bind root; the number of namespaces does. */
static void test_root(void **state)
{
    (void)state;
    struct sandbox_facts root = ordinary;
    root.root = true;
    root.unprivileged_userns = 0;
    assert_clone(EPERM, root, "--privileged");
    root.max_user_namespaces = 0;
    assert_clone(ENOSPC, root, "max_user_namespaces");
}

static void test_refused_afterwards(void **state)
{
    (void)state;
    struct lab_error err = LAB_ERROR_INIT;
    assert_int_equal(explain_setup("mounting /proc", EPERM, &ordinary, &err), -1);
    assert_int_equal(err.code, LAB_ERR_UNSUPPORTED);
    assert_contains(err.message, "mounting /proc is refused");
    assert_contains(err.message, "systempaths=unconfined");
}

static void test_every_machine_has_facts(void **state)
{
    (void)state;
    struct sandbox_facts facts;
    explain_read_facts(&facts);
    assert_true(facts.max_user_namespaces >= -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_the_setting),
        cmocka_unit_test(test_without_a_setting),
        cmocka_unit_test(test_root),
        cmocka_unit_test(test_refused_afterwards),
        cmocka_unit_test(test_every_machine_has_facts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
