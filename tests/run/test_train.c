/* The training loop: same bytes, the best model, early stopping, divergence, stops, memory. */
#include "run/support/runs.h"

#include <math.h>

#include "base/mem.h"
#include "run/predict.h"
#include "support/nn_temp.h"

/* A config around a data object: name, model and the rest as given. */
static char *config_text(const char *data, const char *rest)
{
    char *text = nn_alloc(strlen(data) + strlen(rest) + 64, 1);

    (void)sprintf(text, "{'data': %s, %s}", data, rest);
    return text;
}

static void train_points(nn_test_run *r, const char *rest, const nn_train_options *options)
{
    char *text = config_text(nn_test_points, rest);

    nn_test_train(r, text, options);
    nn_free(text);
}

static const char model_with_dropout[] =
    "'seed': 5, 'model': {'layers': [{'type': 'Dense', 'units': 37, 'activation': 'tanh'},"
    "{'type': 'GaussianNoise', 'stddev': 0.1}, {'type': 'Dropout', 'rate': 0.3},"
    "{'type': 'Dense', 'units': 19, 'activation': 'gelu'}, {'type': 'Dense', 'units': 1, "
    "'activation': 'sigmoid'}]}, 'regularization': {'l2': 0.001},"
    "'training': {'epochs': 6, 'batch_size': 7, 'clip_norm': 1}";

static void same_bytes(const nn_test_run *a, const nn_test_run *b, const char *name)
{
    size_t alen, blen;
    char *abytes = nn_test_file(a, name, &alen);
    char *bbytes = nn_test_file(b, name, &blen);

    assert_int_equal(alen, blen);
    assert_memory_equal(abytes, bbytes, alen);
    nn_free(abytes);
    nn_free(bbytes);
}

static void test_any_number_of_threads_gives_the_same_bytes(void **state)
{
    static const int threads[] = {2, 3, 4, 7};
    nn_test_run one, other;

    (void)state;
    train_points(&one, model_with_dropout, &(nn_train_options){.threads = 1});
    assert_int_equal(one.code, NN_OK);
    for (size_t i = 0; i < sizeof threads / sizeof threads[0]; i++) {
        train_points(&other, model_with_dropout, &(nn_train_options){.threads = threads[i]});
        same_bytes(&one, &other, "model.safetensors");
        same_bytes(&one, &other, "last.safetensors");
        same_bytes(&one, &other, "metrics.jsonl");
        nn_test_run_free(&other);
    }
    nn_test_run_free(&one);
}

static void test_another_seed_gives_other_weights(void **state)
{
    nn_test_run one, other;
    size_t a, b;

    (void)state;
    char *rest = nn_strdup(model_with_dropout);
    strstr(rest, "'seed': 5")[8] = '6';
    train_points(&one, model_with_dropout, &(nn_train_options){.threads = 1});
    train_points(&other, rest, &(nn_train_options){.threads = 1});
    char *x = nn_test_file(&one, "metrics.jsonl", &a);
    char *y = nn_test_file(&other, "metrics.jsonl", &b);
    assert_string_not_equal(x, y);
    nn_free(x);
    nn_free(y);
    nn_free(rest);
    nn_test_run_free(&one);
    nn_test_run_free(&other);
}

typedef struct watcher {
    nn_epoch epoch[64];
    int epochs;
    int stop_at_step; /* 0: never */
    int steps;
    uint64_t allocations; /* at the last step asked */
    int allocating_steps;
    int epoch_begins; /* steps since the last epoch ended */
} watcher;

static void see_epoch(void *context, const nn_setup *s, const nn_epoch *e)
{
    watcher *w = context;

    (void)s;
    w->epoch[w->epochs++] = *e;
    w->epoch_begins = 0;
}

static bool see_step(void *context)
{
    watcher *w = context;
    const uint64_t now = nn_mem_read().calls;

    if (w->epoch_begins++ > 0 && now != w->allocations)
        w->allocating_steps++;
    w->allocations = now;
    return ++w->steps == w->stop_at_step;
}

