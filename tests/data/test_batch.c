/* Batches: the right rows, scaled the same whoever fills them, without allocating. */
#include "support/nn_test.h"

#include <math.h>

#include "base/mem.h"
#include "data/batch.h"

enum { ROWS = 60, LEN = 6 };

typedef struct fake {
    nn_dataset d;
    nn_prep prep;
    uint8_t byte[ROWS * LEN];
    float number[ROWS * LEN];
    float value[ROWS * 2];
    int32_t label[ROWS];
    double shift[LEN], factor[LEN], target_shift[2], target_factor[2];
    uint32_t order[ROWS];
} fake;

static void make(fake *f)
{
    memset(f, 0, sizeof *f);
    for (int i = 0; i < ROWS * LEN; i++) {
        f->byte[i] = (uint8_t)(i * 7);
        f->number[i] = (float)i * 0.37f - 20;
    }
    for (int i = 0; i < ROWS; i++) {
        f->label[i] = i % 3;
        f->order[i] = (uint32_t)(i * 7 % ROWS);
        f->value[2 * i] = (float)i;
        f->value[2 * i + 1] = (float)-i / 100;
    }
    for (int c = 0; c < LEN; c++) {
        f->shift[c] = 0.1 * c;
        f->factor[c] = 1.0 / (c + 3);
    }
    f->target_shift[0] = 5;
    f->target_factor[0] = 0.5;
    f->target_factor[1] = 4;
    f->d = (nn_dataset){.rows = ROWS, .shape = nn_shape_2(2, 3), .numbers = f->number};
    f->prep = (nn_prep){.scale = NN_SCALE_STANDARD,
                        .shape = f->d.shape,
                        .columns = 3,
                        .shift = f->shift,
                        .factor = f->factor,
                        .width = 2,
                        .target_shift = f->target_shift,
                        .target_factor = f->target_factor};
}

static nn_batch *new_batch(fake *f, int most, bool weighted)
{
    nn_batch *batch = NULL;
    nn_err err = {0};

    assert_ok(nn_batch_new(&batch, &f->d, &f->prep, most, weighted, &err), err);
    return batch;
}

static nn_pool *new_pool(int threads)
{
    nn_pool *pool = NULL;
    nn_err err = {0};

    assert_ok(nn_pool_new(&pool, threads, &err), err);
    return pool;
}

static void test_rows_come_in_the_order_given(void **state)
{
    nn_pool *pool = new_pool(1);
    nn_batch *batch = NULL;
    fake f;

    (void)state;
    make(&f);
    batch = new_batch(&f, 40, false);
    const nn_view v = {.data = &f.d, .count = ROWS};
    nn_batch_fill(batch, &v, &f.prep, f.order, 10, 33, NULL, pool);
    assert_int_equal(batch->n, 33);
    for (int i = 0; i < 33; i++) {
        const uint32_t row = f.order[10 + i];

        assert_int_equal(batch->row[i], row);
        for (int k = 0; k < LEN; k++) {
            const double x = (double)f.number[row * LEN + (uint32_t)k];

            assert_float_equal(batch->x[i * LEN + k],
                               (nn_real)((x - f.shift[k % 3]) * f.factor[k % 3]), 0);
        }
    }
    assert_null(batch->label);
    assert_null(batch->value);
    assert_null(batch->weight);
    nn_batch_free(batch);
    nn_pool_free(pool);
}

static void test_floats_without_columns_are_scaled_alike(void **state)
{
    nn_pool *pool = new_pool(1);
    fake f;

    (void)state;
    make(&f);
    f.prep.columns = 1;
    f.shift[0] = 0.75;
    nn_batch *batch = new_batch(&f, 2, false);
    const nn_view v = {.data = &f.d, .count = ROWS};
    nn_batch_fill(batch, &v, &f.prep, NULL, 5, 2, NULL, pool);
    for (int k = 0; k < 2 * LEN; k++) {
        const double x = (double)f.number[5 * LEN + k];

        assert_float_equal(batch->x[k], (nn_real)((x - 0.75) * f.factor[0]), 0);
    }
    nn_batch_free(batch);
    nn_pool_free(pool);
}

