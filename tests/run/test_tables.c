/* Models of tables, from the file to the prediction: the same answer however the file is written.
 */
#include "run/support/runs.h"

#include <math.h>

#include "base/mem.h"
#include "conf/tensors.h"
#include "run/held.h"
#include "run/predict.h"
#include "support/nn_temp.h"

typedef struct place {
    char home[4096];
    char *dir;
} place;

static int enter(void **state)
{
    place *p = calloc(1, sizeof *p);

    *state = p;
    p->dir = nn_temp_dir();
    return getcwd(p->home, sizeof p->home) == NULL || p->dir == NULL || chdir(p->dir) != 0;
}

static int leave(void **state)
{
    place *p = *state;
    const int rc = chdir(p->home);

    nn_temp_remove(p->dir);
    free(p);
    return rc;
}

static void write_text(const char *name, const char *text)
{
    nn_err err = {0};

    assert_ok(nn_file_write(name, text, strlen(text), NN_REPLACE_EXISTING, &err), err);
}

/* ---- prediction ---- */

#define TABLE                                                                                      \
    "id,size,city,ok,price\nA,1,Ulm,yes,10.5\nB,2,Bonn,no,21\nC,,Ulm,yes,31\nD,4,Aue,no,41.5\n"    \
    "E,5,Bonn,yes,52\nF,6,Aue,yes,58\nG,7,\"Bad, Ems\",no,70.25\nH,8,Ulm,no,82\n"
#define CONFIG(data)                                                                               \
    "{'seed': 3, 'validation': 0, 'data': {'train': {'path': 't.csv'}, 'target': 'price', 'id': "  \
    "'id',"                                                                                        \
    " 'target_scale': 'standard', 'columns': {'size': {'impute': 'mean', 'indicator': true}}" data \
    "}, 'model': {'layers': [{'type': 'Dense', 'units': 5, 'activation': 'tanh'}, {'type': "       \
    "'Dense', "                                                                                    \
    "'units': 1}]}, 'loss': 'mse', 'training': {'epochs': 3, 'batch_size': 4}}"

typedef struct answers {
    double y[16];
    size_t count;
} answers;

static nn_code collect(void *context, size_t row, const nn_real *y, int n, int width, nn_err *err)
{
    answers *a = context;

    (void)row;
    (void)err;
    for (int i = 0; i < n * width; i++)
        a->y[a->count++] = (double)y[i];
    return NN_OK;
}

/* The answers of a trained model, from its file, to the rows of a table. */
static answers ask(const nn_test_run *r, const char *table)
{
    nn_data_conf conf;
    nn_load how;
    nn_dataset *d = NULL;
    nn_pool *pool = NULL;
    nn_model *m = NULL;
    nn_err err = {0};
    answers a = {.count = 0};

    write_text("in.csv", table);
    assert_ok(nn_model_open(&m, r->run->path, "runs", NULL, 0, &err), err);
    assert_ok(nn_pool_new(&pool, 1, &err), err);
    nn_prep_load(m->prep, &how, &conf);
    how.targets_optional = true;
    assert_ok(nn_dataset_load_input(&d, "in.csv", -1, &how, &err), err);
    const nn_subject subject = nn_model_subject(m, pool);
    const nn_view view = {d, NULL, d->rows};
    assert_ok(nn_predict(&subject, &view, collect, &a, &err), err);
    nn_dataset_free(d);
    nn_pool_free(pool);
    nn_model_free(m);
    return a;
}

static void test_a_table_gives_the_same_answers_however_it_is_written(void **state)
{
    static const char *const same[] = {
        "size,city,ok\n2,Ulm,no\n,Aue,yes\n3.5,\"Bad, Ems\",yes\n",
        "ok,unknown,city,size\nno,x,Ulm,2\nyes,y,Aue,\nyes,,\"Bad, Ems\",3.5\n",
        "id,size,city,ok,price\r\nX,2,Ulm,no,0\r\nY,NA,Aue,yes,1\r\nZ,3.5,\"Bad, Ems\",yes,\r\n",
        "\xEF\xBB\xBF\"city\";\"size\";\"ok\"\n\"Ulm\";\"2.0\";\"no\"\n\"Aue\";\"\";\"yes\"\n\"Bad,"
        " "
        "Ems\";\"35e-1\";\"yes\"",
        "X,2,Ulm,no,0\nY,,Aue,yes,0\nZ,3.5,\"Bad, Ems\",yes,0\n", /* the columns' places */
        "2,Ulm,no\n,Aue,yes\n3.5,\"Bad, Ems\",yes\n"};            /* nothing but features */
    const nn_train_options options = {.threads = 1};
    nn_test_run r;
    answers first;

    (void)state;
    write_text("t.csv", TABLE);
    nn_test_train(&r, CONFIG(""), &options);
    assert_ok(r.code, r.err);
    first = ask(&r, same[0]);
    assert_int_equal(first.count, 3);
    assert_true(first.y[0] != first.y[1]);
    for (size_t i = 1; i < sizeof same / sizeof same[0]; i++) {
        const answers a = ask(&r, same[i]);

        assert_int_equal(a.count, 3);
        assert_memory_equal(a.y, first.y, 3 * sizeof a.y[0]);
    }
    nn_test_run_free(&r);
}