static nn_train_options watched(watcher *w)
{
    return (nn_train_options){.threads = 2,
                              .watch = {.context = w, .epoch = see_epoch, .stop = see_step}};
}

static void test_no_step_allocates(void **state)
{
    watcher w = {0};
    const nn_train_options options = watched(&w);
    nn_test_run r;

    (void)state;
    train_points(&r, model_with_dropout, &options);
    assert_int_equal(r.code, NN_OK);
    assert_int_equal(w.steps, 6 * 6); /* 36 training rows in batches of 7 */
    assert_int_equal(w.allocating_steps, 0);
    nn_test_run_free(&r);
}

static const char small_model[] =
    "'model': {'layers': [{'type': 'Dense', 'units': 4, 'activation': 'tanh'}, {'type': 'Dense', "
    "'units': 1, 'activation': 'sigmoid'}]}";

static char *with_model(const char *rest)
{
    char *text = nn_alloc(strlen(rest) + sizeof small_model + 8, 1);

    (void)sprintf(text, "%s, %s", small_model, rest);
    return text;
}

/* Score of a saved model on the run's own validation rows. */
static nn_scores judge(const nn_test_run *r)
{
    nn_evaluator *e = NULL;
    nn_model *model = NULL;
    nn_pool *pool = NULL;
    nn_scores scores;
    nn_err err = {0};

    assert_ok(nn_pool_new(&pool, 1, &err), err);
    assert_ok(nn_model_open(&model, r->run->path, "", NULL, 0, &err), err);
    const nn_subject subject = nn_model_subject(model, pool);
    assert_ok(nn_evaluator_new(&e, &subject, r->setup->train_set, r->setup->validation.count, false,
                               &err),
              err);
    nn_evaluate(e, &r->setup->validation, &scores);
    nn_evaluator_free(e);
    nn_model_free(model);
    nn_pool_free(pool);
    return scores;
}

/*
 * The rows held back contradict the others, so that learning more makes the validation worse. The
 * test rows are the same.
 */
static const char contradiction[] =
    "{'task': 'binary', 'scale': 'none', 'train': {'inline': {'x': "
    "[[1],[2],[3],[4],[-1],[-2],[-3],[-4],[1],[-1],[2],[-2]],"
    "'y': [1,1,1,1,0,0,0,0,0,1,0,1]}}, 'test': {'inline': {'x': [[1],[-1],[2],[-2]], 'y': "
    "[0,1,0,1]}}}";

static void test_the_model_file_holds_the_best_epoch(void **state)
{
    char *rest = with_model("'seed': 2, 'optimizer': {'type': 'sgd', 'learning_rate': 0.5},"
                            "'validation': {'fraction': 0.34, 'method': 'last'},"
                            "'training': {'epochs': 12, 'batch_size': 4}");
    char *text = config_text(contradiction, rest);
    watcher w = {0};
    const nn_train_options options = watched(&w);
    nn_test_run r;
    int best = 0;

    (void)state;
    nn_test_train(&r, text, &options);
    assert_int_equal(r.code, NN_OK);
    for (int i = 1; i < w.epochs; i++)
        if (w.epoch[i].val_loss < w.epoch[best].val_loss)
            best = i;
    assert_true(w.epoch[w.epochs - 1].val_loss >
                w.epoch[best].val_loss); /* else this proves nothing */
    assert_int_equal(r.result.best_epoch, best + 1);
    assert_float_equal(judge(&r).loss, w.epoch[best].val_loss, 1e-6);
    assert_float_equal(r.result.test.loss, w.epoch[best].val_loss, 1e-6);
    nn_test_run_free(&r);
    nn_free(rest);
    nn_free(text);
}

static void test_early_stopping_waits_for_its_patience(void **state)
{
    char *rest = with_model(
        "'validation': 0.3, 'optimizer': {'type': 'sgd', 'learning_rate': 0.5},"
        "'training': {'epochs': 50}, 'early_stopping': {'patience': 3, 'min_delta': 1000}");
    watcher w = {0};
    const nn_train_options options = watched(&w);
    nn_test_run r;

    (void)state;
    train_points(&r, rest, &options);
    assert_int_equal(r.code, NN_OK);
    assert_true(r.result.stopped_early);
    assert_int_equal(r.result.epochs, 4); /* the first sets the mark, three do not beat it */
    nn_test_run_free(&r);
    nn_free(rest);
}

