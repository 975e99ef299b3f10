/* nnctl predict: predictions for samples. */
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/live.h"
#include "cli/prediction.h"
#include "cli/session.h"
#include "run/feed.h"
#include "run/outputs.h"
#include "run/predict.h"

typedef struct conf {
    const char *out;
    int format; /* index in format_words */
    int64_t limit;
    int64_t top;
    const char *id;
    bool proba;
    bool spreadsheet;
    bool resize;
    bool invert;
    bool force;
    bool nonfinite;
} conf;

/* "auto" goes by the name of the file. */
static const char *const format_words[] = {"auto",
#define NN_PREDICTION(name) #name,
#include "cli/predictions.def"
#undef NN_PREDICTION
                                           NULL};

enum { BLOCK = 64 << 10 };

/* ---- where predictions go ---- */

/* Rows are written as they come: to a file that appears when it is complete, or to stdout. */
typedef struct sink {
    nn_session *s;
    nn_out *file; /* NULL: stdout */
    const nn_prediction_format *format;
    nn_predictions what;
    const nn_view *view; /* the rows that are being predicted */
    nn_buf text;         /* not yet written */
    bool terminal;       /* stdout is one: what would drive it is made visible */
} sink;

static nn_code print(const sink *k, nn_err *err)
{
    nn_buf shown = {0};
    nn_code rc = NN_OK;

    if (k->terminal)
        nn_buf_show(&shown, k->text.data, k->text.len);
    const nn_buf *text = k->terminal ? &shown : &k->text;
    nn_live_hide(k->s->live);
    if ((rc = nn_buf_check(text, err)) == NN_OK)
        rc = nn_fd_write(STDOUT_FILENO, "stdout", text->data, text->len, err);
    nn_live_show(k->s->live);
    nn_buf_free(&shown);
    return rc;
}

static nn_code pass_on(sink *k, nn_err *err)
{
    nn_code rc;

    NN_TRY(nn_buf_check(&k->text, err));
    if (k->file != NULL)
        rc = nn_out_write(k->file, k->text.data, k->text.len, err);
    else
        rc = print(k, err);
    nn_buf_clear(&k->text);
    return rc;
}

/* A window's prediction belongs to its last row, as that is numbered in time. */
static size_t row_of(const nn_view *view, size_t i)
{
    const int window = view->data->windows.window;

    return nn_view_row(view, i) + (window > 0 ? (size_t)window - 1 : 0);
}

static nn_code take_rows(void *context, size_t row, const nn_real *y, int n, int width, nn_err *err)
{
    sink *k = context;

    for (int i = 0; i < n; i++) {
        const size_t at = row_of(k->view, row + (size_t)i);

        if (k->what.id_name != NULL)
            k->what.id = nn_dataset_id(k->view->data, at);
        for (k->what.step = 0; k->what.step < k->what.steps; k->what.step++)
            k->format->row(&k->what, k->view->data->windows.window > 0 ? at : k->what.rows,
                           y + (size_t)i * (size_t)width +
                               (size_t)k->what.step * (size_t)k->what.width);
        k->what.rows++;
    }
    nn_live_count(k->s->live, row + (size_t)n, k->view->count);
    return k->text.len >= BLOCK ? pass_on(k, err) : NN_OK;
}

static nn_code write_view(sink *k, const nn_subject *subject, const nn_view *view, nn_err *err)
{
    k->view = view;
    return nn_predict(subject, view, take_rows, k, err);
}

/* What a dataset says of fields that were not taken as they stand there. */
static void warn_of_fields(const nn_session *s, size_t tiny, size_t unknown)
{
    if (tiny > 0)
        nn_session_warn(s, "%zu numbers are too small to be told from 0, and are read as 0", tiny);
    if (unknown > 0)
        nn_session_warn(s, "%zu fields have categories that no training row has", unknown);
}

static nn_code write_held(sink *k, const nn_subject *subject, const nn_view *view, nn_err *err)
{
    nn_live_begin(k->s->live, "predicting", 1);
    k->format->begin(&k->what);
    NN_TRY(write_view(k, subject, view, err));
    k->format->end(&k->what);
    warn_of_fields(k->s, view->data->tiny, view->data->unknown);
    return pass_on(k, err);
}

