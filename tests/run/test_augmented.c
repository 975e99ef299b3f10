/* Augmentation in a training: the same bytes at any number of threads, and only on training rows.
 */
#include "run/support/runs.h"

#include <math.h>

#include "base/mem.h"
#include "base/text.h"

enum { ROWS = 44, SIDE = 6 };

/* Pictures of bars: class 0 stands, class 1 lies. `more` follows the samples in the data object. */
static char *bars(const char *more, const char *rest)
{
    nn_buf text = {0};

    nn_buf_put(&text, "{'seed': 3, 'data': {'shape': [6, 6], 'train': {'inline': {'x': [");
    for (int i = 0; i < ROWS; i++) {
        nn_buf_put(&text, i == 0 ? "[" : ",[");
        for (int k = 0; k < SIDE * SIDE; k++)
            nn_buf_printf(&text, "%s%d", k == 0 ? "" : ",",
                          (i % 2 == 0 ? k % SIDE : k / SIDE) == i / 2 % SIDE ? 1 + i % 5 : 0);
        nn_buf_put(&text, "]");
    }
    nn_buf_put(&text, "], 'y': [");
    for (int i = 0; i < ROWS; i++)
        nn_buf_printf(&text, "%s%d", i == 0 ? "" : ",", i % 2);
    nn_buf_printf(&text,
                  "]}}, %s 'scale': 'none'}, 'validation': 0.3, 'model': {'layers': ["
                  "{'type': 'Flatten'}, {'type': 'Dense', 'units': 8, 'activation': 'tanh'}, "
                  "{'type': 'Dense', 'units': 2, 'activation': 'softmax'}]}, %s}",
                  more, rest);
    return text.data;
}

static void train(nn_test_run *r, const char *more, const char *rest, int threads)
{
    char *text = bars(more, rest);

    nn_test_train(r, text, &(nn_train_options){.threads = threads});
    assert_ok(r->code, r->err);
    nn_free(text);
}

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

static const char everything[] =
    "'augment': {'shift': 0.2, 'rotate': 20, 'zoom': 0.1, 'flip': 'both', 'noise': 0.1, "
    "'erase': 0.3, 'mixup': 0.4},";

static void test_any_number_of_threads_gives_the_same_bytes(void **state)
{
    static const int threads[] = {2, 3, 5};
    static const char rest[] = "'training': {'epochs': 3, 'batch_size': 19, 'class_weight': "
                               "{'0': 1, '1': 2}}";
    nn_test_run one, other;

    (void)state;
    train(&one, everything, rest, 1);
    for (size_t i = 0; i < sizeof threads / sizeof threads[0]; i++) {
        train(&other, everything, rest, threads[i]);
        same_bytes(&one, &other, "model.safetensors");
        same_bytes(&one, &other, "last.safetensors");
        same_bytes(&one, &other, "metrics.jsonl");
        nn_test_run_free(&other);
    }
    nn_test_run_free(&one);
}

/* Sequences of 0 to 6 steps with a class for each: is the sum so far below 0, small, or large? */
static char *unequal(const char *more)
{
    nn_buf text = {0};

    nn_buf_put(&text, "{'seed': 4, 'data': {'shape': [6, 2], 'train': {'inline': {'x': [");
    for (int i = 0; i < ROWS; i++) {
        nn_buf_put(&text, i == 0 ? "[" : ",[");
        for (int k = 0; k < 12; k++)
            nn_buf_printf(&text, "%s%d", k == 0 ? "" : ",",
                          k / 2 >= i % 7 ? 0 : 1 + (i * 5 + k * 3) % 4 - (i + k) % 5);
        nn_buf_put(&text, "]");
    }
    nn_buf_put(&text, "], 'y': [");
    for (int i = 0; i < ROWS; i++)
        nn_buf_printf(&text, "%s[0,%d,%d,0,2,%d]", i == 0 ? "" : ",", i % 3, i / 5 % 3, i % 2);
    nn_buf_printf(&text,
                  "]}}, 'task': 'multiclass', 'scale': 'none' %s}, 'validation': 0.3, 'model': "
                  "{'layers': [{'type': 'Masking'}, {'type': 'Bidirectional', 'layer': {'type': "
                  "'LSTM', 'units': 5, 'return_sequences': true}}, {'type': 'GRU', 'units': 4, "
                  "'return_sequences': true}, {'type': 'MultiHeadAttention', 'num_heads': 2, "
                  "'key_dim': 3}, {'type': 'Dense', 'units': 3, 'activation': 'softmax'}]}, "
                  "'metrics': ['accuracy', 'auc', 'f1'], 'training': {'epochs': 3, 'batch_size': "
                  "9, 'class_weight': {'0': 1, '1': 2}}}",
                  more);
    return text.data;
}

