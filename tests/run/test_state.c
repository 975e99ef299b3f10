/* What stands in a state: every block of it counts, and what no training leaves is refused. */
#include "run/support/resumed.h"

#include <math.h>

#include "base/mem.h"
#include "run/checkpoint.h"
#include "support/nn_temp.h"

/* ---- states with other bytes and a checksum that is right ---- */

/* The state's tensors, one of them another. */
static void write_changed(const nn_test_run *r, const char *from, int which,
                          const nn_tensor *changed)
{
    static const char *const keys[] = {"format", "version", "machine", "config", "data"};
    nn_tensors *file = NULL;
    nn_tensor tensor[NN_MAX_BLOCKS];
    nn_meta meta[5];
    nn_err err = {0};

    assert_ok(nn_tensors_load(&file, from, &err), err);
    for (int i = 0; i < nn_tensors_count(file); i++)
        tensor[i] = *nn_tensors_at(file, i);
    tensor[which] = *changed;
    for (int i = 0; i < 5; i++)
        meta[i] = (nn_meta){keys[i], nn_tensors_meta(file, keys[i])};
    assert_ok(nn_tensors_save(r->run->state, tensor, nn_tensors_count(file), meta, 5, true, &err),
              err);
    nn_tensors_free(file);
}

/* With other bytes of the same length. */
static void write_forged(const nn_test_run *r, const char *from, int which, const void *bytes)
{
    nn_tensors *file = NULL;
    nn_err err = {0};

    assert_ok(nn_tensors_load(&file, from, &err), err);
    nn_tensor changed = *nn_tensors_at(file, which);
    changed.data = bytes;
    write_changed(r, from, which, &changed);
    nn_tensors_free(file);
}

/* 36 training rows in batches of 7: 6 steps an epoch, the last of them smaller. */
static char *text_of(const char *training, const char *rest)
{
    nn_buf out = {0};

    nn_buf_printf(&out,
                  "{'data': %s, 'seed': 5, 'model': {'layers': [{'type': 'Dense', 'units': 11, "
                  "'activation': 'tanh'}, {'type': 'Dropout', 'rate': 0.3}, {'type': 'Dense', "
                  "'units': 1, 'activation': 'sigmoid'}]}, 'training': {'epochs': 4, 'batch_size': "
                  "7%s}, %s}",
                  nn_test_points, training, rest);
    return out.data;
}

static void take_state(const nn_test_run *r, const char *path)
{
    nn_err err = {0};
    size_t len;
    char *bytes = nn_test_file(r, "state.safetensors", &len);

    assert_ok(nn_file_write(path, bytes, len, NN_REPLACE_EXISTING, &err), err);
    nn_free(bytes);
}

/* Goes on from the state with each piece of 4 bytes of a tensor's begin replaced. */
static int forge(const nn_test_run *r, const char *from, int which, const nn_tensor *t)
{
    static const unsigned pattern[] = {0xffffffffu, 0x7fffffffu, 0x80000000u, 0x7ff00000u, 2};
    unsigned char *const bytes = nn_alloc(t->bytes + 1, 1);
    const size_t most = t->bytes < 28 ? t->bytes : 28;
    static size_t turn;
    int refused = 0;

    for (size_t at = 0; at < most; at += 4)
        for (int times = 0; times < (t->bytes <= 8 ? 3 : 1); times++) {
            const size_t p = turn++ % (sizeof pattern / sizeof pattern[0]);

            memcpy(bytes, t->data, t->bytes);
            memcpy(bytes + at, &pattern[p], t->bytes - at < 4 ? t->bytes - at : 4);
            write_forged(r, from, which, bytes);
            const nn_test_resumed end = nn_test_go_on(r, (nn_test_how){.steps = 1, .threads = 1});
            if (end.code != NN_OK && end.code != NN_ESTOPPED && end.code != NN_EDIVERGED &&
                end.code != NN_EMODEL && end.code != NN_EFILE)
                fail_msg("%s, byte %zu: code %d, %s", t->name, at, (int)end.code, end.err.msg);
            refused += end.code == NN_EMODEL;
        }
    nn_free(bytes);
    return refused;
}

static void test_a_forged_state_leads_nowhere(void **state)
{
    char *text = text_of(", 'on_nonfinite': 'rollback'",
                         "'metrics': ['auc', 'f1', 'accuracy'], 'early_stopping': {}, "
                         "'schedule': 'reduce_on_plateau'");
    nn_test_run r;
    nn_tensors *file = NULL;
    nn_err err = {0};
    int refused = 0;

    (void)state;
    nn_test_train_until(&r, text, 9); /* in the middle of the second epoch */
    char *from = nn_path_join(r.dir, "kept");
    take_state(&r, from);
    assert_ok(nn_tensors_load(&file, from, &err), err);
    for (int i = 0; i < nn_tensors_count(file); i++)
        refused += forge(&r, from, i, nn_tensors_at(file, i));
    assert_in_range(refused, 60, 1000);
    nn_tensors_free(file);
    nn_free(from);
    nn_test_run_free(&r);
    nn_free(text);
}