static const char numbers_data[] =
    "{'task': 'regression', 'scale': 'none', 'train': {'inline': {'x': "
    "[[1],[2],[3],[4],[5],[6],[7],[8],[9],[10]], 'y': [1,2,3,4,5,6,7,8,9,10]}}}";

/*
 * The weights stay where they are, and each epoch leaves another row out: its loss tells which. So
 * losses go up and down, and are known beforehand in no other way.
 */
static const char one_row_short[] =
    "'seed': %d, 'model': {'layers': [{'type': 'Dense', 'units': 1, 'kernel_initializer': "
    "'zeros'}]}, "
    "'validation': 0, 'optimizer': {'type': 'sgd', 'learning_rate': 1e-12}, %s, "
    "'training': {'epochs': 40, 'batch_size': 9, 'drop_last': true}";

static void train_one_row_short(nn_test_run *r, watcher *w, int seed, const char *more)
{
    const nn_train_options options = watched(w);
    char rest[sizeof one_row_short + 128];

    (void)snprintf(rest, sizeof rest, one_row_short, seed, more);
    char *text = config_text(numbers_data, rest);
    nn_test_train(r, text, &options);
    assert_int_equal(r->code, NN_OK);
    nn_free(text);
}

static void test_every_epoch_has_its_own_order_and_drops_its_own_rows(void **state)
{
    watcher w = {0};
    nn_test_run r;
    int differ = 0;

    (void)state;
    train_one_row_short(&r, &w, 1, "'name': 'order'");
    for (int i = 0; i < w.epochs; i++) {
        assert_int_equal(w.epoch[i].step, i + 1);
        differ += fabs(w.epoch[i].loss - w.epoch[0].loss) > 1e-3;
    }
    assert_true(differ > 20);
    nn_test_run_free(&r);
}

/* Epochs until `patience` of them have not beaten the best, counted anew from each that has. */
static int expected_epochs(const watcher *w, int patience, bool anew)
{
    double best = w->epoch[0].loss;
    int waited = 0, i = 1;

    for (; i < w->epochs && waited < patience; i++) {
        const bool better = w->epoch[i].loss < best;

        best = better ? w->epoch[i].loss : best;
        waited = better && anew ? 0 : waited + !better;
    }
    return i;
}

static void test_patience_begins_anew_with_every_improvement(void **state)
{
    watcher all = {0}, w = {0};
    nn_test_run r;

    (void)state;
    train_one_row_short(&r, &all, 3, "'name': 'all'");
    nn_test_run_free(&r);
    assert_true(expected_epochs(&all, 4, true) != expected_epochs(&all, 4, false));
    train_one_row_short(&r, &w, 3, "'early_stopping': {'monitor': 'loss', 'patience': 4}");
    assert_true(r.result.stopped_early);
    assert_int_equal(r.result.epochs, expected_epochs(&all, 4, true));
    nn_test_run_free(&r);
}

static void test_divergence_stops_names_the_place_and_keeps_the_last_good_model(void **state)
{
    char *text = config_text(
        numbers_data,
        "'model': {'layers': [{'type': 'Dense', 'units': 3, 'name': 'wide'}, {'type': 'Dense', "
        "'units': 1}]}, 'optimizer': {'type': 'sgd', 'learning_rate': 0.9},"
        "'validation': 0, 'training': {'epochs': 400, 'batch_size': 'full'}");
    nn_test_run r;
    size_t len;

    (void)state;
    nn_test_train(&r, text, &(nn_train_options){.threads = 1});
    assert_int_equal(r.code, NN_EDIVERGED);
    assert_non_null(strstr(r.err.where, "epoch "));
    assert_non_null(strstr(r.err.where, "step "));
    assert_non_null(strstr(r.err.msg, "the loss "));
    assert_non_null(strstr(r.err.msg, "row"));
    assert_non_null(strstr(r.err.msg, "optimizer.learning_rate"));
    nn_free(nn_test_file(&r, "model.safetensors", &len));
    assert_true(isfinite(r.result.last.loss));
    nn_test_run_free(&r);
    nn_free(text);
}

