/* What a model makes of the columns of a table. */
#include "cli/columns_view.h"

#include <string.h>

#include "view/format.h"
#include "view/sheet.h"

enum { SHOWN_COLUMNS = 100, SHOWN_WORDS = 6, SHOWN_BYTES = 20 };

static void put_word(const char *word, nn_buf *out)
{
    char shown[NN_SHOWN];

    nn_buf_put(out, nn_text_show(shown, sizeof shown, word, strlen(word), SHOWN_BYTES));
}

static void put_number(double value, nn_buf *out)
{
    char text[NN_FORMAT_TEXT];

    nn_buf_put(out, nn_format_rate(text, value));
}

static void put_words(const nn_encoded *c, const char *as, nn_buf *out)
{
    nn_buf_printf(out, "%s of %d: ", as, c->words.count + c->pooled);
    for (int i = 0; i < c->words.count && i < SHOWN_WORDS; i++) {
        nn_buf_put(out, i == 0 ? "" : ", ");
        put_word(c->words.text[i], out);
    }
    if (c->words.count > SHOWN_WORDS)
        nn_buf_put(out, ", ...");
    if (c->pooled)
        nn_buf_put(out, c->words.count > 0 ? ", other" : "other");
}

static void put_kind(const nn_encoded *c, nn_buf *out)
{
    switch ((nn_encoding)c->kind) {
    case NN_ENCODING_ONEHOT:
        put_words(c, "onehot", out);
        return;
    case NN_ENCODING_ORDINAL:
        put_words(c, "ordinal", out);
        return;
    case NN_ENCODING_BINARY:
        put_words(c, "binary", out);
        return;
    case NN_ENCODING_EMBEDDING:
        put_words(c, "embedding", out);
        return;
    case NN_ENCODING_NUMBER:
        break;
    }
    nn_buf_put(out, "number");
    if (c->clip) {
        nn_buf_put(out, ", clipped to ");
        put_number(c->low, out);
        nn_buf_put(out, " ... ");
        put_number(c->high, out);
    }
    if (c->log1p)
        nn_buf_put(out, ", log(1 + x)");
}

static void put_missing(const nn_encoded *c, nn_buf *out)
{
    const bool number = c->kind == NN_ENCODING_NUMBER;

    if (!c->impute) {
        nn_buf_put(out, "refused");
        return;
    }
    if (number)
        put_number(c->fill, out);
    else
        put_word(c->fill < c->words.count ? c->words.text[(int)c->fill] : "other", out);
    if (c->indicator)
        nn_buf_put(out, ", and marked");
}

static const char *unknown_of(const nn_encoded *c)
{
    if (c->kind == NN_ENCODING_NUMBER)
        return "";
    if (!c->lenient)
        return "refused";
    return c->pooled                        ? "other"
           : c->kind == NN_ENCODING_ORDINAL ? "the most frequent"
           : c->kind == NN_ENCODING_BINARY  ? "one half"
                                            : "none of them";
}

/* In the words of who scaled: (x - 120.4) / 31.5 */
static void put_scaling(const nn_prep *prep, const nn_encoded *c, nn_buf *out)
{
    const int at = c->at < prep->columns ? c->at : 0;

    if (c->scale == NN_SCALE_NONE)
        return;
    nn_buf_printf(out, "%s: ", nn_scale_words[c->scale]);
    if (prep->shift[at] != 0) {
        nn_buf_put(out, prep->shift[at] < 0 ? "(x + " : "(x - ");
        put_number(prep->shift[at] < 0 ? -prep->shift[at] : prep->shift[at], out);
        nn_buf_char(out, ')');
    } else {
        nn_buf_char(out, 'x');
    }
    nn_buf_put(out, " / ");
    put_number(1 / prep->factor[at], out);
}

typedef void put_fn(const nn_encoded *c, nn_buf *out);

static void put_cell(nn_sheet *sheet, put_fn *put, const nn_encoded *c)
{
    nn_buf text = {0};

    put(c, &text);
    nn_sheet_text(sheet, &text);
    nn_buf_free(&text);
}

static void put_column(nn_sheet *sheet, const nn_prep *prep, const nn_encoded *c)
{
    char name[NN_SHOWN];
    nn_buf scaling = {0};

    put_scaling(prep, c, &scaling);
    nn_sheet_cell(sheet, "%s", nn_encoded_name(c, name));
    put_cell(sheet, put_kind, c);
    put_cell(sheet, put_missing, c);
    nn_sheet_cell(sheet, "%s", unknown_of(c));
    nn_sheet_text(sheet, &scaling);
    nn_buf_free(&scaling);
}

void nn_columns_put(const nn_prep *prep, nn_buf *out)
{
    static const nn_column column[] = {{"column", NN_LEFT},
                                       {"becomes", NN_LEFT},
                                       {"missing", NN_LEFT},
                                       {"unknown", NN_LEFT},
                                       {"scaled", NN_LEFT}};
    const nn_encoder *e = prep->encoder;
    nn_sheet sheet;

    if (e == NULL)
        return;
    nn_sheet_start(&sheet, column, sizeof column / sizeof column[0]);
    for (int k = 0; k < e->count && k < SHOWN_COLUMNS; k++)
        put_column(&sheet, prep, &e->column[k]);
    nn_sheet_write(&sheet, out);
    if (e->count > SHOWN_COLUMNS)
        nn_buf_printf(out, "... and %d columns more\n", e->count - SHOWN_COLUMNS);
    nn_buf_char(out, '\n');
    nn_sheet_free(&sheet);
}
