/* Files of samples for tests, made in a directory of their own, and configs that name them. */
#include "support/nn_test.h"

#include "base/gz.h"
#include "base/mem.h"
#include "data/encoder.h"
#include "data/support/files.h"
#include "support/nn_temp.h"

typedef struct place {
    char home[4096];
    char *dir;
} place;

int files_setup(void **state)
{
    place *p = calloc(1, sizeof *p);

    *state = p;
    if (p == NULL || getcwd(p->home, sizeof p->home) == NULL)
        return -1;
    p->dir = nn_temp_dir();
    return p->dir == NULL || chdir(p->dir) != 0;
}

int files_teardown(void **state)
{
    place *p = *state;
    const int rc = chdir(p->home);

    nn_mem_fail_at(0);
    nn_temp_remove(p->dir);
    free(p);
    return rc;
}

void write_file(const char *name, const void *from, size_t len)
{
    FILE *f = fopen(name, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(from, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

void write_text(const char *name, const char *text)
{
    write_file(name, text, strlen(text));
}

void write_gzip(const char *name, const void *from, size_t len)
{
    static const unsigned char head[10] = {0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF};
    static blob b;

    assert_true(len <= 65535);
    b.len = 0;
    put(&b, head, sizeof head);
    put_u8(&b, 1);
    put_le(&b, len, 2);
    put_le(&b, ~(uint64_t)len, 2);
    put(&b, from, len);
    put_le(&b, nn_crc32(0, from, len), 4);
    put_le(&b, len, 4);
    write_file(name, b.at, b.len);
}

void put(blob *b, const void *from, size_t len)
{
    assert_true(len <= sizeof b->at - b->len);
    memcpy(b->at + b->len, from, len);
    b->len += len;
}

void put_u8(blob *b, unsigned value)
{
    put_le(b, value, 1);
}

void put_be(blob *b, uint64_t value, int size)
{
    for (int i = size - 1; i >= 0; i--) {
        const unsigned char byte = (unsigned char)(value >> (8 * i));

        put(b, &byte, 1);
    }
}

void put_le(blob *b, uint64_t value, int size)
{
    for (int i = 0; i < size; i++) {
        const unsigned char byte = (unsigned char)(value >> (8 * i));

        put(b, &byte, 1);
    }
}

void put_f32(blob *b, float value)
{
    uint32_t bits = 0;

    memcpy(&bits, &value, sizeof bits);
    put_be(b, bits, 4);
}

void put_f64(blob *b, double value)
{
    uint64_t bits = 0;

    memcpy(&bits, &value, sizeof bits);
    put_be(b, bits, 8);
}

void put_idx(blob *b, unsigned type, int dims, const uint32_t *dim)
{
    b->len = 0;
    put_be(b, 0, 2);
    put_u8(b, type);
    put_u8(b, (unsigned)dims);
    for (int i = 0; i < dims; i++)
        put_be(b, dim[i], 4);
}

void put_npy(blob *b, const char *dict)
{
    b->len = 0;
    put(b, "\x93NUMPY\x01\x00", 8);
    put_le(b, strlen(dict) + 2, 2);
    put(b, dict, strlen(dict));
    put(b, " \n", 2);
}

void config_read(config *c, const char *json)
{
    const nn_json_source source = {"c.json", NN_ECONFIG, true};
    nn_err err = {0};

    memset(c, 0, sizeof *c);
    assert_ok(nn_doc_parse(&c->doc, &source, json, strlen(json), &c->problems, &err), err);
    nn_fields_read(nn_data_table.fields, nn_doc_root(c->doc), NULL, &c->data);
    assert_ok(nn_problems_check(&c->problems, &err), err);
    c->how.conf = &c->data;
    c->how.task = (nn_task)c->data.task;
}

void config_free(config *c)
{
    nn_doc_free(c->doc);
    nn_problems_free(&c->problems);
}

/* Fits on all rows, which become samples. */
static nn_code encode(nn_dataset *d, const nn_data_conf *conf, nn_err *err)
{
    const nn_view all = {.data = d, .count = d->rows};
    nn_encoder *e = NULL;
    nn_code rc = nn_encoder_fit(&e, &all, conf, err);

    if (rc == NN_OK)
        rc = nn_encoder_apply(e, d, d->raw, &conf->shape, err);
    nn_encoder_free(e);
    return rc;
}

nn_code config_load(nn_dataset **out, config *c, nn_err *err)
{
    nn_files files = {0};
    nn_code rc = NN_OK;

    *out = NULL;
    nn_files_read(c->data.train, &files);
    NN_TRY(nn_problems_check(&c->problems, err));
    rc = nn_dataset_load(out, &files, &c->how, err);
    if (rc == NN_OK && (*out)->raw != NULL)
        rc = encode(*out, &c->data, err);
    if (rc != NN_OK) {
        nn_dataset_free(*out);
        *out = NULL;
    }
    return rc;
}

nn_code load_json(nn_dataset **out, const char *json, nn_err *err)
{
    config c;
    nn_code rc = NN_OK;

    config_read(&c, json);
    rc = config_load(out, &c, err);
    config_free(&c);
    return rc;
}

void assert_refused(const char *json, nn_code code, const char *where, const char *msg)
{
    nn_dataset *d = NULL;
    nn_err err = {0};
    const uint64_t live = nn_mem_read().live;

    assert_int_equal(load_json(&d, json, &err), code);
    assert_null(d);
    assert_string_equal(err.msg, msg);
    assert_string_equal(err.where, where);
    assert_int_equal(err.code, code);
    assert_int_equal(nn_mem_read().live, live);
}
