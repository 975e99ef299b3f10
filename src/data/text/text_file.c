/* Loading plain text, and telling it from a table of texts. */
#include <string.h>

#include "base/mem.h"
#include "data/load.h"
#include "data/vocabulary.h"

enum { BLOCK = 1 << 20 };

bool nn_text_is(const nn_load *how)
{
    return how->vocabulary != NULL || how->conf->text.vocabulary > 0 || /* the config has `text` */
           strcmp(nn_format_words[how->conf->format], "text") == 0;
}

/* Is the first line a header that names a text and its label? */
static bool is_header(const char *head, size_t len)
{
    static const char *const headers[] = {"text,label", "label,text", "\"text\",\"label\""};

    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        const size_t n = strlen(headers[i]);

        if (len > n && memcmp(head, headers[i], n) == 0 && (head[n] == '\n' || head[n] == '\r'))
            return true;
    }
    return false;
}

nn_code nn_text_is_table(bool *is, const char *path, const nn_load *how, nn_err *err)
{
    const nn_data_conf *conf = how->conf;
    char head[NN_WHERE_SIZE < 64 ? NN_WHERE_SIZE : 64];
    nn_gz *f = NULL;
    size_t got = 0;
    nn_code rc = NN_OK;

    *is = how->vocabulary != NULL ? how->vocabulary->table
                                  : conf->target.item != NULL || conf->text.column.item != NULL;
    if (*is || how->vocabulary != NULL)
        return NN_OK;
    rc = nn_gz_open(&f, path, err);
    if (rc == NN_OK)
        rc = nn_gz_peek(f, head, sizeof head, &got, err);
    nn_gz_close(f);
    *is = rc == NN_OK && is_header(head, got);
    return rc;
}

nn_code nn_raw_text_new(nn_raw_text **out, const nn_load *how, bool table, nn_err *err)
{
    const nn_vocabulary *v = how->vocabulary;
    const nn_text_conf *conf = &how->conf->text;
    nn_raw_text *t = nn_alloc(1, sizeof *t);

    *out = t;
    if (t == NULL)
        return nn_err_memory(err, "the text", sizeof *t);
    t->kind = v != NULL ? v->kind : (nn_token_kind)conf->tokens;
    if (t->kind == NN_TOKEN_AUTO)
        t->kind = table ? NN_TOKEN_WORD : NN_TOKEN_CHAR;
    t->lower = v != NULL ? v->lower : conf->lower;
    return NN_OK;
}

/* All bytes of a file; nn_free them. */
static nn_code read_all(char **bytes, size_t *len, nn_gz *f, const char *path, nn_err *err)
{
    size_t room = 0, got = 0;

    *len = 0;
    do {
        NN_TRY(nn_grow(bytes, &room, *len + BLOCK, 1, err));
        NN_TRY(nn_gz_read(f, *bytes + *len, BLOCK, &got, err));
        *len += got;
        if (*len > NN_MAX_ROWS)
            return nn_err_set(err, NN_ELIMIT, path, "more than %d bytes of text", NN_MAX_ROWS);
    } while (got == BLOCK);
    return nn_gz_end(f, err);
}

/* Text of another encoding, and what is no text at all, by the first bytes. */
static nn_code check_head(const char *bytes, size_t len, const char *path, nn_err *err)
{
    const char *what = nn_format_guess((const unsigned char *)bytes, len < 64 ? len : 64);

    if (len == 0)
        return nn_err_set(err, NN_EDATA, path, "an empty file");
    if (len >= 2 && (memcmp(bytes, "\xFF\xFE", 2) == 0 || memcmp(bytes, "\xFE\xFF", 2) == 0))
        return nn_err_set(err, NN_EDATA, path,
                          "expected UTF-8, found UTF-16 or UTF-32; convert it with iconv");
    if (what != NULL)
        return nn_err_set(err, NN_EDATA, path, "expected text, found %s", what);
    return NN_OK;
}

nn_code nn_text_bytes(char **bytes, size_t *len, const char *path, nn_file_id *id, nn_err *err)
{
    nn_gz *f = NULL;
    nn_code rc = nn_gz_open(&f, path, err);

    *bytes = NULL;
    *len = 0;
    if (rc == NN_OK)
        rc = read_all(bytes, len, f, path, err);
    if (rc == NN_OK && id != NULL)
        nn_gz_id(f, id);
    if (rc == NN_OK)
        rc = check_head(*bytes, *len, path, err);
    nn_gz_close(f);
    return rc;
}

size_t nn_text_mark(const char *bytes, size_t len)
{
    return len >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

static nn_code add_text(nn_dataset *d, const char *bytes, size_t len, const char *path, nn_err *err)
{
    const size_t mark = d->raw_text->kind != NN_TOKEN_BYTE ? nn_text_mark(bytes, len) : 0;

    NN_TRY(nn_raw_text_add(d->raw_text, bytes + mark, len - mark, path, err));
    if (d->raw_text->count == d->rows)
        return nn_err_set(err, NN_EDATA, path, "no text but white space");
    d->rows = d->raw_text->count;
    return NN_OK;
}

static nn_code add_file(nn_dataset *d, const char *path, nn_err *err)
{
    char *bytes = NULL;
    size_t len = 0;
    nn_file_id id = {0};
    nn_code rc = nn_text_bytes(&bytes, &len, path, &id, err);

    if (rc == NN_OK)
        rc = nn_dataset_add_file(d, path, &id, err);
    if (rc == NN_OK)
        rc = add_text(d, bytes, len, path, err);
    nn_free(bytes);
    return rc;
}

/* No window reaches from one file into the next. */
static nn_code number_files(nn_dataset *d, nn_err *err)
{
    d->ordered = true;
    if (d->files == 1)
        return NN_OK;
    d->series = nn_alloc(d->rows, sizeof *d->series);
    if (d->series == NULL)
        return nn_err_memory(err, "the text", d->rows * sizeof *d->series);
    for (int i = 0; i < d->files; i++)
        for (size_t row = d->file[i].first; row < d->rows; row++)
            d->series[row] = i;
    return NN_OK;
}

nn_code nn_text_finish(nn_dataset *d, const nn_load *how, nn_err *err)
{
    if (how->vocabulary == NULL)
        return NN_OK;
    return nn_vocabulary_apply(how->vocabulary, d, err);
}

nn_code nn_text_load(nn_dataset **out, const char *const *path, int count, const nn_load *how,
                     nn_err *err)
{
    nn_dataset *d = NULL;
    nn_code rc = nn_dataset_new(&d, path[0], err);

    *out = NULL;
    if (rc == NN_OK)
        rc = nn_raw_text_new(&d->raw_text, how, false, err);
    for (int i = 0; rc == NN_OK && i < count; i++)
        rc = add_file(d, path[i], err);
    if (rc == NN_OK)
        rc = number_files(d, err);
    if (rc == NN_OK)
        rc = nn_text_finish(d, how, err);
    if (rc != NN_OK)
        nn_dataset_free(d);
    else
        *out = d;
    return rc;
}
