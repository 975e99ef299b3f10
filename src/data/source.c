/* The config's `data` object: its tables, and how samples are named in it. */
#include "data/source.h"

#include <string.h>

#include "data/column.h"

const char *const nn_scale_words[] = {"auto", "none", "unit", "standard", "minmax", "robust", NULL};
const char *const nn_target_scale_words[] = {"none", "standard", "minmax", "log1p", NULL};

#define NN_FORMAT(name) #name,
const char *const nn_format_words[] = {"auto",
#include "data/formats.def"
                                       "csv", "text", "inline", NULL};
#undef NN_FORMAT

#define COLUMN  "{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"integer\",\"minimum\":0}]}"
#define COLUMNS "{\"type\":\"array\",\"items\":" COLUMN ",\"minItems\":1}"

#define HASH "{\"type\":\"string\",\"pattern\":\"^[0-9a-f]{64}$\"}"

static const nn_field files_fields[] = {
    {.key = "x",
     .type = NN_FIELD_TEXT,
     .at = offsetof(nn_files, x),
     .fallback = "null",
     .help = "IDX or NPY file of the samples; needs y"},
    {.key = "y",
     .type = NN_FIELD_TEXT,
     .at = offsetof(nn_files, y),
     .fallback = "null",
     .help = "IDX or NPY file of the targets"},
    {.key = "path",
     .type = NN_FIELD_NODE,
     .at = offsetof(nn_files, paths),
     .fallback = "null",
     .form = "{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"array\",\"items\":"
             "{\"type\":\"string\"},\"minItems\":1}]}",
     .help =
         "CSV or text file, or a list of them, which are read as one; tables must have the same "
         "columns"},
    {.key = "inline",
     .type = NN_FIELD_NODE,
     .at = offsetof(nn_files, given),
     .fallback = "null",
     .form = "{\"type\":\"object\",\"properties\":{\"x\":{\"type\":\"array\"},"
             "\"y\":{\"type\":\"array\"}},\"required\":[\"x\"],\"additionalProperties\":false}",
     .help = "the samples themselves: x is a list of flat rows of numbers, y a list of targets"},
    {.key = "sha256",
     .type = NN_FIELD_NODE,
     .at = offsetof(nn_files, sha256),
     .fallback = "null",
     .form = "{\"anyOf\":[" HASH ",{\"type\":\"array\",\"items\":" HASH ",\"minItems\":1}]}",
     .help = "the SHA-256 that the file must have, in hexadecimal digits; of several files a list, "
             "of x and y in this order"},
    {.key = NULL},
};

const nn_table nn_files_table = {
    .name = "files", .help = "where samples come from", .fields = files_fields};

static const nn_field data_fields[] = {
    {.key = "train",
     .type = NN_FIELD_NODE,
     .at = offsetof(nn_data_conf, train),
     .table = &nn_files_table,
     .help = "the samples to train on"},
    {.key = "test",
     .type = NN_FIELD_NODE,
     .at = offsetof(nn_data_conf, test),
     .fallback = "null",
     .table = &nn_files_table,
     .help = "the samples to score the trained model on"},
    {.key = "format",
     .type = NN_FIELD_WORD,
     .at = offsetof(nn_data_conf, format),
     .fallback = "\"auto\"",
     .words = nn_format_words,
     .help = "what the files are; auto: told from their content; text: a plain file, whose tokens "
             "are to be told from those before them, or a table of texts with a `target`"},
    {.key = "task",
     .type = NN_FIELD_WORD,
     .at = offsetof(nn_data_conf, task),
     .fallback = "\"auto\"",
     .words = nn_task_words,
     .help = "what the targets mean; auto: words and few whole numbers are classes"},
    {.key = "shape",
     .type = NN_FIELD_SHAPE,
     .at = offsetof(nn_data_conf, shape),
     .fallback = "null",
     .help = "shape of one sample, channels last; absent: as in the file"},
    {.key = "scale",
     .type = NN_FIELD_WORD,
     .at = offsetof(nn_data_conf, scale),
     .fallback = "\"auto\"",
     .words = nn_scale_words,
     .help = "scaling of the samples, fitted on the training rows; unit: by 1/255; robust: by "
             "median and quartiles; auto: unit for bytes, standard for CSV, else none"},
    {.key = "target",
     .type = NN_FIELD_NODE,
     .at = offsetof(nn_data_conf, target),
     .fallback = "null",
     .form = "{\"anyOf\":[" COLUMN "," COLUMNS "]}",
     .help =
         "CSV: name or index (from 0) of the target's column, or a list of columns with numbers; "
         "absent: the last"},
    {.key = "features",
     .type = NN_FIELD_NODE,
     .at = offsetof(nn_data_conf, features),
     .fallback = "null",
     .form = COLUMNS,
     .help = "CSV: the columns to learn from, by name, index, or pattern with * and ?; absent: all "
             "that have no other use"},
    {.key = "ignore",
     .type = NN_FIELD_NODE,
     .at = offsetof(nn_data_conf, ignore),
     .fallback = "null",
     .form = COLUMNS,
     .help = "CSV: columns that are no features, likewise"},
    {.key = "columns",
     .type = NN_FIELD_NODE,
     .at = offsetof(nn_data_conf, columns),
     .fallback = "null",
     .table = &nn_column_table,
     .form = nn_columns_form,
     .help = "CSV: what is said of single columns, {name or pattern: {...}}"},
    {.key = "id",
     .type = NN_FIELD_NODE,
     .at = offsetof(nn_data_conf, id),
     .fallback = "null",
     .form = COLUMN,
     .help = "CSV: the column that names a row; no feature"},
    {.key = "weight",
     .type = NN_FIELD_NODE,
     .at = offsetof(nn_data_conf, weight),
     .fallback = "null",
     .form = COLUMN,
     .help = "CSV: the column that says how much a row counts in loss and metrics; no feature"},
    {.key = "group",
     .type = NN_FIELD_NODE,
     .at = offsetof(nn_data_conf, group),
     .fallback = "null",
     .form = COLUMN,
     .help = "CSV: rows with the same text in this column are never divided between training and "
             "validation; no feature"},
    {.key = "split",
     .type = NN_FIELD_NODE,
     .at = offsetof(nn_data_conf, split),
     .fallback = "null",
     .form = COLUMN,
     .help =
         "CSV: the column of `train` that says what a row is for: train, validation or test; no "
         "feature"},
    {.key = "target_scale",
     .type = NN_FIELD_WORD,
     .at = offsetof(nn_data_conf, target_scale),
     .fallback = "\"none\"",
     .words = nn_target_scale_words,
     .help = "regression: scaling of the targets, undone in predictions and metrics"},
    {.key = "csv",
     .type = NN_FIELD_OBJECT,
     .at = offsetof(nn_data_conf, csv),
     .fallback = "{}",
     .table = &nn_csv_table,
     .help = "how CSV files are written"},
    {.key = "sequence",
     .type = NN_FIELD_OBJECT,
     .at = offsetof(nn_data_conf, sequence),
     .fallback = "null",
     .table = &nn_sequence_table,
     .help = "CSV: rows that follow each other in time make a sample; the target's own past is "
             "then a feature, too"},
    {.key = "text",
     .type = NN_FIELD_OBJECT,
     .at = offsetof(nn_data_conf, text),
     .fallback = "null",
     .table = &nn_text_table,
     .help = "format text: how text becomes numbers"},
    {.key = "augment",
     .type = NN_FIELD_OBJECT,
     .at = offsetof(nn_data_conf, augment),
     .fallback = "{}",
     .table = &nn_augment_table,
     .help = "how training samples are varied"},
    {.key = "strict_classes",
     .type = NN_FIELD_BOOL,
     .at = offsetof(nn_data_conf, strict_classes),
     .fallback = "false",
     .help = "refuse data of one class alone, and a split (train, validation, test) that has no "
             "row of some class"},
    {.key = NULL},
};

