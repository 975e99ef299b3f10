/* nnctl eval: loss and metrics of a model. */
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "cli/eval_view.h"
#include "cli/live.h"
#include "cli/session.h"
#include "run/outputs.h"

typedef struct conf {
    const char *x;
    const char *y;
    const char *csv;
    int split; /* index in split_words */
    const char *confusion;
    const char *fail_if;
    int64_t errors; /* worst rows to show */
    bool force;
    bool nonfinite;
} conf;

static const char *const split_words[] = {"auto", "train", "validation", "test", NULL};

/* ---- the confusion matrix as a file ---- */

static nn_code write_confusion(const nn_eval_result *r, const conf *c, nn_err *err)
{
    const int classes = r->scores.classes;
    char number[NN_NUMBER_TEXT];
    nn_buf text = {0};
    nn_code rc;

    nn_buf_put(&text, "truth");
    for (int k = 0; k < classes; k++) {
        nn_buf_char(&text, ',');
        nn_buf_csv(&text, nn_prep_label(r->model->prep, k, number));
    }
    for (int k = 0; k < classes; k++) {
        nn_buf_char(&text, '\n');
        nn_buf_csv(&text, nn_prep_label(r->model->prep, k, number));
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
    return (m->task == NN_TASK_MULTICLASS || m->task == NN_TASK_BINARY) &&
           !nn_prep_is_language(m->prep);
}

static void name_scores(nn_named_list *names, const nn_model *m, const nn_scores *scores,
                        const nn_verdict *verdict)
{
    nn_named_scores(names, "", scores, m->metric, m->metrics, m->task);
    for (int i = 0; i < verdict->measures; i++)
        nn_named_add(names, "", verdict->measure[i].name, verdict->measure[i].model);
}

/* All that can be refused before the data is read. */
static nn_code check_request(const nn_session *s, const nn_model *m, nn_condition *condition,
                             nn_err *err)
{
    const conf *c = s->conf;
    const nn_scores none = {0};
    nn_named_list names = {.count = 0};
    nn_verdict verdict;

    if (c->confusion != NULL && !has_confusion(m))
        return nn_err_set(err, NN_EUSAGE, "eval", "--confusion needs classes, but the task is %s",
                          nn_task_words[m->task]);
    if (c->confusion != NULL && !c->force && nn_path_exists(c->confusion))
        return nn_err_set(err, NN_EFILE, c->confusion, "the file exists; --force replaces it");
    if (c->fail_if == NULL)
        return NN_OK;
    const nn_subject subject = nn_model_subject(m, NULL);
    nn_judge_names(&subject, &verdict);
    name_scores(&names, m, &none, &verdict);
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

static nn_code tell(nn_session *s, nn_eval_result *r, const nn_condition *condition, nn_err *err)
{
    const conf *c = s->conf;

    name_scores(&r->named, r->model, &r->scores, &r->verdict);
    if (s->common.json)
        nn_eval_put_json(r, &s->out);
    else
        nn_eval_put_report(r, &s->out);
    NN_TRY(nn_session_reserve(s, NULL, err));
    if (c->confusion != NULL)
        NN_TRY(write_confusion(r, c, err));
    if (c->fail_if != NULL)
        nn_condition_judge(condition, &r->named, s);
    return NN_OK;
}

/* The judge looks on, and the live line counts. */
typedef struct witness {
    nn_judge *judge;
    nn_live *live;
    size_t done, total;
} witness;

static void look(void *context, const nn_evaluated *b)
{
    witness *w = context;

    nn_judge_look(w->judge, b);
    w->done += (size_t)b->n;
    nn_live_count(w->live, w->done, w->total);
}

static nn_code measure(nn_session *s, const nn_model *m, const nn_held *held,
                       const nn_condition *condition, nn_err *err)
{
    const conf *c = s->conf;
    nn_eval_result r = {.model = m, .held = held};
    nn_evaluator *evaluator = NULL;
    nn_judge *judge = NULL;
    nn_pool *pool = NULL;
    nn_code rc = nn_pool_new(&pool, nn_session_threads(s), err);

    if (rc == NN_OK) {
        const nn_subject subject = nn_model_subject(m, pool);
        rc = nn_evaluator_new(&evaluator, &subject, held->view.data, held->view.count,
                              has_confusion(m), err);
        if (rc == NN_OK)
            rc = nn_judge_new(&judge, &subject, &held->view, (size_t)c->errors, err);
    }
    if (rc == NN_OK) {
        witness w = {judge, s->live, 0, held->view.count};

        nn_live_begin(s->live, "evaluating", 1);
        nn_evaluate_watched(evaluator, &held->view, look, &w, &r.scores);
        nn_judge_end(judge, &r.scores, &r.verdict);
        rc = tell(s, &r, condition, err);
    }
    nn_judge_free(judge);
    nn_evaluator_free(evaluator);
    nn_pool_free(pool);
    return rc;
}

static nn_code run(nn_session *s, nn_err *err)
{
    const nn_texts *sets = &s->common.sets;
    nn_condition condition = {.comparison = 0};
    nn_model *m = NULL;
    nn_held held = {.threads = nn_session_threads(s)};
    nn_code rc;

    NN_TRY(check_options(s, &condition, err));
    const conf *c = s->conf;
    rc = (c->nonfinite ? nn_model_open_nonfinite : nn_model_open)(
        &m, nn_session_word(s, 0), s->runs, (const char *const *)sets->list, sets->count, err);
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
    {.name = "errors",
     .value = "N",
     .read = nn_read_int,
     .at = AT(errors),
     .least = 0,
     .most = NN_JUDGE_MAX_WORST,
     .help = "show the N rows with the largest loss"},
    {.name = "fail-if",
     .value = "CONDITION",
     .read = nn_read_text,
     .at = AT(fail_if),
     .help = "end with status 1 when it holds, as in 'accuracy<0.97'"},
    {.name = "force", .at = AT(force), .help = "replace FILE of --confusion when it exists"},
    {.name = "allow-nonfinite",
     .at = AT(nonfinite),
     .help = "take a model whose weights are NaN or infinite, to look at what is left of it"},
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
    {"nnctl eval @latest --errors 10", "and the ten rows that it does worst on"},
    {"nnctl eval @latest --fail-if 'accuracy<0.97'", "a test for scripts"},
    {NULL, NULL},
};

const nn_command nn_command_eval = {
    .name = "eval",
    .summary = "measure loss and metrics of a model",
    .text = "Measures loss and metrics of a model on a split of its run's data, or on files\n"
            "given. A run directory knows its data; a model file alone does not. Beside a\n"
            "score stands that of the naive answer, which looks at no sample: the most\n"
            "common class, or the mean, of the training rows.",
    .arguments = arguments,
    .options = options,
    .conf_size = sizeof(conf),
    .takes_set = true,
    .examples = examples,
    .busy = "loading",
    .run = run,
};