/* Masks and classes of steps, and the same mixed. */
static void test_masked_sequences_have_the_same_bytes_at_any_number_of_threads(void **state)
{
    static const int threads[] = {1, 2, 3, 5};
    static const char *const more[] = {"", ", 'augment': {'mixup': 0.4, 'noise': 0.1}"};
    nn_test_run run[4];

    (void)state;
    for (int k = 0; k < 2; k++) {
        char *text = unequal(more[k]);

        for (int i = 0; i < 4; i++) {
            nn_test_train(&run[i], text, &(nn_train_options){.threads = threads[i]});
            assert_ok(run[i].code, run[i].err);
            same_bytes(&run[0], &run[i], "last.safetensors");
            same_bytes(&run[0], &run[i], "metrics.jsonl");
        }
        for (int i = 0; i < 4; i++)
            nn_test_run_free(&run[i]);
        nn_free(text);
    }
}

/* With a rate that moves nothing, epochs differ by what the samples look like alone. */
static void test_only_training_rows_are_augmented(void **state)
{
    static const char still[] = "'optimizer': {'type': 'sgd', 'learning_rate': 1e-30}, "
                                "'training': {'epochs': %d, 'batch_size': 8}";
    char once[128], twice[128];
    nn_test_run plain, varied, later;

    (void)state;
    (void)snprintf(once, sizeof once, still, 1);
    (void)snprintf(twice, sizeof twice, still, 2);
    train(&plain, "", once, 1);
    train(&varied, everything, once, 1);
    train(&later, everything, twice, 1);
    assert_true(plain.result.last.val_loss == varied.result.last.val_loss);
    assert_true(plain.result.last.val_loss == later.result.last.val_loss);
    assert_true(fabs(plain.result.last.loss - varied.result.last.loss) > 1e-3);
    assert_true(fabs(varied.result.last.loss - later.result.last.loss) > 1e-3);
    nn_test_run_free(&plain);
    nn_test_run_free(&varied);
    nn_test_run_free(&later);
}

static void test_mixup_learns_with_losses_of_every_kind(void **state)
{
    static const char *const losses[] = {"sparse_categorical_crossentropy",
                                         "categorical_crossentropy", "mse", "mae", "huber"};
    nn_test_run r;

    (void)state;
    for (size_t i = 0; i < sizeof losses / sizeof losses[0]; i++) {
        char rest[256];

        (void)snprintf(rest, sizeof rest,
                       "'loss': '%s', 'optimizer': {'type': 'adam', 'learning_rate': 0.02}, "
                       "'metrics': ['accuracy', 'f1', 'top_k', 'auc'], 'training': {'epochs': 40, "
                       "'batch_size': 8}",
                       losses[i]);
        train(&r, "'task': 'multiclass', 'augment': {'mixup': 0.3},", rest, 1);
        assert_true(r.result.last.val_metric[0] > 0.9);
        assert_true(r.result.last.metric[0] > 0.8); /* by the class of the larger share */
        nn_test_run_free(&r);
    }
}

/* Outputs of 1/2 are closer to shares between 0 and 1 than to labels, from which they are 1/4. */
static void test_the_loss_compares_with_shares(void **state)
{
    static const char rest[] = "'loss': 'mse', 'optimizer': {'type': 'sgd', 'learning_rate': "
                               "1e-30}, 'training': {'epochs': 1}";
    static const char *const more[] = {"'task': 'multiclass',",
                                       "'task': 'multiclass', 'augment': {'mixup': 1},"};
    double loss[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        char *text = bars(more[i], rest);
        char *units = strstr(text, "'units': 2,");
        nn_buf zeros = {0};
        nn_test_run r;

        nn_buf_add(&zeros, text, (size_t)(units - text));
        nn_buf_printf(&zeros, "'kernel_initializer': 'zeros', %s", units);
        nn_test_train(&r, zeros.data, &(nn_train_options){.threads = 1});
        assert_ok(r.code, r.err);
        loss[i] = r.result.last.loss;
        nn_test_run_free(&r);
        nn_buf_free(&zeros);
        nn_free(text);
    }
    assert_float_equal(loss[0], 0.25, 1e-6);
    assert_in_range((int)(loss[1] * 1000), 120, 215);
}

