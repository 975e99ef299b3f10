/* Rows of a table, text by text, in the order of the file. */
#include "data/table_row.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "data/csv_field.h"

/* A row on its way into the dataset. */
typedef struct row {
    nn_table_fill *fill;
    const nn_table_format *format;
    const nn_table_text *text; /* [slots] */
    uint64_t line;
} row;

static nn_code refuse(const row *r, int column, nn_err *err, const char *what, const char *advice)
{
    const nn_table_text *t = &r->text[r->format->plan->slot[column]];
    const nn_field_text field = {.bytes = t->bytes, .len = t->len};

    return nn_table_refuse(r->format, column, field, r->line, what, advice, err);
}

static nn_field_text text_of(const row *r, int column)
{
    const nn_table_text *t = &r->text[r->format->plan->slot[column]];
    const nn_field_text field = {.bytes = t->bytes, .len = t->len};

    return field;
}

static nn_code add_word(const row *r, int k, float *to, nn_err *err)
{
    const nn_table_plan *p = r->format->plan;
    nn_raw_column *c = &p->raw->column[k];
    const nn_field_text field = text_of(r, c->place), bare = nn_csv_trim(field);
    bool fresh = false;
    int id = 0;

    if (nn_csv_is_missing(field, &p->missing)) {
        *to = NAN;
        return p->gaps[k] ? NN_OK
                          : refuse(r, c->place, err, "a missing value",
                                   "; set its `impute` in data.columns");
    }
    NN_TRY(nn_words_add(&c->words, bare.bytes, bare.len, &id, &fresh, err));
    if (fresh && bare.len > NN_MAX_CLASS_NAME)
        return refuse(r, c->place, err, "a category of more than 1024 bytes", "");
    const size_t valid = fresh ? nn_utf8_check(bare.bytes, bare.len) : bare.len;
    if (valid < bare.len) {
        char what[64];

        (void)snprintf(what, sizeof what, "a category that is not UTF-8 at byte %zu", valid + 1);
        return refuse(r, c->place, err, what, "");
    }
    if (id >= NN_MAX_CLASSES)
        return refuse(r, c->place, err, "more than 65536 different words",
                      "; name the column in data.ignore");
    *to = (float)id;
    return NN_OK;
}

static nn_code add_words(const row *r, nn_err *err)
{
    const nn_raw *raw = r->format->plan->raw;
    nn_dataset *d = r->fill->d;

    for (int k = 0; k < raw->count; k++)
        if (raw->column[k].is_word)
            NN_TRY(add_word(r, k, d->numbers + d->rows * (size_t)raw->count + (size_t)k, err));
    return NN_OK;
}

/* Several targets are numbers, in a row. */
static nn_code add_numbers(const row *r, nn_err *err)
{
    const nn_table_plan *p = r->format->plan;
    nn_table_fill *fill = r->fill;

    NN_TRY(nn_grow(&fill->value, &fill->value_room, (size_t)p->targets, sizeof *fill->value, err));
    for (int k = 0; k < p->targets; k++) {
        const nn_number kind = nn_csv_number(text_of(r, p->target[k]), p->point, &fill->value[k]);

        if (kind == NN_NUMBER_BAD)
            return refuse(r, p->target[k], err, "several targets are numbers: expected one", "");
        if (kind == NN_NUMBER_HUGE)
            return refuse(r, p->target[k], err, "a target out of the range of numbers", "");
    }
    return nn_targets_add_numbers(&fill->targets, fill->value, err);
}

static nn_code add_targets(const row *r, nn_err *err)
{
    const nn_table_plan *p = r->format->plan;

    for (int k = 0; k < p->targets; k++)
        if (nn_csv_is_missing(text_of(r, p->target[k]), &p->missing))
            return refuse(r, p->target[k], err, "a missing target", "");
    if (p->targets > 1)
        return add_numbers(r, err);
    return p->targets == 0 ? NN_OK
                           : nn_targets_add_text(&r->fill->targets, text_of(r, p->target[0]),
                                                 p->point, r->line, err);
}

static nn_code add_weight(const row *r, nn_err *err)
{
    const nn_table_plan *p = r->format->plan;
    nn_table_fill *fill = r->fill;
    double value = 0;

    if (p->weight < 0)
        return NN_OK;
    const nn_field_text field = text_of(r, p->weight);
    if (nn_csv_number(field, p->point, &value) != NN_NUMBER_OK || value < 0 ||
        value > (double)FLT_MAX)
        return refuse(r, p->weight, err, "expected a weight, a number from 0", "");
    NN_TRY(nn_grow(&fill->d->weight, &fill->weight_room, fill->d->rows + 1, sizeof *fill->d->weight,
                   err));
    fill->d->weight[fill->d->rows] = (float)value;
    return NN_OK;
}

/* Rows with the same text in a column get the same number, in the order in which texts came. */
static nn_code number_texts(const row *r, int column, nn_words *texts, int32_t **numbers,
                            size_t *room, nn_err *err)
{
    const nn_table_plan *p = r->format->plan;
    const size_t rows = r->fill->d->rows;
    int id = 0;

    if (column < 0)
        return NN_OK;
    const nn_field_text field = text_of(r, column);
    if (nn_csv_is_missing(field, &p->missing))
        return refuse(r, column, err, "a missing group", "");
    NN_TRY(nn_words_add(texts, field.bytes, field.len, &id, NULL, err));
    NN_TRY(nn_grow(numbers, room, rows + 1, sizeof **numbers, err));
    (*numbers)[rows] = id;
    return NN_OK;
}

