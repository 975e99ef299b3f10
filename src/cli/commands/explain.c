/* nnctl explain: which inputs a decision rests on. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "cli/explain_view.h"
#include "cli/session.h"
#include "run/outputs.h"
#include "view/attribution.h"

enum { PERMUTATION = 3, ROWS_DRAWN = 1 };

typedef struct conf {
    int method; /* nn_explain_method, or PERMUTATION */
    const char *target;
    int64_t row, limit, patch, repeats;
    int split; /* index in split_words */
    const char *out;
    int format; /* index in format_words */
    bool resize, invert, force;
} conf;

static const char *const method_words[] = {"integrated", "gradient", "occlusion", "permutation",
                                           NULL};
static const nn_explain_method method_of[] = {NN_EXPLAIN_INTEGRATED, NN_EXPLAIN_GRADIENT,
                                              NN_EXPLAIN_OCCLUSION};
static const char *const split_words[] = {"auto", "train", "validation", "test", NULL};
static const char *const format_words[] = {"auto", "text", "csv", "json", "png", "svg", NULL};
typedef enum format { AUTO, TEXT, CSV, JSON, PNG, SVG } format;

/* ---- what is asked for ---- */

static format find_format(const nn_session *s)
{
    const conf *c = s->conf;
    const char *dot = c->out != NULL ? strrchr(c->out, '.') : NULL;

    if (c->format != AUTO)
        return (format)c->format;
    for (int i = CSV; dot != NULL && format_words[i] != NULL; i++)
        if (strcmp(dot + 1, format_words[i]) == 0)
            return (format)i;
    return s->common.json ? JSON : TEXT;
}

static nn_code check_options(const nn_session *s, format f, nn_err *err)
{
    const conf *c = s->conf;
    const bool permutes = c->method == PERMUTATION;

    if (s->common.json && c->out == NULL && f != JSON)
        return nn_err_set(err, NN_EUSAGE, "explain", "--json writes json to stdout, not %s",
                          format_words[f]);
    if ((f == PNG || f == SVG) && c->out == NULL)
        return nn_err_set(err, NN_EUSAGE, "explain", "a picture goes to a file: give -o FILE.%s",
                          format_words[f]);
    if (permutes && (c->target != NULL || c->row > 0 || c->limit > 1 || c->patch > 0))
        return nn_err_set(err, NN_EUSAGE, "explain",
                          "--method permutation looks at all rows: --target, --row, --limit and "
                          "--patch do not go with it");
    if (permutes && f == PNG)
        return nn_err_set(err, NN_EUSAGE, "explain", "importances are drawn as SVG, not as PNG");
    if (!permutes && (c->repeats > 0 || c->split != 0))
        return nn_err_set(err, NN_EUSAGE, "explain",
                          "--repeats and --split are for --method permutation");
    if (!permutes && nn_session_word(s, 1) == NULL)
        return nn_err_set(err, NN_EUSAGE, "explain",
                          "expected INPUT; see \"nnctl explain --help\"");
    if (c->limit > ROWS_DRAWN && (f == PNG || f == SVG))
        return nn_err_set(err, NN_EUSAGE, "explain",
                          "a picture shows one sample; choose it by --row");
    if (c->patch > 0 && c->method != 2)
        return nn_err_set(err, NN_EUSAGE, "explain", "--patch is for --method occlusion");
    return NN_OK;
}

/* A class by its name, else an output by its number. */
static nn_code find_target(int *target, const conf *c, const nn_model *m, nn_err *err)
{
    int64_t number = 0;
    char shown[NN_SHOWN];

    *target = -1;
    if (c->target == NULL)
        return NN_OK;
    const nn_classes *names = m->prep->classes.count > 0 ? &m->prep->classes : &m->prep->targets;
    for (int k = 0; k < names->count; k++)
        if (strcmp(names->name[k], c->target) == 0) {
            *target = k;
            return NN_OK;
        }
    if (names->count == 0 && nn_parse_i64(c->target, strlen(c->target), &number) && number >= 0 &&
        number < INT32_MAX) {
        *target = (int)number;
        return NN_OK;
    }
    return nn_err_set(err, NN_EUSAGE, "explain", "--target: expected a %s of the model, got \"%s\"",
                      m->prep->classes.count > 0 ? "class" : "target or output",
                      nn_text_show(shown, sizeof shown, c->target, strlen(c->target), 40));
}

/* ---- where it goes ---- */