/* After 9 steps: 3 of the 6 of the second epoch of four. */
static const struct {
    const char *block;
    double value;
} impossible[] = {
    {"epochs", 0},
    {"epochs", 1000000001},
    {"this_epoch", 0},
    {"this_epoch", 6},
    {"batch", 6},
    {"step", 8},
    {"step", 10},
    {"sum_steps", 4},
    {"sum_samples", 37},
    {"sum_counted", -1},
    {"sum_counted", 22},
    {"best_epoch", -1},
    {"best_epoch", 3},
    {"early_waited", -1},
    {"early_waited", 3},
    {"stopped_early", -1},
    {"stopped_early", 2},
    {"plateau_factor", -1},
    {"plateau_factor", 1.5},
    {"plateau_waited", -1},
    {"plateau_waited", 3},
    {"plateau_cooling", -1},
    {"plateau_seen", 2},
    {"guard_steps", 10},
    {"guard_lost", -1},
    {"guard_told", -1},
    {"guard_told", 2},
    {"guard_bad", -1},
    {"guard_bad", 4},
    {"guard_all", -1},
    {"guard_factor", -1},
    {"guard_factor", 1.5},
    {"best", NAN},
    {"weights", NAN},
    {"weights", INFINITY},
    {"begin_weights", NAN},
    {"metric_0", 255},
};

/* The tensor's first value. */
static void put_value(const nn_tensor *t, double value, unsigned char *bytes)
{
    const int32_t whole = isnan(value) ? 0 : (int32_t)value;
    const uint64_t count = isnan(value) || value < 0 ? 0 : (uint64_t)value;
    const float single = (float)value;

    switch (t->dtype) {
    case NN_U8:
        bytes[0] = (unsigned char)whole;
        break;
    case NN_I32:
        memcpy(bytes, &whole, sizeof whole);
        break;
    case NN_F32:
        memcpy(bytes, &single, sizeof single);
        break;
    case NN_F64:
        memcpy(bytes, &value, sizeof value);
        break;
    default:
        memcpy(bytes, &count, sizeof count);
    }
}

static void refuse_value(const nn_test_run *r, const char *from, const nn_tensors *file,
                         const char *block, double value)
{
    unsigned char bytes[1 << 12];
    char expected[80];
    int which = 0;

    while (strcmp(nn_tensors_at(file, which)->name, block) != 0)
        which++;
    const nn_tensor *t = nn_tensors_at(file, which);
    assert_in_range(t->bytes, 1, sizeof bytes);
    memcpy(bytes, t->data, t->bytes);
    put_value(t, value, bytes);
    write_forged(r, from, which, bytes);
    const nn_test_resumed end = nn_test_go_on(r, (nn_test_how){.steps = 0, .threads = 1});
    (void)snprintf(expected, sizeof expected, "no training leaves such a \"%s\"", block);
    if (strstr(block, "weights") != NULL)
        (void)snprintf(expected, sizeof expected, "weights of the state are NaN or infinite");
    if (end.code != NN_EMODEL || strcmp(end.err.msg, expected) != 0)
        fail_msg("%s of %g: code %d, %s", block, value, (int)end.code, end.err.msg);
}

static void test_what_no_training_leaves_is_named(void **state)
{
    char *text = text_of(", 'on_nonfinite': 'rollback'",
                         "'metrics': ['auc'], 'early_stopping': {}, 'schedule': "
                         "'reduce_on_plateau'");
    nn_test_run r;
    nn_tensors *file = NULL;
    nn_err err = {0};

    (void)state;
    nn_test_train_until(&r, text, 9);
    char *from = nn_path_join(r.dir, "kept");
    take_state(&r, from);
    assert_ok(nn_tensors_load(&file, from, &err), err);
    for (size_t i = 0; i < sizeof impossible / sizeof impossible[0]; i++)
        refuse_value(&r, from, file, impossible[i].block, impossible[i].value);
    nn_tensors_free(file);
    nn_free(from);
    nn_test_run_free(&r);
    nn_free(text);
}

