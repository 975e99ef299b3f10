/* Augmentation: what is drawn, how often, and that only (seed, epoch, row) decide. */
#include "support/nn_test.h"

#include <math.h>

#include "base/mem.h"
#include "data/batch.h"

enum { H = 12, W = 10, LEN = H * W, ROWS = 40, CLASSES = 4 };

static nn_augment *new_augment(const nn_augment_conf *conf, nn_shape shape)
{
    nn_augment *a = NULL;
    nn_err err = {0};

    assert_ok(nn_augment_new(&a, conf, &shape, 2, 9, &err), err);
    return a;
}

static void draw_picture(nn_real *x)
{
    for (int i = 0; i < LEN; i++)
        x[i] = (nn_real)(1 + i * 29 % 97);
}

/* The picture of a row in an epoch, as `conf` has it. */
static void look(const nn_augment_conf *conf, uint64_t epoch, uint32_t row, nn_real *x)
{
    nn_augment *a = new_augment(conf, nn_shape_2(H, W));

    draw_picture(x);
    nn_augment_picture(a, epoch, row, 1, x);
    nn_augment_noise(a, epoch, row, x);
    nn_augment_free(a);
}

static void test_all_zero_changes_nothing(void **state)
{
    const nn_augment_conf none = {0};
    nn_real x[LEN], y[LEN];

    (void)state;
    draw_picture(x);
    look(&none, 1, 1, y);
    assert_memory_equal(x, y, sizeof x);
    assert_true(nn_augment_is_none(&none));
    assert_false(nn_augment_is_none(&(nn_augment_conf){.noise = 0.1}));
    assert_false(nn_augment_is_none(&(nn_augment_conf){.mixup = 0.1}));
    assert_false(nn_augment_is_none(&(nn_augment_conf){.erase = 0.1}));
    assert_false(nn_augment_is_none(&(nn_augment_conf){.flip = NN_FLIP_VERTICAL}));
}

static const nn_augment_conf everything = {
    .shift = 0.2, .rotate = 30, .zoom = 0.2, .flip = NN_FLIP_BOTH, .noise = 0.5, .erase = 0.4};

static void test_seed_epoch_and_row_decide(void **state)
{
    nn_real x[LEN], y[LEN];
    nn_augment *other = NULL;
    nn_err err = {0};
    const nn_shape shape = nn_shape_2(H, W);

    (void)state;
    look(&everything, 3, 5, x);
    look(&everything, 3, 5, y);
    assert_memory_equal(x, y, sizeof x);
    look(&everything, 4, 5, y);
    assert_memory_not_equal(x, y, sizeof x);
    look(&everything, 3, 6, y);
    assert_memory_not_equal(x, y, sizeof x);
    assert_ok(nn_augment_new(&other, &everything, &shape, 1, 10, &err), err);
    draw_picture(y);
    nn_augment_picture(other, 3, 5, 0, y);
    nn_augment_noise(other, 3, 5, y);
    nn_augment_free(other);
    assert_memory_not_equal(x, y, sizeof x);
}

/* Each use draws from numbers of its own: switching one on does not move what the others do. */
static void test_uses_do_not_disturb_each_other(void **state)
{
    nn_augment_conf move = everything, rest = everything;
    nn_real moved[LEN], all[LEN];
    int same = 0;

    (void)state;
    move.noise = move.erase = 0;
    rest.noise = 0;
    look(&move, 2, 8, moved);
    look(&rest, 2, 8, all);
    for (int i = 0; i < LEN; i++) {
        assert_true(all[i] == moved[i] || all[i] == 0); /* erased, and nothing else */
        same += all[i] == moved[i];
    }
    assert_true(same > LEN / 2);
}

