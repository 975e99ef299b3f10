/* Model files: written and read back, and every way in which one can be wrong. */
#include "run/support/runs.h"

#include <fcntl.h>
#include <math.h>

#include "base/mem.h"
#include "conf/tensors.h"
#include "run/predict.h"
#include "support/nn_temp.h"

static const char config_text[] =
    "{'seed': 3, 'data': {'scale': 'standard', 'train': {'inline': {'x': "
    "[[1,20],[2,50],[3,10],[4,70],[5,30],[6,90]], 'y': ['no','yes','no','yes','no','yes']}}}, "
    "'validation': 0,"
    "'model': {'layers': [{'type': 'Dense', 'units': 3, 'name': 'a', 'activation': 'tanh'},"
    "{'type': 'Dense', 'units': 2, 'name': 'b', 'activation': 'softmax'}]}, 'training': {'epochs': "
    "2}}";

typedef struct fixture {
    nn_test_run run;
    nn_tensors *file; /* the model as tensors, to be written again with something wrong */
    char *path;       /* where a wrong one goes */
} fixture;

static int make(void **state)
{
    fixture *f = nn_alloc(1, sizeof *f);
    nn_err err = {0};

    nn_test_train(&f->run, config_text, &(nn_train_options){.threads = 1});
    assert_int_equal(f->run.code, NN_OK);
    assert_ok(nn_tensors_load(&f->file, f->run.run->model, &err), err);
    f->path = nn_path_join(f->run.dir, "wrong.safetensors");
    *state = f;
    return 0;
}

static int unmake(void **state)
{
    fixture *f = *state;

    nn_tensors_free(f->file);
    nn_test_run_free(&f->run);
    nn_free(f->path);
    nn_free(f);
    return 0;
}

typedef struct collected {
    double y[64];
    size_t count;
} collected;

static nn_code collect(void *context, size_t row, const nn_real *y, int n, int width, nn_err *err)
{
    collected *c = context;

    (void)row;
    (void)err;
    for (int i = 0; i < n * width; i++)
        c->y[c->count++] = (double)y[i];
    return NN_OK;
}

static collected predict(const nn_subject *subject, const nn_view *view)
{
    collected c = {.count = 0};
    nn_err err = {0};

    assert_ok(nn_predict(subject, view, collect, &c, &err), err);
    return c;
}

static void test_a_saved_model_predicts_what_it_predicted(void **state)
{
    const fixture *f = *state;
    nn_model *a = NULL, *b = NULL;
    nn_pool *pool = NULL;
    nn_err err = {0};

    assert_ok(nn_pool_new(&pool, 2, &err), err);
    assert_ok(nn_model_open(&a, f->run.run->path, "", NULL, 0, &err), err);
    assert_ok(nn_model_save(f->path, f->run.setup, a->weights, &err), err);
    assert_ok(nn_model_open(&b, f->path, "", NULL, 0, &err), err);
    assert_string_equal(b->prep->classes.name[1], "yes");
    assert_null(b->run);
    const nn_subject as = nn_model_subject(a, pool), bs = nn_model_subject(b, pool);
    const collected x = predict(&as, &f->run.setup->train), y = predict(&bs, &f->run.setup->train);
    assert_int_equal(x.count, 12);
    assert_memory_equal(x.y, y.y, sizeof x.y);
    assert_float_equal(x.y[0] + x.y[1], 1, 1e-6); /* the head was applied */
    nn_model_free(a);
    nn_model_free(b);
    nn_pool_free(pool);
}

static void test_names_are_keras_names(void **state)
{
    const fixture *f = *state;

    assert_int_equal(nn_tensors_count(f->file), 4);
    assert_non_null(nn_tensors_find(f->file, "a/kernel"));
    assert_non_null(nn_tensors_find(f->file, "a/bias"));
    assert_non_null(nn_tensors_find(f->file, "b/kernel"));
    assert_string_equal(nn_tensors_meta(f->file, "format"), "nnctl");
    assert_string_equal(nn_tensors_meta(f->file, "classes"), "[\"no\",\"yes\"]");
}

