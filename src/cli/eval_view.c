/* The report of an evaluation, and the same as JSON. */
#include "cli/eval_view.h"

#include <math.h>
#include <string.h>

#include "view/format.h"
#include "view/sheet.h"

enum { SHOWN_CLASSES = 20, SHOWN_VALUES = 4 };

/* ---- the report ---- */

/* NULL: no rival has a value of this name. */
static const nn_measure *measure_of(const nn_verdict *v, const char *name)
{
    for (int i = 0; i < v->measures; i++)
        if (strcmp(v->measure[i].name, name) == 0)
            return &v->measure[i];
    return NULL;
}

static void put_rival(nn_buf *out, const char *name, double value)
{
    char score[NN_FORMAT_TEXT];

    if (!isnan(value))
        nn_buf_printf(out, "  %s %s", name, nn_format_score(score, value));
}

static void put_named(const nn_eval_result *r, nn_buf *out)
{
    char score[NN_FORMAT_TEXT];

    for (int i = 0; i < r->named.count; i++) {
        const nn_named *item = &r->named.item[i];
        const nn_measure *measure = measure_of(&r->verdict, item->name);

        nn_buf_printf(out, "%-17s  %s", item->name, nn_format_score(score, item->value));
        if (measure != NULL) {
            put_rival(out, "naive", measure->naive);
            put_rival(out, "last", measure->last);
            put_rival(out, "season", measure->seasonal);
        }
        nn_buf_char(out, '\n');
    }
}

static void put_class_name(nn_sheet *sheet, const nn_prep *prep, int k)
{
    char number[NN_NUMBER_TEXT];
    char shown[NN_SHOWN];
    const char *name = nn_prep_label(prep, k, number);

    nn_sheet_cell(sheet, "%s", nn_text_show(shown, sizeof shown, name, strlen(name), 40));
}

static void put_class_score(nn_sheet *sheet, const nn_class_score *c)
{
    char text[NN_FORMAT_TEXT];

    nn_sheet_cell(sheet, "%s", nn_format_score(text, c->precision));
    nn_sheet_cell(sheet, "%s", nn_format_score(text, c->recall));
    nn_sheet_cell(sheet, "%s", nn_format_score(text, c->f1));
    nn_sheet_cell(sheet, "%s", nn_format_count(text, c->support));
}

static void put_classes(const nn_eval_result *r, nn_buf *out)
{
    static const nn_column columns[] = {{"class", NN_LEFT},
                                        {"precision", NN_RIGHT},
                                        {"recall", NN_RIGHT},
                                        {"f1", NN_RIGHT},
                                        {"support", NN_RIGHT}};
    nn_sheet sheet;

    nn_sheet_start(&sheet, columns, 5);
    for (int k = 0; k < r->scores.classes; k++) {
        const nn_class_score c = nn_class_score_of(r->scores.confusion, r->scores.classes, k);

        put_class_name(&sheet, r->model->prep, k);
        put_class_score(&sheet, &c);
    }
    nn_sheet_cell(&sheet, "(mean)");
    put_class_score(&sheet, &r->verdict.macro);
    nn_buf_char(out, '\n');
    nn_sheet_write(&sheet, out);
    nn_sheet_free(&sheet);
}

/* Every output on its own. */
static void put_each(const nn_eval_result *r, nn_buf *out)
{
    const nn_verdict *v = &r->verdict;
    nn_column columns[NN_EACH_SCORES + 2] = {{"output", NN_LEFT}};
    const bool yes_no = r->model->task == NN_TASK_MULTILABEL;
    char number[NN_NUMBER_TEXT], shown[NN_SHOWN], text[NN_FORMAT_TEXT];
    int count = 1;
    nn_sheet sheet;

    for (int i = 0; v->each_names[i] != NULL; i++)
        columns[count++] = (nn_column){v->each_names[i], NN_RIGHT};
    if (yes_no)
        columns[count++] = (nn_column){"support", NN_RIGHT};
    nn_sheet_start(&sheet, columns, count);
    for (int k = 0; k < v->outputs; k++) {
        const char *name = nn_prep_output(r->model->prep, v->outputs, k, number);

        nn_sheet_cell(&sheet, "%s", nn_text_show(shown, sizeof shown, name, strlen(name), 40));
        for (int i = 0; v->each_names[i] != NULL; i++)
            nn_sheet_cell(&sheet, "%s", nn_format_score(text, v->each[k].score[i]));
        if (yes_no)
            nn_sheet_cell(&sheet, "%.10g", v->each[k].support);
    }
    nn_buf_char(out, '\n');
    nn_sheet_write(&sheet, out);
    nn_sheet_free(&sheet);
}