/* A picture of one bright pixel in the middle tells where it went. */
static void where(const nn_augment *a, uint32_t row, double *y, double *x)
{
    nn_real p[21 * 21] = {0};
    double sum = 0;

    p[10 * 21 + 10] = 1;
    nn_augment_picture(a, 1, row, 0, p);
    *y = *x = 0;
    for (int i = 0; i < 21 * 21; i++) {
        sum += (double)p[i];
        *y += (double)p[i] * (i / 21 - 10);
        *x += (double)p[i] * (i % 21 - 10);
    }
    assert_float_equal(sum, 1, 1e-4);
}

static void test_shifts_fill_the_range_evenly(void **state)
{
    enum { N = 4000 };
    const nn_augment_conf conf = {.shift = 4.0 / 21};
    nn_augment *a = new_augment(&conf, nn_shape_2(21, 21));
    double squares = 0, product = 0, most = 0;

    (void)state;
    for (uint32_t row = 0; row < N; row++) {
        double y, x;

        where(a, row, &y, &x);
        assert_true(fabs(y) <= 4.001 && fabs(x) <= 4.001);
        most = fmax(most, fmax(fabs(y), fabs(x)));
        squares += (y * y + x * x) / (2 * N);
        product += y * x / N;
    }
    assert_true(most > 3.98);
    assert_float_equal(squares, 16.0 / 3, 0.2); /* of an even spread from -4 to 4 */
    assert_float_equal(product, 0, 0.35);
    nn_augment_free(a);
}

static void test_rotation_turns_about_the_centre_within_its_range(void **state)
{
    const nn_augment_conf conf = {.rotate = 90};
    nn_augment *a = new_augment(&conf, nn_shape_2(21, 21));
    int steep = 0;

    (void)state;
    for (uint32_t row = 0; row < 300; row++) {
        nn_real p[21 * 21] = {0};
        double y = 0, x = 0, sum = 0;

        p[10 * 21 + 18] = 1; /* eight to the right of the centre */
        nn_augment_picture(a, 1, row, 0, p);
        for (int i = 0; i < 21 * 21; i++) {
            sum += (double)p[i];
            y += (double)p[i] * (i / 21 - 10);
            x += (double)p[i] * (i % 21 - 10);
        }
        assert_float_equal(hypot(y / sum, x / sum), 8, 0.5);
        assert_true(x / sum > -0.6);
        steep += fabs(y) > fabs(x);
    }
    assert_in_range(steep, 110, 190); /* half of them turn by more than 45 degrees */
    nn_augment_free(a);
}

/* The light of a round spot grows by the square of its size. */
static void test_zoom_makes_larger_and_smaller(void **state)
{
    const nn_augment_conf conf = {.zoom = 0.5};
    nn_augment *a = new_augment(&conf, nn_shape_2(21, 21));
    double least = 10, most = 0;

    (void)state;
    for (uint32_t row = 0; row < 300; row++) {
        nn_real p[21 * 21];
        double before = 0, after = 0;

        for (int i = 0; i < 21 * 21; i++) {
            p[i] = (nn_real)exp(-(pow(i / 21 - 10, 2) + pow(i % 21 - 10, 2)) / 8);
            before += (double)p[i];
        }
        nn_augment_picture(a, 1, row, 0, p);
        for (int i = 0; i < 21 * 21; i++)
            after += (double)p[i];
        least = fmin(least, sqrt(after / before));
        most = fmax(most, sqrt(after / before));
    }
    assert_float_equal(least, 0.5, 0.02);
    assert_float_equal(most, 1.5, 0.03);
    nn_augment_free(a);
}

static int count_flips(int flip, int *vertical, int *both)
{
    const nn_augment_conf conf = {.flip = flip};
    nn_augment *a = new_augment(&conf, nn_shape_2(H, W));
    int horizontal = 0;

    *vertical = *both = 0;
    for (uint32_t row = 0; row < 1000; row++) {
        nn_real x[LEN], y[LEN];
        int h, v;

        draw_picture(x);
        memcpy(y, x, sizeof x);
        nn_augment_picture(a, 1, row, 0, y);
        h = y[0] == x[W - 1] || y[0] == x[LEN - 1];
        v = y[0] == x[LEN - W] || y[0] == x[LEN - 1];
        for (int i = 0; i < LEN; i++) {
            const int line = v ? H - 1 - i / W : i / W, column = h ? W - 1 - i % W : i % W;

            assert_true(y[i] == x[line * W + column]);
        }
        horizontal += h;
        *vertical += v;
        *both += h && v;
    }
    nn_augment_free(a);
    return horizontal;
}

