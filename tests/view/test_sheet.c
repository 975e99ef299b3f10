/* Tables for the terminal. */
#include "support/nn_test.h"

#include "base/mem.h"
#include "view/sheet.h"

static const nn_column columns[] = {{"name", NN_LEFT}, {"n", NN_RIGHT}, {"note", NN_LEFT}};

static void expect(nn_sheet *sheet, const char *text)
{
    nn_buf out = {0};

    nn_sheet_write(sheet, &out);
    assert_string_equal(out.data, text);
    nn_buf_free(&out);
    nn_sheet_free(sheet);
}

static void test_columns_are_as_wide_as_they_need(void **state)
{
    nn_sheet sheet;

    (void)state;
    nn_sheet_start(&sheet, columns, 3);
    nn_sheet_cell(&sheet, "a");
    nn_sheet_cell(&sheet, "%d", 1000);
    nn_sheet_cell(&sheet, "%s", "");
    nn_sheet_cell(&sheet, "longer");
    nn_sheet_cell(&sheet, "7");
    nn_sheet_cell(&sheet, "some more");
    expect(&sheet, "name       n  note\n"
                   "------  ----  ---------\n"
                   "a       1000  \n"
                   "longer     7  some more\n");
}

static void test_letters_beyond_ascii_count_once(void **state)
{
    nn_sheet sheet;

    (void)state;
    nn_sheet_start(&sheet, columns, 2);
    nn_sheet_cell(&sheet, "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9");
    nn_sheet_cell(&sheet, "1");
    expect(&sheet, "name   n\n"
                   "-----  -\n"
                   "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9  1\n");
}

static void test_without_rows_the_titles_remain(void **state)
{
    nn_sheet sheet;

    (void)state;
    nn_sheet_start(&sheet, columns, 2);
    expect(&sheet, "name  n\n----  -\n");
}

/* Cells and table, whichever allocation fails: the text then says that it has failed. */
static bool is_written(uint64_t failing)
{
    nn_buf out = {0}, text = {0};
    nn_sheet sheet;

    nn_mem_fail_at(failing);
    nn_sheet_start(&sheet, columns, 2);
    for (int row = 0; row < 40; row++) {
        nn_buf_clear(&text);
        nn_buf_put(&text, "a name of some length, so that memory is asked for often");
        nn_sheet_text(&sheet, &text);
        nn_sheet_cell(&sheet, "%d", row);
    }
    nn_sheet_write(&sheet, &out);
    nn_mem_fail_at(0);
    const bool done = !out.failed;
    nn_sheet_free(&sheet);
    nn_buf_free(&text);
    nn_buf_free(&out);
    return done;
}

static void test_a_cell_that_is_missing_fails_the_table(void **state)
{
    const uint64_t calls = nn_mem_read().calls;

    (void)state;
    assert_true(is_written(0));
    const uint64_t count = nn_mem_read().calls - calls;
    assert_true(count > 10);
    for (uint64_t n = 1; n <= count; n++)
        assert_false(is_written(n));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns_are_as_wide_as_they_need),
        cmocka_unit_test(test_letters_beyond_ascii_count_once),
        cmocka_unit_test(test_without_rows_the_titles_remain),
        cmocka_unit_test(test_a_cell_that_is_missing_fails_the_table),
    };

    return nn_test_main(argc, argv, tests);
}