static void put_confusion(const nn_eval_result *r, nn_buf *out)
{
    const int classes = r->scores.classes;
    char numbers[SHOWN_CLASSES][NN_NUMBER_TEXT];
    char shown[SHOWN_CLASSES][NN_SHOWN];
    nn_column columns[SHOWN_CLASSES + 1] = {{"truth", NN_LEFT}};
    nn_sheet sheet;

    for (int k = 0; k < classes; k++) {
        const char *name = nn_prep_label(r->model->prep, k, numbers[k]);
        nn_text_show(shown[k], sizeof shown[k], name, strlen(name), 40);
        columns[k + 1] = (nn_column){shown[k], NN_RIGHT};
    }
    nn_sheet_start(&sheet, columns, classes + 1);
    for (int k = 0; k < classes; k++) {
        nn_sheet_cell(&sheet, "%s", shown[k]);
        for (int j = 0; j < classes; j++)
            nn_sheet_cell(&sheet, "%zu", r->scores.confusion[k * classes + j]);
    }
    nn_buf_put(out, "\nconfusion: a row per true class, a column per predicted one\n");
    nn_sheet_write(&sheet, out);
    nn_sheet_free(&sheet);
}

/* What "naive" means here. */
static void put_naive(const nn_eval_result *r, nn_buf *out)
{
    const nn_verdict *v = &r->verdict;
    const nn_prep *prep = r->model->prep;
    char number[NN_NUMBER_TEXT];
    char shown[NN_SHOWN];

    if (v->naive == NULL)
        return;
    if (v->naive_class >= 0) {
        const char *name = nn_prep_label(prep, v->naive_class, number);
        nn_buf_printf(out, "naive              always \"%s\", the most common class in training\n",
                      nn_text_show(shown, sizeof shown, name, strlen(name), 40));
    } else {
        nn_buf_put(out, "naive              always the mean of the training targets\n");
    }
    if (v->last)
        nn_buf_put(out, "last               the last value before the forecast\n");
    if (v->season > 0)
        nn_buf_printf(out, "season             the value %d rows before\n", v->season);
}

static void put_values(nn_buf *out, const nn_real *values, int width)
{
    char text[NN_NUMBER_TEXT];

    for (int k = 0; k < width && k < SHOWN_VALUES; k++)
        nn_buf_printf(out, "%s%s", k == 0 ? "" : " ", nn_format_float(text, (float)values[k]));
    if (width > SHOWN_VALUES)
        nn_buf_put(out, " ...");
}

static void put_worst_values(const nn_worst *w, int width, nn_sheet *sheet)
{
    for (int part = 0; part < 2; part++) {
        nn_buf text = {0};

        put_values(&text, w->values + part * width, width);
        nn_sheet_text(sheet, &text);
        nn_buf_free(&text);
    }
}

/* The rows that the model does worst on. */
static void put_worst(const nn_eval_result *r, nn_buf *out)
{
    static const nn_column columns[] = {{"row", NN_RIGHT},
                                        {"truth", NN_LEFT},
                                        {"prediction", NN_LEFT},
                                        {"loss", NN_RIGHT},
                                        {"p(truth)", NN_RIGHT}};
    const bool classes = r->model->prep->classes.count > 0;
    const int width = (int)nn_shape_len(&r->model->graph->out);
    nn_sheet sheet;
    char text[NN_FORMAT_TEXT];

    nn_sheet_start(&sheet, columns, classes ? 5 : 4);
    for (size_t i = 0; i < r->verdict.worst_count; i++) {
        const nn_worst *w = &r->verdict.worst[i];

        nn_sheet_cell(&sheet, "%zu", w->row);
        if (classes) {
            put_class_name(&sheet, r->model->prep, w->truth);
            put_class_name(&sheet, r->model->prep, w->said);
        } else {
            put_worst_values(w, width, &sheet);
        }
        nn_sheet_cell(&sheet, "%s", nn_format_score(text, w->loss));
        if (classes)
            nn_sheet_cell(&sheet, "%s", nn_format_score(text, w->probability));
    }
    nn_buf_put(out, "\nworst rows\n");
    nn_sheet_write(&sheet, out);
    nn_sheet_free(&sheet);
}

