/*
 * A table for the terminal: columns as wide as they need, numbers to the right. Starts with
 * nn_sheet_start; cells come row by row, left to right; release with nn_sheet_free.
 */
#ifndef NN_VIEW_SHEET_H
#define NN_VIEW_SHEET_H

#include "base/text.h"

typedef enum nn_align { NN_LEFT, NN_RIGHT } nn_align;

typedef struct nn_column {
    const char *title;
    nn_align align;
} nn_column;

enum { NN_SHEET_COLUMNS = 32 };

typedef struct nn_sheet {
    const nn_column *column; /* [columns], the caller's */
    int columns;
    nn_buf cells; /* each with its terminating NUL, row by row */
    int width[NN_SHEET_COLUMNS];
    int next; /* column of the next cell */
} nn_sheet;

void nn_sheet_start(nn_sheet *sheet, const nn_column *column, int columns);
void nn_sheet_cell(nn_sheet *sheet, const char *fmt, ...) NN_PRINTF(2, 3);
void nn_sheet_text(nn_sheet *sheet, const nn_buf *text); /* a text that failed fails the table */
/* Titles, a rule, the rows. Nothing but the titles when there are no rows. */
void nn_sheet_write(const nn_sheet *sheet, nn_buf *out);
void nn_sheet_free(nn_sheet *sheet);

#endif