/* Each row as soon as it has come in. */
static nn_code write_feed(sink *k, const nn_subject *subject, nn_feed *feed, nn_err *err)
{
    const conf *c = k->s->conf;
    const size_t most = c->limit > 0 ? (size_t)c->limit : SIZE_MAX;
    nn_dataset *d = NULL;

    while (k->what.rows < most) {
        NN_TRY(nn_feed_next(feed, &d, err));
        if (d == NULL)
            break;
        const size_t left = most - k->what.rows;
        const nn_view view = {d, NULL, d->rows < left ? d->rows : left};

        if (k->what.rows == 0)
            k->format->begin(&k->what);
        nn_code rc = write_view(k, subject, &view, err);
        nn_dataset_free(d);
        if (rc == NN_OK)
            rc = pass_on(k, err);
        NN_TRY(rc);
    }
    k->format->end(&k->what);
    warn_of_fields(k->s, feed->tiny, feed->unknown);
    return pass_on(k, err);
}

/* ---- what is asked for ---- */

static const nn_prediction_format *format_named(const char *name)
{
    for (int i = 0; nn_prediction_formats[i] != NULL; i++)
        if (strcmp(nn_prediction_formats[i]->name, name) == 0)
            return nn_prediction_formats[i];
    return NULL;
}

static const nn_prediction_format *find_format(const conf *c, bool json)
{
    const char *dot = c->out != NULL ? strrchr(c->out, '.') : NULL;
    const nn_prediction_format *by_file = dot != NULL ? format_named(dot + 1) : NULL;

    if (c->format > 0)
        return nn_prediction_formats[c->format - 1];
    if (by_file != NULL)
        return by_file;
    return json ? format_named("jsonl") : nn_prediction_formats[0];
}

static nn_code check_options(const nn_session *s, const nn_prediction_format **format, nn_err *err)
{
    const conf *c = s->conf;

    *format = find_format(c, s->common.json);
    if (s->common.json && c->out == NULL && strcmp((*format)->name, "jsonl") != 0)
        return nn_err_set(err, NN_EUSAGE, "predict", "--json writes jsonl to stdout, not %s",
                          (*format)->name);
    if (c->proba && c->top > 0)
        return nn_err_set(err, NN_EUSAGE, "predict", "expected --proba or --top, not both");
    return NN_OK;
}

static nn_code settle(nn_predictions *what, const conf *c, const nn_model *m,
                      const nn_prediction_format *format, nn_err *err)
{
    const bool exclusive = m->task == NN_TASK_MULTICLASS || m->task == NN_TASK_BINARY;

    if (nn_prep_is_language(m->prep))
        return nn_err_set(err, NN_EUSAGE, m->path,
                          "a model of plain text goes on with it: see \"nnctl generate --help\"");
    what->prep = m->prep;
    what->steps = nn_prep_steps(m->prep);
    what->width = (int)nn_shape_len(&m->graph->out) / what->steps;
    what->classes = !exclusive ? 0 : (what->width == 1 ? 2 : what->width);
    what->proba = c->proba;
    what->spreadsheet = c->spreadsheet;
    what->id_name = c->id;
    what->top = (int)c->top;
    if (what->classes == 0 && (c->proba || c->top > 0))
        return nn_err_set(err, NN_EUSAGE, "predict", "--%s needs classes, but the task is %s",
                          c->proba ? "proba" : "top", nn_task_words[m->task]);
    if (what->top > what->classes)
        return nn_err_set(err, NN_EUSAGE, "predict",
                          "--top: expected at most %d, as there are classes", what->classes);
    if (what->top > 0 && strcmp(format->name, "npy") == 0)
        return nn_err_set(err, NN_EUSAGE, "predict", "--top does not go with npy; --proba does");
    return NN_OK;
}

/* ---- what it is asked about ---- */