static nn_code add_groups(const row *r, nn_err *err)
{
    const nn_table_plan *p = r->format->plan;
    nn_table_fill *fill = r->fill;

    NN_TRY(number_texts(r, p->group, &fill->groups, &fill->d->group, &fill->group_room, err));
    return number_texts(r, p->series, &fill->series, &fill->d->series, &fill->series_room, err);
}

static nn_code add_moment(const row *r, nn_err *err)
{
    const nn_table_plan *p = r->format->plan;
    nn_table_fill *fill = r->fill;
    nn_dataset *d = fill->d;
    double moment = 0;
    bool is_date = false;

    if (p->order < 0)
        return NN_OK;
    const nn_field_text bare = nn_csv_trim(text_of(r, p->order));
    if (!nn_moment_read(bare.bytes, bare.len, &moment, &is_date))
        return refuse(r, p->order, err,
                      "expected a number, or a date like 2024-01-31 or 2024-01-31 13:45", "");
    if (d->rows > 0 && is_date != fill->dates)
        return refuse(r, p->order, err,
                      is_date ? "expected a number as in the rows before"
                              : "expected a date as in the rows before",
                      "");
    fill->dates = is_date;
    NN_TRY(nn_grow(&d->moment, &fill->moment_room, d->rows + 1, sizeof *d->moment, err));
    d->moment[d->rows] = moment;
    return NN_OK;
}

static nn_code add_part(const row *r, nn_err *err)
{
    static const char *const words[] = {"train", "validation", "test"};
    const nn_table_plan *p = r->format->plan;
    nn_table_fill *fill = r->fill;

    if (p->split < 0)
        return NN_OK;
    const nn_field_text field = text_of(r, p->split), bare = nn_csv_trim(field);
    for (int i = 0; i < 3; i++) {
        if (strlen(words[i]) != bare.len || memcmp(words[i], bare.bytes, bare.len) != 0)
            continue;
        NN_TRY(nn_grow(&fill->d->part, &fill->part_room, fill->d->rows + 1, 1, err));
        fill->d->part[fill->d->rows] = (uint8_t)i;
        return NN_OK;
    }
    return refuse(r, p->split, err, "expected train, validation or test", "");
}

static nn_code add_id(const row *r, nn_err *err)
{
    const nn_table_plan *p = r->format->plan;
    nn_table_fill *fill = r->fill;
    nn_dataset *d = fill->d;

    if (p->id < 0)
        return NN_OK;
    const nn_field_text field = text_of(r, p->id);
    NN_TRY(nn_grow(&d->id_at, &fill->id_room, d->rows + 1, sizeof *d->id_at, err));
    NN_TRY(nn_grow(&d->ids, &fill->ids_room, fill->ids_len + field.len + 1, 1, err));
    memcpy(d->ids + fill->ids_len, field.bytes, field.len);
    d->ids[fill->ids_len + field.len] = '\0';
    d->id_at[d->rows] = fill->ids_len;
    fill->ids_len += field.len + 1;
    return NN_OK;
}

/* A text becomes tokens at once. */
static nn_code add_text(const row *r, nn_err *err)
{
    nn_dataset *d = r->fill->d;
    nn_raw_text *t = d->raw_text;
    char where[NN_WHERE_SIZE];

    if (r->format->plan->text < 0)
        return NN_OK;
    const nn_field_text field = text_of(r, r->format->plan->text);
    snprintf(where, sizeof where, "%.250s:%llu", r->format->name, (unsigned long long)r->line);
    NN_TRY(nn_grow(&t->end, &t->end_room, d->rows + 1, sizeof *t->end, err));
    NN_TRY(nn_raw_text_add(t, field.bytes, field.len, where, err));
    t->end[d->rows] = t->count;
    return NN_OK;
}

static nn_code add_row(const row *r, nn_err *err)
{
    nn_dataset *d = r->fill->d;

    NN_TRY(nn_grow(&d->line, &r->fill->line_room, d->rows + 1, sizeof *d->line, err));
    d->line[d->rows] = r->line;
    NN_TRY(add_words(r, err));
    NN_TRY(add_weight(r, err));
    NN_TRY(add_groups(r, err));
    NN_TRY(add_moment(r, err));
    NN_TRY(add_text(r, err));
    NN_TRY(add_part(r, err));
    NN_TRY(add_id(r, err));
    NN_TRY(add_targets(r, err));
    d->rows++;
    return NN_OK;
}

enum { AHEAD = 8 }; /* rows whose texts are on their way from memory */

static void fetch_texts(const nn_table_chunk *chunk, size_t i, size_t slots)
{
    for (size_t k = 0; i < chunk->rows && k < slots; k++)
        __builtin_prefetch(chunk->text[i * slots + k].bytes);
}

nn_code nn_table_rows_add(nn_table_fill *fill, const nn_table_format *format,
                          const nn_table_chunk *chunk, nn_err *err)
{
    const size_t slots = (size_t)format->plan->slots;
    row r = {fill, format, NULL, 0};

    for (size_t i = 0; i < chunk->rows; i++) {
        fetch_texts(chunk, i + AHEAD, slots);
        r.text = chunk->text + i * slots;
        r.line = chunk->row_line[i];
        NN_TRY(add_row(&r, err));
    }
    return NN_OK;
}
