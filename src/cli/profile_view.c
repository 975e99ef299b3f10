/* What a look at a data file found. */
#include "cli/profile_view.h"

#include <stdio.h>
#include <string.h>

#include "cli/text_view.h"
#include "view/blocks.h"
#include "view/format.h"
#include "view/sheet.h"

enum { SHOWN_COLUMNS = 100, SHOWN_VALUES = 5, SHOWN_CLASSES = 40, BAR = 24, SPREAD = 20 };

static const char *type_of(const nn_profile *p, int c)
{
    const nn_column_profile *column = &p->column[c];

    if (column->numbers + column->words == 0)
        return "empty";
    if (nn_column_is_identity(p, c))
        return "identity";
    if (column->words > 0)
        return column->numbers > 0 ? "mixed" : column->distinct == 2 ? "binary" : "category";
    return column->distinct == 2 && column->whole == column->numbers ? "binary" : "number";
}

static const char *array_type(const nn_profile *p)
{
    if (p->store == NN_STORE_U8)
        return "bytes";
    if (p->whole)
        return "whole numbers";
    return p->store == NN_STORE_F32 ? "float32" : "float64";
}

static const char *distinct(const nn_column_profile *c, char *dst)
{
    char count[NN_FORMAT_TEXT];

    nn_format_count(count, c->distinct);
    snprintf(dst, NN_FORMAT_TEXT, "%.40s%s", count, c->distinct == NN_PROFILE_DISTINCT ? "+" : "");
    return dst;
}

static void put_range(const nn_column_profile *c, nn_buf *out)
{
    char text[NN_FORMAT_TEXT];

    nn_buf_printf(out, "%s", nn_format_rate(text, c->least));
    nn_buf_printf(out, " to %s", nn_format_rate(text, c->most));
    nn_buf_printf(out, ", mean %s", nn_format_rate(text, c->mean));
    nn_buf_printf(out, ", deviation %s", nn_format_rate(text, c->deviation));
}

static void put_values(const nn_column_profile *c, nn_buf *out)
{
    char shown[NN_SHOWN];
    char count[NN_FORMAT_TEXT];

    for (int i = 0; i < c->values && i < SHOWN_VALUES; i++)
        nn_buf_printf(
            out, "%s%s %s", i == 0 ? "" : ", ",
            nn_text_show(shown, sizeof shown, c->value[i].text, strlen(c->value[i].text), 20),
            nn_format_count(count, c->value[i].count));
    if (c->values > SHOWN_VALUES)
        nn_buf_put(out, ", ...");
}

/* Where the numbers lie between the least and the greatest, as heights. */
static void put_spread(const nn_column_profile *c, bool unicode, nn_buf *out)
{
    nn_bins bins;

    nn_histogram_bins(&c->spread, SPREAD, c->whole == c->numbers, &bins);
    nn_counts_put(out, bins.count, bins.bins, unicode);
}

static void put_column(const nn_profile *p, int c, bool unicode, nn_sheet *sheet)
{
    const nn_column_profile *column = &p->column[c];
    nn_buf what = {0};
    char text[NN_SHOWN];

    nn_sheet_cell(sheet, "%s", nn_profile_name(p, c, text));
    nn_sheet_cell(sheet, "%s", type_of(p, c));
    nn_sheet_cell(sheet, "%s", nn_format_count(text, column->missing));
    nn_sheet_cell(sheet, "%s", distinct(column, text));
    if (strcmp(type_of(p, c), "number") == 0)
        put_spread(column, unicode, &what);
    nn_sheet_text(sheet, &what);
    nn_buf_clear(&what);
    if (column->words == 0 && column->numbers > 0)
        put_range(column, &what);
    else
        put_values(column, &what);
    nn_sheet_text(sheet, &what);
    nn_buf_free(&what);
}

static void put_columns(const nn_profile *p, bool unicode, nn_buf *out)
{
    static const nn_column columns[] = {{"column", NN_LEFT},   {"type", NN_LEFT},
                                        {"missing", NN_RIGHT}, {"distinct", NN_RIGHT},
                                        {"spread", NN_LEFT},   {"values", NN_LEFT}};
    nn_sheet sheet;

    nn_sheet_start(&sheet, columns, 6);
    for (int c = 0; c < p->columns && c < SHOWN_COLUMNS; c++)
        put_column(p, c, unicode, &sheet);
    nn_buf_char(out, '\n');
    nn_sheet_write(&sheet, out);
    nn_sheet_free(&sheet);
    if (p->columns > SHOWN_COLUMNS)
        nn_buf_printf(out, "and %d more columns; --json shows all of them\n",
                      p->columns - SHOWN_COLUMNS);
}

