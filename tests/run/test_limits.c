/*
 * The limits on what comes from outside: what is at one is read, what is one beyond it is refused
 * with the number in the message. Each row of base/limits.def is tried or says why not.
 */
#include "support/nn_test.h"

#include "base/file.h"
#include "base/limit_table.h"
#include "base/mem.h"
#include "base/text.h"
#include "conf/tensors.h"
#include "data/array.h"
#include "data/csv.h"
#include "data/encoder.h"
#include "data/load.h"
#include "data/raster.h"
#include "data/text.h"
#include "run/config.h"
#include "nn/graph.h"

/* Something of this size is read; a limit that holds gives an error with its number. */
typedef nn_code attempt(size_t n, nn_err *err);

static void repeat(nn_buf *out, const char *text, size_t n)
{
    nn_buf block = {0};

    for (int i = 0; i < 1024; i++)
        nn_buf_put(&block, text);
    for (; n >= 1024; n -= 1024)
        nn_buf_add(out, block.data, block.len);
    nn_buf_add(out, block.data, n * strlen(text));
    nn_buf_free(&block);
}

/* ---- JSON ---- */

static nn_code parse_json(nn_buf *text, nn_err *err)
{
    const nn_json_source source = {"d", NN_ECONFIG, true};
    nn_problems problems = {0};
    nn_doc *doc = NULL;
    const nn_code rc = nn_doc_parse(&doc, &source, text->data, text->len, &problems, err);

    nn_doc_free(doc);
    nn_problems_free(&problems);
    nn_buf_free(text);
    return rc;
}

static nn_code json_bytes(size_t n, nn_err *err)
{
    nn_buf text = {0};

    nn_buf_put(&text, "{}");
    repeat(&text, " ", n - 2);
    return parse_json(&text, err);
}

static nn_code json_values(size_t n, nn_err *err)
{
    nn_buf text = {0};

    nn_buf_put(&text, "[0");
    repeat(&text, ",0", n - 2);
    nn_buf_put(&text, "]");
    return parse_json(&text, err);
}

static nn_code json_depth(size_t n, nn_err *err)
{
    nn_buf text = {0};

    repeat(&text, "[", n);
    repeat(&text, "]", n);
    return parse_json(&text, err);
}

static nn_code json_text(size_t n, nn_err *err)
{
    nn_buf text = {0};

    nn_buf_put(&text, "\"");
    repeat(&text, "x", n);
    nn_buf_put(&text, "\"");
    return parse_json(&text, err);
}

static nn_code json_number(size_t n, nn_err *err)
{
    nn_buf text = {0};

    repeat(&text, "1", n);
    return parse_json(&text, err);
}

/* ---- configs ---- */

static nn_code read_config(nn_buf *text, nn_err *err)
{
    const nn_config_source source = {"c.json", "", text->data, text->len, NN_ECONFIG, NULL, 0};
    const nn_shape input = nn_shape_1(1);
    nn_config *c = NULL;
    nn_graph *g = NULL;
    nn_code rc = nn_config_read(&c, &source, err);

    if (rc == NN_OK)
        rc = nn_graph_new(&g, c->model.layers, input, NULL, NULL, err);
    nn_graph_free(g);
    nn_config_free(c);
    nn_buf_free(text);
    return rc;
}

#define DATA "{\"data\": {\"train\": {\"path\": \"t.csv\"}}, \"model\": {\"layers\": ["

static nn_code config_layers(size_t n, nn_err *err)
{
    nn_buf text = {0};

    nn_buf_put(&text, DATA "{\"type\": \"Flatten\"}");
    repeat(&text, ",{\"type\":\"Flatten\"}", n - 1);
    nn_buf_put(&text, "]}}");
    return read_config(&text, err);
}

static nn_code config_inputs(size_t n, nn_err *err)
{
    nn_buf text = {0};

    nn_buf_put(&text, DATA "{\"type\": \"Add\", \"inputs\": [\"input\"");
    repeat(&text, ",\"input\"", n - 1);
    nn_buf_put(&text, "]}]}}");
    return read_config(&text, err);
}

/* ---- safetensors ---- */