enum { METAS = 5 };
static const char *const meta_key[METAS] = {"format", "version", "config", "preprocess", "classes"};

/* Writes the model again with one metadata value replaced (NULL: left out) and other tensors. */
static void write_wrong(const fixture *f, const char *key, const char *value,
                        const nn_tensor *tensors, int count)
{
    nn_meta meta[METAS];
    nn_err err = {0};
    int metas = 0;

    for (int i = 0; i < METAS; i++) {
        const bool replaced = key != NULL && strcmp(key, meta_key[i]) == 0;
        if (replaced && value == NULL)
            continue;
        meta[metas++] =
            (nn_meta){meta_key[i], replaced ? value : nn_tensors_meta(f->file, meta_key[i])};
    }
    assert_ok(nn_tensors_save(f->path, tensors, count, meta, metas, true, &err), err);
}

static void expect_refusal(const fixture *f, const char *message)
{
    nn_model *m = NULL;
    nn_err err = {0};

    assert_int_equal(nn_model_open(&m, f->path, "", NULL, 0, &err), NN_EMODEL);
    assert_null(m);
    assert_string_equal(err.msg, message);
}

/* The model's tensors, to be changed before they are written. */
static int copy_tensors(const fixture *f, nn_tensor *out)
{
    const int count = nn_tensors_count(f->file);

    for (int i = 0; i < count; i++)
        out[i] = *nn_tensors_at(f->file, i);
    return count;
}

static nn_tensor *named(nn_tensor *tensors, int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (strcmp(tensors[i].name, name) == 0)
            return &tensors[i];
    return NULL;
}

static void test_wrong_tensors_are_named(void **state)
{
    static float nan_bias[3];
    const fixture *f = *state;
    nn_tensor t[8];
    int count = copy_tensors(f, t);

    named(t, count, "a/bias")->name = "a/bios";
    write_wrong(f, NULL, NULL, t, count);
    expect_refusal(f, "tensor \"a/bias\" is missing");

    count = copy_tensors(f, t);
    t[count] = *named(t, count, "b/bias");
    t[count].name = "c/bias";
    write_wrong(f, NULL, NULL, t, count + 1);
    expect_refusal(f, "tensor \"c/bias\" belongs to no layer of the model");

    count = copy_tensors(f, t);
    named(t, count, "a/kernel")->dim[0] = 3;
    named(t, count, "a/kernel")->dim[1] = 2;
    write_wrong(f, NULL, NULL, t, count);
    expect_refusal(f, "tensor \"a/kernel\": expected shape [2, 3], found [3, 2]");

    count = copy_tensors(f, t);
    nan_bias[1] = nanf("");
    nan_bias[2] = INFINITY;
    named(t, count, "a/bias")->data = nan_bias;
    write_wrong(f, NULL, NULL, t, count);
    expect_refusal(f, "tensor \"a/bias\": 2 of 3 values are NaN or infinite");
}

/* A config can claim more than the file holds: no memory is asked for before that is known. */
static void test_a_claim_of_huge_weights_takes_no_memory(void **state)
{
    const fixture *f = *state;
    const char *config = nn_tensors_meta(f->file, "config");
    const char *at = strstr(config, "\"units\":3,");
    nn_tensor t[8];
    const int count = copy_tensors(f, t);
    nn_buf changed = {0};

    assert_non_null(at);
    nn_buf_add(&changed, config, (size_t)(at - config));
    nn_buf_put(&changed, "\"units\":1048576");
    nn_buf_put(&changed, at + strlen("\"units\":3"));
    write_wrong(f, "config", changed.data, t, count);
    const uint64_t before = nn_mem_read().peak;
    expect_refusal(f, "tensor \"a/kernel\": expected shape [2, 1048576], found [2, 3]");
    assert_true(nn_mem_read().peak - before < 1 << 20);
    nn_buf_free(&changed);
}