/* The values of a column with a bar each: classes, as a rule. */
static void put_bars(const nn_column_profile *c, bool unicode, nn_buf *out)
{
    static const nn_column columns[] = {
        {"value", NN_LEFT}, {"rows", NN_RIGHT}, {"share", NN_RIGHT}, {"", NN_LEFT}};
    const double all = (double)(c->numbers + c->words);
    nn_sheet sheet;
    char text[NN_SHOWN];

    nn_sheet_start(&sheet, columns, 4);
    for (int i = 0; i < c->values && i < SHOWN_CLASSES; i++) {
        const nn_value_count *v = &c->value[i];
        nn_buf bar = {0};

        nn_sheet_cell(&sheet, "%s", nn_text_show(text, sizeof text, v->text, strlen(v->text), 40));
        nn_sheet_cell(&sheet, "%s", nn_format_count(text, v->count));
        nn_sheet_cell(&sheet, "%.1f %%", 100 * (double)v->count / all);
        nn_bar_put(&bar, (double)v->count / (double)c->value[0].count, BAR, unicode);
        nn_sheet_text(&sheet, &bar);
        nn_buf_free(&bar);
    }
    nn_buf_char(out, '\n');
    nn_sheet_write(&sheet, out);
    nn_sheet_free(&sheet);
    if (c->values > SHOWN_CLASSES)
        nn_buf_printf(out, "and %d more\n", c->values - SHOWN_CLASSES);
}

/* One line for all columns of which something is true. */
static void put_names(const nn_profile *p, bool (*is)(const nn_profile *p, int c), const char *what,
                      nn_buf *out)
{
    char shown[NN_SHOWN];
    int count = 0;

    for (int c = 0; c < p->columns; c++) {
        if (!is(p, c))
            continue;
        if (count < SHOWN_CLASSES)
            nn_buf_printf(out, "%s%s", count == 0 ? what : ", ", nn_profile_name(p, c, shown));
        count++;
    }
    if (count > SHOWN_CLASSES)
        nn_buf_printf(out, " and %d more", count - SHOWN_CLASSES);
    nn_buf_put(out, count > 0 ? "\n" : "");
}

static bool is_constant(const nn_profile *p, int c)
{
    return nn_column_is_constant(&p->column[c]);
}

static void put_notes(const nn_profile *p, nn_buf *out)
{
    char shown[NN_SHOWN], other[NN_SHOWN];
    const size_t before = out->len;

    nn_buf_char(out, '\n');
    put_names(p, is_constant, "constant: ", out);
    for (int c = 0; c < p->columns; c++)
        if (p->column[c].same_as >= 0)
            nn_buf_printf(out, "the same in every row: %s and %s\n",
                          nn_profile_name(p, p->column[c].same_as, shown),
                          nn_profile_name(p, c, other));
    put_names(p, nn_column_is_identity,
              "names or numbers its rows, so nothing to learn from: ", out);
    if (p->target >= 0)
        put_names(p, nn_column_is_leak, "gives the target away almost alone: ", out);
    if (p->repeated > 0)
        nn_buf_printf(out, "rows that came before already: %s\n",
                      nn_format_count(shown, p->repeated));
    if (!out->failed && out->len == before + 1)
        out->data[out->len = before] = '\0'; /* nothing to say: no empty line either */
}

static void put_table(const nn_profile *p, bool unicode, nn_buf *out)
{
    char rows[NN_FORMAT_TEXT], columns[NN_FORMAT_TEXT], shown[NN_SHOWN];

    nn_buf_printf(out, ": CSV, %s rows, %s columns, %s header, delimiter %s\n",
                  nn_format_count(rows, p->rows), nn_format_count(columns, (uint64_t)p->columns),
                  p->header ? "a" : "no",
                  p->delimiter == '\t' ? "tab" : (char[]){'"', p->delimiter, '"', '\0'});
    put_columns(p, unicode, out);
    if (p->target >= 0 && p->column[p->target].values > 0 &&
        nn_column_is_category(&p->column[p->target])) {
        nn_buf_printf(out, "\nthe target, %s\n", nn_profile_name(p, p->target, shown));
        put_bars(&p->column[p->target], unicode, out);
    }
    put_notes(p, out);
}

static void put_array(const nn_profile *p, bool unicode, nn_buf *out)
{
    const nn_column_profile *c = &p->column[0];
    char text[NN_SHAPE_TEXT], count[NN_FORMAT_TEXT];

    nn_buf_printf(out, ": %s, %s samples", strcmp(p->format, "idx") == 0 ? "IDX" : "NPY",
                  nn_format_count(count, p->rows));
    if (p->shape.rank > 0)
        nn_buf_printf(out, " of shape %s", nn_shape_text(text, &p->shape));
    nn_buf_printf(out, ", %s\nrange     ", array_type(p));
    put_range(c, out);
    nn_buf_printf(out, "\ndistinct  %s\n", distinct(c, count));
    if (p->shape.rank > 0 && p->rows > 1)
        nn_buf_printf(out, "constant  %s of %zu places are the same in every sample\n",
                      nn_format_count(count, p->constant), nn_shape_len(&p->shape));
    if (p->shape.rank > 0)
        nn_buf_printf(out, "repeated  %s samples came before already\n",
                      nn_format_count(count, p->repeated));
    if (p->shape.rank == 0 && nn_column_is_category(c) && c->values > 0)
        put_bars(c, unicode, out);
}

