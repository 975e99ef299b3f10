/* Lock files, where the file system knows no locks: never two owners, and the dead keep nobody out.
 */
#if defined(__linux__)
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#endif
#include "support/nn_test.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../src/base/lock_file.h"
#include "base/file.h"
#include "base/support/scratch.h"

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

enum { RIVALS = 6, LIVES = 60 };

/* What all rivals see. */
typedef struct shared {
    atomic_int owners;
    atomic_int twice; /* moments with two of them */
    atomic_int taken;
} shared;

/* Takes the lock a few times, and dies with it in the end. */
static void contend(shared *s)
{
    nn_err err = {0};
    long other = 0;

    for (int i = 0; i < 4;) {
        if (nn_lock_file_take("log", &other, &err) != NN_OK)
            _exit(1);
        if (other != 0)
            continue;
        if (atomic_fetch_add(&s->owners, 1) > 0)
            atomic_fetch_add(&s->twice, 1);
        atomic_fetch_add(&s->taken, 1);
        (void)nanosleep(&(struct timespec){0, 200000}, NULL);
        atomic_fetch_sub(&s->owners, 1);
        if (++i < 4)
            nn_lock_file_release("log");
    }
    _exit(0);
}

static void test_of_many_who_want_it_never_two_have_it(void **state)
{
    shared *s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status, begun = 0, ended = 0;

    (void)state;
    assert_true(s != MAP_FAILED);
    for (; ended < LIVES; ended++) {
        for (; begun < LIVES && begun - ended < RIVALS; begun++)
            if (fork() == 0)
                contend(s);
        assert_true(wait(&status) > 0 && WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
    assert_int_equal(atomic_load(&s->twice), 0);
    assert_int_equal(atomic_load(&s->taken), 4 * LIVES);
    munmap(s, sizeof *s);
}

static void test_the_owner_is_named_until_it_dies(void **state)
{
    nn_err err = {0};
    long other = -1;
    int status;

    (void)state;
    const pid_t child = fork();
    if (child == 0) {
        assert_ok(nn_lock_file_take("log", &other, &err), err);
        kill(getpid(), SIGSTOP);
        _exit(0);
    }
    assert_true(waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status));
    assert_int_equal(nn_lock_file_owner("log"), child);
    assert_ok(nn_lock_file_take("log", &other, &err), err);
    assert_int_equal(other, child);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(nn_lock_file_owner("log"), 0);
    assert_ok(nn_lock_file_take("log", &other, &err), err);
    assert_int_equal(other, 0);
    nn_lock_file_release("log");
    assert_int_equal(scratch_count(), 0);
}

static void test_its_name_is_known_from_others(void **state)
{
    static const char *const others[] = {
        "", ".lock", "..lock", ".1.lock.bak", "1.lock", ".1a.lock", ".12345678901234567890.lock"};

    (void)state;
    assert_true(nn_log_is_lock(".1.lock"));
    assert_true(nn_log_is_lock(".4194304.lock"));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(nn_log_is_lock(others[i]));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(test_of_many_who_want_it_never_two_have_it),
        IN_SCRATCH(test_the_owner_is_named_until_it_dies),
        cmocka_unit_test(test_its_name_is_known_from_others),
    };

    return nn_test_main(argc, argv, tests);
}
