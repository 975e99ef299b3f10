/* A table for the terminal. */
#include "view/sheet.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "view/blocks.h"

void nn_sheet_start(nn_sheet *sheet, const nn_column *column, int columns)
{
    assert(columns >= 1 && columns <= NN_SHEET_COLUMNS);
    memset(sheet, 0, sizeof *sheet);
    sheet->column = column;
    sheet->columns = columns;
    for (int i = 0; i < columns; i++)
        sheet->width[i] = nn_text_columns(column[i].title);
}

void nn_sheet_cell(nn_sheet *sheet, const char *fmt, ...)
{
    const size_t begin = sheet->cells.len;
    va_list ap;

    va_start(ap, fmt);
    nn_buf_printfv(&sheet->cells, fmt, ap);
    va_end(ap);
    nn_buf_char(&sheet->cells, '\0');
    if (sheet->cells.failed)
        return;
    const int width = nn_text_columns(sheet->cells.data + begin);
    if (width > sheet->width[sheet->next])
        sheet->width[sheet->next] = width;
    sheet->next = (sheet->next + 1) % sheet->columns;
}

void nn_sheet_text(nn_sheet *sheet, const nn_buf *text)
{
    sheet->cells.failed |= text->failed;
    nn_sheet_cell(sheet, "%s", text->data == NULL ? "" : text->data);
}

static void put_spaces(nn_buf *out, int count)
{
    for (int i = 0; i < count; i++)
        nn_buf_char(out, ' ');
}

/* One cell; the last column, when to the left, has no spaces behind it. */
static void put_cell(const nn_sheet *sheet, int column, const char *text, nn_buf *out)
{
    const int gap = sheet->width[column] - nn_text_columns(text);
    const bool is_last = column == sheet->columns - 1;

    if (column > 0)
        nn_buf_put(out, "  ");
    if (sheet->column[column].align == NN_RIGHT)
        put_spaces(out, gap);
    nn_buf_put(out, text);
    if (sheet->column[column].align == NN_LEFT && !is_last)
        put_spaces(out, gap);
    if (is_last)
        nn_buf_char(out, '\n');
}

static void put_rule(const nn_sheet *sheet, nn_buf *out)
{
    for (int i = 0; i < sheet->columns; i++) {
        if (i > 0)
            nn_buf_put(out, "  ");
        for (int k = 0; k < sheet->width[i]; k++)
            nn_buf_char(out, sheet->column[i].title[0] != '\0' ? '-' : ' ');
    }
    nn_buf_char(out, '\n');
}

void nn_sheet_write(const nn_sheet *sheet, nn_buf *out)
{
    const char *cell = sheet->cells.data;
    const char *end = cell == NULL ? NULL : cell + sheet->cells.len;

    out->failed |= sheet->cells.failed;
    if (out->failed)
        return; /* the last cell may have no end */
    for (int i = 0; i < sheet->columns; i++)
        put_cell(sheet, i, sheet->column[i].title, out);
    put_rule(sheet, out);
    for (int i = 0; cell != end; cell += strlen(cell) + 1, i = (i + 1) % sheet->columns)
        put_cell(sheet, i, cell, out);
}

void nn_sheet_free(nn_sheet *sheet)
{
    nn_buf_free(&sheet->cells);
}
