/* nnctl eval: loss and metrics of a model. */
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "cli/label.h"
#include "cli/session.h"
#include "run/outputs.h"
#include "view/format.h"
#include "view/sheet.h"

typedef struct conf {
    const char *x;
    const char *y;
    const char *csv;
    int split; /* index in split_words */
    const char *confusion;
    const char *fail_if;
    bool force;
} conf;

static const char *const split_words[] = {"auto", "train", "validation", "test", NULL};

enum { SHOWN_CLASSES = 20 };

/* What was measured, on what. */
typedef struct result {
    const nn_model *model;
    const nn_held *held;
    nn_scores scores;
    nn_named_list named;
} result;

/* ---- the report ---- */

static void put_named(const nn_named_list *list, nn_buf *out)
{
    char score[NN_FORMAT_TEXT];

    for (int i = 0; i < list->count; i++)
        nn_buf_printf(out, "%-8s  %s\n", list->item[i].name,
                      nn_format_score(score, list->item[i].value));
}

static void put_class_name(nn_sheet *sheet, const nn_prep *prep, int k)
{
    char number[NN_NUMBER_TEXT];
    char shown[NN_SHOWN];
    const char *name = nn_label(prep, k, number);

    nn_sheet_cell(sheet, "%s", nn_text_show(shown, sizeof shown, name, strlen(name), 40));
}

static void put_classes(const result *r, nn_buf *out)
{
    static const nn_column columns[] = {{"class", NN_LEFT},
                                        {"precision", NN_RIGHT},
                                        {"recall", NN_RIGHT},
                                        {"f1", NN_RIGHT},
                                        {"support", NN_RIGHT}};
    nn_sheet sheet;
    char text[NN_FORMAT_TEXT];

    nn_sheet_start(&sheet, columns, 5);
    for (int k = 0; k < r->scores.classes; k++) {
        const nn_class_score c = nn_class_score_of(r->scores.confusion, r->scores.classes, k);

        put_class_name(&sheet, r->model->prep, k);
        nn_sheet_cell(&sheet, "%s", nn_format_score(text, c.precision));
        nn_sheet_cell(&sheet, "%s", nn_format_score(text, c.recall));
        nn_sheet_cell(&sheet, "%s", nn_format_score(text, c.f1));
        nn_sheet_cell(&sheet, "%s", nn_format_count(text, c.support));
    }
    nn_buf_char(out, '\n');
    nn_sheet_write(&sheet, out);
    nn_sheet_free(&sheet);
}