static void test_an_embedded_column_is_learnt_and_travels_in_the_model(void **state)
{
    static const char config[] =
        "{'seed': 3, 'validation': 0, 'data': {'train': {'path': 't.csv'}, 'target': 'price',"
        " 'target_scale': 'standard', 'ignore': ['id', 'size', 'ok'],"
        " 'columns': {'city': {'encode': 'embedding', 'unknown': 'other'}}},"
        " 'model': {'layers': [{'type': 'Dense', 'units': 1}]}, 'loss': 'mse',"
        " 'optimizer': {'type': 'adam', 'learning_rate': 0.1}, 'training': {'epochs': 200}}";
    const nn_train_options options = {.threads = 1};
    nn_test_run r;
    answers a;

    (void)state;
    write_text("t.csv", TABLE);
    nn_test_train(&r, config, &options);
    assert_ok(r.code, r.err);
    assert_int_equal(nn_shape_len(&r.setup->graph->layer[0]->out), 8);
    a = ask(&r, "city\nUlm\nBonn\nAue\n\"Bad, Ems\"\nPrag\n");
    assert_int_equal(a.count, 5);
    /* Nothing but the city is known: the means of the cities are the best answer. */
    assert_float_equal(a.y[0], (10.5 + 31 + 82) / 3, 0.5);
    assert_float_equal(a.y[1], (21 + 52) / 2.0, 0.5);
    assert_float_equal(a.y[2], (41.5 + 58) / 2, 0.5);
    assert_float_equal(a.y[3], 70.25, 0.5);
    nn_test_run_free(&r);
}

/* run.json says where the data is. */
static void record(const nn_test_run *r)
{
    char program[] = "nnctl";
    char *const argv[] = {program};
    const nn_run_facts facts = {.setup = r->setup,
                                .config_path = "c",
                                .argc = 1,
                                .argv = argv,
                                .threads = 1,
                                .status = "done"};
    nn_err err = {0};

    assert_ok(nn_rundir_record(r->run, &facts, &err), err);
}

static void test_a_run_judges_its_own_rows_by_what_is_stored(void **state)
{
    const nn_train_options options = {.threads = 1};
    nn_held held;
    nn_model *m = NULL;
    nn_err err = {0};
    nn_test_run r;

    (void)state;
    write_text("t.csv", TABLE);
    nn_test_train(&r, CONFIG(""), &options);
    record(&r);
    assert_ok(nn_model_open(&m, r.run->path, "runs", NULL, 0, &err), err);
    assert_ok(nn_held_split(&held, m, "train", &err), err);
    assert_int_equal(held.view.count, 8);
    assert_memory_equal(held.owned->numbers, r.setup->train_set->numbers,
                        8 * nn_shape_len(&held.owned->shape) * sizeof(float));
    assert_string_equal(nn_dataset_id(held.owned, 2), "C");
    nn_held_free(&held);
    nn_model_free(m);
    nn_test_run_free(&r);
}

/* ---- which rows are for what ---- */

#define SPLIT_TABLE                                                                                \
    "a,c,s,y\n1,u,train,1.5\n2,v,train,2\n3,u,train,3\n4,w,train,4\n"                              \
    "50,u,validation,5\n,v,validation,6\n700,w,test,7\n800,u,test,8\n"

static nn_setup *set_up(nn_config **config, const char *text)
{
    const nn_setup_options options = {.depth = NN_SETUP_DATA};
    nn_setup *s = NULL;
    nn_err err = {0};

    *config = nn_test_config(text);
    assert_ok(nn_setup_new(&s, *config, &options, &err), err);
    return s;
}

