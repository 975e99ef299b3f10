/* Numbered texts: each text has one number, however many there are and however alike they begin. */
#include "support/nn_test.h"

#include "base/mem.h"
#include "data/words.h"

enum { MANY = 20000 };

static void test_every_text_keeps_its_number(void **state)
{
    nn_words w = {0};
    nn_err err = {0};
    char text[16];

    (void)state;
    /* From the long to the short, so that every text meets those that it begins. */
    for (int i = MANY - 1, id = 0; i >= 0; i--) {
        bool fresh = false;

        snprintf(text, sizeof text, "w%d", i);
        assert_ok(nn_words_add(&w, text, strlen(text), &id, &fresh, &err), err);
        assert_true(fresh);
        assert_int_equal(id, MANY - 1 - i);
    }
    assert_int_equal(w.count, MANY);
    for (int i = 0, id = 0; i < MANY; i++) {
        bool fresh = true;

        snprintf(text, sizeof text, "w%d", i);
        assert_int_equal(nn_words_find(&w, text, strlen(text)), MANY - 1 - i);
        assert_ok(nn_words_add(&w, text, strlen(text), &id, &fresh, &err), err);
        assert_false(fresh);
        assert_string_equal(w.text[id], text);
    }
    assert_int_equal(nn_words_find(&w, "w", 1), -1);
    assert_int_equal(nn_words_find(&w, "w12x", 4), -1);
    assert_int_equal(nn_words_find(&w, "w12x", 3), MANY - 1 - 12); /* as long as it is said to be */
    nn_words_free(&w);
}

static void test_an_empty_set_has_nothing(void **state)
{
    nn_words w = {0};

    (void)state;
    assert_int_equal(nn_words_find(&w, "a", 1), -1);
    nn_words_free(&w);
}

static void test_no_memory_leaves_the_set_as_it_was(void **state)
{
    nn_words w = {0};
    nn_err err = {0};
    int id = 0;

    (void)state;
    assert_ok(nn_words_add(&w, "a", 1, &id, NULL, &err), err);
    nn_mem_fail_at(1);
    assert_int_equal(nn_words_add(&w, "b", 1, &id, NULL, &err), NN_ELIMIT);
    nn_mem_fail_at(0);
    assert_int_equal(w.count, 1);
    assert_int_equal(nn_words_find(&w, "b", 1), -1);
    assert_ok(nn_words_add(&w, "b", 1, &id, NULL, &err), err);
    assert_int_equal(id, 1);
    nn_words_free(&w);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_text_keeps_its_number),
        cmocka_unit_test(test_an_empty_set_has_nothing),
        cmocka_unit_test(test_no_memory_leaves_the_set_as_it_was),
    };

    return nn_test_main(argc, argv, tests);
}