/* Of the same length; there is no second of one byte. */
static nn_dtype other_type(nn_dtype dtype)
{
    switch (dtype) {
    case NN_I32:
        return NN_F32;
    case NN_F32:
        return NN_I32;
    case NN_F64:
    case NN_U64:
        return NN_I64;
    default:
        return dtype;
    }
}

/* Of any block: one number less, another type, another name. */
static void test_blocks_of_another_form_are_refused(void **state)
{
    char *text = text_of("", "'metrics': ['accuracy']");
    nn_test_run r;
    nn_tensors *file = NULL;
    nn_err err = {0};

    (void)state;
    nn_test_train_until(&r, text, 9);
    char *from = nn_path_join(r.dir, "kept");
    take_state(&r, from);
    assert_ok(nn_tensors_load(&file, from, &err), err);
    for (int i = 0; i < nn_tensors_count(file); i++)
        for (int way = 0; way < 3; way++) {
            nn_tensor t = *nn_tensors_at(file, i);
            char expected[128];

            if (way == 1 && t.dtype == NN_U8)
                continue;
            (void)snprintf(expected, sizeof expected,
                           "the state's \"%s\" is missing or of another size", t.name);
            if (way == 0) {
                t.bytes -= t.bytes / t.count;
                t.dim[0] = (int64_t)--t.count;
            } else if (way == 1) {
                t.dtype = other_type(t.dtype);
            } else {
                t.name = "other";
            }
            write_changed(&r, from, i, &t);
            const nn_test_resumed end = nn_test_go_on(&r, (nn_test_how){.threads = 1});
            if (end.code != NN_EMODEL || strcmp(end.err.msg, expected) != 0)
                fail_msg("%s, way %d: code %d, %s", t.name, way, (int)end.code, end.err.msg);
        }
    nn_tensors_free(file);
    nn_free(from);
    nn_test_run_free(&r);
    nn_free(text);
}

/* Nothing damages a file so that only the name of its sum changes, but somebody may write one so.
 */
static void test_a_state_has_a_sum(void **state)
{
    char *text = text_of("", "'metrics': ['accuracy']");
    nn_test_run r;
    nn_err err = {0};
    size_t len;

    (void)state;
    nn_test_train_until(&r, text, 9);
    char *bytes = nn_test_file(&r, "state.safetensors", &len);
    char *at = bytes;
    while (memcmp(at, "\"crc32\"", 7) != 0)
        at++;
    at[5] = '3';
    assert_ok(nn_rundir_write(r.run, "state.safetensors", bytes, len, &err), err);
    assert_int_equal(remove(r.run->older), 0);
    const nn_test_resumed end = nn_test_go_on(&r, (nn_test_how){.steps = 0, .threads = 1});
    assert_int_equal(end.code, NN_EMODEL);
    assert_string_equal(end.err.msg, "expected \"crc32\" in the metadata, got none");
    nn_free(bytes);
    nn_test_run_free(&r);
    nn_free(text);
}

/* ---- each block of a state counts ---- */

/*
 * A training whose state is taken after some steps. As a resume that forgot a block would have
 * it, the block is then what it was when the training began; somewhere the end must show it.
 */
typedef struct moment {
    const char *rest; /* of the config, after data */
    int first, last;  /* steps after which a state is taken; the end of the training when beyond */
    const char *data; /* NULL: nn_test_points; "64x1 2x-3": rows of 1 with these targets */
} moment;

#define LINE "'validation': 0, 'model': {'layers': [{'type': 'Dense', 'units': 1}]}, "
/* Says 0 to each row, and learns next to nothing: loss and gradients are those of the targets. */
#define STILL                                                                                      \
    "'validation': 0, 'model': {'layers': [{'type': 'Dense', 'units': 1, 'use_bias': false, "      \
    "'kernel_initializer': 'zeros'}]}, 'optimizer': {'type': 'sgd', 'learning_rate': 1e-12}, "     \
    "'training': {'epochs': 2, 'batch_size': 1, 'shuffle': false}"
/* Two layers, statistics and chance; the loss falls. */
#define LIVELY                                                                                     \
    "'seed': 5, 'model': {'layers': [{'type': 'Dense', 'units': 4, 'activation': 'tanh'}, "        \
    "{'type': 'BatchNormalization'}, {'type': 'Dropout', 'rate': 0.3}, {'type': 'Dense', "         \
    "'units': 1, 'activation': 'sigmoid'}]}, "
#define SIX_STEPS "'training': {'epochs': 5, 'batch_size': 6}"

/* 12 rows of which two are beyond all bounds, one of them the last. */
static const char bad_rows[] =
    "{'task': 'regression', 'scale': 'none', 'train': {'inline': {'x': [[1],[2],[3],[4],[1e30],[5],"
    "[6],[7],[8],[9],[10],[-1e30]], 'y': [2,4,6,8,10,12,14,16,18,20,22,24]}}}";