/* The header padded to a length of its own, or as long as it is (0), and `data` zeros. */
static nn_code parse_tensors(nn_buf *head, size_t padded, size_t data, nn_err *err)
{
    nn_buf file = {0};
    nn_tensors *t = NULL;

    if (padded > head->len)
        repeat(head, " ", padded - head->len);
    for (int i = 0; i < 8; i++)
        nn_buf_char(&file, (char)((uint64_t)head->len >> 8 * i));
    nn_buf_add(&file, head->data, head->len);
    for (size_t i = 0; i < data; i++)
        nn_buf_char(&file, '\0');
    const nn_code rc = nn_tensors_parse(&t, "m", file.data, file.len, err);
    nn_tensors_free(t);
    nn_buf_free(head);
    nn_buf_free(&file);
    return rc;
}

static nn_code tensor_header(size_t n, nn_err *err)
{
    nn_buf head = {0};

    nn_buf_put(&head, "{}");
    return parse_tensors(&head, n, 0, err);
}

static nn_code tensor_count(size_t n, nn_err *err)
{
    nn_buf head = {0};

    for (size_t i = 0; i < n; i++)
        nn_buf_printf(&head, "%c\"%zu\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}",
                      i > 0 ? ',' : '{', i);
    nn_buf_put(&head, "}");
    return parse_tensors(&head, 0, 0, err);
}

static nn_code tensor_dims(size_t n, nn_err *err)
{
    nn_buf head = {0};

    nn_buf_put(&head, "{\"w\":{\"dtype\":\"U8\",\"data_offsets\":[0,1],\"shape\":[1");
    repeat(&head, ",1", n - 1);
    nn_buf_put(&head, "]}}");
    return parse_tensors(&head, 0, 1, err);
}

static nn_code tensor_name(size_t n, nn_err *err)
{
    nn_buf head = {0};

    nn_buf_put(&head, "{\"");
    repeat(&head, "n", n);
    nn_buf_put(&head, "\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1]}}");
    return parse_tensors(&head, 0, 1, err);
}

/* ---- arrays ---- */

static nn_code load_array(nn_buf *file, nn_err *err)
{
    nn_array a = {0};
    nn_gz *f = NULL;
    nn_code rc = nn_gz_open_bytes(&f, "x", file->data, file->len, err);

    for (const nn_kind *const *kind = nn_array_formats.kinds; rc == NN_OK && *kind != NULL;
         kind++) {
        const nn_array_format *const format = (const nn_array_format *)*kind;

        if (format->is((const unsigned char *)file->data, file->len < 64 ? file->len : 64)) {
            rc = format->load(&a, f, "x", err);
            break;
        }
    }
    nn_array_free(&a);
    nn_gz_close(f);
    nn_buf_free(file);
    return rc;
}

static nn_code idx_dims(size_t n, nn_err *err)
{
    nn_buf file = {0};

    nn_buf_add(&file, "\0\0\10", 3);
    nn_buf_char(&file, (char)n);
    for (size_t i = 0; i < n; i++)
        nn_buf_add(&file, "\0\0\0\1", 4);
    nn_buf_char(&file, 'x');
    return load_array(&file, err);
}

static nn_code npy_header(size_t n, nn_err *err)
{
    static const char dict[] = "{'descr': '|u1', 'fortran_order': False, 'shape': (1,), }";
    nn_buf file = {0};

    nn_buf_add(&file, "\x93NUMPY\1\0", 8);
    nn_buf_char(&file, (char)(n & 0xff));
    nn_buf_char(&file, (char)(n >> 8));
    nn_buf_put(&file, dict);
    repeat(&file, " ", n - sizeof dict);
    nn_buf_put(&file, "\nx");
    return load_array(&file, err);
}

/* ---- tables ---- */

/* All records, or as a table with its columns encoded. */
static nn_code read_csv(nn_buf *text, bool table, nn_err *err)
{
    static const char *const name[] = {"t.csv"};
    const nn_data_conf conf = {0};
    const nn_csv_conf csv_conf = {0};
    const nn_load how = {.conf = &conf};
    nn_table_source source = {.path = name, .count = 1};
    const nn_field_text *field = NULL;
    nn_dataset *d = NULL;
    nn_csv *csv = NULL;
    nn_code rc = nn_gz_open_bytes(&source.open, name[0], text->data, text->len, err);

    if (rc == NN_OK && table)
        rc = nn_table_load(&d, &source, &how, NN_TABLE_TARGETS, err);
    else if (rc == NN_OK && (rc = nn_csv_open(&csv, source.open, name[0], &csv_conf, err)) == NN_OK)
        do
            rc = nn_csv_next(csv, &field, err);
        while (rc == NN_OK && field != NULL);
    nn_csv_close(csv);
    nn_dataset_free(d);
    nn_gz_close(source.open);
    nn_buf_free(text);
    return rc;
}

