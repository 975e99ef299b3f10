/* The look at a table's first rows, and what each kind of column can be asked for. */
#include "data/table_look.h"

#include "base/mem.h"
#include "data/csv_field.h"
#include "data/refuse.h"
#include "data/source.h"

enum { ROWS = 1000, BYTES = 256 << 10 };

/* More words than numbers: positive. */
static void weigh(const nn_raw *raw, const nn_field_text *fields, const nn_words *missing,
                  char point, int *words)
{
    for (int k = 0; k < raw->count; k++) {
        const nn_field_text field = fields[raw->column[k].place];
        double value = 0;

        if (nn_csv_is_missing(field, missing))
            continue;
        if (nn_csv_number(field, point, &value) != NN_NUMBER_BAD || nn_csv_is_like_number(field))
            words[k]--;
        else
            words[k]++;
    }
}

static nn_code look(nn_csv *csv, const nn_raw *raw, const nn_words *missing, char point, int *words,
                    nn_err *err)
{
    const nn_field_text *fields = NULL;
    nn_err later = {0};

    nn_csv_hold(csv);
    for (int i = 0; i < ROWS && nn_csv_held(csv) < BYTES; i++) {
        if (nn_csv_next(csv, &fields, &later) != NN_OK || fields == NULL)
            break;
        weigh(raw, fields, missing, point, words);
    }
    nn_csv_back(csv);
    if (later.code == NN_OK || later.code == NN_EDATA)
        return NN_OK; /* faults of the text are found again when the rows are read, in their turn */
    *err = later;
    return err->code;
}

/* Averages, logarithms and the like are for numbers; categories for words. */
static nn_code check_kind(const nn_raw_column *c, nn_err *err)
{
    const nn_column_conf *conf = &c->conf;
    const bool text = nn_node_is(conf->value, NN_JSON_TEXT);
    const char *what = NULL;

    if (nn_node_is(conf->node, NN_JSON_NONE))
        return NN_OK;
    if (c->is_word) {
        what = conf->impute == NN_IMPUTE_MEAN || conf->impute == NN_IMPUTE_MEDIAN ||
                       conf->impute == NN_IMPUTE_ZERO
                   ? "impute mean, median and zero are"
               : conf->log1p                           ? "log1p is"
               : !nn_node_is(conf->clip, NN_JSON_NONE) ? "clip is"
                                                       : NULL;
        if (what == NULL && conf->scale != NN_SCALE_AUTO && conf->encode != NN_ENCODE_ORDINAL)
            what = "scale is";
        return what == NULL ? NN_OK
                            : nn_refuse_node(conf->node, err, NULL,
                                             "%s for numbers, but the column holds words", what);
    }
    if (conf->encode != NN_ENCODE_AUTO)
        return nn_refuse_node(conf->node, err, "set its type to \"category\"",
                              "encode is for categories, but the column's type is number");
    if (conf->min_count > 1 || conf->unknown != 0)
        return nn_refuse_node(conf->node, err, "set its type to \"category\"",
                              "%s is for categories, but the column holds numbers",
                              conf->unknown != 0 ? "unknown" : "min_count");
    if (text)
        return nn_refuse_node(conf->value, err, NULL,
                              "expected a number, since the column holds numbers");
    return NN_OK;
}

nn_code nn_table_look(nn_raw *raw, nn_csv *csv, const nn_words *missing, char point, nn_err *err)
{
    int *words = nn_alloc((size_t)raw->count, sizeof *words);
    nn_code rc = NN_OK;

    if (words == NULL)
        return nn_err_memory(err, "the columns", 0);
    rc = look(csv, raw, missing, point, words, err);
    for (int k = 0; rc == NN_OK && k < raw->count; k++) {
        nn_raw_column *c = &raw->column[k];

        c->is_word =
            c->conf.type == NN_COLUMN_CATEGORY || c->conf.type == NN_COLUMN_BINARY ||
            (c->conf.type == NN_COLUMN_AUTO && (words[k] > 0 || c->conf.encode != NN_ENCODE_AUTO));
        rc = check_kind(c, err);
    }
    nn_free(words);
    return rc;
}