/*
 * A decay of 1e18 a step: the kernel is 1e-3, then about -1e15, 1e33, and infinite after the last
 * step, whose loss and gradient were finite. The second epoch was right about every row.
 */
static void test_weights_that_break_in_the_last_step_leave_the_best_model(void **state)
{
    char *text = config_text(
        "{'task': 'binary', 'scale': 'none', 'train': {'inline': {'x': [[1],[-1]], 'y': [0,1]}}}",
        "'model': {'layers': [{'type': 'Dense', 'units': 1, 'activation': 'sigmoid', 'use_bias': "
        "false, 'weights': {'kernel': [[0.001]]}}]}, 'validation': 0, 'checkpoint': {'monitor': "
        "'accuracy'}, 'optimizer': {'type': 'adamw', 'learning_rate': 0.001, 'weight_decay': "
        "1e21}, 'training': {'epochs': 3, 'batch_size': 'full'}");
    nn_model *m = NULL;
    nn_err err = {0};
    nn_test_run r;

    (void)state;
    if (NN_REAL_IS_DOUBLE)
        skip(); /* doubles reach far enough */
    nn_test_train(&r, text, &(nn_train_options){.threads = 1});
    assert_int_equal(r.code, NN_EDIVERGED);
    assert_string_equal(r.err.where, r.run->last);
    assert_string_equal(
        r.err.msg, "not written: tensor \"dense/kernel\" holds 1 values that are NaN or infinite");
    assert_int_equal(r.result.epochs, 3);
    assert_int_equal(r.result.best_epoch, 2);
    assert_ok(nn_model_open(&m, r.run->path, "", NULL, 0, &err), err);
    assert_true(m->weights[0] > (nn_real)1e30);
    nn_model_free(m);
    nn_test_run_free(&r);
    nn_free(text);
}

static void see_model(void *context, const nn_setup *s, const nn_epoch *e)
{
    const nn_test_run *r = context;

    (void)s;
    if (e->epoch == 2)
        assert_true(nn_path_exists(r->run->model));
}

static void test_the_best_model_is_on_disk_long_before_the_last(void **state)
{
    char *rest = with_model("'checkpoint': {'every': 1000}, 'training': {'epochs': 2}");
    nn_test_run r;
    const nn_train_options options = {.threads = 1, .watch = {.context = &r, .epoch = see_model}};

    (void)state;
    train_points(&r, rest, &options);
    assert_int_equal(r.code, NN_OK);
    nn_test_run_free(&r);
    nn_free(rest);
}

static void test_a_stop_leaves_a_model_and_a_whole_log(void **state)
{
    watcher w = {.stop_at_step = 9};
    const nn_train_options options = watched(&w);
    nn_test_run r;
    size_t len;

    (void)state;
    train_points(&r, model_with_dropout, &options);
    assert_int_equal(r.code, NN_ESTOPPED);
    assert_int_equal(r.result.epochs, 1);
    assert_true(isfinite(judge(&r).loss));
    char *log = nn_test_file(&r, "metrics.jsonl", &len);
    assert_int_equal(log[len - 1], '\n');
    assert_null(strchr(strchr(log, '\n') + 1, '\n')); /* one line: the epoch that was finished */
    nn_free(log);
    nn_test_run_free(&r);
}

/* Nobody waits for an epoch in vain: there is something to look at, and no line of the log. */
static void test_a_stop_in_the_first_epoch_leaves_a_model_too(void **state)
{
    watcher w = {.stop_at_step = 2};
    const nn_train_options options = watched(&w);
    nn_test_run r;
    size_t len;

    (void)state;
    train_points(&r, model_with_dropout, &options);
    assert_int_equal(r.code, NN_ESTOPPED);
    assert_int_equal(r.result.epochs, 0);
    assert_true(isfinite(judge(&r).loss));
    nn_free(nn_test_file(&r, "metrics.jsonl", &len));
    assert_int_equal(len, 0);
    nn_test_run_free(&r);
}