#define SPLIT_CONFIG                                                                               \
    "{'data': {'train': {'path': 't.csv'}, 'target': 'y', 'split': 's', 'columns': {'a': "         \
    "{'impute': "                                                                                  \
    "'mean'}}}, 'model': {'layers': [{'type': 'Dense', 'units': 1}]}, 'loss': 'mse', 'training': " \
    "{'epochs': 1}}"

static void test_a_split_column_gives_rows_their_part(void **state)
{
    static const char *const split[] = {"train", "validation", "test", NULL};
    static const size_t rows[] = {4, 2, 2, 2}; /* without a wish: to test with */
    const nn_train_options options = {.threads = 1};
    nn_model *m = NULL;
    nn_err err = {0};
    nn_test_run r;

    (void)state;
    write_text("t.csv", SPLIT_TABLE);
    nn_test_train(&r, SPLIT_CONFIG, &options);
    assert_ok(r.code, r.err);
    assert_int_equal(r.setup->train.count, 4);
    assert_int_equal(r.setup->validation.count, 2);
    assert_int_equal(nn_view_row(&r.setup->test, 0), 6);
    assert_true(r.result.tested);
    assert_int_equal(nn_shape_len(&r.setup->train_set->shape), 4);
    record(&r);
    assert_ok(nn_model_open(&m, r.run->path, "runs", NULL, 0, &err), err);
    for (int i = 0; i < 4; i++) {
        nn_held held;

        assert_ok(nn_held_split(&held, m, split[i], &err), err);
        assert_int_equal(held.view.count, rows[i]);
        nn_held_free(&held);
    }
    nn_model_free(m);
    nn_test_run_free(&r);
}

static char *stored(const char *table)
{
    nn_config *c = NULL;
    nn_setup *s = NULL;
    nn_buf text = {0};

    write_text("t.csv", table);
    s = set_up(&c, SPLIT_CONFIG);
    nn_prep_write(s->prep, &text);
    nn_setup_free(s);
    nn_config_free(c);
    return text.data;
}

static void test_validation_and_test_rows_change_no_statistics(void **state)
{
    char *a = stored(SPLIT_TABLE);
    char *b =
        stored("a,c,s,y\n1,u,train,1.5\n2,v,train,2\n3,u,train,3\n4,w,train,4\n-1e6,w,validation,"
               "-99\n0,w,validation,0\n,v,test,1e6\n1e9,v,test,3\n");

    (void)state;
    assert_string_equal(a, b);
    nn_free(a);
    nn_free(b);
}

static void test_a_group_is_never_divided(void **state)
{
    nn_buf text = {0};

    (void)state;
    nn_buf_put(&text, "a,g,y\n");
    for (int i = 0; i < 60; i++)
        nn_buf_printf(&text, "%d,g%d,%d.5\n", i, (i * 7) % 13, i);
    write_text("t.csv", text.data);
    nn_buf_free(&text);
    for (int seed = 0; seed < 20; seed++) {
        bool held[13] = {false};
        char config[400];
        nn_config *c = NULL;
        nn_setup *s = NULL;

        snprintf(config, sizeof config,
                 "{'seed': %d, 'validation': 0.25, 'data': {'train': {'path': 't.csv'}, 'group': "
                 "'g'}, 'model': {'layers': [{'type': 'Dense', 'units': 1}]}, 'loss': 'mse'}",
                 seed);
        s = set_up(&c, config);
        for (size_t i = 0; i < s->validation.count; i++)
            held[s->train_set->group[nn_view_row(&s->validation, i)]] = true;
        for (size_t i = 0; i < s->train.count; i++)
            assert_false(held[s->train_set->group[nn_view_row(&s->train, i)]]);
        assert_true(s->validation.count >= 11 && s->validation.count <= 19);
        nn_setup_free(s);
        nn_config_free(c);
    }
}

static void assert_setup_fails(const char *text, const char *msg)
{
    const nn_setup_options options = {.depth = NN_SETUP_DATA};
    nn_config *c = nn_test_config(text);
    nn_setup *s = NULL;
    nn_err err = {0};

    assert_int_not_equal(nn_setup_new(&s, c, &options, &err), NN_OK);
    assert_string_equal(err.msg, msg);
    nn_config_free(c);
}