static void test_flips_mirror_every_other_picture(void **state)
{
    int vertical, both;

    (void)state;
    assert_in_range(count_flips(NN_FLIP_HORIZONTAL, &vertical, &both), 440, 560);
    assert_int_equal(vertical, 0);
    assert_int_equal(count_flips(NN_FLIP_VERTICAL, &vertical, &both), 0);
    assert_in_range(vertical, 440, 560);
    assert_in_range(count_flips(NN_FLIP_BOTH, &vertical, &both), 440, 560);
    assert_in_range(vertical, 440, 560);
    assert_in_range(both, 200, 300); /* the one says nothing about the other */
}

static void test_erasing_clears_a_rectangle(void **state)
{
    const nn_augment_conf conf = {.erase = 0.5};
    nn_augment *a = new_augment(&conf, nn_shape_3(H, W / 2, 2));
    double area = 0;
    int corner = 0;

    (void)state;
    for (uint32_t row = 0; row < 2000; row++) {
        nn_real x[LEN], y[LEN];
        int erased = 0, top = H, bottom = -1, left = W, right = -1;

        draw_picture(x);
        memcpy(y, x, sizeof x);
        nn_augment_picture(a, 1, row, 0, y);
        for (int i = 0; i < LEN; i++) {
            const int line = i / W, column = i % W / 2;

            assert_true(y[i] == x[i] || y[i] == 0);
            if (y[i] != 0)
                continue;
            erased++;
            top = line < top ? line : top;
            bottom = line > bottom ? line : bottom;
            left = column < left ? column : left;
            right = column > right ? column : right;
        }
        if (erased > 0) {
            assert_int_equal(erased, (bottom - top + 1) * (right - left + 1) * 2);
            assert_true(bottom - top < H / 2 && right - left < (W / 2 + 2) / 2);
        }
        area += (double)erased / LEN / 2000;
        corner += y[LEN - 1] == 0;
    }
    assert_float_equal(area, 0.0625, 0.012); /* a quarter of each side, on average */
    assert_true(corner > 0);
    nn_augment_free(a);
}

static void test_shares_are_beta_distributed(void **state)
{
    static const double alphas[] = {1, 0.2, 0.01};
    enum { N = 20000 };

    (void)state;
    for (size_t k = 0; k < 3; k++) {
        const nn_augment_conf conf = {.mixup = alphas[k]};
        nn_augment *a = new_augment(&conf, nn_shape_1(3));
        const double variance = 1 / (4 * (2 * alphas[k] + 1));
        double mean = 0, squares = 0;
        int partner[5] = {0};

        for (uint32_t row = 0; row < N; row++) {
            const nn_mix m = nn_augment_mix(a, 2, row, 5);

            assert_true(m.share >= 0 && m.share <= 1 && m.partner < 5);
            mean += m.share / N;
            squares += (m.share - 0.5) * (m.share - 0.5) / N;
            partner[m.partner]++;
        }
        assert_float_equal(mean, 0.5, 0.015);
        assert_float_equal(squares, variance, 0.006);
        for (int i = 0; i < 5; i++)
            assert_in_range(partner[i], N / 5 - 250, N / 5 + 250);
        nn_augment_free(a);
    }
}