static void write_bytes(const char *path, const char *bytes, size_t len)
{
    nn_err err = {0};

    assert_ok(nn_file_write(path, bytes, len, NN_REPLACE_EXISTING, &err), err);
}

static void test_models_of_others_are_named(void **state)
{
    static const char onnx[] = "\x08\x08\x12\x07pytorch", hdf[] = "\x89HDF\r\n\x1a\n0123";
    const fixture *f = *state;

    write_bytes(f->path, onnx, sizeof onnx - 1);
    expect_refusal(f, "expected a safetensors file, got an ONNX file");
    write_bytes(f->path, hdf, sizeof hdf - 1);
    expect_refusal(f, "expected a safetensors file, got an HDF5 file (.h5)");
    write_bytes(f->path, "\xff\xff\xff\xff\xff\xff\xff\xff{}", 10);
    expect_refusal(f, "expected a header of at most 16777216 bytes, got 18446744073709551615");
}

static void test_text_in_the_place_of_a_runs_model_is_no_config(void **state)
{
    const fixture *f = *state;
    nn_model *m = NULL;
    nn_err err = {0};

    write_bytes(f->run.run->model, "{\"data\": 1}", 11);
    assert_int_equal(nn_model_open(&m, f->run.run->path, "", NULL, 0, &err), NN_EMODEL);
    assert_string_equal(err.where, f->run.run->model);
    assert_string_equal(err.msg,
                        "expected a header of at most 16777216 bytes, got 4189017755886035579");
}

static void test_wrong_metadata_is_named(void **state)
{
    const fixture *f = *state;
    nn_tensor t[8];
    const int count = copy_tensors(f, t);

    write_wrong(f, "format", NULL, t, count);
    expect_refusal(f, "expected a model of nnctl, found tensors without its config; to start a "
                      "training from them, "
                      "give the file to train --init-weights");
    write_wrong(f, "version", "2", t, count);
    expect_refusal(f, "this file has format version 2, and this nnctl (" NN_VERSION
                      ") reads up to 1; a newer nnctl is "
                      "needed");
    write_wrong(f, "version", "one", t, count);
    expect_refusal(f, "expected a format version in the metadata");
    write_wrong(f, "config", NULL, t, count);
    expect_refusal(f, "the metadata has no \"config\"");
    write_wrong(f, "preprocess", NULL, t, count);
    expect_refusal(f, "the metadata has no \"preprocess\"");
}

static void test_no_garbled_metadata_gets_through(void **state)
{
    static const char *const wrong[] = {
        "", "{", "[]", "null", "{}", "7", "\"x\"", "{\"data\":{}}", "{\"scale\":\"unit\"}"};
    const fixture *f = *state;
    nn_tensor t[8];
    const int count = copy_tensors(f, t);

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        for (int k = 2; k < METAS; k++) {
            nn_model *m = NULL;
            nn_err err = {0};

            write_wrong(f, meta_key[k], wrong[i], t, count);
            const nn_code rc = nn_model_open(&m, f->path, "", NULL, 0, &err);
            if (rc == NN_OK)
                fail_msg("%s = %s was accepted", meta_key[k], wrong[i]);
            assert_int_equal(rc, NN_EMODEL);
        }
}

static void test_a_config_inside_a_model_opens_no_file(void **state)
{
    const fixture *f = *state;
    const char *config = nn_tensors_meta(f->file, "config");
    char *fifo = nn_path_join(f->run.dir, "never-open-me");
    nn_tensor t[8];
    const int count = copy_tensors(f, t);
    const char *at = strstr(config, "\"train\":");
    const char *end = strstr(config, "}},");
    nn_buf changed = {0};
    nn_model *m = NULL;
    nn_err err = {0};

    assert_int_equal(mkfifo(fifo, 0600), 0); /* opening it would block */
    assert_non_null(at);
    assert_non_null(end);
    nn_buf_add(&changed, config, (size_t)(at - config));
    nn_buf_printf(&changed, "\"train\":{\"path\":\"%s\"", fifo);
    nn_buf_put(&changed, end + 1);
    write_wrong(f, "config", changed.data, t, count);
    assert_ok(nn_model_open(&m, f->path, "", NULL, 0, &err), err);
    nn_model_free(m);
    nn_buf_free(&changed);
    nn_free(fifo);
}

