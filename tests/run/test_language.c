/* Text, from the file to the next token: vocabularies, windows, padding, generation. */
#include "run/support/runs.h"

#include <math.h>

#include "base/mem.h"
#include "nn/exec.h"
#include "run/generate.h"
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

static void write_bytes(const char *name, const char *bytes, size_t len)
{
    nn_err err = {0};

    assert_ok(nn_file_write(name, bytes, len, NN_REPLACE_EXISTING, &err), err);
}

static void write_text(const char *name, const char *text)
{
    write_bytes(name, text, strlen(text));
}

#define LANGUAGE(text, units)                                                                      \
    "{'seed': 1, 'data': {'train': {'path': 't.txt'}, 'format': 'text', 'text': {" text "}},"      \
    "'validation': 0.25, 'model': {'layers': [{'type': 'Embedding', 'input_dim': " units           \
    ", 'output_dim': 6}, {'type': 'GRU', 'units': 8, 'return_sequences': true}, {'type': "         \
    "'Dense', 'units': " units ", 'activation': 'softmax'}]}, 'training': {'epochs': 2, "          \
    "'batch_size': 4}}"

typedef struct settled {
    nn_config *config;
    nn_setup *setup;
    nn_pool *pool;
    nn_batch *batch;
} settled;

static nn_code try_setup(settled *s, const char *text, nn_err *err)
{
    const nn_setup_options options = {.depth = NN_SETUP_DATA};

    memset(s, 0, sizeof *s);
    s->config = nn_test_config(text);
    return nn_setup_new(&s->setup, s->config, &options, err);
}

static void settle(settled *s, const char *text)
{
    nn_err err = {0};

    assert_ok(try_setup(s, text, &err), err);
    assert_ok(nn_pool_new(&s->pool, 1, &err), err);
    assert_ok(nn_batch_new(&s->batch, s->setup->train_set, s->setup->prep, 32, 0, &err), err);
}

static void release(settled *s)
{
    nn_batch_free(s->batch);
    nn_pool_free(s->pool);
    nn_setup_free(s->setup);
    nn_config_free(s->config);
}

static void assert_refused(const char *text, nn_code code, const char *where, const char *part)
{
    settled s;
    nn_err err = {0};

    assert_int_equal(try_setup(&s, text, &err), code);
    if (strstr(err.msg, part) == NULL || strstr(err.where, where) == NULL)
        fail_msg("expected \"%s: %s\", got \"%s: %s\"", where, part, err.where, err.msg);
    release(&s);
}

/* ---- plain text ---- */

static void test_every_token_is_told_from_those_before(void **state)
{
    settled s;

    (void)state;
    /* 40 characters: 30 to train, a comes most often; of the next two, the line's end is less. */
    write_text("t.txt", "aab\r\naab\naab\naab\naab\naab\naa\xC3\xA4\xC3\xA4"
                        "aazzzzzzzzzz");
    settle(&s, LANGUAGE("'length': 5", "6"));
    const nn_dataset *d = s.setup->train_set;
    const nn_vocabulary *v = s.setup->vocabulary;

    assert_int_equal(d->rows, 40); /* of \r\n one is left, and a umlaut is one of its own */
    assert_int_equal(nn_vocabulary_count(v), 2 + 4);
    assert_string_equal(nn_vocabulary_text(v, 2), "a");
    assert_string_equal(nn_vocabulary_text(v, 3), "\n");
    assert_string_equal(nn_vocabulary_text(v, 4), "b");
    assert_string_equal(d->classes.name[3], "\\n");
    assert_string_equal(nn_vocabulary_text(v, 5), "\xC3\xA4");
    assert_int_equal(d->label[39], NN_TOKEN_UNKNOWN); /* z is in no training row */
    assert_int_equal(s.setup->train.count, 5);        /* 0, 5, ..., 20: 26 would be told from 25 */
    nn_batch_fill(s.batch, &s.setup->train, s.setup->prep, NULL, 0, 5, NULL, s.pool);
    for (int i = 0; i < 5; i++)
        for (int k = 0; k < 5; k++) {
            assert_int_equal((int)s.batch->x[i * 5 + k], d->label[i * 5 + k]);
            assert_int_equal(s.batch->label[i * 5 + k], d->label[i * 5 + k + 1]);
        }
    release(&s);
}