static void test_only_pictures_can_be_moved(void **state)
{
    static const char text[] = "{\"augment\": {\"rotate\": 10}}";
    const nn_json_source source = {"c.json", NN_ECONFIG, false};
    const nn_augment_conf rotate = {.rotate = 10}, erase = {.erase = 0.1},
                          other = {.noise = 1, .mixup = 1};
    const nn_shape flat = nn_shape_1(784), deep = {4, {2, 2, 2, 2}}, picture = nn_shape_2(28, 28);
    const nn_shape colour = nn_shape_3(28, 28, 3);
    nn_problems problems = {0};
    nn_doc *doc = NULL;
    nn_err err = {0};
    char line[512];

    (void)state;
    assert_ok(nn_doc_parse(&doc, &source, text, sizeof text - 1, &problems, &err), err);
    const nn_node at = nn_node_get(nn_doc_root(doc), "augment");
    nn_augment_check(&rotate, &picture, at);
    nn_augment_check(&erase, &colour, at);
    nn_augment_check(&other, &flat, at);
    assert_int_equal(problems.count, 0);
    nn_augment_check(&erase, &deep, at);
    nn_augment_check(&rotate, &flat, at);
    assert_int_equal(problems.count, 2);
    nn_problem_text(&problems.list[1], line, sizeof line);
    assert_string_equal(line,
                        "c.json:1:13: augment: expected pictures, samples of shape [height, width] "
                        "or [height, width, channels], got [784]; data.shape gives samples their "
                        "form; noise and mixup do with any");
    nn_doc_free(doc);
    nn_problems_free(&problems);
}

/* ---- in batches ---- */

typedef struct fake {
    nn_dataset d;
    nn_prep prep;
    uint8_t byte[ROWS * LEN];
    float value[ROWS];
    int32_t label[ROWS];
    double shift, factor;
    uint32_t order[ROWS];
} fake;

static void make(fake *f)
{
    memset(f, 0, sizeof *f);
    for (int i = 0; i < ROWS * LEN; i++)
        f->byte[i] = (uint8_t)(i * 7 + i / LEN);
    for (int i = 0; i < ROWS; i++) {
        f->label[i] = i % CLASSES;
        f->value[i] = (float)i;
        f->order[i] = (uint32_t)(i * 7 % ROWS);
    }
    f->factor = 1.0 / 255;
    f->d = (nn_dataset){.rows = ROWS, .shape = nn_shape_2(H, W), .bytes = f->byte};
    f->d.classes.count = CLASSES;
    f->prep = (nn_prep){.scale = NN_SCALE_UNIT,
                        .shape = f->d.shape,
                        .columns = 1,
                        .shift = &f->shift,
                        .factor = &f->factor};
}

/* Fills a new batch with all rows, in `order` or as they come. */
static nn_batch *fill(fake *f, const nn_augment_conf *conf, const uint32_t *order, int outputs,
                      int threads)
{
    static const double weight[CLASSES] = {1, 2, 4, 8};
    const nn_view v = {.data = &f->d, .count = ROWS};
    nn_batch *b = NULL;
    nn_pool *pool = NULL;
    nn_err err = {0};

    assert_ok(nn_pool_new(&pool, threads, &err), err);
    assert_ok(nn_batch_new(&b, &f->d, &f->prep, ROWS, 1, &err), err);
    if (conf != NULL)
        assert_ok(nn_batch_augment(b, conf, &f->d, outputs, 3, &err), err);
    b->epoch = 2;
    const uint64_t calls = nn_mem_read().calls;
    for (int i = 0; i < 2; i++) /* the second filling must not see the first */
        nn_batch_fill(b, &v, &f->prep, order, 0, ROWS, f->d.label == NULL ? NULL : weight, pool);
    assert_int_equal(nn_mem_read().calls, calls);
    nn_pool_free(pool);
    return b;
}

static void test_threads_and_order_change_no_bit(void **state)
{
    nn_augment_conf conf = everything;
    fake f;

    (void)state;
    make(&f);
    f.d.label = f.label;
    conf.mixup = 0.5;
    nn_batch *one = fill(&f, &conf, NULL, CLASSES, 1);
    for (int threads = 2; threads <= 5; threads++) {
        nn_batch *b = fill(&f, &conf, f.order, CLASSES, threads);

        for (size_t i = 0; i < ROWS; i++) {
            assert_memory_equal(b->x + i * LEN, one->x + f.order[i] * LEN, LEN * sizeof *b->x);
            assert_memory_equal(b->soft + i * CLASSES, one->soft + f.order[i] * CLASSES,
                                CLASSES * sizeof *b->soft);
            assert_int_equal(b->label[i], one->label[f.order[i]]);
            assert_true(b->weight[i] == one->weight[f.order[i]]);
        }
        nn_batch_free(b);
    }
    nn_batch_free(one);
}