#define LINE ", 'model': {'layers': [{'type': 'Dense', 'units': 1}]}, 'loss': 'mse'}"

static void test_splits_that_cannot_be_are_refused(void **state)
{
    (void)state;
    write_text("t.csv", "a,g,y\n1,u,1.5\n2,v,2\n3,u,3\n4,v,4\n");
    assert_setup_fails(
        "{'validation': {'fraction': 0.25, 'method': 'last'}, 'data': {'train': {'path': "
        "'t.csv'}, 'group': 'g'}" LINE,
        "the method \"last\" divides the group of this row; use \"random\"");
    assert_setup_fails(
        "{'validation': {'fraction': 0.25, 'method': 'stratified'}, 'data': {'train': "
        "{'path': 't.csv'}, 'group': 'g'}" LINE,
        "a stratified split would divide groups; use \"random\" or \"last\"");
    assert_setup_fails(
        "{'validation': 0.25, 'data': {'train': {'path': 't.csv'}, 'group': 'g'}" LINE,
        "no group is small enough to hold 1 of 4 rows back for validation");
    write_text("t.csv", SPLIT_TABLE);
    assert_setup_fails(
        "{'data': {'train': {'path': 't.csv'}, 'test': {'path': 't.csv'}, 'target': 'y', "
        "'split': 's', 'columns': {'a': {'impute': 'zero'}}}" LINE,
        "data.test: both this and the split column name test rows");
    assert_setup_fails(
        "{'validation': {'path': 't.csv'}, 'data': {'train': {'path': 't.csv'}, 'target': "
        "'y', 'split': 's', 'columns': {'a': {'impute': 'zero'}}}" LINE,
        "both the split column and the config's `validation` name rows");
    write_text("t.csv", "a,s,y\n1,test,1.5\n2,validation,2\n");
    assert_setup_fails("{'data': {'train': {'path': 't.csv'}, 'split': 's'}" LINE,
                       "the split column has no rows for train");
}

/* ---- weights ---- */

static void test_weights_count_in_loss_and_metrics(void **state)
{
    nn_config *c = NULL;
    nn_setup *s = NULL;
    nn_pool *pool = NULL;
    nn_real *weights = NULL;
    nn_evaluator *e = NULL;
    nn_scores scores;
    nn_err err = {0};

    (void)state;
    write_text("t.csv", "a,w,y\n1,1,1.5\n2,0,9\n3,3,2.5\n4,0.5,3\n");
    s = set_up(&c,
               "{'validation': 0, 'data': {'train': {'path': 't.csv'}, 'weight': 'w', 'scale': "
               "'none'}, 'model': {'layers': [{'type': 'Dense', 'units': 1, 'weights': {'kernel': "
               "[[1]], 'bias': [0]}}]}, 'loss': 'mse', 'metrics': ['mae']}");
    weights = nn_alloc(s->graph->weights_len, sizeof *weights);
    nn_graph_init(s->graph, 0, weights);
    assert_ok(nn_pool_new(&pool, 1, &err), err);
    const nn_subject subject = nn_setup_subject(s, weights, pool);
    assert_ok(nn_evaluator_new(&e, &subject, s->train_set, 4, false, &err), err);
    nn_evaluate(e, &s->train, &scores);
    assert_float_equal(scores.loss, (1 * 0.25 + 0 * 49 + 3 * 0.25 + 0.5 * 1) / 4, 1e-6);
    assert_float_equal(scores.metric[0], (1 * 0.5 + 0 * 7 + 3 * 0.5 + 0.5 * 1) / 4.5, 1e-6);
    nn_evaluator_free(e);
    nn_pool_free(pool);
    nn_free(weights);
    nn_setup_free(s);
    nn_config_free(c);
}