static const moment moments[] = {
    {LIVELY "'metrics': ['auc', 'accuracy'], " SIX_STEPS, 8, 9, NULL},
    {LIVELY "'optimizer': {'type': 'adam', 'learning_rate': 0.5}, 'checkpoint': {'monitor': "
            "'val_accuracy'}, " SIX_STEPS,
     20, 21, NULL},
    {LIVELY "'early_stopping': {'patience': 2, 'min_delta': 1000}, " SIX_STEPS, 14, 14, NULL},
    {LIVELY "'early_stopping': {'patience': 2, 'min_delta': 1000}, " SIX_STEPS, 1000, 1000, NULL},
    {LIVELY "'early_stopping': {'patience': 1}, 'optimizer': {'type': 'adam', 'learning_rate': "
            "0.05}, " SIX_STEPS,
     7, 7, NULL},
    {LIVELY "'schedule': {'type': 'reduce_on_plateau', 'patience': 1, 'min_delta': 1000, "
            "'cooldown': 2}, " SIX_STEPS,
     13, 13, NULL},
    {LIVELY
     "'schedule': {'type': 'reduce_on_plateau', 'patience': 2, 'min_delta': 1000}, " SIX_STEPS,
     13, 13, NULL},
    {LIVELY "'schedule': {'type': 'reduce_on_plateau', 'patience': 1}, 'optimizer': {'type': "
            "'adam', 'learning_rate': 0.05}, " SIX_STEPS,
     13, 13, NULL},
    {"'seed': 2, " LINE "'training': {'epochs': 7, 'batch_size': 2, "
     "'on_nonfinite': 'rollback'}",
     14, 17, bad_rows},
    {"'seed': 2, " LINE "'schedule': {'type': 'step', 'unit': 'step', 'step_size': "
     "1, 'gamma': 0.5}, 'training': {'epochs': 2, 'batch_size': 2, 'on_nonfinite': 'skip', "
     "'shuffle': false}",
     5, 5, bad_rows},
    {STILL, 135, 135, "140x1 1x1e4 9x1"}, /* gradients that are not usual */
    {STILL, 100, 100, "140x1 1x1e4 9x1"},
    {STILL, 145, 145, "140x1 1x1e4 9x1"},
    {STILL, 70, 70, "64x100 76x0.01 1x50"}, /* nor are these, but they were larger at first */
    {STILL, 50, 50, "10x0.01 150x10"},      /* a loss that is lost after 100 steps */
};
enum { MOMENTS = sizeof moments / sizeof moments[0] };

/* What need not come back, and why. */
static const char *const exempt[] = {
    "epochs", /* the number planned: test_resume's refusal of another one holds it */
    NULL,
};

static bool is_exempt(const char *name)
{
    for (int i = 0; exempt[i] != NULL; i++)
        if (strcmp(exempt[i], name) == 0)
            return true;
    return false;
}

static void put_targets(nn_buf *out, const char *list)
{
    nn_buf x = {0}, y = {0};
    int count, len;
    double value;

    for (const char *at = list; sscanf(at, "%dx%lf%n", &count, &value, &len) == 2; at += len)
        for (int i = 0; i < count; i++) {
            nn_buf_put(&x, x.len == 0 ? "[1]" : ",[1]");
            nn_buf_printf(&y, "%s%g", y.len == 0 ? "" : ",", value);
        }
    nn_buf_printf(out,
                  "{'task': 'regression', 'scale': 'none', 'train': {'inline': {'x': [%s], 'y': "
                  "[%s]}}}",
                  x.data, y.data);
    nn_buf_free(&x);
    nn_buf_free(&y);
}

static char *text_of_moment(const moment *m)
{
    nn_buf out = {0};

    nn_buf_put(&out, "{'data': ");
    if (m->data == NULL || m->data[0] == '{')
        nn_buf_put(&out, m->data == NULL ? nn_test_points : m->data);
    else
        put_targets(&out, m->data);
    nn_buf_printf(&out, ", %s}", m->rest);
    return out.data;
}

/* The files of a run that a resume reads and changes. */
typedef struct files {
    char *bytes[3];
    size_t len[3];
} files;
static const char *const file_names[] = {"state.safetensors", "metrics.jsonl", "timing.jsonl"};

static void take_files(files *f, const nn_test_run *r)
{
    for (int i = 0; i < 3; i++)
        f->bytes[i] = nn_test_file(r, file_names[i], &f->len[i]);
}

