/* The heap: zeroed, aligned, counted, and failing on demand. */
#include "support/nn_test.h"

#include "base/machine.h"
#include "base/mem.h"

static const size_t sizes[] = {0, 1, 63, 64, 65, 4096, (1 << 20) - 1, 1 << 20, 3000001};
enum { SIZES = sizeof sizes / sizeof *sizes };

static void test_blocks_are_zeroed_and_aligned(void **state)
{
    (void)state;
    for (int again = 0; again < 2; again++) /* the second round meets used memory */
        for (int i = 0; i < SIZES; i++) {
            unsigned char *const block = nn_alloc(sizes[i], 1);

            assert_non_null(block);
            assert_int_equal((uintptr_t)block % NN_ALIGN, 0);
            for (size_t k = 0; k < sizes[i]; k++)
                if (block[k] != 0)
                    fail_msg("byte %zu of %zu is not zero", k, sizes[i]);
            memset(block, 0xA5, sizes[i]);
            nn_free(block);
        }
}

static void test_a_size_that_overflows_is_refused(void **state)
{
    (void)state;
    assert_null(nn_alloc(SIZE_MAX / 2, 3));
    assert_null(nn_alloc(SIZE_MAX, 1));
    assert_null(nn_alloc(SIZE_MAX - 100, 1));
}

/* The system would promise it, and kill somebody once it is used. */
static void test_more_than_the_machine_has_is_refused(void **state)
{
    const uint64_t left = nn_machine_memory();

    (void)state;
    if (left > SIZE_MAX / 2)
        skip(); /* not known here */
    assert_null(nn_alloc((size_t)left + (64 << 20), 1));
}

/* Where doubling would be too much, a little more than what is needed may still do. */
/* AddressSanitizer marks every byte of so large a block, which takes longer than all other tests
 * together. */
#if defined(__SANITIZE_ADDRESS__)
enum { MARKS_EVERY_BYTE = 1 };
#else
enum { MARKS_EVERY_BYTE = 0 };
#endif

static void test_growing_slows_down_near_the_end_of_memory(void **state)
{
    const size_t left = (size_t)nn_machine_memory();
    char *list = NULL;
    size_t room = left / 8 * 5;
    nn_err err = {0};

    (void)state;
    if (MARKS_EVERY_BYTE || left > SIZE_MAX / 4 || left < (size_t)1 << 30)
        skip();
    assert_ok(nn_grow(&list, &room, room + 1, 1, &err), err);
    assert_true(room > left / 8 * 5 && room < left);
    nn_free(list);
}

static void test_resize_keeps_the_contents_and_clears_the_rest(void **state)
{
    char *block = nn_strdup("hello");

    (void)state;
    block = nn_resize(block, 2 << 20);
    assert_string_equal(block, "hello");
    for (size_t i = 5; i < 2 << 20; i++)
        if (block[i] != 0)
            fail_msg("byte %zu is not zero", i);
    block = nn_resize(block, 3);
    assert_memory_equal(block, "hel", 3);
    nn_free(block);
}

static void test_a_refused_resize_leaves_the_old_block(void **state)
{
    char *const block = nn_strdup("hello");

    (void)state;
    assert_null(nn_resize(block, SIZE_MAX));
    assert_string_equal(block, "hello");
    nn_free(block);
}

static void test_counters_follow_what_is_held(void **state)
{
    const nn_mem_stats before = nn_mem_read();
    char *a = nn_alloc(10, 100);

    (void)state;
    assert_int_equal(nn_mem_read().calls, before.calls + 1);
    assert_int_equal(nn_mem_read().live, before.live + 1000);
    a = nn_resize(a, 50);
    assert_int_equal(nn_mem_read().calls, before.calls + 2);
    assert_int_equal(nn_mem_read().live, before.live + 50);
    assert_true(nn_mem_read().peak >= before.live + 1000);
    nn_free(a);
    nn_free(NULL);
    assert_int_equal(nn_mem_read().live, before.live);
}

static void test_exactly_the_nth_allocation_fails(void **state)
{
    void *block[4];

    (void)state;
    nn_mem_fail_at(3);
    for (int i = 0; i < 4; i++)
        block[i] = nn_alloc(1, 1);
    assert_non_null(block[0]);
    assert_non_null(block[1]);
    assert_null(block[2]);
    assert_non_null(block[3]);
    for (int i = 0; i < 4; i++)
        nn_free(block[i]);
    nn_mem_fail_at(1);
    nn_mem_fail_at(0);
    void *const last = nn_alloc(1, 1);
    assert_non_null(last);
    nn_free(last);
}

static void test_grow_doubles_and_keeps(void **state)
{
    nn_err err = {0};
    int *list = NULL;
    size_t capacity = 0;
    const uint64_t calls = nn_mem_read().calls;

    (void)state;
    for (size_t i = 0; i < 1000; i++) {
        assert_ok(nn_grow(&list, &capacity, i + 1, sizeof *list, &err), err);
        list[i] = (int)i;
    }
    for (int i = 0; i < 1000; i++)
        assert_int_equal(list[i], i);
    assert_true(nn_mem_read().calls - calls < 12);
    nn_free(list);
}

static void test_grow_that_fails_changes_nothing(void **state)
{
    nn_err err = {0};
    int *list = NULL;
    size_t capacity = 0;

    (void)state;
    assert_ok(nn_grow(&list, &capacity, 5, sizeof *list, &err), err);
    int *const same = list;
    const size_t had = capacity;
    assert_int_equal(nn_grow(&list, &capacity, SIZE_MAX / 2, sizeof *list, &err), NN_ELIMIT);
    nn_mem_fail_at(1);
    assert_int_equal(nn_grow(&list, &capacity, had + 1, sizeof *list, &err), NN_ELIMIT);
    assert_ptr_equal(list, same);
    assert_int_equal(capacity, had);
    nn_free(list);
}

static void test_checked_sizes(void **state)
{
    size_t out = 7;

    (void)state;
    assert_false(nn_mul_size(SIZE_MAX / 2 + 1, 2, &out));
    assert_false(nn_add_size(SIZE_MAX, 1, &out));
    assert_int_equal(out, 7);
    assert_true(nn_mul_size(SIZE_MAX, 1, &out));
    assert_true(out == SIZE_MAX);
    assert_true(nn_mul_size(0, SIZE_MAX, &out));
    assert_int_equal(out, 0);
    assert_true(nn_add_size(SIZE_MAX - 1, 1, &out));
    assert_true(out == SIZE_MAX);
}

static void test_strndup_ends_its_copy(void **state)
{
    char *const copy = nn_strndup("hello", 3);

    (void)state;
    assert_string_equal(copy, "hel");
    nn_free(copy);
    assert_null(nn_strndup("x", SIZE_MAX));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks_are_zeroed_and_aligned),
        cmocka_unit_test(test_a_size_that_overflows_is_refused),
        cmocka_unit_test(test_more_than_the_machine_has_is_refused),
        cmocka_unit_test(test_growing_slows_down_near_the_end_of_memory),
        cmocka_unit_test(test_resize_keeps_the_contents_and_clears_the_rest),
        cmocka_unit_test(test_a_refused_resize_leaves_the_old_block),
        cmocka_unit_test(test_counters_follow_what_is_held),
        cmocka_unit_test(test_exactly_the_nth_allocation_fails),
        cmocka_unit_test(test_grow_doubles_and_keeps),
        cmocka_unit_test(test_grow_that_fails_changes_nothing),
        cmocka_unit_test(test_checked_sizes),
        cmocka_unit_test(test_strndup_ends_its_copy),
    };

    return nn_test_main(argc, argv, tests);
}