static void put_confusion(const result *r, nn_buf *out)
{
    const int classes = r->scores.classes;
    char numbers[SHOWN_CLASSES][NN_NUMBER_TEXT];
    char shown[SHOWN_CLASSES][NN_SHOWN];
    nn_column columns[SHOWN_CLASSES + 1] = {{"truth", NN_LEFT}};
    nn_sheet sheet;

    for (int k = 0; k < classes; k++) {
        const char *name = nn_label(r->model->prep, k, numbers[k]);
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

static void put_report(const result *r, nn_buf *out)
{
    char samples[NN_FORMAT_TEXT];

    nn_buf_printf(out, "split     %s\nsamples   %s\n", r->held->split,
                  nn_format_count(samples, r->scores.samples));
    put_named(&r->named, out);
    if (r->scores.confusion == NULL)
        return;
    put_classes(r, out);
    if (r->scores.classes <= SHOWN_CLASSES)
        put_confusion(r, out);
}

/* ---- JSON ---- */

static void put_label_json(const result *r, int k, nn_buf *out)
{
    char number[NN_NUMBER_TEXT];

    nn_buf_json(out, nn_label(r->model->prep, k, number));
}

static void put_class_json(const result *r, int k, nn_buf *out)
{
    const nn_class_score c = nn_class_score_of(r->scores.confusion, r->scores.classes, k);

    nn_buf_put(out, k == 0 ? "{\"class\":" : ",{\"class\":");
    put_label_json(r, k, out);
    nn_buf_put(out, ",\"precision\":");
    nn_buf_double(out, c.precision);
    nn_buf_put(out, ",\"recall\":");
    nn_buf_double(out, c.recall);
    nn_buf_put(out, ",\"f1\":");
    nn_buf_double(out, c.f1);
    nn_buf_printf(out, ",\"support\":%zu}", c.support);
}

static void put_classes_json(const result *r, nn_buf *out)
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

static void put_json(const result *r, nn_buf *out)
{
    nn_buf_printf(out, "{\"split\":\"%s\",\"samples\":%zu", r->held->split, r->scores.samples);
    for (int i = 0; i < r->named.count; i++) {
        nn_buf_printf(out, ",\"%s\":", r->named.item[i].name);
        nn_buf_double(out, r->named.item[i].value);
    }
    if (r->scores.confusion != NULL)
        put_classes_json(r, out);
    nn_buf_put(out, "}\n");
}

/* ---- the confusion matrix as a file ---- */

static nn_code write_confusion(const result *r, const conf *c, nn_err *err)
{
    const int classes = r->scores.classes;
    char number[NN_NUMBER_TEXT];
    nn_buf text = {0};
    nn_code rc;

    nn_buf_put(&text, "truth");
    for (int k = 0; k < classes; k++) {
        nn_buf_char(&text, ',');
        nn_buf_csv(&text, nn_label(r->model->prep, k, number));
    }
    for (int k = 0; k < classes; k++) {
        nn_buf_char(&text, '\n');
        nn_buf_csv(&text, nn_label(r->model->prep, k, number));
        for (int j = 0; j < classes; j++)
            nn_buf_printf(&text, ",%zu", r->scores.confusion[k * classes + j]);
    }
    nn_buf_char(&text, '\n');
    if ((rc = nn_buf_check(&text, err)) == NN_OK)
        rc = nn_file_write(c->confusion, text.data, text.len,
                           c->force ? NN_REPLACE_EXISTING : NN_REFUSE_EXISTING, err);
    nn_buf_free(&text);
    return rc;
}

/* ---- the work ---- */

static bool has_confusion(const nn_model *m)
{
    return m->task == NN_TASK_MULTICLASS || m->task == NN_TASK_BINARY;
}

/* All that can be refused before the data is read. */
static nn_code check_request(const nn_session *s, const nn_model *m, nn_condition *condition,
                             nn_err *err)
{
    const conf *c = s->conf;
    const nn_scores none = {0};
    nn_named_list names = {.count = 0};

    if (c->confusion != NULL && !has_confusion(m))
        return nn_err_set(err, NN_EUSAGE, "eval", "--confusion needs classes, but the task is %s",
                          nn_task_words[m->task]);
    if (c->confusion != NULL && !c->force && nn_path_exists(c->confusion))
        return nn_err_set(err, NN_EFILE, c->confusion, "the file exists; --force replaces it");
    if (c->fail_if == NULL)
        return NN_OK;
    nn_named_scores(&names, "", &none, m->metric, m->metrics, m->task);
    return nn_condition_check(condition, &names, err);
}

static nn_code check_options(const nn_session *s, nn_condition *condition, nn_err *err)
{
    const conf *c = s->conf;

    if ((c->x == NULL) != (c->y == NULL))
        return nn_err_set(err, NN_EUSAGE, "eval", "--x and --y belong together");
    if (c->csv != NULL && c->x != NULL)
        return nn_err_set(err, NN_EUSAGE, "eval", "expected --x and --y, or --csv, not both");
    if (c->split != 0 && (c->csv != NULL || c->x != NULL))
        return nn_err_set(err, NN_EUSAGE, "eval", "--split does not go with files given");
    return c->fail_if != NULL ? nn_condition_parse(condition, c->fail_if, err) : NN_OK;
}

static nn_code find_data(nn_held *held, const conf *c, const nn_model *m, nn_err *err)
{
    if (c->csv != NULL || c->x != NULL)
        NN_TRY(nn_held_files(held, m, c->x, c->y, c->csv, err));
    else
        NN_TRY(nn_held_split(held, m, c->split == 0 ? NULL : split_words[c->split], err));
    return c->confusion != NULL ? nn_output_check(c->confusion, m, held, err) : NN_OK;
}

static nn_code tell(nn_session *s, result *r, const nn_condition *condition, nn_err *err)
{
    const nn_model *m = r->model;
    const conf *c = s->conf;

    nn_named_scores(&r->named, "", &r->scores, m->metric, m->metrics, m->task);
    if (s->common.json)
        put_json(r, &s->out);
    else
        put_report(r, &s->out);
    if (c->confusion != NULL)
        NN_TRY(write_confusion(r, c, err));
    if (c->fail_if != NULL)
        nn_condition_judge(condition, &r->named, s);
    return NN_OK;
}

static nn_code measure(nn_session *s, const nn_model *m, const nn_held *held,
                       const nn_condition *condition, nn_err *err)
{
    result r = {.model = m, .held = held};
    nn_evaluator *evaluator = NULL;
    nn_pool *pool = NULL;
    nn_code rc = nn_pool_new(&pool, nn_session_threads(s), err);

    if (rc == NN_OK) {
        const nn_subject subject = nn_model_subject(m, pool);
        rc = nn_evaluator_new(&evaluator, &subject, held->view.data, held->view.count,
                              has_confusion(m), err);
    }
    if (rc == NN_OK) {
        nn_evaluate(evaluator, &held->view, &r.scores);
        rc = tell(s, &r, condition, err);
    }
    nn_evaluator_free(evaluator);
    nn_pool_free(pool);
    return rc;
}

static nn_code run(nn_session *s, nn_err *err)
{
    const nn_texts *sets = &s->common.sets;
    nn_condition condition = {.comparison = 0};
    nn_model *m = NULL;
    nn_held held = {0};
    nn_code rc;

    NN_TRY(check_options(s, &condition, err));
    rc = nn_model_open(&m, nn_session_word(s, 0), s->runs, (const char *const *)sets->list,
                       sets->count, err);
    if (rc == NN_OK && (rc = check_request(s, m, &condition, err)) == NN_OK &&
        (rc = find_data(&held, s->conf, m, err)) == NN_OK)
        rc = measure(s, m, &held, &condition, err);
    nn_held_free(&held);
    nn_model_free(m);
    return rc;
}

#define AT(member) offsetof(conf, member)

static const nn_option options[] = {
    {.name = "split",
     .value = "SPLIT",
     .read = nn_read_word,
     .at = AT(split),
     .words = split_words,
     .complete = NN_COMPLETE_WORDS,
     .help = "train, validation or test; auto takes test, else validation, else train"},
    {.name = "x",
     .value = "FILE",
     .read = nn_read_text,
     .at = AT(x),
     .complete = NN_COMPLETE_FILE,
     .help = "samples from this IDX or NPY file instead, with --y"},
    {.name = "y",
     .value = "FILE",
     .read = nn_read_text,
     .at = AT(y),
     .complete = NN_COMPLETE_FILE,
     .help = "the targets that belong to --x"},
    {.name = "csv",
     .value = "FILE",
     .read = nn_read_text,
     .at = AT(csv),
     .complete = NN_COMPLETE_FILE,
     .help = "samples and targets from this CSV file instead"},
    {.name = "confusion",
     .value = "FILE",
     .read = nn_read_text,
     .at = AT(confusion),
     .complete = NN_COMPLETE_FILE,
     .help = "write the confusion matrix as CSV to FILE"},
    {.name = "fail-if",
     .value = "CONDITION",
     .read = nn_read_text,
     .at = AT(fail_if),
     .help = "end with status 1 when it holds, as in 'accuracy<0.97'"},
    {.name = "force", .at = AT(force), .help = "replace FILE of --confusion when it exists"},
    {.name = NULL},
};

static const nn_argument arguments[] = {
    {"MODEL", false, NN_COMPLETE_MODEL,
     "a run directory, model file, @latest, or a config that gives all weights"},
    {NULL, false, NN_COMPLETE_NOTHING, NULL},
};

static const nn_example examples[] = {
    {"nnctl eval @latest", "the newest run's best model on its test split"},
    {"nnctl eval model.safetensors --csv new.csv", "a model on other samples"},
    {"nnctl eval @latest --fail-if 'accuracy<0.97'", "a test for scripts"},
    {NULL, NULL},
};

const nn_command nn_command_eval = {
    .name = "eval",
    .summary = "measure loss and metrics of a model",
    .text = "Measures loss and metrics of a model on a split of its run's data, or on files\n"
            "given. A run directory knows its data; a model file alone does not.",
    .arguments = arguments,
    .options = options,
    .conf_size = sizeof(conf),
    .takes_set = true,
    .examples = examples,
    .run = run,
};