static void test_samples_are_scaled_after_they_were_moved(void **state)
{
    const nn_augment_conf conf = {.erase = 1, .flip = NN_FLIP_HORIZONTAL};
    int erased = 0;
    fake f;

    (void)state;
    make(&f);
    f.shift = 100;
    nn_batch *plain = fill(&f, NULL, NULL, 1, 1), *b = fill(&f, &conf, NULL, 1, 1);
    for (int i = 0; i < ROWS * LEN; i++) {
        const int mirrored = i / W * W + W - 1 - i % W;
        const int empty = b->x[i] == (nn_real)-100 * (nn_real)(1.0 / 255);

        erased += empty;
        assert_true(empty || b->x[i] == plain->x[i] || b->x[i] == plain->x[mirrored]);
    }
    assert_in_range(erased, ROWS * LEN / 10, ROWS * LEN / 2);
    assert_null(plain->augment);
    nn_batch_free(plain);
    nn_batch_free(b);
}

static void test_mixed_samples_share_their_classes(void **state)
{
    const nn_augment_conf conf = {.mixup = 1};
    int minor = 0;
    fake f;

    (void)state;
    make(&f);
    f.d.label = f.label;
    nn_batch *plain = fill(&f, NULL, NULL, CLASSES, 1), *b = fill(&f, &conf, NULL, CLASSES, 2);
    assert_int_equal(b->soft_width, CLASSES);
    for (uint32_t i = 0; i < ROWS; i++) {
        const nn_mix m = nn_augment_mix(b->augment, 2, i, ROWS);
        const int own = f.label[i], other = f.label[m.partner];
        const double rest = 1 - m.share;

        for (size_t k = 0; k < LEN; k++)
            assert_float_equal(b->x[i * LEN + k],
                               m.share * (double)plain->x[i * LEN + k] +
                                   rest * (double)plain->x[m.partner * LEN + k],
                               1e-6);
        for (int k = 0; k < CLASSES; k++)
            assert_float_equal(b->soft[(int)i * CLASSES + k],
                               (k == own ? m.share : 0) + (k == other ? rest : 0), 1e-6);
        assert_int_equal(b->label[i], m.share < 0.5 ? other : own);
        assert_float_equal(b->weight[i], m.share * (1 << own) + rest * (1 << other), 1e-5);
        minor += m.share < 0.5;
    }
    assert_in_range(minor, 5, ROWS - 5);
    nn_batch_free(plain);
    nn_batch_free(b);
}

/* Every step has a class of its own, and a weight. */
static void test_mixed_sequences_share_the_classes_of_their_steps(void **state)
{
    const nn_augment_conf conf = {.mixup = 1};
    enum { STEPS = 3 };
    static int32_t label[ROWS * STEPS];
    fake f;

    (void)state;
    make(&f);
    for (int i = 0; i < ROWS * STEPS; i++)
        label[i] = i * i / 3 % CLASSES;
    f.d.label = label;
    f.d.steps = STEPS;
    nn_batch *b = fill(&f, &conf, NULL, CLASSES, 2);
    for (uint32_t at = 0; at < ROWS * STEPS; at++) {
        const uint32_t i = at / STEPS, step = at % STEPS;
        const nn_mix m = nn_augment_mix(b->augment, 2, i, ROWS);
        const int own = label[at], other = label[m.partner * STEPS + step];
        const double rest = 1 - m.share;

        for (int k = 0; k < CLASSES; k++)
            assert_float_equal(b->soft[(int)at * CLASSES + k],
                               (k == own ? m.share : 0) + (k == other ? rest : 0), 1e-6);
        assert_int_equal(b->label[at], m.share < 0.5 ? other : own);
        assert_float_equal(b->weight[at], m.share * (1 << own) + rest * (1 << other), 1e-5);
    }
    nn_batch_free(b);
}

