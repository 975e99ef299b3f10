/* Steps of training and prediction: no allocation, no system call, whatever the network. */
#define _DEFAULT_SOURCE /* syscall */
#include "run/support/runs.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "run/engine.h"
#include "run/predict.h"

#if defined(__linux__)
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

#define SAMPLES                                                                                    \
    "'data': {'train': {'x': '" NN_SOURCE "/data/digits-train-images-idx3-ubyte.gz', "             \
    "'y': '" NN_SOURCE "/data/digits-train-labels-idx1-ubyte.gz'}"
#define TRAINING "'training': {'batch_size': 16, 'clip_norm': 1}, 'metrics': ['accuracy', 'auc']"

static const char *const networks[] = {
    "{" SAMPLES "}, 'model': {'layers': [{'type': 'Flatten'}, {'type': 'Dense', 'units': 128, "
    "'activation': 'relu'}, {'type': 'Dropout', 'rate': 0.2}, {'type': 'Dense', 'units': 10, "
    "'activation': 'softmax'}]}, " TRAINING "}",
    "{" SAMPLES ", 'shape': [28, 28, 1], 'augment': {'shift': 0.1, 'rotate': 10, 'noise': 0.1}}, "
    "'model': {'layers': [{'type': 'Conv2D', 'filters': 8, 'kernel_size': 3}, "
    "{'type': 'BatchNormalization'}, {'type': 'Activation', 'activation': 'relu'}, "
    "{'type': 'MaxPooling2D'}, {'type': 'Flatten'}, {'type': 'Dense', 'units': 10, "
    "'activation': 'softmax'}]}, 'regularization': {'l2': 0.001}, " TRAINING "}",
    "{" SAMPLES "}, 'model': {'layers': [{'type': 'LSTM', 'units': 24, 'return_sequences': true}, "
    "{'type': 'GRU', 'units': 16}, {'type': 'Dense', 'units': 10, 'activation': 'softmax'}]}, "
    "'optimizer': 'adamw', " TRAINING "}",
    "{" SAMPLES "}, 'model': {'layers': [{'type': 'MultiHeadAttention', 'num_heads': 2, "
    "'key_dim': 8}, {'type': 'LayerNormalization'}, {'type': 'GlobalAveragePooling1D'}, "
    "{'type': 'Dense', 'units': 10, 'activation': 'softmax'}]}, 'optimizer': 'rmsprop', " TRAINING
    "}",
};
enum { NETWORKS = sizeof networks / sizeof networks[0], ROWS = 80, BATCH = 16, STEPS = 4 };

typedef struct bench {
    nn_config *config;
    nn_setup *setup;
    nn_pool *pool;
    nn_engine *engine;
    nn_predictor *predictor;
} bench;

static void bench_new(bench *b, const char *text, int threads)
{
    const nn_setup_options options = {.depth = NN_SETUP_DATA, .limit = ROWS};
    nn_err err = {0};

    memset(b, 0, sizeof *b);
    b->config = nn_test_config(text);
    assert_ok(nn_setup_new(&b->setup, b->config, &options, &err), err);
    assert_ok(nn_pool_new(&b->pool, threads, &err), err);
    assert_ok(nn_engine_new(&b->engine, b->setup, b->pool, &err), err);
    nn_graph_init(b->setup->graph, 1, nn_engine_weights(b->engine));
    const nn_subject subject = nn_setup_subject(b->setup, nn_engine_weights(b->engine), b->pool);
    assert_ok(nn_predictor_new(&b->predictor, &subject, b->setup->train_set, BATCH, &err), err);
}

static void bench_free(bench *b)
{
    nn_predictor_free(b->predictor);
    nn_engine_free(b->engine);
    nn_pool_free(b->pool);
    nn_setup_free(b->setup);
    nn_config_free(b->config);
}

/* An epoch's steps of training, and one of prediction. */
static nn_code run(bench *b, nn_err *err)
{
    nn_epoch_sum sum = {0};

    nn_engine_start_epoch(b->engine, 1);
    for (size_t i = 0; i < STEPS; i++)
        NN_TRY(nn_engine_step(b->engine, i * BATCH, BATCH, 0.001, &sum, err));
    (void)nn_predictor_run(b->predictor, &b->setup->train, 0, BATCH);
    return NN_OK;
}

static void test_no_step_allocates(void **state)
{
    nn_err err = {0};
    bench b;

    (void)state;
    for (int i = 0; i < NETWORKS; i++) {
        bench_new(&b, networks[i], 2);
        const uint64_t before = nn_mem_read().calls;
        assert_ok(run(&b, &err), err);
        assert_int_equal(nn_mem_read().calls, before);
        bench_free(&b);
    }
}

/* Where memory lies must not matter: blocks of all sizes stand between those of the training. */
static void test_addresses_do_not_change_a_bit(void **state)
{
    nn_err err = {0};
    bench a, b;

    (void)state;
    for (int i = 0; i < NETWORKS; i++) {
        void *between[8];
        size_t len;

        bench_new(&a, networks[i], 2);
        for (size_t k = 0; k < 8; k++)
            assert_non_null(between[k] = nn_alloc(64 * (k * 7 + 1), 1));
        bench_new(&b, networks[i], 3);
        assert_ok(run(&a, &err), err);
        assert_ok(run(&b, &err), err);
        len = a.setup->graph->weights_len * sizeof(nn_real);
        assert_memory_equal(nn_engine_weights(a.engine), nn_engine_weights(b.engine), len);
        for (size_t k = 0; k < 8; k++)
            nn_free(between[k]);
        bench_free(&b);
        bench_free(&a);
    }
}

#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
/* From here on any system call but exit kills the process. */
static void run_without_calls(bench *b)
{
    nn_err err = {0};
    nn_code rc;

    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0)
        _exit(2);
    if ((rc = run(b, &err)) != NN_OK && write(STDERR_FILENO, err.msg, strlen(err.msg)) < 0)
        rc = NN_EFILE;
    (void)syscall(SYS_exit, rc == NN_OK ? 0 : 1);
}

/*
 * On one thread, as others may have to be woken. The first run is outside: it may load BLAS, and it
 * touches memory for the first time.
 */
static void test_no_step_calls_the_system(void **state)
{
    nn_err err = {0};

    (void)state;
    for (int i = 0; i < NETWORKS; i++) {
        int status = 0;
        bench b;

        bench_new(&b, networks[i], 1);
        assert_ok(run(&b, &err), err);
        (void)fflush(NULL);
        const pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            run_without_calls(&b);
        assert_int_equal(waitpid(child, &status, 0), child);
        if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
            print_message("seccomp is not to be had here: not tested\n");
        else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
            fail_msg("network %d: ended by signal %d, status %d", i, WTERMSIG(status),
                     WEXITSTATUS(status));
        bench_free(&b);
    }
}
#else
static void test_no_step_calls_the_system(void **state)
{
    (void)state;
    skip();
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_step_allocates),
        cmocka_unit_test(test_addresses_do_not_change_a_bit),
        cmocka_unit_test(test_no_step_calls_the_system),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