static void test_the_last_token_alone_may_be_told(void **state)
{
    settled s;

    (void)state;
    write_text("t.txt", "abcabcabcabcabcabcabcabcabcabc");
    settle(&s, "{'data': {'train': {'path': 't.txt'}, 'format': 'text', 'text': {'length': 4}},"
               "'validation': 0, 'model': {'layers': [{'type': 'Embedding', 'input_dim': 5,"
               "'output_dim': 3}, {'type': 'GRU', 'units': 3}, {'type': 'Dense', 'units': 5, "
               "'activation': 'softmax'}]}}");
    assert_int_equal(s.setup->train.count, 26);
    nn_batch_fill(s.batch, &s.setup->train, s.setup->prep, NULL, 0, 26, NULL, s.pool);
    for (int i = 0; i < 26; i++)
        assert_int_equal(s.batch->label[i], s.setup->train_set->label[i + 4]);
    release(&s);
}

static void test_several_files_are_no_one_text(void **state)
{
    settled s;

    (void)state;
    write_text("t.txt", "abababab");
    write_text("u.txt", "babababa");
    settle(&s, "{'data': {'train': {'path': ['t.txt', 'u.txt']}, 'format': 'text', 'text': "
               "{'length': 3, 'stride': 1}}, 'validation': 0, 'model': {'layers': [{'type': "
               "'Embedding', 'input_dim': 4, 'output_dim': 3}, {'type': 'Dense', 'units': 4, "
               "'activation': 'softmax'}]}}");
    assert_int_equal(s.setup->train.count, 2 * 5);
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(nn_view_row(&s.setup->train, i), i < 5 ? i : i + 3);
    release(&s);
}

static void test_what_is_no_text_is_refused(void **state)
{
    (void)state;
    write_text("t.txt", "");
    assert_refused(LANGUAGE("", "6"), NN_EDATA, "t.txt", "an empty file");
    write_text("t.txt", " \n \n");
    assert_refused(LANGUAGE("'tokens': 'word'", "6"), NN_EDATA, "t.txt", "no text but white space");
    write_bytes("t.txt", "ab\0cd", 5);
    assert_refused(LANGUAGE("", "6"), NN_EDATA, "t.txt", "byte 2: a NUL, which no text has");
    write_text("t.txt", "abc\xFF");
    assert_refused(LANGUAGE("", "6"), NN_EDATA, "t.txt", "byte 3: no UTF-8; convert it with iconv");
    write_text("t.txt", "\xFF\xFE"
                        "a");
    assert_refused(LANGUAGE("", "6"), NN_EDATA, "t.txt", "found UTF-16");
    write_bytes("t.txt", "PK\x03\x04 and more", 13);
    assert_refused(LANGUAGE("", "6"), NN_EDATA, "t.txt", "expected text, found a zip archive");
    write_text("t.txt", "abcdefgh");
    assert_refused(LANGUAGE("'length': 9", "6"), NN_EDATA, "t.txt", "needs 10 rows");
    write_text("t.txt", "abcdabcdabcdabcdabcdabcdabcdabcdabcdabcd");
    assert_refused(LANGUAGE("'length': 4", "5"), NN_ECONFIG, "", "expected [4, 6]");
    assert_refused("{'data': {'train': {'path': 't.txt'}, 'format': 'text', 'text': {'length': 4}},"
                   "'validation': 0, 'model': {'layers': [{'type': 'Embedding', 'input_dim': 5, "
                   "'output_dim': 2},"
                   "{'type': 'Dense', 'units': 6, 'activation': 'softmax'}]}}",
                   NN_ECONFIG, "", "the text has a vocabulary of 6 numbers");
}

static void test_a_word_has_at_most_1024_bytes(void **state)
{
    char text[1030] = "ab ";

    (void)state;
    memset(text + 3, 'Z', 1025);
    write_bytes("t.txt", text, 3 + 1024);
    assert_refused(LANGUAGE("'tokens': 'word', 'lower': true, 'length': 2", "6"), NN_EDATA, "t.txt",
                   "needs 3 rows");
    write_bytes("t.txt", text, 3 + 1025);
    assert_refused(LANGUAGE("'tokens': 'word', 'lower': true, 'length': 2", "6"), NN_EDATA, "t.txt",
                   "byte 3: a word of more than 1024 bytes");
}