/* To FILE, whole, or to stdout. */
static nn_code deliver(nn_session *s, const nn_buf *text, nn_err *err)
{
    const conf *c = s->conf;

    NN_TRY(nn_buf_check(text, err));
    if (c->out == NULL) {
        nn_buf_add(&s->out, text->data, text->len);
        return NN_OK;
    }
    NN_TRY(nn_session_reserve(s, c->out, err));
    NN_TRY(nn_file_write(c->out, text->data, text->len,
                         c->force ? NN_REPLACE_EXISTING : NN_REFUSE_EXISTING, err));
    if (s->common.json) {
        nn_buf_put(&s->out, "{\"out\":");
        nn_buf_json(&s->out, c->out);
        nn_buf_put(&s->out, "}\n");
    }
    return NN_OK;
}

/* ---- single samples ---- */

static nn_code put_svg(const nn_explained *e, nn_buf *out, nn_err *err)
{
    char target[NN_SHOWN], title[NN_SHOWN + 32];
    nn_attributed *list;
    int count;

    (void)snprintf(title, sizeof title, "Why %s?", nn_explained_target(e, target));
    if (nn_attribution_is_picture(e->model->prep))
        return nn_attribution_svg(out, e->model->prep, e->data, e->x, title, err);
    NN_TRY(nn_attributed_new(&list, &count, e->model->prep, e->data, e->x, err));
    const char **name = nn_alloc((size_t)count, sizeof *name);
    double *value = nn_alloc((size_t)count, sizeof *value);
    nn_code rc = name == NULL || value == NULL ? nn_err_memory(err, "the columns", 0) : NN_OK;
    for (int i = 0; rc == NN_OK && i < count; i++) {
        name[i] = list[i].name;
        value[i] = list[i].share;
    }
    if (rc == NN_OK)
        rc = nn_attribution_bars(out, name, value, NULL, count, title, err);
    nn_free(name);
    nn_free(value);
    nn_attributed_free(list, count);
    return rc;
}

static nn_code put_one(const nn_session *s, const nn_explained *e, format f, bool first,
                       nn_buf *out, nn_err *err)
{
    const conf *c = s->conf;

    switch (f) {
    case CSV:
        if (first)
            nn_explain_put_csv_head(e, out);
        nn_explain_put_csv(e, out);
        return NN_OK;
    case JSON:
        nn_explain_put_json(e, out);
        return NN_OK;
    case PNG:
        if (!nn_attribution_is_picture(e->model->prep))
            return nn_err_set(err, NN_EUSAGE, "explain",
                              "samples of this model are no pictures; take -o FILE.svg");
        return nn_attribution_png(out, e->model->prep, e->data, e->x, err);
    case SVG:
        return put_svg(e, out, err);
    default:
        nn_buf_put(out, first ? "" : "\n");
        return nn_explain_put_text(e, c->out == NULL && nn_session_color(s, STDOUT_FILENO), out,
                                   err);
    }
}

static nn_code explain_rows(nn_session *s, const nn_model *m, const nn_view *view, format f,
                            nn_explainer *explainer, nn_err *err)
{
    const conf *c = s->conf;
    const size_t limit = c->limit > 0 ? (size_t)c->limit : 1;
    nn_buf text = {0};
    nn_explanation x;
    nn_code rc = NN_OK;

    for (size_t i = 0; rc == NN_OK && i < limit && (size_t)c->row + i < view->count; i++) {
        const nn_explained e = {m, view->data, method_of[c->method], &x};

        nn_explain(explainer, view, (size_t)c->row + i, &x);
        rc = put_one(s, &e, f, i == 0, &text, err);
    }
    if (rc == NN_OK)
        rc = deliver(s, &text, err);
    nn_buf_free(&text);
    return rc;
}

/* A picture, or rows of a file. */
static nn_code find_input(nn_held *input, const nn_session *s, const nn_model *m, nn_err *err)
{
    const conf *c = s->conf;
    const nn_raster_form form = {.resize = c->resize, .invert = c->invert};
    const char *path = nn_session_word(s, 1);
    bool is_picture = false;

    if (strcmp(path, "-") == 0)
        return nn_err_set(err, NN_EUSAGE, "explain",
                          "expected a file, got \"-\": samples are looked at more than once");
    NN_TRY(nn_raster_sniff(&is_picture, path, err));
    if (!is_picture && (c->resize || c->invert))
        return nn_err_set(err, NN_EUSAGE, path, "--%s is for a PNG, PGM or PPM picture",
                          c->resize ? "resize" : "invert");
    NN_TRY(is_picture ? nn_held_picture(input, m, path, &form, err)
                      : nn_held_input(input, m, path, NULL, err));
    if (input->view.count == 0)
        return nn_err_set(err, NN_EDATA, path, "there is no sample in it");
    if ((uint64_t)c->row >= input->view.count)
        return nn_err_set(err, NN_EUSAGE, path, "--row: expected at most %zu, got %lld",
                          input->view.count - 1, (long long)c->row);
    return NN_OK;
}

