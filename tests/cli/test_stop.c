/* Stopping a training by signals, acted by a child that runs the whole command line. */
#include "support/nn_test.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "cli/cli.h"
#include "cli/stop.h"
#include "support/nn_temp.h"

/* Trains for as long as it is let. */
static const char endless[] =
    "{\"data\":{\"train\":{\"inline\":{\"x\":[[0],[1]],\"y\":[0,1]}},\"task\":\"binary\"},"
    "\"validation\":0,\"training\":{\"epochs\":3000000},"
    "\"model\":{\"layers\":[{\"type\":\"Dense\",\"units\":1,\"activation\":\"sigmoid\"}]}}";

static bool has_an_epoch(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && st.st_size > 0;
}

/* The exit status of a training in `dir` that got this signal after its first epoch. */
static int status_after(const char *dir, int number, bool ignored)
{
    const struct timespec moment = {0, 5000000};
    char words[][16] = {"nnctl", "train", "-q", "endless.json", "--out=run", "--max-time=20s"};
    char *argv[] = {words[0], words[1], words[2], words[3], words[4], words[5], NULL};
    int status = 0;

    assert_int_equal(chdir(dir), 0);
    const pid_t child = fork();
    if (child == 0) {
        if (ignored)
            signal(number, SIG_IGN);
        _exit(nn_cli_main(6, argv));
    }
    assert_true(child > 0);
    for (int i = 0; i < 2000 && !has_an_epoch("run/metrics.jsonl"); i++)
        nanosleep(&moment, NULL);
    assert_true(has_an_epoch("run/metrics.jsonl"));
    assert_int_equal(kill(child, number), 0);
    if (ignored)
        assert_int_equal(kill(child, SIGUSR1), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void expect_status(int number, bool ignored, int expected)
{
    char *dir = nn_temp_dir();
    char *config = nn_path_join(dir, "endless.json");
    nn_err err = {0};

    assert_ok(nn_file_write(config, endless, strlen(endless), NN_REFUSE_EXISTING, &err), err);
    assert_int_equal(status_after(dir, number, ignored), expected);
    assert_true(nn_path_exists("run/model.safetensors"));
    assert_true(nn_path_exists("run/last.safetensors"));
    assert_int_equal(chdir("/"), 0);
    nn_free(config);
    nn_temp_remove(dir);
}

static void test_each_signal_has_its_status_and_leaves_a_model(void **state)
{
    (void)state;
    expect_status(SIGINT, false, 130);
    expect_status(SIGTERM, false, 143);
    expect_status(SIGHUP, false, 129);
    expect_status(SIGUSR1, false, 75);
}

static void test_a_hangup_is_ignored_under_nohup(void **state)
{
    (void)state;
    expect_status(SIGHUP, true, 75); /* what ends it is the SIGUSR1 that follows */
}

static void test_the_second_signal_of_a_kind_has_its_default_effect(void **state)
{
    int status = 0;

    (void)state;
    const pid_t child = fork();
    if (child == 0) {
        nn_stop_listen();
        raise(SIGTERM);
        if (nn_stop_signal() == SIGTERM)
            raise(SIGTERM);
        _exit(1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGTERM);
}

static void test_asking_again_and_again_does_no_harm(void **state)
{
    int status = 0;

    (void)state;
    const pid_t child = fork();
    if (child == 0) {
        nn_stop_listen();
        for (int i = 0; i < 3; i++)
            raise(SIGUSR1);
        _exit(nn_stop_status(nn_stop_signal()));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 75);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_signal_has_its_status_and_leaves_a_model),
        cmocka_unit_test(test_a_hangup_is_ignored_under_nohup),
        cmocka_unit_test(test_the_second_signal_of_a_kind_has_its_default_effect),
        cmocka_unit_test(test_asking_again_and_again_does_no_harm),
    };

    return nn_test_main(argc, argv, tests);
}
