/* nnctl data info: what data files hold. */
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/contact.h"
#include "cli/profile_view.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "view/picture.h"

typedef struct conf {
    const char *target;
    int64_t samples; /* one more than asked for; 0: not given */
    const char *augment;
    const char *out;
    bool force;
    bool text;
} conf;

enum { DEFAULT_SAMPLES = 4, SHEET_SAMPLES = 8, MOST_SAMPLES = 1000, TERMINAL = 100, FILES = 64 };

/* ---- the rows that two files share ---- */

static bool has_column(const nn_profile *p, const char *name)
{
    for (int c = 0; c < p->columns; c++)
        if (strcmp(p->column[c].name, name) == 0)
            return true;
    return false;
}

static bool is_table(const nn_profile *p)
{
    return strcmp(p->format, "csv") == 0;
}

/* Could rows of one be rows of the other? Arrays of the same shape; tables of any columns. */
static bool is_comparable(const nn_profile *a, const nn_profile *b)
{
    if (is_table(a) != is_table(b) || a->text != NULL || b->text != NULL)
        return false;
    if (is_table(a))
        return a->header == b->header && (a->header || a->columns == b->columns);
    return a->shape.rank > 0 && nn_shape_equal(&a->shape, &b->shape) && a->store == b->store;
}

/* The rows of tables, again, in the columns that both have, but for the target. */
static nn_code count_shared_rows(const nn_profile *a, const nn_profile *b, const char *target,
                                 size_t *shared, nn_err *err)
{
    const char **common = nn_alloc((size_t)a->columns + 1, sizeof *common);
    nn_profile_options options = {.compare = common};
    nn_profile *first = NULL, *second = NULL;
    nn_code rc = common == NULL ? nn_err_memory(err, "the column names", 0) : NN_OK;

    for (int c = 0; rc == NN_OK && c < a->columns; c++)
        if (has_column(b, a->column[c].name) &&
            (target == NULL || strcmp(target, a->column[c].name) != 0))
            common[options.compared++] = a->column[c].name;
    if (rc == NN_OK && options.compared > 0 &&
        (rc = nn_profile_new(&first, a->path, &options, err)) == NN_OK &&
        (rc = nn_profile_new(&second, b->path, &options, err)) == NN_OK)
        *shared = nn_profile_shared(first, second);
    nn_profile_free(first);
    nn_profile_free(second);
    nn_free(common);
    return rc;
}

static nn_code put_shared(nn_session *s, const nn_profile *a, const nn_profile *b, bool *first,
                          nn_err *err)
{
    const conf *c = s->conf;
    size_t shared = 0;

    if (!is_comparable(a, b))
        return NN_OK;
    if (is_table(a) && a->header)
        NN_TRY(count_shared_rows(a, b, c->target, &shared, err));
    else
        shared = nn_profile_shared(a, b);
    if (s->common.json) {
        nn_buf_put(&s->out, *first ? "{\"file\":" : ",{\"file\":");
        nn_buf_json(&s->out, b->path);
        nn_buf_put(&s->out, ",\"in\":");
        nn_buf_json(&s->out, a->path);
        nn_buf_printf(&s->out, ",\"rows\":%zu}", shared);
        *first = false;
    } else {
        char x[NN_SHOWN], y[NN_SHOWN];
        nn_buf_printf(&s->out, "\n%zu of the %zu rows of %s stand in %s as well\n", shared, b->rows,
                      nn_text_show(x, sizeof x, b->path, strlen(b->path), 40),
                      nn_text_show(y, sizeof y, a->path, strlen(a->path), 40));
    }
    return NN_OK;
}

/* ---- pictures ---- */

/* A sample as a picture: the first channel of an image. */
static void fill_dots(double *dot, const nn_array *a, size_t sample, const nn_column_profile *all)
{
    const size_t channels = a->shape.rank == 3 ? (size_t)a->shape.dim[2] : 1;
    const size_t dots = (size_t)a->shape.dim[0] * (size_t)a->shape.dim[1];
    const double span = all->most > all->least ? all->most - all->least : 1;

    for (size_t i = 0; i < dots; i++)
        dot[i] = (nn_array_value(a, (sample * dots + i) * channels) - all->least) / span;
}