static void test_one_output_takes_the_share_of_class_one(void **state)
{
    const nn_augment_conf conf = {.mixup = 1};
    fake f;

    (void)state;
    make(&f);
    f.d.label = f.label;
    f.d.classes.count = 2;
    for (int i = 0; i < ROWS; i++)
        f.label[i] = i % 2;
    nn_batch *b = fill(&f, &conf, NULL, 1, 1);
    assert_int_equal(b->soft_width, 1);
    for (uint32_t i = 0; i < ROWS; i++) {
        const nn_mix m = nn_augment_mix(b->augment, 2, i, ROWS);

        assert_float_equal(b->soft[i], m.share * f.label[i] + (1 - m.share) * f.label[m.partner],
                           1e-6);
    }
    nn_batch_free(b);
}

static void test_numbers_are_mixed_in_place(void **state)
{
    const nn_augment_conf conf = {.mixup = 0.5};
    fake f;

    (void)state;
    make(&f);
    f.d.value = f.value;
    f.d.width = 1;
    nn_batch *b = fill(&f, &conf, NULL, 1, 1);
    assert_null(b->soft);
    for (uint32_t i = 0; i < ROWS; i++) {
        const nn_mix m = nn_augment_mix(b->augment, 2, i, ROWS);

        assert_float_equal(b->value[i], m.share * i + (1 - m.share) * (double)m.partner, 1e-5);
    }
    nn_batch_free(b);
}

static void test_no_memory_is_an_error_without_a_leak(void **state)
{
    nn_augment_conf conf = everything;
    nn_batch *b = NULL;
    nn_err err = {0};
    fake f;
    int failed = 0;

    (void)state;
    make(&f);
    f.d.label = f.label;
    conf.mixup = 1;
    const uint64_t live = nn_mem_read().live;
    for (nn_code rc = NN_ELIMIT; rc != NN_OK; failed++) {
        assert_ok(nn_batch_new(&b, &f.d, &f.prep, 8, 0, &err), err);
        nn_mem_fail_at((uint64_t)failed + 1);
        rc = nn_batch_augment(b, &conf, &f.d, CLASSES, 1, &err);
        nn_mem_fail_at(0);
        assert_true(rc == NN_OK || rc == NN_ELIMIT);
        nn_batch_free(b);
        assert_int_equal(nn_mem_read().live, live);
    }
    assert_int_equal(failed, 5); /* the last one succeeded */
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_zero_changes_nothing),
        cmocka_unit_test(test_seed_epoch_and_row_decide),
        cmocka_unit_test(test_uses_do_not_disturb_each_other),
        cmocka_unit_test(test_shifts_fill_the_range_evenly),
        cmocka_unit_test(test_rotation_turns_about_the_centre_within_its_range),
        cmocka_unit_test(test_zoom_makes_larger_and_smaller),
        cmocka_unit_test(test_flips_mirror_every_other_picture),
        cmocka_unit_test(test_erasing_clears_a_rectangle),
        cmocka_unit_test(test_shares_are_beta_distributed),
        cmocka_unit_test(test_only_pictures_can_be_moved),
        cmocka_unit_test(test_threads_and_order_change_no_bit),
        cmocka_unit_test(test_samples_are_scaled_after_they_were_moved),
        cmocka_unit_test(test_mixed_samples_share_their_classes),
        cmocka_unit_test(test_mixed_sequences_share_the_classes_of_their_steps),
        cmocka_unit_test(test_one_output_takes_the_share_of_class_one),
        cmocka_unit_test(test_numbers_are_mixed_in_place),
        cmocka_unit_test(test_no_memory_is_an_error_without_a_leak),
    };

    return nn_test_main(argc, argv, tests);
}