static void test_damage_is_noticed_wherever_it_is(void **state)
{
    const fixture *f = *state;
    nn_err err = {0};
    char *bytes;
    size_t len;

    bytes = nn_test_file(&f->run, "model.safetensors", &len);
    for (size_t i = 0; i < len; i += 3) {
        nn_model *m = NULL;

        bytes[i] ^= (char)(1 << (i % 8));
        assert_ok(nn_file_write(f->path, bytes, len, NN_REPLACE_EXISTING, &err), err);
        if (nn_model_open(&m, f->path, "", NULL, 0, &err) == NN_OK)
            fail_msg("a flipped bit in byte %zu was accepted", i);
        bytes[i] ^= (char)(1 << (i % 8));
    }
    nn_free(bytes);
}

static void test_weights_only_files_start_a_training(void **state)
{
    const fixture *f = *state;
    nn_real *weights = nn_alloc(f->run.setup->graph->weights_len, sizeof *weights);
    nn_tensor t[8];
    const int count = copy_tensors(f, t);
    nn_err err = {0};

    assert_ok(nn_tensors_save(f->path, t, count, NULL, 0, false, &err), err);
    assert_ok(nn_weights_load(f->path, f->run.setup->graph, weights, &err), err);
    nn_free(weights);
}

static void test_hand_set_weights_need_no_training(void **state)
{
    static const char text[] =
        "{\"validation\":0,\"data\":{\"train\":{\"inline\":{\"x\":[[7,8]]}}},\"model\":{\"layers\":"
        "["
        "{\"type\":\"Dense\",\"units\":2,\"weights\":{\"kernel\":[[1,2],[3,4]],\"bias\":[5,6]}}]}}";
    const fixture *f = *state;
    char *path = nn_path_join(f->run.dir, "hand.json");
    nn_model *m = NULL;
    nn_pool *pool = NULL;
    nn_err err = {0};

    assert_ok(nn_file_write(path, text, sizeof text - 1, NN_REPLACE_EXISTING, &err), err);
    assert_ok(nn_pool_new(&pool, 1, &err), err);
    assert_ok(nn_model_open(&m, path, "", NULL, 0, &err), err);
    const nn_subject subject = nn_model_subject(m, pool);
    const collected c = predict(&subject, &m->setup->train);
    assert_int_equal(c.count, 2);
    assert_float_equal(c.y[0], 36, 1e-6);
    assert_float_equal(c.y[1], 52, 1e-6);
    nn_model_free(m);
    nn_pool_free(pool);
    nn_free(path);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_saved_model_predicts_what_it_predicted, make,
                                        unmake),
        cmocka_unit_test_setup_teardown(test_names_are_keras_names, make, unmake),
        cmocka_unit_test_setup_teardown(test_wrong_tensors_are_named, make, unmake),
        cmocka_unit_test_setup_teardown(test_a_claim_of_huge_weights_takes_no_memory, make, unmake),
        cmocka_unit_test_setup_teardown(test_models_of_others_are_named, make, unmake),
        cmocka_unit_test_setup_teardown(test_text_in_the_place_of_a_runs_model_is_no_config, make,
                                        unmake),
        cmocka_unit_test_setup_teardown(test_wrong_metadata_is_named, make, unmake),
        cmocka_unit_test_setup_teardown(test_no_garbled_metadata_gets_through, make, unmake),
        cmocka_unit_test_setup_teardown(test_a_config_inside_a_model_opens_no_file, make, unmake),
        cmocka_unit_test_setup_teardown(test_damage_is_noticed_wherever_it_is, make, unmake),
        cmocka_unit_test_setup_teardown(test_weights_only_files_start_a_training, make, unmake),
        cmocka_unit_test_setup_teardown(test_hand_set_weights_need_no_training, make, unmake),
    };

    return nn_test_main(argc, argv, tests);
}