static nn_code draw(nn_session *s, const nn_profile *p, size_t count, nn_err *err)
{
    const int height = p->shape.dim[0], width = p->shape.dim[1];
    const size_t dots = (size_t)height * (size_t)width;
    const int abreast = TERMINAL / (width + 1) > 0 ? TERMINAL / (width + 1) : 1;
    double *dot = nn_alloc(count * dots, sizeof *dot);
    nn_picture *picture = nn_alloc(count, sizeof *picture);
    nn_array a = {0};
    nn_code rc = dot == NULL || picture == NULL ? nn_err_memory(err, "the pictures", 0)
                                                : nn_array_load(&a, p->path, NULL, err);

    for (size_t i = 0; rc == NN_OK && i < count; i++) {
        picture[i] = (nn_picture){dot + i * dots, height, width};
        fill_dots(dot + i * dots, &a, i, &p->column[0]);
    }
    for (size_t i = 0; rc == NN_OK && i < count; i += (size_t)abreast) {
        const size_t left = count - i;

        nn_buf_char(&s->out, '\n');
        nn_pictures_put(picture + i, left < (size_t)abreast ? (int)left : abreast,
                        nn_session_color(s, STDOUT_FILENO), &s->out);
    }
    nn_array_free(&a);
    nn_free(dot);
    nn_free(picture);
    return rc;
}

/* On a terminal a few are drawn unasked. */
static nn_code draw_samples(nn_session *s, const nn_profile *p, nn_err *err)
{
    const conf *c = s->conf;
    const bool is_image = p->shape.rank == 2 || p->shape.rank == 3;
    size_t count = nn_session_color(s, STDOUT_FILENO) ? DEFAULT_SAMPLES : 0;

    if (c->samples > 0)
        count = (size_t)c->samples - 1;
    count = count < p->rows ? count : p->rows;
    if (s->common.json || !is_image || count == 0 || p->shape.dim[1] > TERMINAL)
        return NN_OK;
    return draw(s, p, count, err);
}

/* ---- the command ---- */

static nn_code put_file(nn_session *s, const nn_profile *p, int i, nn_err *err)
{
    if (s->common.json) {
        nn_buf_put(&s->out, i == 0 ? "{\"files\":[" : ",");
        nn_profile_put_json(p, &s->out);
        return NN_OK;
    }
    nn_buf_put(&s->out, i == 0 ? "" : "\n");
    nn_profile_put_report(p, nn_terminal_has_unicode(), &s->out);
    return draw_samples(s, p, err);
}

static nn_code put_all(nn_session *s, nn_profile *const *p, int files, nn_err *err)
{
    bool first = true;

    for (int i = 0; i < files; i++)
        NN_TRY(put_file(s, p[i], i, err));
    if (s->common.json)
        nn_buf_put(&s->out, "],\"shared\":[");
    for (int i = 1; i < files; i++)
        NN_TRY(put_shared(s, p[0], p[i], &first, err));
    if (s->common.json)
        nn_buf_put(&s->out, "]}\n");
    return NN_OK;
}

/* The sheet of the first file. */
static nn_code save_sheet(nn_session *s, nn_err *err)
{
    const conf *c = s->conf;
    const nn_contact_order order = {.file = nn_session_word(s, 0),
                                    .config = c->augment,
                                    .out = c->out,
                                    .samples = c->samples > 1 ? (int)c->samples - 1 : SHEET_SAMPLES,
                                    .exists = c->force ? NN_REPLACE_EXISTING : NN_REFUSE_EXISTING};

    if (c->out == NULL)
        return NN_OK;
    NN_TRY(nn_session_reserve(s, NULL, err));
    return nn_contact_save(s, &order, err);
}