void nn_profile_put_report(const nn_profile *p, bool unicode, nn_buf *out)
{
    char shown[NN_SHOWN];

    nn_buf_put(out, nn_text_show(shown, sizeof shown, p->path, strlen(p->path), 200));
    if (p->text != NULL)
        nn_text_profile_put_report(p->text, out);
    else if (p->shape.rank > 0 || strcmp(p->format, "csv") != 0)
        put_array(p, unicode, out);
    else
        put_table(p, unicode, out);
}

/* ---- JSON ---- */

static void put_number(const char *key, double value, nn_buf *out)
{
    nn_buf_printf(out, ",\"%s\":", key);
    nn_buf_double(out, value);
}

static void put_counts(const nn_column_profile *c, nn_buf *out)
{
    nn_buf_put(out, ",\"values\":[");
    for (int i = 0; i < c->values; i++) {
        nn_buf_put(out, i == 0 ? "{\"value\":" : ",{\"value\":");
        nn_buf_json(out, c->value[i].text);
        nn_buf_printf(out, ",\"count\":%zu}", c->value[i].count);
    }
    nn_buf_char(out, ']');
}

static void put_histogram(const nn_column_profile *c, nn_buf *out)
{
    nn_bins bins;

    nn_histogram_bins(&c->spread, NN_HISTOGRAM_BINS, c->whole == c->numbers, &bins);
    if (bins.bins == 0)
        return;
    nn_buf_put(out, ",\"histogram\":{\"from\":");
    nn_buf_double(out, bins.from);
    put_number("width", bins.width, out);
    nn_buf_put(out, ",\"counts\":[");
    for (int i = 0; i < bins.bins; i++)
        nn_buf_printf(out, "%s%zu", i == 0 ? "" : ",", bins.count[i]);
    nn_buf_put(out, "]}");
}

/* The members that columns and arrays have alike. */
static void put_found(const nn_column_profile *c, nn_buf *out)
{
    nn_buf_printf(out, ",\"distinct\":%zu", c->distinct);
    put_number("min", c->least, out);
    put_number("max", c->most, out);
    put_number("mean", c->mean, out);
    put_number("deviation", c->deviation, out);
    put_histogram(c, out);
    if (c->values > 0)
        put_counts(c, out);
}

static void put_flag(const char *key, bool value, nn_buf *out)
{
    nn_buf_printf(out, ",\"%s\":%s", key, value ? "true" : "false");
}

static void put_column_json(const nn_profile *p, int c, nn_buf *out)
{
    const nn_column_profile *column = &p->column[c];
    char shown[NN_SHOWN];

    nn_buf_put(out, c == 0 ? "{\"name\":" : ",{\"name\":");
    nn_buf_json(out, column->name != NULL ? column->name : nn_profile_name(p, c, shown));
    nn_buf_printf(out, ",\"type\":\"%s\",\"missing\":%zu", type_of(p, c), column->missing);
    put_found(column, out);
    put_flag("constant", nn_column_is_constant(column), out);
    put_flag("identity", nn_column_is_identity(p, c), out);
    nn_buf_put(out, ",\"same_as\":");
    if (column->same_as < 0)
        nn_buf_put(out, "null");
    else
        nn_buf_json(out, nn_profile_name(p, column->same_as, shown));
    if (p->target >= 0 && c != p->target) {
        put_number("tells", column->tells, out);
        put_flag("leak", nn_column_is_leak(p, c), out);
    }
    nn_buf_char(out, '}');
}

void nn_profile_put_json(const nn_profile *p, nn_buf *out)
{
    char shape[NN_SHAPE_TEXT];

    nn_buf_put(out, "{\"file\":");
    nn_buf_json(out, p->path);
    if (p->text != NULL) {
        nn_buf_put(out, ",\"format\":\"text\"");
        nn_text_profile_put_json(p->text, out);
        nn_buf_char(out, '}');
        return;
    }
    nn_buf_printf(out, ",\"format\":\"%s\",\"rows\":%zu,\"repeated\":%zu", p->format, p->rows,
                  p->repeated);
    if (strcmp(p->format, "csv") != 0) {
        nn_buf_printf(out, ",\"shape\":%s,\"type\":\"%s\"",
                      p->shape.rank == 0 ? "[]" : nn_shape_text(shape, &p->shape), array_type(p));
        put_found(&p->column[0], out);
        nn_buf_printf(out, ",\"constant\":%zu}", p->constant);
        return;
    }
    nn_buf_put(out, ",\"delimiter\":");
    nn_buf_json_n(out, &p->delimiter, 1);
    put_flag("header", p->header, out);
    nn_buf_put(out, ",\"columns\":[");
    for (int c = 0; c < p->columns; c++)
        put_column_json(p, c, out);
    nn_buf_put(out, "]}");
}
