/* The list of everything found wrong. */
#include "support/nn_test.h"

#include "base/mem.h"
#include "base/problems.h"

static const char *text_of(const nn_problem *p)
{
    static char text[512];

    nn_problem_text(p, text, sizeof text);
    return text;
}

static void test_a_problem_is_shown_with_place_path_and_hint(void **state)
{
    nn_problems list = {0};

    (void)state;
    nn_problems_add(&list, NN_ERROR, NN_ECONFIG, (nn_place){"a.json", 9, 5, "optimizer"},
                    "did you mean \"x\"?", "unknown key \"%s\"", "y");
    nn_problems_add(&list, NN_ERROR, NN_ECONFIG, (nn_place){"a.json", 9, 0, NULL}, NULL, "m");
    nn_problems_add(&list, NN_ERROR, NN_ECONFIG, (nn_place){"a.json", 0, 0, NULL}, NULL, "m");
    nn_problems_add(&list, NN_ERROR, NN_ECONFIG, (nn_place){NULL, 0, 0, "p"}, NULL, "m");
    nn_problems_add(&list, NN_ERROR, NN_ECONFIG, (nn_place){0}, NULL, "m");
    assert_string_equal(text_of(&list.list[0]),
                        "a.json:9:5: optimizer: unknown key \"y\"; did you mean \"x\"?");
    assert_string_equal(text_of(&list.list[1]), "a.json:9: m");
    assert_string_equal(text_of(&list.list[2]), "a.json: m");
    assert_string_equal(text_of(&list.list[3]), "p: m");
    assert_string_equal(text_of(&list.list[4]), "m");
    nn_problems_free(&list);
}

static void test_everything_is_copied(void **state)
{
    char file[] = "a.json", path[] = "p", hint[] = "h";
    nn_problems list = {0};

    (void)state;
    nn_problems_add(&list, NN_ERROR, NN_ECONFIG, (nn_place){file, 1, 2, path}, hint, "m");
    file[0] = path[0] = hint[0] = '!';
    assert_string_equal(text_of(&list.list[0]), "a.json:1:2: p: m; h");
    nn_problems_free(&list);
}

static void test_long_and_hostile_text_is_cut_and_escaped(void **state)
{
    char name[2000];
    nn_problems list = {0};

    (void)state;
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    nn_problems_add(&list, NN_ERROR, NN_ECONFIG, (nn_place){"a\nb", 1, 2, name}, NULL, "m");
    assert_int_equal(strlen(text_of(&list.list[0])), 511);
    assert_memory_equal(text_of(&list.list[0]), "a\\x0ab:1:2: xxx", 15);
    assert_string_equal(text_of(&list.list[0]) + 508, "...");
    nn_problems_free(&list);
}

static void test_check_gives_the_first_error_and_ignores_warnings(void **state)
{
    nn_problems list = {0};
    nn_err err = {0};

    (void)state;
    assert_ok(nn_problems_check(&list, &err), err);
    nn_problems_add(&list, NN_WARNING, NN_ECONFIG, (nn_place){"w", 1, 1, NULL}, NULL, "w");
    assert_int_equal(nn_problems_errors(&list), 0);
    assert_ok(nn_problems_check(&list, &err), err);
    nn_problems_add(&list, NN_ERROR, NN_EDATA, (nn_place){"d.csv", 3, 0, NULL}, "h", "first");
    nn_problems_add(&list, NN_ERROR, NN_ECONFIG, (nn_place){"c", 0, 0, NULL}, NULL, "second");
    assert_int_equal(nn_problems_errors(&list), 2);
    assert_int_equal(nn_problems_check(&list, &err), NN_EDATA);
    assert_int_equal(err.code, NN_EDATA);
    assert_string_equal(err.where, "d.csv:3");
    assert_string_equal(err.msg, "first; h");
    nn_problems_free(&list);
}

static void test_an_error_value_is_taken_apart(void **state)
{
    static const struct {
        const char *where, *file;
        int line, column;
    } table[] = {
        {"a.json:12:20", "a.json", 12, 20},
        {"t.csv:118", "t.csv", 118, 0},
        {"plain", "plain", 0, 0},
        {"", NULL, 0, 0},
        {"a:b", "a:b", 0, 0},
        {"2024", "2024", 0, 0},
        {"a:0", "a", 0, 0},
        {"a:99999999999", "a:99999999999", 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        nn_problems list = {0};
        nn_err err = {0};

        nn_err_set(&err, NN_EDATA, table[i].where, "m %%d");
        nn_problems_add_err(&list, &err, NULL);
        assert_int_equal(list.count, 1);
        assert_int_equal(list.list[0].severity, NN_ERROR);
        assert_int_equal(list.list[0].code, NN_EDATA);
        assert_int_equal(list.list[0].line, table[i].line);
        assert_int_equal(list.list[0].column, table[i].column);
        if (table[i].file == NULL)
            assert_null(list.list[0].file);
        else
            assert_string_equal(list.list[0].file, table[i].file);
        assert_string_equal(list.list[0].message, "m %d");
        nn_problems_free(&list);
    }
}

static void test_a_lost_problem_is_never_taken_for_none(void **state)
{
    nn_err err = {0};
    nn_problems list = {0};

    (void)state;
    nn_mem_fail_at(1);
    nn_problems_add(&list, NN_ERROR, NN_ECONFIG, (nn_place){"a", 1, 1, "p"}, "h", "m");
    assert_true(list.lost);
    assert_int_equal(list.count, 0);
    assert_int_equal(nn_problems_check(&list, &err), NN_ELIMIT);
    nn_problems_free(&list);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_problem_is_shown_with_place_path_and_hint),
        cmocka_unit_test(test_everything_is_copied),
        cmocka_unit_test(test_long_and_hostile_text_is_cut_and_escaped),
        cmocka_unit_test(test_check_gives_the_first_error_and_ignores_warnings),
        cmocka_unit_test(test_an_error_value_is_taken_apart),
        cmocka_unit_test(test_a_lost_problem_is_never_taken_for_none),
    };

    return nn_test_main(argc, argv, tests);
}