static void test_rows_without_weight_teach_nothing(void **state)
{
    static const char *const table[] = {"a,w,y\n1,1,1\n2,2,2.5\n3,0,0\n4,1,4\n",
                                        "a,w,y\n1,1,1\n2,2,2.5\n3,0,777\n4,1,4\n"};
    const nn_train_options options = {.threads = 1};
    char *bytes[2];
    size_t len[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        nn_tensors *t = NULL;
        nn_test_run r;

        write_text("t.csv", table[i]);
        nn_test_train(&r,
                      "{'validation': 0, 'data': {'train': {'path': 't.csv'}, 'weight': 'w'}, "
                      "'model': {'layers': [{'type': 'Dense', 'units': 1}]}, 'loss': 'mse', "
                      "'metrics': [], 'training': {'epochs': 4, 'batch_size': 2}}",
                      &options);
        assert_ok(r.code, r.err);
        assert_ok(nn_tensors_load(&t, r.run->last, &r.err), r.err);
        len[i] = nn_tensors_at(t, 0)->bytes;
        bytes[i] = nn_alloc(len[i], 1);
        memcpy(bytes[i], nn_tensors_at(t, 0)->data, len[i]);
        nn_tensors_free(t);
        nn_test_run_free(&r);
    }
    assert_int_equal(len[0], len[1]);
    assert_memory_equal(bytes[0], bytes[1], len[0]);
    nn_free(bytes[0]);
    nn_free(bytes[1]);
}

/* ---- settling ---- */

static void test_several_targets_and_labels_are_trained_on(void **state)
{
    const nn_train_options options = {.threads = 1};
    nn_test_run r;

    (void)state;
    write_text("t.csv", "u,a,v\n0,1,1\n1,2,0\n1,3,1\n0,4,0\n");
    nn_test_train(
        &r,
        "{'validation': 0, 'data': {'train': {'path': 't.csv'}, 'target': ['u', 'v']}, 'model': "
        "{'layers': [{'type': 'Dense', 'units': 2, 'activation': 'sigmoid'}]}, 'loss': "
        "'binary_crossentropy', 'training': {'epochs': 1}}",
        &options);
    assert_ok(r.code, r.err);
    assert_int_equal(r.setup->task, NN_TASK_MULTILABEL);
    assert_int_equal(r.setup->prep->targets.count, 2);
    assert_null(r.setup->prep->target_column);
    nn_test_run_free(&r);
}

static void test_what_was_read_otherwise_is_warned_of(void **state)
{
    nn_config *c = NULL;
    nn_setup *s = NULL;
    bool tiny = false, unknown = false;

    (void)state;
    write_text("t.csv", "a,c,y\n1e-999,u,1.5\n2,v,2\n3,u,3\n4,w,4\n");
    write_text("e.csv", "a,c,y\n1,u,1.5\n2,new,2\n3,newer,2\n");
    s = set_up(&c,
               "{'validation': 0, 'data': {'train': {'path': 't.csv'}, 'test': {'path': 'e.csv'}, "
               "'columns': {'c': {'unknown': 'other'}}}" LINE);
    for (size_t i = 0; i < c->problems.count; i++) {
        const char *message = c->problems.list[i].message;

        tiny = tiny || strcmp(message, "1 numbers are too small to be told from 0, and are read as "
                                       "0") == 0;
        unknown =
            unknown || strcmp(message, "2 fields have categories that no training row has") == 0;
    }
    assert_true(tiny);
    assert_true(unknown);
    nn_setup_free(s);
    nn_config_free(c);
}

static void test_shapes_of_tables_with_words_are_told_by_their_rows(void **state)
{
    const nn_setup_options options = {.depth = NN_SETUP_SHAPES, .threads = 2};
    nn_config *c = NULL;
    nn_setup *s = NULL;
    nn_err err = {0};

    (void)state;
    write_text("t.csv", TABLE);
    c = nn_test_config(CONFIG(""));
    assert_ok(nn_setup_new(&s, c, &options, &err), err);
    assert_int_equal(nn_shape_len(&s->graph->in), 7); /* words tell their features only when read */
    nn_setup_free(s);
    nn_config_free(c);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_table_gives_the_same_answers_however_it_is_written),
        TEST(test_an_embedded_column_is_learnt_and_travels_in_the_model),
        TEST(test_a_run_judges_its_own_rows_by_what_is_stored),
        TEST(test_a_split_column_gives_rows_their_part),
        TEST(test_validation_and_test_rows_change_no_statistics),
        TEST(test_a_group_is_never_divided),
        TEST(test_splits_that_cannot_be_are_refused),
        TEST(test_weights_count_in_loss_and_metrics),
        TEST(test_rows_without_weight_teach_nothing),
        TEST(test_several_targets_and_labels_are_trained_on),
        TEST(test_what_was_read_otherwise_is_warned_of),
        TEST(test_shapes_of_tables_with_words_are_told_by_their_rows),
    };

    return nn_test_main(argc, argv, tests);
}