static void test_overfitting_one_batch_uses_only_that(void **state)
{
    nn_train_options options = {.threads = 1, .overfit_batch = true};
    char *rest = with_model("'optimizer': {'type': 'adam', 'learning_rate': 0.1}, 'training': "
                            "{'epochs': 60, 'batch_size': 8}");
    nn_test_run r;

    (void)state;
    train_points(&r, rest, &options);
    assert_int_equal(r.code, NN_OK);
    assert_int_equal(r.setup->train.count, 8);
    assert_false(r.result.last.validated);
    assert_true(r.result.last.loss < 0.05);
    nn_test_run_free(&r);
    nn_free(rest);
}

static nn_code take_first(void *context, size_t row, const nn_real *y, int n, int width,
                          nn_err *err)
{
    (void)row;
    (void)n;
    (void)width;
    (void)err;
    *(double *)context = (double)y[0];
    return NN_OK;
}

/* The kernel starts at zero and hardly moves, so every prediction is the mean, 4500. */
static void test_scaled_targets_are_measured_in_their_own_units(void **state)
{
    char *text = config_text(
        "{'task': 'regression', 'scale': 'standard', 'target_scale': 'standard', 'train': "
        "{'inline': {'x': "
        "[[1],[2],[3],[4],[5],[6],[7],[8]], 'y': [1000,2000,3000,4000,5000,6000,7000,8000]}}}",
        "'model': {'layers': [{'type': 'Dense', 'units': 1, 'kernel_initializer': 'zeros'}]}, "
        "'validation': 0,"
        "'metrics': ['mae'], 'optimizer': {'type': 'sgd', 'learning_rate': 1e-12}, 'training': "
        "{'epochs': 1}");
    nn_test_run r;
    nn_model *m = NULL;
    nn_pool *pool = NULL;
    nn_err err = {0};

    (void)state;
    nn_test_train(&r, text, &(nn_train_options){.threads = 1});
    assert_int_equal(r.code, NN_OK);
    assert_float_equal(r.result.last.loss, 1, 1e-5); /* in scaled units: their variance */
    assert_float_equal(r.result.last.metric[0], 2000, 0.1);
    assert_ok(nn_model_open(&m, r.run->path, "", NULL, 0, &err), err);
    assert_ok(nn_pool_new(&pool, 1, &err), err);
    const nn_subject subject = nn_model_subject(m, pool);
    double first = 0;
    assert_ok(nn_predict(&subject, &r.setup->train, take_first, &first, &err), err);
    assert_float_equal(first, 4500, 0.1);
    nn_evaluator *e = NULL;
    nn_scores scores;
    assert_ok(nn_evaluator_new(&e, &subject, r.setup->train_set, 8, false, &err), err);
    nn_evaluate(e, &r.setup->train, &scores);
    assert_float_equal(scores.mae, 2000, 0.1);
    assert_float_equal(scores.r2, 0, 1e-6);
    nn_evaluator_free(e);
    nn_pool_free(pool);
    nn_model_free(m);
    nn_test_run_free(&r);
    nn_free(text);
}

/* 10 rows in batches of 4: the mean over the samples, not over the batches 4, 4 and 2. */
static void test_an_epochs_loss_is_the_mean_over_its_samples(void **state)
{
    char *text = config_text(
        numbers_data,
        "'model': {'layers': [{'type': 'Dense', 'units': 1, 'kernel_initializer': 'zeros'}]},"
        "'validation': 0, 'optimizer': {'type': 'sgd', 'learning_rate': 1e-12},"
        "'training': {'epochs': 1, 'batch_size': 4}");
    nn_test_run r;

    (void)state;
    nn_test_train(&r, text, &(nn_train_options){.threads = 1});
    assert_int_equal(r.code, NN_OK);
    assert_float_equal(r.result.last.loss, 38.5, 1e-5); /* the mean of the squares of 1 to 10 */
    nn_test_run_free(&r);
    nn_free(text);
}