static nn_code explain(nn_session *s, const nn_model *m, format f, nn_pool *pool, nn_err *err)
{
    const conf *c = s->conf;
    nn_explain_conf how = {.method = method_of[c->method], .patch = (int)c->patch};
    nn_explainer *explainer = NULL;
    nn_held input = {.threads = nn_session_threads(s)};
    nn_code rc;

    NN_TRY(find_target(&how.target, c, m, err));
    rc = find_input(&input, s, m, err);
    if (rc == NN_OK && c->out != NULL)
        rc = nn_output_check(c->out, m, &input, err);
    if (rc == NN_OK)
        rc = nn_explainer_new(&explainer, m, input.view.data, &how, pool, err);
    if (rc == NN_OK)
        rc = explain_rows(s, m, &input.view, f, explainer, err);
    nn_explainer_free(explainer);
    nn_held_free(&input);
    return rc;
}

/* ---- permutation importance ---- */

static nn_code put_importance_svg(const nn_importances *p, nn_buf *out, nn_err *err)
{
    char(*text)[NN_SHOWN] = nn_alloc((size_t)p->count, sizeof *text);
    const char **name = nn_alloc((size_t)p->count, sizeof *name);
    double *value = nn_alloc((size_t)p->count, 2 * sizeof *value);
    nn_code rc = text == NULL || name == NULL || value == NULL
                     ? nn_err_memory(err, "the importances", 0)
                     : NN_OK;

    for (int i = 0; rc == NN_OK && i < p->count; i++) {
        name[i] = nn_importance_name(p, i, text[i]);
        value[i] = p->list[i].mean;
        value[p->count + i] = p->list[i].spread;
    }
    if (rc == NN_OK)
        rc = nn_attribution_bars(out, name, value, value + p->count, p->count,
                                 "Permutation importance", err);
    nn_free(text);
    nn_free(name);
    nn_free(value);
    return rc;
}

static nn_code put_importances(nn_session *s, const nn_importances *p, format f, nn_err *err)
{
    nn_buf text = {0};
    nn_code rc = NN_OK;

    if (f == CSV)
        nn_importance_put_csv(p, &text);
    else if (f == JSON)
        nn_importance_put_json(p, &text);
    else if (f == SVG)
        rc = put_importance_svg(p, &text, err);
    else
        nn_importance_put_text(p, &text);
    if (rc == NN_OK)
        rc = deliver(s, &text, err);
    nn_buf_free(&text);
    return rc;
}

static nn_code permute(nn_session *s, const nn_model *m, format f, nn_pool *pool, nn_err *err)
{
    const conf *c = s->conf;
    const nn_subject subject = nn_model_subject(m, pool);
    const char *csv = nn_session_word(s, 1);
    nn_importances p = {.prep = m->prep, .repeats = c->repeats > 0 ? (int)c->repeats : 10};
    nn_importance *list = NULL;
    nn_held held = {.threads = nn_session_threads(s)};
    nn_code rc;

    if (csv != NULL)
        rc = nn_held_files(&held, m, NULL, NULL, csv, err);
    else
        rc = nn_held_split(&held, m, c->split == 0 ? NULL : split_words[c->split], err);
    if (rc == NN_OK && c->out != NULL)
        rc = nn_output_check(c->out, m, &held, err);
    if (rc == NN_OK)
        rc = nn_permutation_importance(&list, &p.count, &p.score, &p.base, &subject, &held.view,
                                       p.repeats, m->config->seed, err);
    p.list = list;
    p.data = held.view.data;
    p.split = held.split;
    if (rc == NN_OK)
        rc = put_importances(s, &p, f, err);
    nn_free(list);
    nn_held_free(&held);
    return rc;
}