/* A config that gives all weights may bring its samples along. */
static nn_code own_input(nn_view *view, const nn_model *m, nn_err *err)
{
    if (m->setup == NULL)
        return nn_err_set(err, NN_EUSAGE, "predict",
                          "expected INPUT; see \"nnctl predict --help\"");
    *view = m->setup->test.count > 0 ? m->setup->test : m->setup->train;
    return NN_OK;
}

/* Where the samples come from: they are held, or fed one by one. */
typedef struct source {
    nn_held held;
    nn_feed feed;
    bool is_fed;
} source;

/* A picture, rows of a file, or rows from stdin. */
static nn_code given_input(source *in, const conf *c, const nn_model *m, const char *path,
                           nn_err *err)
{
    const nn_raster_form form = {.resize = c->resize, .invert = c->invert};
    const bool is_stdin = strcmp(path, "-") == 0;
    bool is_picture = false;

    in->is_fed = is_stdin && m->prep->windows.window == 0; /* the last rows come last */
    if (!is_stdin)
        NN_TRY(nn_raster_sniff(&is_picture, path, err));
    if (is_picture && c->id != NULL)
        return nn_err_set(err, NN_EUSAGE, path, "--id is for CSV, not for a picture");
    if (is_picture)
        return nn_held_picture(&in->held, m, path, &form, err);
    if (c->resize || c->invert)
        return nn_err_set(err, NN_EUSAGE, path, "--%s is for a PNG, PGM or PPM picture",
                          c->resize ? "resize" : "invert");
    if (in->is_fed)
        return nn_feed_open(&in->feed, m, c->id, err);
    return nn_held_input(&in->held, m, is_stdin ? NULL : path, c->id, err);
}

static nn_code find_input(source *in, const nn_session *s, const nn_model *m, nn_err *err)
{
    const conf *c = s->conf;
    const char *path = nn_session_word(s, 1);

    if (path == NULL)
        NN_TRY(own_input(&in->held.view, m, err));
    else
        NN_TRY(given_input(in, c, m, path, err));
    if (path == NULL && c->id != NULL)
        return nn_err_set(err, NN_EUSAGE, "predict", "--id is for an INPUT that is given");
    if (c->out != NULL)
        NN_TRY(nn_output_check(c->out, m, &in->held, err));
    if (c->out != NULL && path != NULL && strcmp(path, "-") == 0 &&
        nn_path_is_same("/dev/stdin", c->out))
        return nn_err_set(err, NN_EUSAGE, c->out, "this file is an input as well");
    if (c->limit > 0 && (uint64_t)c->limit < in->held.view.count)
        in->held.view.count = (size_t)c->limit;
    return NN_OK;
}

/* ---- the work ---- */

static nn_code open_file(sink *k, const conf *c, nn_err *err)
{
    if (c->out == NULL)
        return NN_OK;
    NN_TRY(nn_session_reserve(k->s, c->out, err));
    return nn_out_open(&k->file, c->out, c->force ? NN_REPLACE_EXISTING : NN_REFUSE_EXISTING, err);
}

static nn_code close_file(sink *k, const conf *c, nn_err *err)
{
    nn_out *file = k->file;

    k->file = NULL;
    if (file == NULL)
        return NN_OK;
    NN_TRY(nn_out_commit(file, err));
    if (k->s->common.json) {
        nn_buf_printf(&k->s->out, "{\"rows\":%zu,\"out\":", k->what.rows);
        nn_buf_json(&k->s->out, c->out);
        nn_buf_put(&k->s->out, "}\n");
    }
    return NN_OK;
}

static nn_code predict(sink *k, const nn_model *m, source *in, nn_err *err)
{
    nn_pool *pool = NULL;
    nn_code rc = nn_pool_new(&pool, nn_session_threads(k->s), err);

    k->what.out = &k->text;
    if (rc == NN_OK && (rc = open_file(k, k->s->conf, err)) == NN_OK) {
        const nn_subject subject = nn_model_subject(m, pool);
        rc = in->is_fed ? write_feed(k, &subject, &in->feed, err)
                        : write_held(k, &subject, &in->held.view, err);
        if (rc == NN_OK)
            rc = close_file(k, k->s->conf, err);
    }
    nn_out_abort(k->file);
    nn_buf_free(&k->what.values);
    nn_buf_free(&k->text);
    nn_pool_free(pool);
    return rc;
}