void nn_eval_put_report(const nn_eval_result *r, nn_buf *out)
{
    char samples[NN_FORMAT_TEXT];

    nn_buf_printf(out, "split              %s\nsamples            %s\n", r->held->split,
                  nn_format_count(samples, r->scores.samples));
    put_named(r, out);
    put_naive(r, out);
    if (r->scores.confusion != NULL)
        put_classes(r, out);
    if (r->scores.confusion != NULL && r->scores.classes <= SHOWN_CLASSES)
        put_confusion(r, out);
    if (r->verdict.each != NULL)
        put_each(r, out);
    if (r->verdict.worst_count > 0)
        put_worst(r, out);
}

/* ---- JSON ---- */

static void put_label_json(const nn_eval_result *r, int k, nn_buf *out)
{
    char number[NN_NUMBER_TEXT];

    nn_buf_json(out, nn_prep_label(r->model->prep, k, number));
}

static void put_pair_json(const char *before, const char *key, double value, nn_buf *out)
{
    nn_buf_printf(out, "%s\"%s\":", before, key);
    nn_buf_double(out, value);
}

static void put_class_score_json(const nn_class_score *c, nn_buf *out)
{
    put_pair_json("", "precision", c->precision, out);
    put_pair_json(",", "recall", c->recall, out);
    put_pair_json(",", "f1", c->f1, out);
}

static void put_class_json(const nn_eval_result *r, int k, nn_buf *out)
{
    const nn_class_score c = nn_class_score_of(r->scores.confusion, r->scores.classes, k);

    nn_buf_put(out, k == 0 ? "{\"class\":" : ",{\"class\":");
    put_label_json(r, k, out);
    nn_buf_char(out, ',');
    put_class_score_json(&c, out);
    nn_buf_printf(out, ",\"support\":%zu}", c.support);
}

static void put_classes_json(const nn_eval_result *r, nn_buf *out)
{
    const int classes = r->scores.classes;

    nn_buf_put(out, ",\"classes\":[");
    for (int k = 0; k < classes; k++) {
        nn_buf_put(out, k == 0 ? "" : ",");
        put_label_json(r, k, out);
    }
    nn_buf_put(out, "],\"per_class\":[");
    for (int k = 0; k < classes; k++)
        put_class_json(r, k, out);
    nn_buf_put(out, "],\"confusion\":[");
    for (int i = 0; i < classes * classes; i++)
        nn_buf_printf(out, "%s%zu%s", i % classes == 0 ? (i == 0 ? "[" : ",[") : ",",
                      r->scores.confusion[i], i % classes == classes - 1 ? "]" : "");
    nn_buf_char(out, ']');
}

/* Outputs that are a yes or no are told as classes are, numbers by their own scores. */
static void put_each_json(const nn_eval_result *r, nn_buf *out)
{
    const nn_verdict *v = &r->verdict;
    const bool yes_no = r->model->task == NN_TASK_MULTILABEL;
    char number[NN_NUMBER_TEXT];

    for (int k = 0; k < v->outputs && yes_no; k++) {
        nn_buf_put(out, k == 0 ? ",\"classes\":[" : ",");
        nn_buf_json(out, nn_prep_output(r->model->prep, v->outputs, k, number));
    }
    nn_buf_put(out, yes_no ? "],\"per_class\":[" : ",\"per_output\":[");
    for (int k = 0; k < v->outputs; k++) {
        nn_buf_printf(out, "%s{\"%s\":", k == 0 ? "" : ",", yes_no ? "class" : "output");
        nn_buf_json(out, nn_prep_output(r->model->prep, v->outputs, k, number));
        for (int i = 0; v->each_names[i] != NULL; i++)
            put_pair_json(",", v->each_names[i], v->each[k].score[i], out);
        if (yes_no)
            nn_buf_printf(out, ",\"support\":%.10g", v->each[k].support);
        nn_buf_char(out, '}');
    }
    nn_buf_char(out, ']');
}