static nn_code run(nn_session *s, nn_err *err)
{
    const nn_texts *sets = &s->common.sets;
    const conf *c = s->conf;
    const format f = find_format(s);
    nn_model *m = NULL;
    nn_pool *pool = NULL;
    nn_code rc;

    NN_TRY(check_options(s, f, err));
    if (c->out != NULL && !c->force && nn_path_exists(c->out))
        return nn_err_set(err, NN_EFILE, c->out, "the file exists; --force replaces it");
    rc = nn_model_open(&m, nn_session_word(s, 0), s->runs, (const char *const *)sets->list,
                       sets->count, err);
    if (rc == NN_OK)
        rc = nn_pool_new(&pool, nn_session_threads(s), err);
    if (rc == NN_OK)
        rc = c->method == PERMUTATION ? permute(s, m, f, pool, err) : explain(s, m, f, pool, err);
    nn_pool_free(pool);
    nn_model_free(m);
    return rc;
}

#define AT(member) offsetof(conf, member)

static const nn_option options[] = {
    {.name = "method",
     .value = "METHOD",
     .read = nn_read_word,
     .at = AT(method),
     .words = method_words,
     .complete = NN_COMPLETE_WORDS,
     .help = "integrated (gradients, the default), gradient (x input), occlusion, permutation"},
    {.name = "target",
     .value = "CLASS",
     .read = nn_read_text,
     .at = AT(target),
     .help = "explain this class or output, instead of the likeliest class"},
    {.name = "row",
     .value = "N",
     .read = nn_read_int,
     .at = AT(row),
     .least = 0,
     .most = INT32_MAX,
     .help = "the sample of INPUT, from 0"},
    {.name = "limit",
     .value = "N",
     .read = nn_read_int,
     .at = AT(limit),
     .least = 1,
     .most = INT32_MAX,
     .help = "so many samples from there, instead of one"},
    {.name = "patch",
     .value = "N",
     .read = nn_read_int,
     .at = AT(patch),
     .least = 1,
     .most = 16384,
     .help = "occlusion: side of the patch in pixels; an eighth of the picture else"},
    {.name = "repeats",
     .value = "N",
     .read = nn_read_int,
     .at = AT(repeats),
     .least = 1,
     .most = 1000,
     .help = "permutation: times that each column is dealt anew; 10 else"},
    {.name = "split",
     .value = "SPLIT",
     .read = nn_read_word,
     .at = AT(split),
     .words = split_words,
     .complete = NN_COMPLETE_WORDS,
     .help = "permutation: the rows to measure on, when no INPUT is given"},
    {.name = "out",
     .letter = 'o',
     .value = "FILE",
     .read = nn_read_text,
     .at = AT(out),
     .complete = NN_COMPLETE_FILE,
     .help = "write to FILE instead of stdout"},
    {.name = "format",
     .value = "FORMAT",
     .read = nn_read_word,
     .at = AT(format),
     .words = format_words,
     .complete = NN_COMPLETE_WORDS,
     .help = "text, csv, json, png or svg; auto goes by the name of FILE, else text"},
    {.name = "resize",
     .at = AT(resize),
     .help = "a picture: bring it to the size that the model takes"},
    {.name = "invert", .at = AT(invert), .help = "a picture: exchange black and white"},
    {.name = "force", .at = AT(force), .help = "replace FILE when it exists"},
    {.name = NULL},
};

static const nn_argument arguments[] = {
    {"MODEL", false, NN_COMPLETE_MODEL,
     "a run directory, model file, @latest, or a config that gives all weights"},
    {"INPUT", true, NN_COMPLETE_FILE,
     "a data file or picture; permutation: a CSV file with targets, or none"},
    {NULL, false, NN_COMPLETE_NOTHING, NULL},
};

static const nn_example examples[] = {
    {"nnctl explain @latest digit.png --resize -o why.png",
     "what a decision rests on, as a picture"},
    {"nnctl explain @latest new.csv --row 3", "which columns made the fourth row what it is"},
    {"nnctl explain @latest new.csv --limit 100 -o why.csv", "the numbers, a row per sample"},
    {"nnctl explain @latest --method permutation", "which columns the model needs at all"},
    {NULL, NULL},
};

const nn_command nn_command_explain = {
    .name = "explain",
    .summary = "show which inputs a decision rests on",
    .text = "Tells for a sample what each input adds to the score of its class, or to a\n"
            "number, compared with the baseline: black, or the mean of a standardised column.\n"
            "Integrated gradients sum to the difference that the sample makes; gradient times\n"
            "input is quicker and rougher; occlusion hides a patch, or a column, and looks\n"
            "what is lost. Permutation importance deals a column's values to other rows and\n"
            "measures how much worse the model gets, on rows with targets.",
    .arguments = arguments,
    .options = options,
    .conf_size = sizeof(conf),
    .takes_set = true,
    .examples = examples,
    .run = run,
};