static void test_the_mark_of_utf_8_is_no_character(void **state)
{
    settled s;

    (void)state;
    write_text("t.txt", "\xEF\xBB\xBF"
                        "abcdabcdabcdabcdabcdabcdabcdabcdabcdabcd");
    settle(&s, LANGUAGE("'length': 4", "6")); /* of which padding and the unknown one are two */
    release(&s);
}

static void test_bytes_need_no_encoding(void **state)
{
    settled s;

    (void)state;
    write_text("t.txt", "\xFF\xFF\xFF\xC3\xFF\xFF\xC3\xFF\xFF\xC3\r\n\xFF\xFF\xFF\xFF\xFF\xFF\xFF");
    settle(&s, LANGUAGE("'tokens': 'byte', 'length': 3", "6"));
    assert_int_equal(s.setup->train_set->rows, 19);
    assert_string_equal(nn_vocabulary_text(s.setup->vocabulary, 2), "\xFF");
    assert_string_equal(s.setup->train_set->classes.name[2], "\\xff");
    release(&s);
}

/* ---- generation ---- */

typedef struct heard {
    char text[512];
    size_t len;
    size_t pieces;
} heard;

static nn_code listen(void *context, const char *bytes, size_t len, nn_err *err)
{
    heard *h = context;

    (void)err;
    assert_true(h->len + len < sizeof h->text);
    memcpy(h->text + h->len, bytes, len);
    h->len += len;
    h->pieces++;
    h->text[h->len] = '\0';
    return NN_OK;
}

static heard ask(const nn_model *m, const nn_generate_options *options, int threads,
                 nn_generated *done)
{
    heard h = {.len = 0};
    nn_pool *pool = NULL;
    nn_err err = {0};

    assert_ok(nn_pool_new(&pool, threads, &err), err);
    assert_ok(nn_generate(m, pool, options, done, listen, &h, &err), err);
    nn_pool_free(pool);
    return h;
}

static void open_language(nn_test_run *r, nn_model **m)
{
    const nn_train_options options = {.threads = 1};
    nn_err err = {0};

    write_text("t.txt", "the cat sat on the mat.\nthe dog sat on the log.\nthe cat ate the rat.\n"
                        "the hat of the cat is flat.\nthe rat that sat on a mat ate the hat.\n");
    nn_test_train(r, LANGUAGE("'length': 12, 'stride': 3", "20"), &options);
    assert_ok(r->code, r->err);
    assert_ok(nn_model_open(m, r->run->path, "runs", NULL, 0, &err), err);
}

static void test_a_text_is_a_function_of_its_options(void **state)
{
    nn_generate_options o = {.prompt = "the ", .length = 60, .temperature = 1, .seed = 5};
    nn_generated done;
    nn_test_run r;
    nn_model *m = NULL;

    (void)state;
    open_language(&r, &m);
    const heard first = ask(m, &o, 1, &done), again = ask(m, &o, 3, &done);
    assert_int_equal(first.pieces, 1 + 60);
    assert_memory_equal(first.text, "the ", 4);
    assert_string_equal(first.text, again.text);
    o.seed = 6;
    assert_string_not_equal(ask(m, &o, 1, &done).text, first.text);
    o.top_k = 1;
    const heard greedy = ask(m, &o, 1, &done);
    o.top_k = 0;
    o.temperature = 0;
    assert_string_equal(ask(m, &o, 1, &done).text, greedy.text);
    o.prompt = "the \xC3\xA4#";
    (void)ask(m, &o, 1, &done);
    assert_int_equal(done.prompt_tokens, 6);
    assert_int_equal(done.unknown, 2);
    o.prompt = "";
    assert_int_equal(ask(m, &o, 1, &done).pieces, 60);
    nn_model_free(m);
    nn_test_run_free(&r);
}