static nn_code check(const nn_session *s, nn_err *err)
{
    const conf *c = s->conf;

    if (s->words.count > FILES)
        return nn_err_set(err, NN_EUSAGE, "data info", "expected at most %d files, got %d", FILES,
                          s->words.count);
    if (c->augment != NULL && c->out == NULL)
        return nn_err_set(err, NN_EUSAGE, "data info", "--augment draws into the file of -o FILE");
    if (c->text && c->target != NULL)
        return nn_err_set(err, NN_EUSAGE, "data info",
                          "--target is for tables, which --text says that there is none");
    for (int i = 0; c->out != NULL && i < s->words.count; i++)
        if (nn_path_is_same(s->words.list[i], c->out))
            return nn_err_set(err, NN_EUSAGE, c->out, "this file is an input as well");
    return NN_OK;
}

static nn_code run(nn_session *s, nn_err *err)
{
    const conf *c = s->conf;
    const nn_profile_options options = {.target = c->target, .text = c->text};
    nn_profile *p[FILES] = {NULL};
    nn_code rc = NN_OK;

    NN_TRY(check(s, err));
    for (int i = 0; rc == NN_OK && i < s->words.count; i++)
        rc = nn_profile_new(&p[i], s->words.list[i], &options, err);
    if (rc == NN_OK)
        rc = put_all(s, p, s->words.count, err);
    if (rc == NN_OK)
        rc = save_sheet(s, err);
    for (int i = 0; i < FILES; i++)
        nn_profile_free(p[i]);
    return rc;
}

static nn_code read_samples(const nn_option *o, const char *text, void *at, nn_err *err)
{
    int64_t count = 0;

    NN_TRY(nn_read_int(o, text, &count, err));
    *(int64_t *)at = count + 1; /* 0 stands for an option that is not given */
    return NN_OK;
}

static const nn_option options[] = {
    {.name = "target",
     .value = "COLUMN",
     .read = nn_read_text,
     .at = offsetof(conf, target),
     .help = "CSV: what is to be predicted, by name or place; finds what gives it away"},
    {.name = "text",
     .at = offsetof(conf, text),
     .help = "plain text, whatever it looks like: counts its characters and words"},
    {.name = "samples",
     .value = "N",
     .read = read_samples,
     .at = offsetof(conf, samples),
     .least = 0,
     .most = MOST_SAMPLES,
     .help = "images: draw the first N samples; on a terminal 4 when not given"},
    {.name = "out",
     .letter = 'o',
     .value = "FILE",
     .read = nn_read_text,
     .at = offsetof(conf, out),
     .complete = NN_COMPLETE_FILE,
     .help = "images: draw the first 8 (or --samples) as a PNG picture"},
    {.name = "augment",
     .value = "CONFIG",
     .read = nn_read_text,
     .at = offsetof(conf, augment),
     .complete = NN_COMPLETE_FILE,
     .help = "and beside each how epochs 1 to 9 of training see it"},
    {.name = "force", .at = offsetof(conf, force), .help = "replace FILE when it exists"},
    {.name = NULL},
};

static const nn_argument arguments[] = {
    {"FILE...", false, NN_COMPLETE_FILE,
     "CSV, IDX, NPY or text files; the first is compared with others"},
    {NULL, false, NN_COMPLETE_NOTHING, NULL},
};

static const nn_example examples[] = {
    {"nnctl data info train.csv --target price", "columns, gaps, and what gives the price away"},
    {"nnctl data info train.csv test.csv", "the same for two, and the rows that both have"},
    {"nnctl data info tales.txt", "characters and words of a text, for text.vocabulary"},
    {"nnctl data info images-idx3-ubyte.gz --samples 8", "draws eight images"},
    {"nnctl data info images-idx3-ubyte.gz --augment net.json -o sheet.png",
     "what the network will see"},
    {NULL, NULL},
};

const nn_command nn_command_data_info = {
    .name = "data info",
    .summary = "show what data files hold",
    .text = "Shows shape, types, ranges, missing values and classes of data files, and what\n"
            "there is to beware of: constant columns and equal ones, names of rows, columns\n"
            "that give the target away, rows that repeat or stand in two files.",
    .arguments = arguments,
    .options = options,
    .conf_size = sizeof(conf),
    .takes_set = true,
    .examples = examples,
    .busy = "reading",
    .run = run,
};
