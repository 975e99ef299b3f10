/* The config's `data` object: its tables, and how samples are named in it. */
#include "data/source.h"

#include <stdio.h>
#include <string.h>

const char *const nn_scale_words[] = {"auto", "none", "unit", "standard", "minmax", NULL};
const char *const nn_target_scale_words[] = {"none", "standard", "minmax", "log1p", NULL};

#define NN_FORMAT(name) #name,
const char *const nn_format_words[] = {"auto",
#include "data/formats.def"
                                       "csv", "inline", NULL};
#undef NN_FORMAT

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
     .type = NN_FIELD_TEXT,
     .at = offsetof(nn_files, path),
     .fallback = "null",
     .help = "CSV file"},
    {.key = "inline",
     .type = NN_FIELD_NODE,
     .at = offsetof(nn_files, given),
     .fallback = "null",
     .form = "{\"type\":\"object\",\"properties\":{\"x\":{\"type\":\"array\"},"
             "\"y\":{\"type\":\"array\"}},\"required\":[\"x\"],\"additionalProperties\":false}",
     .help = "the samples themselves: x is a list of flat rows of numbers, y a list of targets"},
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
     .help = "what the files are; auto: told from their content"},
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
     .help = "scaling of the samples, fitted on the training rows; unit: by 1/255; auto: unit for "
             "bytes, standard for CSV, else none"},
    {.key = "target",
     .type = NN_FIELD_NODE,
     .at = offsetof(nn_data_conf, target),
     .fallback = "null",
     .form = "{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"integer\",\"minimum\":0}]}",
     .help = "CSV: name or index (from 0) of the target's column; absent: the last"},
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
    {.key = "augment",
     .type = NN_FIELD_OBJECT,
     .at = offsetof(nn_data_conf, augment),
     .fallback = "{}",
     .table = &nn_augment_table,
     .help = "how training samples are varied"},
    {.key = NULL},
};

const nn_table nn_data_table = {
    .name = "data", .help = "the samples and what they mean", .fields = data_fields};

void nn_files_read(nn_node object, nn_files *out)
{
    const size_t before = nn_problems_errors(nn_doc_problems(object.doc));
    int ways = 0;

    memset(out, 0, sizeof *out);
    nn_fields_read(files_fields, object, NULL, out);
    out->node = object;
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
}
