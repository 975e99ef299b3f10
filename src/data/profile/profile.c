/* The profile of a data file: which reader, what columns are taken for. */
#include "profile_file.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

static nn_code look(nn_profile **out, const char *path, const nn_profile_options *options,
                    bool text, nn_err *err)
{
    nn_profile *p = nn_alloc(1, sizeof *p);
    const nn_array_format *format = NULL;
    nn_code rc = NN_OK;

    if (p == NULL || (p->path = nn_strdup(path)) == NULL) {
        nn_free(p);
        return nn_err_memory(err, "the look at a file", sizeof *p);
    }
    p->target = -1;
    if (!text)
        rc = nn_array_sniff(&format, path, err);
    p->format = text ? "text" : format == NULL ? "csv" : format->kind.name;
    if (rc == NN_OK)
        rc = text             ? nn_text_profile_new(&p->text, path, err)
             : format == NULL ? nn_profile_table(p, options, err)
                              : nn_profile_array(p, format, err);
    if (rc == NN_OK) {
        nn_profile_find_repeated(p);
        *out = p;
    } else {
        nn_profile_free(p);
    }
    return nn_err_reading(err, rc, path);
}

static bool ends_in(const char *path, size_t len, const char *end)
{
    const size_t n = strlen(end);

    return len >= n && memcmp(path + len - n, end, n) == 0;
}

static bool is_called_text(const char *path)
{
    size_t len = strlen(path);

    len -= ends_in(path, len, ".gz") ? 3 : 0;
    return ends_in(path, len, ".txt") || ends_in(path, len, ".text") || ends_in(path, len, ".md");
}

/* Whole lines, taken for the only column of a table. */
static bool is_prose(const nn_profile *p)
{
    return strcmp(p->format, "csv") == 0 && p->columns == 1 && p->column[0].words > 0;
}

nn_code nn_profile_new(nn_profile **out, const char *path, const nn_profile_options *options,
                       nn_err *err)
{
    const bool may_be_text = options->target == NULL && is_called_text(path);
    nn_code rc;

    *out = NULL;
    if (options->text)
        return look(out, path, options, true, err);
    rc = look(out, path, options, false, err);
    if (!may_be_text || (rc != NN_EDATA && rc != NN_OK) || (rc == NN_OK && !is_prose(*out)))
        return rc;
    nn_profile_free(*out);
    *out = NULL;
    *err = (nn_err){0};
    return look(out, path, options, true, err);
}

void nn_profile_free(nn_profile *p)
{
    if (p == NULL)
        return;
    for (int c = 0; p->column != NULL && c < p->columns; c++) {
        for (int i = 0; i < p->column[c].values; i++)
            nn_free(p->column[c].value[i].text);
        nn_free(p->column[c].value);
        nn_free(p->column[c].name);
    }
    nn_text_profile_free(p->text);
    nn_free(p->column);
    nn_free(p->row);
    nn_free(p->path);
    nn_free(p);
}

const char *nn_profile_name(const nn_profile *p, int c, char *dst)
{
    const char *name = p->column[c].name;

    if (name == NULL)
        snprintf(dst, NN_SHOWN, "column %d", c + 1);
    else
        nn_text_show(dst, NN_SHOWN, name, strlen(name), 40);
    return dst;
}

bool nn_column_is_identity(const nn_profile *p, int c)
{
    const nn_column_profile *column = &p->column[c];
    const size_t filled = column->numbers + column->words;

    if (!column->unique || filled < NN_PROFILE_FEW || c == p->target)
        return false;
    if (column->words > 0)
        return column->words == filled;
    return column->whole == filled && column->most - column->least < 2 * (double)filled;
}

bool nn_column_is_leak(const nn_profile *p, int c)
{
    return c != p->target &&
           p->column[c].tells >=
               (p->column[p->target].words > 0 || nn_column_is_category(&p->column[p->target])
                    ? 0.98
                    : 0.995);
}