static void test_samples_without_form_are_refused_before_data_is_read(void **state)
{
    static const char text[] =
        "{'data': {'train': {'inline': {'x': [[1,2],[3,4]], 'y': [0,1]}}, 'augment': {'zoom': "
        "0.1}}, 'model': {'layers': [{'type': 'Dense', 'units': 1}]}}";
    const nn_setup_options options = {.depth = NN_SETUP_SHAPES};
    nn_config *config = nn_test_config(text);
    nn_setup *setup = NULL;
    nn_err err = {0};

    (void)state;
    assert_int_equal(nn_setup_new(&setup, config, &options, &err), NN_ECONFIG);
    assert_string_equal(err.where, "test.json:1:77");
    assert_string_equal(err.msg,
                        "data.augment: expected pictures, samples of shape [height, width] or "
                        "[height, width, channels], got [2]; data.shape gives samples their form; "
                        "noise and mixup do with any");
    nn_config_free(config);
}

static void test_what_stands_for_words_is_not_blended(void **state)
{
    static const char text[] =
        "{'data': {'train': {'inline': {'x': [[1,2],[2,1]], 'y': [0,1]}}, 'scale': 'none', "
        "'augment': {'%s': 0.1}}, 'validation': 0, 'model': {'layers': [{'type': 'Embedding', "
        "'input_dim': 3, 'output_dim': 2}, {'type': 'Flatten'}, {'type': 'Dense', 'units': 1, "
        "'activation': 'sigmoid'}]}}";
    static const char *const keys[] = {"mixup", "noise"};
    const nn_setup_options options = {.depth = NN_SETUP_DATA};

    (void)state;
    for (int i = 0; i < 2; i++) {
        char one[512];
        nn_setup *setup = NULL;
        nn_err err = {0};

        (void)snprintf(one, sizeof one, text, keys[i]);
        nn_config *config = nn_test_config(one);
        assert_int_equal(nn_setup_new(&setup, config, &options, &err), NN_ECONFIG);
        assert_string_equal(err.msg, "data.augment: \"embedding\" (Embedding) takes numbers for "
                                     "names, which noise and mixup would blend; Dropout behind the "
                                     "embedding blurs as well");
        nn_config_free(config);
    }
}

/* What is printed before a training counts what augmentation takes. */
static void test_memory_counts_the_room_for_mixing(void **state)
{
    nn_test_run plain, mixed;
    nn_memory a, b;
    nn_err err = {0};

    (void)state;
    train(&plain, "", "'training': {'epochs': 1}", 1);
    train(&mixed, everything, "'training': {'epochs': 1}", 1);
    assert_ok(nn_setup_memory(plain.setup, 1, &a, &err), err);
    assert_ok(nn_setup_memory(mixed.setup, 1, &b, &err), err);
    /* 31 rows in 4 tasks: frames and partners, and two shares for each row */
    assert_in_range(b.total - a.total, (4 * (81 + 36) + 31 * 2) * sizeof(nn_real),
                    (4 * (81 + 36) + 31 * 2) * sizeof(nn_real) + 512);
    nn_test_run_free(&plain);
    nn_test_run_free(&mixed);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_number_of_threads_gives_the_same_bytes),
        cmocka_unit_test(test_masked_sequences_have_the_same_bytes_at_any_number_of_threads),
        cmocka_unit_test(test_only_training_rows_are_augmented),
        cmocka_unit_test(test_mixup_learns_with_losses_of_every_kind),
        cmocka_unit_test(test_the_loss_compares_with_shares),
        cmocka_unit_test(test_samples_without_form_are_refused_before_data_is_read),
        cmocka_unit_test(test_what_stands_for_words_is_not_blended),
        cmocka_unit_test(test_memory_counts_the_room_for_mixing),
    };

    return nn_test_main(argc, argv, tests);
}