static void test_a_view_chooses_the_rows(void **state)
{
    uint32_t chosen[] = {50, 3, 7};
    nn_pool *pool = new_pool(1);
    nn_batch *batch = NULL;
    fake f;

    (void)state;
    make(&f);
    f.d.label = f.label;
    batch = new_batch(&f, 3, false);
    const nn_view v = {&f.d, chosen, 3};
    nn_batch_fill(batch, &v, &f.prep, NULL, 1, 2, NULL, pool);
    assert_int_equal(batch->row[0], 3);
    assert_int_equal(batch->row[1], 7);
    assert_int_equal(batch->label[0], 0);
    assert_int_equal(batch->label[1], 1);
    nn_batch_free(batch);
    nn_pool_free(pool);
}

static void test_bytes_take_the_short_way_and_the_long_with_the_same_meaning(void **state)
{
    nn_pool *pool = new_pool(1);
    nn_batch *batch = NULL;
    fake f;

    (void)state;
    make(&f);
    f.d.numbers = NULL;
    f.d.bytes = f.byte;
    batch = new_batch(&f, ROWS, false);
    const nn_view v = {.data = &f.d, .count = ROWS};
    nn_batch_fill(batch, &v, &f.prep, NULL, 0, ROWS, NULL, pool);
    for (int i = 0; i < ROWS * LEN; i++)
        assert_float_equal(batch->x[i],
                           (nn_real)(((double)f.byte[i] - f.shift[i % 3]) * f.factor[i % 3]), 0);
    f.prep.columns = 1;
    f.prep.scale = NN_SCALE_UNIT;
    f.prep.shift[0] = 0;
    f.prep.factor[0] = 1.0 / 255;
    nn_batch_fill(batch, &v, &f.prep, NULL, 0, ROWS, NULL, pool);
    for (int i = 0; i < ROWS * LEN; i++)
        assert_float_equal(batch->x[i], (nn_real)f.byte[i] * (nn_real)(1.0 / 255), 0);
    nn_batch_free(batch);
    nn_pool_free(pool);
}

static void test_targets_are_scaled(void **state)
{
    nn_pool *pool = new_pool(1);
    nn_batch *batch = NULL;
    fake f;

    (void)state;
    make(&f);
    f.d.value = f.value;
    f.d.width = 2;
    batch = new_batch(&f, ROWS, false);
    assert_int_equal(batch->width, 2);
    const nn_view v = {.data = &f.d, .count = ROWS};
    nn_batch_fill(batch, &v, &f.prep, NULL, 0, ROWS, NULL, pool);
    assert_float_equal(batch->value[2 * 9], 2, 0);
    assert_float_equal(batch->value[2 * 9 + 1], (nn_real)((double)-0.09f * 4), 0);
    f.prep.target_scale = NN_TARGET_LOG1P;
    nn_batch_fill(batch, &v, &f.prep, NULL, 0, ROWS, NULL, pool);
    assert_float_equal(batch->value[2 * 9], (nn_real)((log1p(9) - 5) * 0.5), 0);
    f.prep.width = 0; /* a prep that knows nothing of targets */
    f.prep.target_scale = NN_TARGET_NONE;
    nn_batch_fill(batch, &v, &f.prep, NULL, 0, ROWS, NULL, pool);
    assert_float_equal(batch->value[2 * 9], 9, 0);
    nn_batch_free(batch);
    nn_pool_free(pool);
}

