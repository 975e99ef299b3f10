/* Memory shared by blocks that are needed at different times. */
#include "support/nn_test.h"

#include "../src/nn/layout.h"
#include "base/rng.h"

static size_t place(nn_block *block, int count)
{
    nn_err err = {0};
    size_t total = 0;

    assert_ok(nn_layout_place(block, count, &total, &err), err);
    return total;
}

static void test_blocks_one_after_the_other_share(void **state)
{
    nn_block block[] = {{0, 1, 64, 0}, {2, 3, 128, 0}, {4, 4, 64, 0}};

    (void)state;
    assert_int_equal(place(block, 3), 128);
}

static void test_a_chain_takes_its_largest_pair(void **state)
{
    /* Each is needed with the next one: 64 + 512, although 512 comes last but one. */
    nn_block block[] = {{0, 1, 64, 0}, {1, 2, 64, 0}, {2, 3, 512, 0}, {3, 4, 64, 0}};

    (void)state;
    assert_int_equal(place(block, 4), 576);
}

static void test_blocks_that_touch_in_time_do_not_share(void **state)
{
    nn_block block[] = {{0, 3, 64, 0}, {3, 5, 64, 0}};

    (void)state;
    assert_int_equal(place(block, 2), 128);
}

static void test_blocks_of_nothing_take_nothing(void **state)
{
    nn_block block[] = {{0, 9, 0, 0}, {3, 5, 64, 0}, {0, 9, 0, 0}};

    (void)state;
    assert_int_equal(place(block, 3), 64);
    assert_int_equal(place(block, 1), 0);
}

static void test_the_smallest_gap_is_taken(void **state)
{
    /* At moment 1 the second and the fourth leave gaps of 8 lines at 0 and of 6 lines at 15. */
    nn_block block[] = {{0, 0, 8 * 64, 0},
                        {0, 2, 7 * 64, 0},
                        {0, 0, 6 * 64, 0},
                        {0, 2, 5 * 64, 0},
                        {1, 1, 4 * 64, 0}};

    (void)state;
    assert_int_equal(place(block, 5), 26 * 64);
    assert_int_equal(block[4].at, 15 * 64);
}

static void test_no_two_blocks_overlap_in_time_and_place(void **state)
{
    enum { COUNT = 200, ROUNDS = 20 };
    nn_block block[COUNT];

    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        const nn_rng rng = {3, round, 0};
        size_t most = 0;

        for (uint64_t i = 0; i < COUNT; i++) {
            const int first = (int)nn_rng_below(&rng, 3 * i, 50);

            block[i] = (nn_block){first, first + (int)nn_rng_below(&rng, 3 * i + 1, 10),
                                  64 * nn_rng_below(&rng, 3 * i + 2, 30), 0};
        }
        const size_t total = place(block, COUNT);
        for (int i = 0; i < COUNT; i++) {
            for (int k = 0; k < i; k++) {
                const nn_block *a = &block[i], *b = &block[k];

                assert_true(a->last < b->first || b->last < a->first || a->at + a->bytes <= b->at ||
                            b->at + b->bytes <= a->at);
            }
            if (block[i].at + block[i].bytes > most)
                most = block[i].at + block[i].bytes;
        }
        assert_int_equal(total, most);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks_one_after_the_other_share),
        cmocka_unit_test(test_a_chain_takes_its_largest_pair),
        cmocka_unit_test(test_blocks_that_touch_in_time_do_not_share),
        cmocka_unit_test(test_blocks_of_nothing_take_nothing),
        cmocka_unit_test(test_the_smallest_gap_is_taken),
        cmocka_unit_test(test_no_two_blocks_overlap_in_time_and_place),
    };
    return nn_test_main(argc, argv, tests);
}