static void put_naive_json(const nn_eval_result *r, nn_buf *out)
{
    const nn_verdict *v = &r->verdict;

    nn_buf_put(out, ",\"naive\":{");
    if (v->naive_class >= 0) {
        nn_buf_put(out, "\"class\":");
        put_label_json(r, v->naive_class, out);
    } else {
        for (int k = 0; k < r->model->prep->baseline_count; k++) {
            nn_buf_put(out, k == 0 ? "\"mean\":[" : ",");
            nn_buf_double(out, v->naive[k]);
        }
        nn_buf_char(out, ']');
    }
    for (int i = 0; i < v->measures; i++)
        put_pair_json(",", v->measure[i].name, v->measure[i].naive, out);
    nn_buf_char(out, '}');
}

/* Forecasts of a time series from its own past. */
static void put_forecasts_json(const nn_verdict *v, nn_buf *out)
{
    if (v->last) {
        nn_buf_put(out, ",\"naive_last\":{");
        for (int i = 0; i < v->measures; i++)
            put_pair_json(i == 0 ? "" : ",", v->measure[i].name, v->measure[i].last, out);
        nn_buf_char(out, '}');
    }
    if (v->season > 0) {
        nn_buf_printf(out, ",\"naive_seasonal\":{\"season\":%d", v->season);
        for (int i = 0; i < v->measures; i++)
            put_pair_json(",", v->measure[i].name, v->measure[i].seasonal, out);
        nn_buf_char(out, '}');
    }
}

static void put_values_json(const char *key, const nn_real *values, int width, nn_buf *out)
{
    nn_buf_printf(out, ",\"%s\":%s", key, width > 1 ? "[" : "");
    for (int k = 0; k < width; k++) {
        nn_buf_put(out, k == 0 ? "" : ",");
        nn_buf_float(out, (float)values[k]);
    }
    nn_buf_put(out, width > 1 ? "]" : "");
}

static void put_worst_json(const nn_eval_result *r, nn_buf *out)
{
    const int width = (int)nn_shape_len(&r->model->graph->out);

    nn_buf_put(out, ",\"errors\":[");
    for (size_t i = 0; i < r->verdict.worst_count; i++) {
        const nn_worst *w = &r->verdict.worst[i];

        nn_buf_printf(out, "%s{\"row\":%zu", i == 0 ? "" : ",", w->row);
        if (w->values == NULL) {
            nn_buf_put(out, ",\"truth\":");
            put_label_json(r, w->truth, out);
            nn_buf_put(out, ",\"prediction\":");
            put_label_json(r, w->said, out);
            put_pair_json(",", "probability", w->probability, out);
        } else {
            put_values_json("truth", w->values, width, out);
            put_values_json("prediction", w->values + width, width, out);
        }
        put_pair_json(",", "loss", w->loss, out);
        nn_buf_char(out, '}');
    }
    nn_buf_char(out, ']');
}

void nn_eval_put_json(const nn_eval_result *r, nn_buf *out)
{
    nn_buf_printf(out, "{\"split\":\"%s\",\"samples\":%zu", r->held->split, r->scores.samples);
    for (int i = 0; i < r->named.count; i++) {
        nn_buf_printf(out, ",\"%s\":", r->named.item[i].name);
        nn_buf_double(out, r->named.item[i].value);
    }
    if (r->scores.confusion != NULL) {
        nn_buf_put(out, ",\"macro\":{");
        put_class_score_json(&r->verdict.macro, out);
        nn_buf_char(out, '}');
        put_classes_json(r, out);
    }
    if (r->verdict.each != NULL)
        put_each_json(r, out);
    if (r->verdict.naive != NULL)
        put_naive_json(r, out);
    put_forecasts_json(&r->verdict, out);
    if (r->verdict.worst_count > 0)
        put_worst_json(r, out);
    nn_buf_put(out, "}\n");
}