/* The likeliest token is that of a run over the whole text, step by step. */
static void test_steps_say_what_the_whole_text_says(void **state)
{
    const nn_generate_options o = {.prompt = "the cat", .length = 5, .temperature = 0};
    nn_generated done;
    nn_test_run r;
    nn_model *m = NULL;
    nn_pool *pool = NULL;
    nn_exec *exec = NULL;
    nn_real x[12] = {0};
    nn_err err = {0};
    int32_t *token = NULL;
    size_t count = 0;

    (void)state;
    open_language(&r, &m);
    const heard h = ask(m, &o, 1, &done);
    const int width = nn_shape_last(&m->graph->out);
    assert_ok(nn_vocabulary_encode(m->prep->vocabulary, h.text, h.len, "", &token, &count, &err),
              err);
    assert_int_equal(count, 12);
    for (size_t i = 0; i < 12; i++)
        x[i] = (nn_real)token[i];
    assert_ok(nn_pool_new(&pool, 1, &err), err);
    assert_ok(nn_exec_new(&exec, m->graph, m->weights, pool, 1, NN_INFER, 0, &err), err);
    const nn_real *y = nn_exec_forward(exec, x, 1, false, 0);
    for (int i = 6; i < 11; i++)
        for (int k = NN_TOKEN_FIRST; k < width; k++)
            assert_true(y[i * width + k] <= y[i * width + token[i + 1]]);
    nn_exec_free(exec);
    nn_pool_free(pool);
    nn_free(token);
    nn_model_free(m);
    nn_test_run_free(&r);
}

static void test_other_models_do_not_go_on(void **state)
{
    const nn_train_options options = {.threads = 1};
    const nn_generate_options o = {.prompt = "a", .length = 1, .temperature = 1};
    nn_generated done;
    nn_test_run r;
    nn_model *m = NULL;
    nn_pool *pool = NULL;
    heard h = {.len = 0};
    nn_err err = {0};

    (void)state;
    write_text("t.txt", "abcabcabcabcabcabcabcabcabcabcabcabc");
    nn_test_train(&r,
                  "{'data': {'train': {'path': 't.txt'}, 'format': 'text', 'text': {'length': "
                  "4}}, 'validation': 0, 'model': {'layers': [{'type': 'Embedding', "
                  "'input_dim': 5, 'output_dim': 2}, {'type': 'Bidirectional', 'layer': "
                  "{'type': 'GRU', 'units': 2, 'return_sequences': true}}, {'type': 'Dense', "
                  "'units': 5, 'activation': 'softmax'}]}, 'training': {'epochs': 1}}",
                  &options);
    assert_ok(r.code, r.err);
    assert_ok(nn_model_open(&m, r.run->path, "runs", NULL, 0, &err), err);
    assert_ok(nn_pool_new(&pool, 1, &err), err);
    assert_int_equal(nn_generate(m, pool, &o, &done, listen, &h, &err), NN_EMODEL);
    assert_string_equal(
        err.msg,
        "the network cannot run step by step: \"bidirectional\" (Bidirectional) sees steps that "
        "come after, or mixes steps; attention with `causal`, Conv1D with padding \"causal\" and "
        "strides 1, and recurrent layers without go_backwards only look back");
    assert_int_equal(h.len, 0);
    nn_pool_free(pool);
    nn_model_free(m);
    nn_test_run_free(&r);
}

/* ---- tables of texts ---- */

#define REVIEWS                                                                                    \
    "id,text,label,split\n1,\"Good, good  wine\",yes,train\n2,bad wine,no,train\n3,bad bread "     \
    "And old cheese toZ,no,train\n4,good,yes,train\n5,new wine,yes,test\n6,,no,test\n"

