/* Explanations for people and for programs. */
#include "cli/explain_view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "view/attribution.h"
#include "view/format.h"
#include "view/sheet.h"

enum { SHOWN_COLUMNS = 30, BAR = 20 };

static const char *const method_text[] = {"gradient times input", "integrated gradients",
                                          "occlusion"};
static const char *const method_word[] = {"gradient", "integrated", "occlusion"};

const char *nn_explained_target(const nn_explained *e, char *dst)
{
    const nn_prep *p = e->model->prep;
    char number[NN_NUMBER_TEXT];
    const char *name = nn_prep_label(p, e->x->target, number);

    if (p->classes.count == 0 && e->x->target < p->targets.count)
        name = p->targets.name[e->x->target];
    return nn_text_show(dst, NN_SHOWN, name, strlen(name), 40);
}

/* ---- text ---- */

/* A bar of as many marks as the share is of the largest; '+' speaks for the decision. */
static const char *bar(char *dst, double share, double most)
{
    const int len = most > 0 ? (int)(BAR * fabs(share) / most + 0.5) : 0;

    memset(dst, share < 0 ? '-' : '+', (size_t)len);
    dst[len] = '\0';
    return dst;
}

static nn_code put_columns(const nn_explained *e, nn_buf *out, nn_err *err)
{
    static const nn_column columns[] = {
        {"column", NN_LEFT}, {"value", NN_LEFT}, {"attribution", NN_RIGHT}, {"", NN_LEFT}};
    char shown[NN_SHOWN], number[NN_FORMAT_TEXT], marks[BAR + 1];
    nn_attributed *list;
    nn_sheet sheet;
    int count;

    NN_TRY(nn_attributed_new(&list, &count, e->model->prep, e->data, e->x, err));
    nn_sheet_start(&sheet, columns, 4);
    for (int i = 0; i < count && i < SHOWN_COLUMNS; i++) {
        const char *value = list[i].value.data != NULL ? list[i].value.data : "";

        nn_sheet_cell(&sheet, "%s",
                      nn_text_show(shown, sizeof shown, list[i].name, strlen(list[i].name), 40));
        nn_sheet_cell(&sheet, "%s", nn_text_show(shown, sizeof shown, value, strlen(value), 24));
        nn_sheet_cell(&sheet, "%s", nn_format_short(number, list[i].share));
        nn_sheet_cell(&sheet, "%s", bar(marks, list[i].share, fabs(list[0].share)));
    }
    nn_sheet_write(&sheet, out);
    nn_sheet_free(&sheet);
    if (count > SHOWN_COLUMNS)
        nn_buf_printf(out, "and %d more; --json has them all\n", count - SHOWN_COLUMNS);
    nn_attributed_free(list, count);
    return NN_OK;
}

/* Only integrated gradients promise that their sum is the difference. */
static void put_sum(const nn_explained *e, nn_buf *out)
{
    const double difference = e->x->output - e->x->baseline;
    char sum[NN_FORMAT_TEXT], whole[NN_FORMAT_TEXT];

    nn_buf_printf(out, "attributions sum to %s", nn_format_short(sum, e->x->sum));
    nn_buf_printf(out, ", the difference is %s", nn_format_short(whole, difference));
    if (e->method == NN_EXPLAIN_INTEGRATED && difference != 0)
        nn_buf_printf(out, ": %.2f %% apart after %d steps",
                      100 * fabs(e->x->sum - difference) / fabs(difference), e->x->steps);
    nn_buf_char(out, '\n');
}

nn_code nn_explain_put_text(const nn_explained *e, bool color, nn_buf *out, nn_err *err)
{
    char where[NN_WHERE_SIZE], target[NN_SHOWN], number[NN_FORMAT_TEXT];
    const nn_explanation *x = e->x;

    nn_buf_printf(out, "sample      %s", nn_dataset_where(e->data, x->row, where));
    if (!e->data->table)
        nn_buf_printf(out, ", row %zu", x->row);
    nn_buf_printf(out, "\nexplains    %s", nn_explained_target(e, target));
    if (isfinite(x->probability))
        nn_buf_printf(out, ", probability %s", nn_format_score(number, x->probability));
    nn_buf_printf(out, "\n%s  %s", isfinite(x->probability) ? "score     " : "output    ",
                  nn_format_short(number, x->output));
    nn_buf_printf(out, "; %s for the baseline\nmethod      %s\n",
                  nn_format_short(number, x->baseline), method_text[e->method]);
    put_sum(e, out);
    nn_buf_char(out, '\n');
    if (!nn_attribution_is_picture(e->model->prep))
        return put_columns(e, out, err);
    nn_buf_put(out, "the sample, what speaks for it, what against\n");
    return nn_attribution_blocks(out, e->model->prep, e->data, x, color, err);
}

/* ---- CSV and JSON: columns in the order of the table ---- */

static void put_column_name(const nn_explained *e, int i, nn_buf *out)
{
    const nn_prep *p = e->model->prep;
    char number[NN_SHOWN];

    if (p->encoder != NULL && p->encoder->column[i].name != NULL) {
        nn_buf_csv(out, p->encoder->column[i].name);
        return;
    }
    (void)snprintf(number, sizeof number, "input_%d", i);
    nn_buf_csv(out, p->encoder == NULL && e->data->column != NULL ? e->data->column[i] : number);
}

void nn_explain_put_csv_head(const nn_explained *e, nn_buf *out)
{
    nn_buf_put(out, "row,target,output,baseline");
    for (int i = 0; i < nn_explained_columns(e->x, e->model->prep); i++) {
        nn_buf_char(out, ',');
        put_column_name(e, i, out);
    }
    nn_buf_char(out, '\n');
}

