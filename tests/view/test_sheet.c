/* Tables for the terminal. */
#include "support/nn_test.h"

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

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns_are_as_wide_as_they_need),
        cmocka_unit_test(test_letters_beyond_ascii_count_once),
        cmocka_unit_test(test_without_rows_the_titles_remain),
    };

    return nn_test_main(argc, argv, tests);
}