static nn_code csv_field(size_t n, nn_err *err)
{
    nn_buf text = {0};

    nn_buf_put(&text, "a,b\n1,");
    repeat(&text, "x", n);
    nn_buf_put(&text, "\n");
    return read_csv(&text, false, err);
}

/* Fields of 65,535 bytes, and the last one as long as it takes; each ends in a byte of its own. */
static nn_code csv_record(size_t n, nn_err *err)
{
    nn_buf text = {0};
    char *const block = nn_alloc(65536, 1);

    memset(block, 'x', 65535);
    block[65535] = ',';
    while (text.len + 65536 < n)
        nn_buf_add(&text, block, 65536);
    nn_buf_add(&text, block, n - text.len);
    nn_buf_char(&text, '\n');
    nn_free(block);
    return read_csv(&text, false, err);
}

static nn_code csv_columns(size_t n, nn_err *err)
{
    nn_buf text = {0};

    repeat(&text, "1,", n - 1);
    nn_buf_put(&text, "1\n");
    return read_csv(&text, false, err);
}

static nn_code csv_classes(size_t n, nn_err *err)
{
    nn_buf text = {0};

    nn_buf_put(&text, "a,y\n");
    for (size_t i = 0; i < n; i++)
        nn_buf_printf(&text, "1,c%zu\n", i);
    return read_csv(&text, true, err);
}

static nn_code csv_class_name(size_t n, nn_err *err)
{
    nn_buf text = {0};

    nn_buf_put(&text, "a,y\n1,");
    repeat(&text, "x", n);
    nn_buf_put(&text, "\n2,b\n");
    return read_csv(&text, true, err);
}

/* ---- gzip ---- */

static nn_code text_word(size_t n, nn_err *err)
{
    nn_raw_text text = {.kind = NN_TOKEN_WORD};
    nn_buf word = {0};

    repeat(&word, "x", n);
    const nn_code rc = nn_raw_text_add(&text, word.data, word.len, "x.txt", err);
    nn_raw_text_free(&text);
    nn_buf_free(&word);
    return rc;
}

static nn_code gzip_members(size_t n, nn_err *err)
{
    static const char empty[] = "\x1f\x8b\x08\0\0\0\0\0\0\xff\3\0\0\0\0\0\0\0\0";
    nn_buf file = {0};
    nn_gz *f = NULL;

    for (size_t i = 0; i < n; i++)
        nn_buf_add(&file, empty, 20);
    nn_code rc = nn_gz_open_bytes(&f, "x.gz", file.data, file.len, err);
    if (rc == NN_OK)
        rc = nn_gz_end(f, err);
    nn_gz_close(f);
    nn_buf_free(&file);
    return rc;
}

/* ---- pictures ---- */

static nn_code picture_side(size_t n, nn_err *err)
{
    return nn_raster_check(1, (unsigned)n, "p", err);
}

static nn_code picture_pixels(size_t n, nn_err *err)
{
    /* 2^26 is 8192 * 8192; a column more is beyond. */
    return nn_raster_check(8192, n > NN_RASTER_MOST_PIXELS ? 8193 : 8192, "p", err);
}

/* ---- the table ---- */

typedef struct trial {
    int most;
    const char *what;
    attempt *try_it; /* NULL: see `why` */
    const char *why;
} trial;