/* Weights are given, so that the seed decides the order of the rows and nothing else. */
/* One row, and weights that stay: what is dropped makes the loss of each step another one. */
static void test_chance_is_new_in_every_step(void **state)
{
    static const char text[] =
        "{'data': {'task': 'regression', 'scale': 'none', 'train': {'inline': {'x': "
        "[[1,2,4,8,16,32,64,128]], 'y': [0]}}}, 'validation': 0, 'model': {'layers': [{'type': "
        "'Dropout', 'rate': 0.5}, {'type': 'Dense', 'units': 1, 'kernel_initializer': 'ones'}]}, "
        "'optimizer': {'type': 'sgd', 'learning_rate': 1e-12}, 'loss': 'mae', 'training': "
        "{'epochs': 8}}";
    nn_test_run r;
    size_t len;
    int seen = 0;

    (void)state;
    nn_test_train(&r, text, &(nn_train_options){.threads = 1});
    assert_ok(r.code, r.err);
    char *log = nn_test_file(&r, "metrics.jsonl", &len);
    double loss[8];
    for (const char *at = log; seen < 8 && (at = strstr(at, "\"loss\":")) != NULL; at += 7)
        loss[seen++] = strtod(at + 7, NULL);
    assert_int_equal(seen, 8);
    for (int i = 0; i < 8; i++)
        for (int k = 0; k < i; k++)
            assert_true(loss[i] != loss[k]);
    nn_free(log);
    nn_test_run_free(&r);
}

static void test_the_order_of_rows_follows_the_seed(void **state)
{
    static const char rest[] = "'seed': %d, 'model': {'layers': [{'type': 'Dense', 'units': 1, "
                               "'weights': {'kernel': [[0]], 'bias': [0]}}]},"
                               "'validation': 0, 'optimizer': {'type': 'sgd', 'learning_rate': "
                               "0.001}, 'training': {'epochs': 1, 'batch_size': 3}";
    double loss[3];

    (void)state;
    for (int i = 0; i < 3; i++) {
        char seeded[sizeof rest + 16];
        nn_test_run r;

        (void)snprintf(seeded, sizeof seeded, rest, i == 2 ? 0 : i);
        char *text = config_text(numbers_data, seeded);
        nn_test_train(&r, text, &(nn_train_options){.threads = 1});
        assert_int_equal(r.code, NN_OK);
        loss[i] = r.result.last.loss;
        nn_test_run_free(&r);
        nn_free(text);
    }
    assert_true(loss[0] != loss[1]);
    assert_true(loss[0] == loss[2]);
}

/* The loss is finite, but x times the second layer's weight is beyond float32: only the gradient
 * tells. */
static void test_an_infinite_gradient_stops_before_it_moves_anything(void **state)
{
    char *text = config_text(
        "{'scale': 'none', 'task': 'regression', 'train': {'inline': {'x': [[3e38],[3e38]], 'y': "
        "[1,2]}}}",
        "'loss': 'mae', 'validation': 0, 'model': {'layers': [{'type': 'Dense', 'units': 1, "
        "'name': "
        "'one', 'weights': {'kernel': [[0]], 'bias': [0]}}, {'type': 'Dense', 'units': 1, "
        "'weights': "
        "{'kernel': [[1e10]], 'bias': [0]}}]}, 'training': {'epochs': 1}");
    nn_test_run r;

    (void)state;
    if (NN_REAL_IS_DOUBLE)
        skip(); /* doubles reach far enough */
    nn_test_train(&r, text, &(nn_train_options){.threads = 1});
    assert_int_equal(r.code, NN_EDIVERGED);
    assert_string_equal(r.err.where, "epoch 1, step 1");
    assert_non_null(strstr(r.err.msg, "the gradients are not finite, first in \"one/kernel\""));
    nn_test_run_free(&r);
    nn_free(text);
}