static nn_code run(nn_session *s, nn_err *err)
{
    const nn_texts *sets = &s->common.sets;
    sink k = {.s = s, .terminal = isatty(STDOUT_FILENO) == 1};
    nn_model *m = NULL;
    source in = {.held.threads = nn_session_threads(s)};
    nn_code rc;

    NN_TRY(check_options(s, &k.format, err));
    const conf *c = s->conf;
    rc = (c->nonfinite ? nn_model_open_nonfinite : nn_model_open)(
        &m, nn_session_word(s, 0), s->runs, (const char *const *)sets->list, sets->count, err);
    if (rc == NN_OK && (rc = settle(&k.what, s->conf, m, k.format, err)) == NN_OK &&
        (rc = find_input(&in, s, m, err)) == NN_OK)
        rc = predict(&k, m, &in, err);
    nn_held_free(&in.held);
    nn_feed_close(&in.feed);
    nn_model_free(m);
    return rc;
}

#define AT(member) offsetof(conf, member)

static const nn_option options[] = {
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
     .help = "csv, jsonl or npy; auto goes by the name of FILE, else csv"},
    {.name = "proba", .at = AT(proba), .help = "the probability of every class as well"},
    {.name = "top",
     .value = "K",
     .read = nn_read_int,
     .at = AT(top),
     .least = 1,
     .most = 65536,
     .help = "the K likeliest classes, with their probabilities"},
    {.name = "id",
     .value = "COLUMN",
     .read = nn_read_text,
     .at = AT(id),
     .help = "CSV: a column of INPUT that names the rows instead of their number"},
    {.name = "limit",
     .value = "N",
     .read = nn_read_int,
     .at = AT(limit),
     .least = 1,
     .most = INT64_MAX,
     .help = "only the first N samples"},
    {.name = "spreadsheet-safe",
     .at = AT(spreadsheet),
     .help = "CSV: a ' before texts that a spreadsheet would take for a formula"},
    {.name = "resize",
     .at = AT(resize),
     .help = "a picture: bring it to the size that the model takes"},
    {.name = "invert", .at = AT(invert), .help = "a picture: exchange black and white"},
    {.name = "force", .at = AT(force), .help = "replace FILE when it exists"},
    {.name = "allow-nonfinite",
     .at = AT(nonfinite),
     .help = "take a model whose weights are NaN or infinite, to look at what is left of it"},
    {.name = NULL},
};

static const nn_argument arguments[] = {
    {"MODEL", false, NN_COMPLETE_MODEL,
     "a run directory, model file, @latest, or a config that gives all weights"},
    {"INPUT", true, NN_COMPLETE_FILE,
     "a data file or picture; - is CSV on stdin; a config may have its own"},
    {NULL, false, NN_COMPLETE_NOTHING, NULL},
};

static const nn_example examples[] = {
    {"nnctl predict @latest images.gz", "the newest run's best model, one line per image"},
    {"tail -f new.csv | nnctl predict model.safetensors -", "each row as it comes in"},
    {"nnctl predict @latest new.csv --id customer", "the column customer beside each prediction"},
    {"nnctl predict @latest images.gz --proba -o p.npy", "probabilities for NumPy"},
    {"nnctl predict @latest scan.png --resize --invert", "a digit in black on white paper"},
    {NULL, NULL},
};

const nn_command nn_command_predict = {
    .name = "predict",
    .summary = "predict classes or numbers for samples",
    .text = "Predicts for every sample of an IDX, NPY or CSV file: the class with its\n"
            "probability, or numbers in the units of the training data. Columns of a table\n"
            "are found by their names, in any order; rows on stdin are answered as they come\n"
            "in. Of pictures it takes one, PNG, PGM or PPM, as bytes, as IDX files of images\n"
            "have them: 0 is black, 255 white.",
    .arguments = arguments,
    .options = options,
    .conf_size = sizeof(conf),
    .takes_set = true,
    .examples = examples,
    .busy = "loading",
    .run = run,
};
