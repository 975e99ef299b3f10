/* nnctl data split: one data file into several. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/session.h"
#include "data/divide_files.h"
#include "view/format.h"

typedef struct conf {
    const char *x;
    const char *y;
    const char *target;
    const char *group;
    const char *prefix;
    nn_fractions fractions;
    uint64_t seed;
    bool force;
} conf;

static nn_code check(const nn_session *s, nn_err *err)
{
    const conf *c = s->conf;
    const char *table = nn_session_word(s, 0);

    if ((table == NULL) == (c->x == NULL))
        return nn_err_set(err, NN_EUSAGE, "data split",
                          "expected a CSV file, or arrays by --x, "
                          "and not both");
    if (c->y != NULL && c->x == NULL)
        return nn_err_set(err, NN_EUSAGE, "data split", "--y belongs to --x");
    if (c->x != NULL && (c->target != NULL || c->group != NULL))
        return nn_err_set(err, NN_EUSAGE, "data split",
                          "--target and --group name columns of a CSV file");
    if (c->target != NULL && c->group != NULL)
        return nn_err_set(err, NN_EUSAGE, "data split",
                          "expected --target or --group, not both: groups stay together, "
                          "whatever their classes");
    if (c->fractions.parts == 0)
        return nn_err_set(err, NN_EUSAGE, "data split", "expected --fractions, as in 0.8,0.2");
    return c->prefix != NULL ? NN_OK
                             : nn_err_set(err, NN_EUSAGE, "data split",
                                          "expected -o PREFIX, the beginning of the files' names");
}

static void tell(nn_session *s, const nn_divided *done)
{
    const conf *c = s->conf;
    char name[32], rows[NN_FORMAT_TEXT];

    if (s->common.json)
        nn_buf_char(&s->out, '{');
    for (int k = 0; k < c->fractions.parts; k++) {
        nn_part_name(&c->fractions, k, name, sizeof name);
        if (s->common.json)
            nn_buf_printf(&s->out, "%s\"%s\":%zu", k == 0 ? "" : ",", name, done->rows[k]);
        else
            nn_session_note(s, "%-10s  %s rows", name, nn_format_count(rows, done->rows[k]));
    }
    if (s->common.json)
        nn_buf_put(&s->out, "}\n");
}

static nn_code run(nn_session *s, nn_err *err)
{
    const conf *c = s->conf;
    nn_divided done;

    NN_TRY(check(s, err));
    const nn_divide_conf divide = {.table = nn_session_word(s, 0),
                                   .x = c->x,
                                   .y = c->y,
                                   .target = c->target,
                                   .group = c->group,
                                   .prefix = c->prefix,
                                   .fractions = c->fractions,
                                   .seed = c->seed,
                                   .exists = c->force ? NN_REPLACE_EXISTING : NN_REFUSE_EXISTING};
    NN_TRY(nn_session_reserve(s, NULL, err));
    NN_TRY(nn_divide_files(&divide, &done, err));
    tell(s, &done);
    return NN_OK;
}

/* "0.8,0.1,0.1" */
static nn_code read_fractions(const nn_option *o, const char *text, void *at, nn_err *err)
{
    nn_fractions *f = at;
    char shown[NN_SHOWN];
    double sum = 0;

    (void)o;
    f->parts = 0;
    for (const char *from = text; f->parts < NN_MAX_PARTS; from++) {
        const size_t len = strcspn(from, ",");
        double *part = &f->part[f->parts];

        if (nn_parse_double(from, len, part) != NN_NUMBER_OK || *part <= 0 || *part >= 1)
            break;
        f->parts++;
        sum += *part;
        from += len;
        if (*from == '\0' && fabs(sum - 1) < 1e-9)
            return NN_OK;
        if (*from == '\0')
            break;
    }
    return nn_err_set(err, NN_EUSAGE, NULL,
                      "expected up to %d fractions whose sum is 1, as in 0.8,0.1,0.1, got \"%s\"",
                      NN_MAX_PARTS, nn_text_show(shown, sizeof shown, text, strlen(text), 40));
}

#define AT(member) offsetof(conf, member)

static const nn_option options[] = {
    {.name = "fractions",
     .value = "F,F,...",
     .read = read_fractions,
     .at = AT(fractions),
     .help = "shares of train and test, or of train, validation and test"},
    {.name = "out",
     .letter = 'o',
     .value = "PREFIX",
     .read = nn_read_text,
     .at = AT(prefix),
     .complete = NN_COMPLETE_FILE,
     .help = "how the files' names begin: PREFIX-train.csv, PREFIX-test.csv"},
    {.name = "target",
     .value = "COLUMN",
     .read = nn_read_text,
     .at = AT(target),
     .help = "CSV: every part gets the same shares of this column's classes"},
    {.name = "group",
     .value = "COLUMN",
     .read = nn_read_text,
     .at = AT(group),
     .help = "CSV: rows with the same value in this column stay together"},
    {.name = "x",
     .value = "FILE",
     .read = nn_read_text,
     .at = AT(x),
     .complete = NN_COMPLETE_FILE,
     .help = "an IDX or NPY file of samples instead of CSV"},
    {.name = "y",
     .value = "FILE",
     .read = nn_read_text,
     .at = AT(y),
     .complete = NN_COMPLETE_FILE,
     .help = "the targets that belong to --x; every part gets the same shares of classes"},
    {.name = "seed",
     .value = "N",
     .read = nn_read_seed,
     .at = AT(seed),
     .help = "which rows go where follows from it; 0 when not given"},
    {.name = "force", .at = AT(force), .help = "replace files that exist"},
    {.name = NULL},
};

static const nn_argument arguments[] = {
    {"FILE", true, NN_COMPLETE_FILE, "a CSV file; its rows are copied byte for byte"},
    {NULL, false, NN_COMPLETE_NOTHING, NULL},
};

static const nn_example examples[] = {
    {"nnctl data split all.csv --fractions 0.8,0.2 --target kind -o my",
     "my-train.csv and my-test.csv, with all kinds in both"},
    {"nnctl data split visits.csv --fractions 0.7,0.15,0.15 --group patient -o v",
     "no patient in two files"},
    {NULL, NULL},
};

const nn_command nn_command_data_split = {
    .name = "data split",
    .summary = "split a data file into files for training and test",
    .text = "Splits a data file by chance, which follows from the seed alone. The rows of a\n"
            "CSV file are copied as they stand, each file with the header.",
    .arguments = arguments,
    .options = options,
    .conf_size = sizeof(conf),
    .examples = examples,
    .busy = "splitting",
    .run = run,
};