/* Builds and trains once with the n-th allocation failing; returns the code. */
static nn_code train_with_failure(uint64_t n, const char *dir)
{
    static const char text[] = "{\"validation\":0.2,\"data\":{\"task\":\"binary\",\"train\":{"
                               "\"inline\":{\"x\":[[1,2],[2,1],[3,4],[4,3],[1,1],"
                               "[2,2],[-1,-2],[-2,-1],[-3,-1],[-1,-1]],\"y\":[1,1,1,1,1,1,0,0,0,0]}"
                               "}},\"model\":{\"layers\":[{\"type\":\"Dense\","
                               "\"units\":3,\"activation\":\"gelu\"},{\"type\":\"Dense\",\"units\":"
                               "1,\"activation\":\"sigmoid\"}]},"
                               "\"metrics\":[\"auc\"],\"training\":{\"epochs\":1}}";
    const nn_config_source source = {"test.json", "", text, sizeof text - 1, NN_ECONFIG, NULL, 0};
    const nn_setup_options setup_options = {.depth = NN_SETUP_DATA};
    const nn_train_options options = {.threads = 2};
    nn_train_result result;
    nn_config *config = NULL;
    nn_setup *setup = NULL;
    nn_rundir *run = NULL;
    nn_err err = {0};
    nn_code rc;

    nn_mem_fail_at(n);
    if ((rc = nn_config_read(&config, &source, &err)) == NN_OK &&
        (rc = nn_setup_new(&setup, config, &setup_options, &err)) == NN_OK &&
        (rc = nn_rundir_new(&run, dir, "run", NULL, false, setup, &err)) == NN_OK)
        rc = nn_train(setup, run, &options, &result, &err);
    nn_mem_fail_at(0);
    nn_rundir_free(run);
    nn_setup_free(setup);
    nn_config_free(config);
    return rc;
}

static void test_every_failing_allocation_is_reported_and_leaks_nothing(void **state)
{
    char *dir = nn_temp_dir();
    const uint64_t held = nn_mem_read().live;
    nn_code rc = NN_ELIMIT;
    uint64_t n = 0;

    (void)state;
    while (rc != NN_OK) {
        rc = train_with_failure(++n, dir);
        if (rc != NN_OK && rc != NN_ELIMIT)
            fail_msg("allocation %llu gave code %d", (unsigned long long)n, (int)rc);
        assert_int_equal(nn_mem_read().live, held);
    }
    assert_true(n > 100);
    nn_temp_remove(dir);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_number_of_threads_gives_the_same_bytes),
        cmocka_unit_test(test_another_seed_gives_other_weights),
        cmocka_unit_test(test_no_step_allocates),
        cmocka_unit_test(test_the_model_file_holds_the_best_epoch),
        cmocka_unit_test(test_early_stopping_waits_for_its_patience),
        cmocka_unit_test(test_every_epoch_has_its_own_order_and_drops_its_own_rows),
        cmocka_unit_test(test_patience_begins_anew_with_every_improvement),
        cmocka_unit_test(test_divergence_stops_names_the_place_and_keeps_the_last_good_model),
        cmocka_unit_test(test_weights_that_break_in_the_last_step_leave_the_best_model),
        cmocka_unit_test(test_the_best_model_is_on_disk_long_before_the_last),
        cmocka_unit_test(test_a_stop_leaves_a_model_and_a_whole_log),
        cmocka_unit_test(test_a_stop_in_the_first_epoch_leaves_a_model_too),
        cmocka_unit_test(test_overfitting_one_batch_uses_only_that),
        cmocka_unit_test(test_scaled_targets_are_measured_in_their_own_units),
        cmocka_unit_test(test_an_epochs_loss_is_the_mean_over_its_samples),
        cmocka_unit_test(test_chance_is_new_in_every_step),
        cmocka_unit_test(test_the_order_of_rows_follows_the_seed),
        cmocka_unit_test(test_an_infinite_gradient_stops_before_it_moves_anything),
        cmocka_unit_test(test_every_failing_allocation_is_reported_and_leaks_nothing),
    };

    return nn_test_main(argc, argv, tests);
}