static void test_weights_follow_the_classes(void **state)
{
    static const double weight[] = {0.5, 2, 3};
    nn_pool *pool = new_pool(1);
    nn_batch *batch = NULL;
    fake f;

    (void)state;
    make(&f);
    f.d.label = f.label;
    batch = new_batch(&f, 4, true);
    const nn_view v = {.data = &f.d, .count = ROWS};
    nn_batch_fill(batch, &v, &f.prep, NULL, 0, 4, weight, pool);
    assert_float_equal(batch->weight[0], 0.5, 0);
    assert_float_equal(batch->weight[1], 2, 0);
    assert_float_equal(batch->weight[2], 3, 0);
    assert_float_equal(batch->weight[3], 0.5, 0);
    nn_batch_fill(batch, &v, &f.prep, NULL, 0, 4, NULL, pool);
    assert_float_equal(batch->weight[1], 1, 0);
    nn_batch_free(batch);
    nn_pool_free(pool);
}

static void test_threads_change_no_bit(void **state)
{
    static const int threads[] = {2, 3, 7};
    nn_pool *alone = new_pool(1);
    nn_batch *a = NULL, *other = NULL;
    fake f;

    (void)state;
    make(&f);
    f.d.label = f.label;
    f.d.value = f.value;
    f.d.width = 2;
    a = new_batch(&f, ROWS, true);
    other = new_batch(&f, ROWS, true);
    const nn_view v = {.data = &f.d, .count = ROWS};
    nn_batch_fill(a, &v, &f.prep, f.order, 0, ROWS, NULL, alone);
    for (size_t i = 0; i < 3; i++) {
        nn_pool *pool = new_pool(threads[i]);

        memset(other->x, 0xFF, ROWS * LEN * sizeof *other->x);
        nn_batch_fill(other, &v, &f.prep, f.order, 0, ROWS, NULL, pool);
        assert_memory_equal(a->x, other->x, ROWS * LEN * sizeof *a->x);
        assert_memory_equal(a->label, other->label, ROWS * sizeof *a->label);
        assert_memory_equal(a->value, other->value, ROWS * 2 * sizeof *a->value);
        nn_pool_free(pool);
    }
    nn_batch_free(a);
    nn_batch_free(other);
    nn_pool_free(alone);
}

static void test_filling_allocates_nothing(void **state)
{
    nn_pool *pool = new_pool(2);
    nn_batch *batch = NULL;
    uint64_t calls = 0;
    fake f;

    (void)state;
    make(&f);
    f.d.label = f.label;
    batch = new_batch(&f, 32, true);
    const nn_view v = {.data = &f.d, .count = ROWS};
    calls = nn_mem_read().calls;
    for (int i = 0; i < 3; i++)
        nn_batch_fill(batch, &v, &f.prep, f.order, 0, 32, NULL, pool);
    assert_int_equal(nn_mem_read().calls, calls);
    nn_batch_free(batch);
    nn_pool_free(pool);
}

static void test_no_memory_is_an_error_without_a_leak(void **state)
{
    nn_code rc = NN_ELIMIT;
    int failed = 0;
    fake f;

    (void)state;
    make(&f);
    f.d.label = f.label;
    f.d.value = f.value;
    f.d.width = 2;
    const uint64_t live = nn_mem_read().live;
    for (uint64_t n = 1; rc == NN_ELIMIT; n++) {
        nn_batch *batch = NULL;
        nn_err err = {0};

        nn_mem_fail_at(n);
        rc = nn_batch_new(&batch, &f.d, &f.prep, 8, 1, &err);
        nn_mem_fail_at(0);
        failed += rc == NN_ELIMIT;
        nn_batch_free(batch);
        assert_int_equal(nn_mem_read().live, live);
    }
    assert_int_equal(rc, NN_OK);
    assert_int_equal(failed, 6);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_come_in_the_order_given),
        cmocka_unit_test(test_floats_without_columns_are_scaled_alike),
        cmocka_unit_test(test_a_view_chooses_the_rows),
        cmocka_unit_test(test_bytes_take_the_short_way_and_the_long_with_the_same_meaning),
        cmocka_unit_test(test_targets_are_scaled),
        cmocka_unit_test(test_weights_follow_the_classes),
        cmocka_unit_test(test_threads_change_no_bit),
        cmocka_unit_test(test_filling_allocates_nothing),
        cmocka_unit_test(test_no_memory_is_an_error_without_a_leak),
    };

    return nn_test_main(argc, argv, tests);
}