static void test_texts_are_numbers_padded_behind(void **state)
{
    static const float expected[6][6] = {{8, 3, 4, 0, 0, 0},  {2, 4, 0, 0, 0, 0},
                                         {2, 6, 5, 9, 7, 10}, {3, 0, 0, 0, 0, 0},
                                         {1, 4, 0, 0, 0, 0},  {0}};
    settled s;

    (void)state;
    write_text("t.csv", REVIEWS);
    settle(&s, "{'data': {'train': {'path': 't.csv'}, 'format': 'text', 'target': 'label', 'split':"
               "'split', 'text': {'lower': true}}, 'validation': 0, 'model': {'layers': [{'type': "
               "'Embedding', 'input_dim': 11, 'output_dim': 2, 'mask_zero': true}, {'type': "
               "'GRU', 'units': 2}, {'type': 'Dense', 'units': 1, 'activation': 'sigmoid'}]}}");
    const nn_dataset *d = s.setup->train_set;
    const nn_vocabulary *v = s.setup->vocabulary;

    assert_int_equal(v->length, 6);                        /* of the longest training text */
    assert_string_equal(nn_vocabulary_text(v, 2), "bad");  /* twice, as the next two */
    assert_string_equal(nn_vocabulary_text(v, 3), "good"); /* "good," is another word */
    assert_string_equal(nn_vocabulary_text(v, 4), "wine");
    assert_string_equal(nn_vocabulary_text(v, 5), "and");
    assert_string_equal(nn_vocabulary_text(v, 10), "toz");
    for (int i = 0; i < 6; i++)
        for (int k = 0; k < 6; k++)
            assert_true(d->numbers[i * 6 + k] == expected[i][k]);
    assert_int_equal(s.setup->test.count, 2);
    release(&s);
}

typedef struct answers {
    double y[8];
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

static answers answer(const nn_model *m, const char *csv)
{
    nn_held in = {0};
    nn_pool *pool = NULL;
    nn_err err = {0};
    answers a = {.count = 0};

    write_text("in.csv", csv);
    assert_ok(nn_pool_new(&pool, 1, &err), err);
    assert_ok(nn_held_input(&in, m, "in.csv", NULL, &err), err);
    const nn_subject subject = nn_model_subject(m, pool);
    assert_ok(nn_predict(&subject, &in.view, collect, &a, &err), err);
    nn_held_free(&in);
    nn_pool_free(pool);
    return a;
}

static void test_a_model_of_texts_reads_them_as_it_learnt_to(void **state)
{
    static const char *const same[] = {
        "text\nbad wine\n\"new, bread\"\n", "\"bad wine\"\n\"new, bread\"\n",
        "label,more,text\nyes,1,bad   wine \nno,2,\"unseen words bread\"\n"};
    const nn_train_options options = {.threads = 1};
    nn_test_run r;
    nn_err err = {0};
    nn_model *m = NULL;

    (void)state;
    write_text("t.csv", REVIEWS);
    nn_test_train(&r,
                  "{'seed': 2, 'data': {'train': {'path': 't.csv'}, 'format': 'text', 'target':"
                  "'label', 'id': 'id', 'split': 'split'}, 'validation': 0, 'model': {'layers':"
                  "[{'type': 'Embedding', 'input_dim': 12, 'output_dim': 3, 'mask_zero': true},"
                  "{'type': 'GRU', 'units': 3}, {'type': 'Dense', 'units': 1, 'activation': "
                  "'sigmoid'}]}, 'training': {'epochs': 5}}",
                  &options);
    assert_ok(r.code, r.err);
    assert_ok(nn_model_open(&m, r.run->path, "runs", NULL, 0, &err), err);
    const answers first = answer(m, same[0]);
    assert_int_equal(first.count, 2);
    for (int i = 1; i < 2; i++) {
        const answers a = answer(m, same[i]);

        assert_int_equal(a.count, 2);
        assert_true(a.y[0] == first.y[0] && a.y[1] == first.y[1]);
    }
    assert_true(answer(m, same[2]).y[0] == first.y[0]);
    nn_model_free(m);
    nn_test_run_free(&r);
}

int main(int argc, char **argv)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)
    const struct CMUnitTest tests[] = {
        TEST(test_every_token_is_told_from_those_before),
        TEST(test_the_last_token_alone_may_be_told),
        TEST(test_several_files_are_no_one_text),
        TEST(test_what_is_no_text_is_refused),
        TEST(test_a_word_has_at_most_1024_bytes),
        TEST(test_the_mark_of_utf_8_is_no_character),
        TEST(test_bytes_need_no_encoding),
        TEST(test_a_text_is_a_function_of_its_options),
        TEST(test_steps_say_what_the_whole_text_says),
        TEST(test_other_models_do_not_go_on),
        TEST(test_texts_are_numbers_padded_behind),
        TEST(test_a_model_of_texts_reads_them_as_it_learnt_to),
    };

    return nn_test_main(argc, argv, tests);
}
