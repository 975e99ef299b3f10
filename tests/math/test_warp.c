/* Warping: whole steps copy, quarter turns turn, and what lies outside is 0. */
#include "support/nn_test.h"

#include "base/mem.h"
#include "math/warp.h"

static const nn_warp_map identity = {.down_y = 1, .right_x = 1};

static nn_real pixel_at(int i)
{
    return (nn_real)(i * 37 % 101) + (nn_real)0.25;
}

/* Warps a picture of its own; the caller frees what is returned. */
static nn_real *warp(const nn_warp_map *map, int height, int width, int channels)
{
    const size_t len = (size_t)height * (size_t)width * (size_t)channels;
    nn_real *x = nn_alloc(len, sizeof *x), *y = nn_alloc(len, sizeof *y);
    nn_real *frame = nn_alloc(nn_warp_frame_len(height, width, channels), sizeof *frame);

    for (size_t i = 0; i < len; i++)
        x[i] = pixel_at((int)i);
    nn_warp_frame(frame, x, height, width, channels);
    nn_warp(y, frame, map, height, width, channels);
    nn_free(x);
    nn_free(frame);
    return y;
}

static void test_no_move_changes_no_bit(void **state)
{
    static const int shapes[][3] = {{1, 1, 1}, {28, 28, 1}, {3, 200, 2}, {70, 65, 3}};

    (void)state;
    for (size_t s = 0; s < 4; s++) {
        const int *d = shapes[s];
        nn_real *y = warp(&identity, d[0], d[1], d[2]);

        for (int i = 0; i < d[0] * d[1] * d[2]; i++)
            assert_true(y[i] == pixel_at(i));
        nn_free(y);
    }
}

static void test_whole_steps_copy_pixels_and_leave_zeros(void **state)
{
    enum { H = 9, W = 131, C = 3 };
    static const int steps[][2] = {{2, -3}, {-1, 70}, {8, 130}, {-9, 0}, {0, 500}};

    (void)state;
    for (size_t s = 0; s < 5; s++) {
        const int dy = steps[s][0], dx = steps[s][1];
        nn_warp_map map = identity;
        nn_real *y;

        map.place_y = dy;
        map.place_x = dx;
        y = warp(&map, H, W, C);
        for (int i = 0; i < H * W * C; i++) {
            const int row = i / C / W + dy, column = i / C % W + dx;
            const int inside = row >= 0 && row < H && column >= 0 && column < W;

            assert_true(y[i] == (inside ? pixel_at((row * W + column) * C + i % C) : 0));
        }
        nn_free(y);
    }
}

static void test_quarter_turns_turn(void **state)
{
    enum { N = 20 };
    /* from the upper right downwards: a quarter turn against the clock */
    const nn_warp_map quarter = {.place_x = N - 1, .down_x = -1, .right_y = 1};
    const nn_warp_map half = {.place_y = N - 1, .place_x = N - 1, .down_y = -1, .right_x = -1};
    nn_real *a = warp(&quarter, N, N, 2), *b = warp(&half, N, N, 2);

    (void)state;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            for (int k = 0; k < 2; k++) {
                assert_true(a[(i * N + j) * 2 + k] == pixel_at((j * N + N - 1 - i) * 2 + k));
                assert_true(b[(i * N + j) * 2 + k] ==
                            pixel_at(((N - 1 - i) * N + N - 1 - j) * 2 + k));
            }
    nn_free(a);
    nn_free(b);
}

static void test_places_between_pixels_are_mixed_from_four(void **state)
{
    enum { H = 5, W = 7 };
    nn_warp_map map = identity;
    nn_real *y;

    (void)state;
    map.place_y = 0.25;
    map.place_x = 0.5;
    y = warp(&map, H, W, 1);
    for (int i = 0; i < H; i++)
        for (int j = 0; j < W; j++) {
            double four[2][2];

            for (int v = 0; v < 2; v++)
                for (int u = 0; u < 2; u++)
                    four[v][u] = i + v < H && j + u < W ? (double)pixel_at((i + v) * W + j + u) : 0;
            assert_float_equal(y[i * W + j],
                               0.75 * (0.5 * four[0][0] + 0.5 * four[0][1]) +
                                   0.25 * (0.5 * four[1][0] + 0.5 * four[1][1]),
                               1e-4);
        }
    nn_free(y);
}

/* The frame around the picture is what a place far outside reads; nothing beyond it is touched. */
static void test_places_far_outside_are_zero(void **state)
{
    const nn_warp_map map = {.place_y = -1e9, .place_x = 3e8, .down_y = 1e8, .right_x = 1e7};
    nn_real *y = warp(&map, 6, 6, 1);

    (void)state;
    for (int i = 0; i < 36; i++)
        assert_true(y[i] == 0);
    nn_free(y);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_move_changes_no_bit),
        cmocka_unit_test(test_whole_steps_copy_pixels_and_leave_zeros),
        cmocka_unit_test(test_quarter_turns_turn),
        cmocka_unit_test(test_places_between_pixels_are_mixed_from_four),
        cmocka_unit_test(test_places_far_outside_are_zero),
    };

    return nn_test_main(argc, argv, tests);
}