static const trial trials[] = {
    {NN_JSON_MAX_BYTES, "bytes of a config", json_bytes, NULL},
    {NN_JSON_MAX_VALUES, "values (one takes some 200 bytes in memory)", json_values, NULL},
    {NN_JSON_MAX_DEPTH, "levels of nesting", json_depth, NULL},
    {NN_JSON_MAX_TEXT, "bytes of a string", json_text, NULL},
    {NN_JSON_MAX_NUMBER, "characters of a number", json_number, NULL},
    {NN_MAX_LAYERS, "layers", config_layers, NULL},
    {NN_MAX_INPUTS, "inputs of a layer", config_inputs, NULL},
    {NN_MAX_METRICS, "metrics", NULL, "none can be named twice, and there are fewer"},
    {NN_TENSOR_MAX_HEADER, "bytes of a header", tensor_header, NULL},
    {NN_TENSOR_MAX_COUNT, "tensors", tensor_count, NULL},
    {NN_TENSOR_MAX_DIMS, "dimensions", tensor_dims, NULL},
    {NN_TENSOR_MAX_NAME, "bytes of a name", tensor_name, NULL},
    {NN_MAX_RANK, "dimensions", idx_dims, NULL},
    {NN_NPY_MAX_HEADER, "bytes of an NPY header", npy_header, NULL},
    {NN_MAX_ROWS, "rows", NULL, "takes 2 GiB"},
    {NN_MAX_CLASSES, "classes", csv_classes, NULL},
    {NN_MAX_CLASS_NAME, "bytes of a class's name", csv_class_name, NULL},
    {NN_CSV_MAX_FIELD, "bytes of a field", csv_field, NULL},
    {NN_CSV_MAX_RECORD, "bytes of a record", csv_record, NULL},
    {NN_CSV_MAX_COLUMNS, "columns", csv_columns, NULL},
    {NN_MAX_TOKEN, "bytes of a word", text_word, NULL},
    {NN_MAX_TEXT_TOKENS, "different words", NULL, "takes four million words"},
    {NN_GZIP_MAX_MEMBERS, "members", gzip_members, NULL},
    {NN_RASTER_MOST_SIDE, "pixels of a side", picture_side, NULL},
    {NN_RASTER_MOST_PIXELS, "pixels", picture_pixels, NULL},
    {NN_RASTER_MOST_BYTES, "bytes of a file, unpacked", NULL, "takes 256 MiB twice"},
    {NN_MAX_THREADS, "threads", NULL, "tests/cli/test_parse.c"},
    {NN_MSG_SIZE, "bytes of a line", NULL, "tests/base/test_err.c"},
};

enum { TRIALS = sizeof trials / sizeof *trials };

static void test_every_limit_is_tried(void **state)
{
    int rows = 0;

    (void)state;
    for (; nn_bounds[rows].group != NULL; rows++) {
        assert_true(rows < TRIALS);
        assert_string_equal(trials[rows].what, nn_bounds[rows].what);
        assert_int_equal(trials[rows].most, nn_bounds[rows].most);
        assert_true((trials[rows].try_it == NULL) == (trials[rows].why != NULL));
    }
    assert_int_equal(rows, TRIALS);
}

static void test_every_limit_stands_in_the_document(void **state)
{
    char *text = NULL;
    char row[128];
    size_t len = 0;
    nn_err err = {0};

    (void)state;
    assert_ok(nn_file_read(&text, &len, NN_SOURCE "/SECURITY.md", 1 << 20, &err), err);
    for (const nn_bound *b = nn_bounds; b->group != NULL; b++) {
        snprintf(row, sizeof row, "| %s | %d | %s |\n", b->group, b->most, b->what);
        if (strstr(text, row) == NULL)
            fail_msg("SECURITY.md lacks the row %s", row);
    }
    nn_free(text);
}

static void test_both_sides_of_every_limit(void **state)
{
    char number[32];

    (void)state;
    for (int i = 0; i < TRIALS; i++) {
        const trial *const t = &trials[i];
        const uint64_t live = nn_mem_read().live;
        nn_err err = {0};

        if (t->try_it == NULL)
            continue;
        if (t->most < 1 << 24) /* it takes long, and says little more */
            assert_ok(t->try_it((size_t)t->most - 1, &err), err);
        assert_ok(t->try_it((size_t)t->most, &err), err);
        if (t->try_it((size_t)t->most + 1, &err) == NN_OK)
            fail_msg("%s: one more than %d is accepted", t->what, t->most);
        snprintf(number, sizeof number, "%d", t->most);
        if (strstr(err.msg, number) == NULL)
            fail_msg("%s: the message does not name %s: %s", t->what, number, err.msg);
        assert_true(nn_mem_read().live == live);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_limit_is_tried),
        cmocka_unit_test(test_every_limit_stands_in_the_document),
        cmocka_unit_test(test_both_sides_of_every_limit),
    };

    return nn_test_main(argc, argv, tests);
}