const nn_table nn_data_table = {
    .name = "data", .help = "the samples and what they mean", .fields = data_fields};

/* A path or a list of paths. */
static void read_paths(nn_files *out)
{
    const nn_node first =
        nn_node_is(out->paths, NN_JSON_ARRAY) ? nn_node_first(out->paths) : out->paths;
    char shown[NN_SHOWN];

    if (nn_node_is(out->paths, NN_JSON_NONE))
        return;
    out->path = nn_node_text(first);
    if (first.item == NULL || !nn_node_is(first, NN_JSON_TEXT))
        nn_node_fault(out->paths, NULL, "expected text, or a list of texts, got %s",
                      nn_node_show(out->paths, shown));
    for (nn_node n = first; nn_node_is(out->paths, NN_JSON_ARRAY) && n.item != NULL;
         n = nn_node_next(n))
        if (!nn_node_is(n, NN_JSON_TEXT) && n.item != first.item)
            nn_node_fault(n, NULL, "expected text, got %s", nn_node_show(n, shown));
}

static bool is_hash(nn_node n)
{
    const char *text = nn_node_text(n);

    return nn_node_is(n, NN_JSON_TEXT) && strlen(text) == 64 &&
           strspn(text, "0123456789abcdef") == 64;
}

/* One hash for each file. */
static void read_hashes(const nn_files *files)
{
    const bool many = nn_node_is(files->sha256, NN_JSON_ARRAY);
    const bool paths = nn_node_is(files->paths, NN_JSON_ARRAY);
    const int due = files->x != NULL ? 2 : paths ? nn_node_count(files->paths) : 1;
    const int given = many ? nn_node_count(files->sha256) : 1;
    char shown[NN_SHOWN];

    if (nn_node_is(files->sha256, NN_JSON_NONE))
        return;
    if (files->given.item != NULL || given != due)
        nn_node_fault(files->sha256, NULL, "expected one SHA-256 for each file, got %d for %d",
                      given, files->given.item != NULL ? 0 : due);
    for (int i = 0; i < given; i++) {
        const nn_node n = many ? nn_node_at(files->sha256, i) : files->sha256;

        if (!is_hash(n))
            nn_node_fault(n, NULL, "expected 64 hexadecimal digits (0-9, a-f), got %s",
                          nn_node_show(n, shown));
    }
}

void nn_files_read(nn_node object, nn_files *out)
{
    const size_t before = nn_problems_errors(nn_doc_problems(object.doc));
    int ways = 0;

    memset(out, 0, sizeof *out);
    nn_fields_read(files_fields, object, NULL, out);
    out->node = object;
    read_paths(out);
    if (nn_problems_errors(nn_doc_problems(object.doc)) > before)
        return;
    ways = (out->x != NULL || out->y != NULL) + (out->path != NULL) +
           !nn_node_is(out->given, NN_JSON_NONE);
    if (ways != 1)
        nn_node_fault(object, NULL,
                      "expected one of {\"x\", \"y\"}, {\"path\"} and {\"inline\"}, got %s",
                      ways == 0 ? "none of them" : "several");
    else if (out->x == NULL && out->y != NULL)
        nn_node_fault(object, NULL, "missing key \"x\"");
    else if (out->x != NULL && out->y == NULL)
        nn_node_fault(object, NULL, "missing key \"y\"");
    read_hashes(out);
}