static void put_target(const nn_explained *e, bool json, nn_buf *out)
{
    const nn_prep *p = e->model->prep;
    char number[NN_NUMBER_TEXT];
    const char *name = nn_prep_label(p, e->x->target, number);

    if (p->classes.count == 0 && e->x->target < p->targets.count)
        name = p->targets.name[e->x->target];
    if (json)
        nn_buf_json(out, name);
    else
        nn_buf_csv(out, name);
}

void nn_explain_put_csv(const nn_explained *e, nn_buf *out)
{
    nn_buf_printf(out, "%zu,", e->x->row);
    put_target(e, false, out);
    nn_buf_char(out, ',');
    nn_buf_float(out, (float)e->x->output);
    nn_buf_char(out, ',');
    nn_buf_float(out, (float)e->x->baseline);
    for (int i = 0; i < nn_explained_columns(e->x, e->model->prep); i++) {
        nn_buf_char(out, ',');
        nn_buf_float(out, (float)nn_explained_column(e->x, e->model->prep, i));
    }
    nn_buf_char(out, '\n');
}

static void put_pair(const char *key, double value, nn_buf *out)
{
    nn_buf_printf(out, ",\"%s\":", key);
    nn_buf_double(out, value);
}

void nn_explain_put_json(const nn_explained *e, nn_buf *out)
{
    nn_buf_printf(out, "{\"row\":%zu,\"method\":\"%s\",\"target\":", e->x->row,
                  method_word[e->method]);
    put_target(e, true, out);
    if (isfinite(e->x->probability))
        put_pair("probability", e->x->probability, out);
    put_pair("output", e->x->output, out);
    put_pair("baseline", e->x->baseline, out);
    put_pair("sum", e->x->sum, out);
    if (e->method == NN_EXPLAIN_INTEGRATED)
        nn_buf_printf(out, ",\"steps\":%d", e->x->steps);
    if (e->model->prep->encoder != NULL && e->model->prep->encoder->column[0].name != NULL) {
        nn_buf_put(out, ",\"columns\":[");
        for (int i = 0; i < nn_explained_columns(e->x, e->model->prep); i++) {
            nn_buf_put(out, i == 0 ? "" : ",");
            nn_buf_json(out, e->model->prep->encoder->column[i].name);
        }
        nn_buf_char(out, ']');
    }
    nn_buf_put(out, ",\"attributions\":[");
    for (int i = 0; i < nn_explained_columns(e->x, e->model->prep); i++) {
        nn_buf_put(out, i == 0 ? "" : ",");
        nn_buf_float(out, (float)nn_explained_column(e->x, e->model->prep, i));
    }
    nn_buf_put(out, "]}\n");
}

/* ---- permutation importance ---- */

const char *nn_importance_name(const nn_importances *p, int i, char *dst)
{
    const int column = p->list[i].column;

    if (p->prep->encoder != NULL)
        return nn_encoded_name(&p->prep->encoder->column[column], dst);
    if (p->data->column != NULL)
        return nn_text_show(dst, NN_SHOWN, p->data->column[column], strlen(p->data->column[column]),
                            40);
    (void)snprintf(dst, NN_SHOWN, "input_%d", column);
    return dst;
}

void nn_importance_put_text(const nn_importances *p, nn_buf *out)
{
    static const nn_column columns[] = {
        {"column", NN_LEFT}, {"importance", NN_RIGHT}, {"spread", NN_RIGHT}, {"", NN_LEFT}};
    char name[NN_SHOWN], number[NN_FORMAT_TEXT], marks[BAR + 1];
    double most = 0;
    nn_sheet sheet;

    for (int i = 0; i < p->count; i++)
        most = fmax(most, fabs(p->list[i].mean));
    nn_buf_printf(out,
                  "split       %s\nscore       %s %s\nmethod      permutation, %d times\n\n"
                  "importance: how much worse the score gets without the column\n",
                  p->split, p->score, nn_format_short(number, p->base), p->repeats);
    nn_sheet_start(&sheet, columns, 4);
    for (int i = 0; i < p->count; i++) {
        nn_sheet_cell(&sheet, "%s", nn_importance_name(p, i, name));
        nn_sheet_cell(&sheet, "%s", nn_format_short(number, p->list[i].mean));
        nn_sheet_cell(&sheet, "%s", nn_format_short(number, p->list[i].spread));
        nn_sheet_cell(&sheet, "%s", bar(marks, p->list[i].mean, most));
    }
    nn_sheet_write(&sheet, out);
    nn_sheet_free(&sheet);
}

void nn_importance_put_csv(const nn_importances *p, nn_buf *out)
{
    char name[NN_SHOWN];

    nn_buf_put(out, "column,importance,spread\n");
    for (int i = 0; i < p->count; i++) {
        nn_buf_csv(out, nn_importance_name(p, i, name));
        nn_buf_char(out, ',');
        nn_buf_double(out, p->list[i].mean);
        nn_buf_char(out, ',');
        nn_buf_double(out, p->list[i].spread);
        nn_buf_char(out, '\n');
    }
}

void nn_importance_put_json(const nn_importances *p, nn_buf *out)
{
    char name[NN_SHOWN];

    nn_buf_printf(out, "{\"method\":\"permutation\",\"split\":\"%s\",\"score\":\"%s\"", p->split,
                  p->score);
    put_pair("base", p->base, out);
    nn_buf_printf(out, ",\"repeats\":%d,\"importances\":[", p->repeats);
    for (int i = 0; i < p->count; i++) {
        nn_buf_put(out, i == 0 ? "{\"column\":" : ",{\"column\":");
        nn_buf_json(out, nn_importance_name(p, i, name));
        put_pair("importance", p->list[i].mean, out);
        put_pair("spread", p->list[i].spread, out);
        nn_buf_char(out, '}');
    }
    nn_buf_put(out, "]}\n");
}