static void put_files(const files *f, const nn_test_run *r)
{
    nn_err err = {0};

    for (int i = 0; i < 3; i++)
        assert_ok(nn_rundir_write(r->run, file_names[i], f->bytes[i], f->len[i], &err), err);
}

static void free_files(files *f)
{
    for (int i = 0; i < 3; i++)
        nn_free(f->bytes[i]);
}

/* Goes on; NULL, or what shows that this is not the training of `whole`. */
static const char *difference_after_going_on(const nn_test_run *whole, const nn_test_run *r)
{
    const nn_test_resumed end = nn_test_go_on(r, (nn_test_how){.steps = -1, .threads = 1});
    static char all[sizeof r->warning + sizeof end.warning];

    if (end.code != whole->code)
        return "the code";
    if (strcmp(end.err.where, whole->err.where) != 0 || strcmp(end.err.msg, whole->err.msg) != 0)
        return "the error";
    (void)snprintf(all, sizeof all, "%s%s", r->warning, end.warning);
    if (strcmp(all, whole->warning) != 0)
        return "the warnings";
    return end.code == NN_OK ? nn_test_difference(whole, r) : NULL;
}

/* Names of blocks, and whether the loss of each was seen. */
typedef struct noted {
    char name[NN_MAX_BLOCKS][NN_BLOCK_NAME];
    bool seen[NN_MAX_BLOCKS];
    int count;
} noted;

static bool *seen_of(noted *all, const char *name)
{
    int i = 0;

    while (i < all->count && strcmp(all->name[i], name) != 0)
        i++;
    if (i == all->count)
        (void)snprintf(all->name[all->count++], NN_BLOCK_NAME, "%s", name);
    return &all->seen[i];
}

/* Goes on from the state in `at` with each block whose loss was not seen yet as it is in `begin`.
 */
static void lose_each(const nn_test_run *whole, const nn_test_run *r, const char *at,
                      const nn_tensors *begin, noted *all)
{
    files kept;

    take_files(&kept, r);
    for (int i = 0; i < nn_tensors_count(begin); i++) {
        const nn_tensor *t = nn_tensors_at(begin, i);
        bool *const seen = seen_of(all, t->name);

        if (*seen)
            continue;
        put_files(&kept, r);
        write_forged(r, at, i, t->data);
        *seen = difference_after_going_on(whole, r) != NULL;
    }
    put_files(&kept, r);
    const char *what = difference_after_going_on(whole, r);
    if (what != NULL)
        fail_msg("%s differs although nothing was lost", what);
    free_files(&kept);
}

static void lose_at(const nn_test_run *whole, const char *text, int steps, noted *all)
{
    nn_test_run first, r;
    nn_tensors *begin = NULL;
    nn_err err = {0};

    nn_test_train_until(&first, text, 0);
    assert_ok(nn_tensors_load(&begin, first.run->state, &err), err);
    nn_test_train_until(&r, text, steps);
    assert_int_equal(r.code, steps < 1000 ? NN_ESTOPPED : NN_OK);
    char *at = nn_path_join(r.dir, "kept");
    take_state(&r, at);
    lose_each(whole, &r, at, begin, all);
    nn_free(at);
    nn_tensors_free(begin);
    nn_test_run_free(&first);
    nn_test_run_free(&r);
}

static void test_a_block_that_does_not_come_back_shows_in_the_end(void **state)
{
    static noted all;

    (void)state;
    if (sizeof(nn_real) > sizeof(float))
        skip(); /* in double the bad rows spoil nothing */
    for (int m = 0; m < MOMENTS; m++) {
        char *text = text_of_moment(&moments[m]);
        nn_test_run whole;

        nn_test_train_until(&whole, text, -1);
        for (int steps = moments[m].first; steps <= moments[m].last; steps++)
            lose_at(&whole, text, steps, &all);
        nn_test_run_free(&whole);
        nn_free(text);
    }
    for (int i = 0; i < all.count; i++)
        if (all.seen[i] == is_exempt(all.name[i]))
            fail_msg("the loss of \"%s\" is seen %s", all.name[i],
                     all.seen[i] ? "and need not be exempt"
                                 : "nowhere: add a moment that shows it");
    assert_in_range(all.count, 40, NN_MAX_BLOCKS);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_forged_state_leads_nowhere),
        cmocka_unit_test(test_what_no_training_leaves_is_named),
        cmocka_unit_test(test_blocks_of_another_form_are_refused),
        cmocka_unit_test(test_a_state_has_a_sum),
        cmocka_unit_test(test_a_block_that_does_not_come_back_shows_in_the_end),
    };

    return nn_test_main(argc, argv, tests);
}
