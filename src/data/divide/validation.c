/* The config's `validation`: a fraction, a fraction with its method, or files of its own. */
#include "data/split.h"

#include <string.h>

static const double usual = 0.1; /* the fraction when none is given */

static const char *const methods[] = {"auto", "stratified", "random", "last", NULL};

static const nn_field fields[] = {
    {.key = "fraction",
     .type = NN_FIELD_NUM,
     .at = offsetof(nn_validation_conf, fraction),
     .fallback = "0.1",
     .range = "[0,1)",
     .help = "share of the training rows that is held back"},
    {.key = "method",
     .type = NN_FIELD_WORD,
     .at = offsetof(nn_validation_conf, method),
     .fallback = "\"auto\"",
     .words = methods,
     .help = "auto: last for sequences, stratified for other classes, random for other numbers; "
             "last: the rows at the end, of each series"},
    {.key = NULL},
};

const char nn_validation_form[] =
    "{\"anyOf\":["
    "{\"type\":\"number\",\"minimum\":0,\"exclusiveMaximum\":1,\"default\":0.1},"
    "{\"type\":\"object\",\"properties\":{"
    "\"fraction\":{\"type\":\"number\",\"minimum\":0,\"exclusiveMaximum\":1,\"default\":0.1},"
    "\"method\":{\"enum\":[\"auto\",\"stratified\",\"random\",\"last\"]}},"
    "\"additionalProperties\":false},"
    "{\"type\":\"object\",\"properties\":{\"x\":{\"type\":\"string\"},\"y\":{\"type\":\"string\"}},"
    "\"required\":[\"x\",\"y\"],\"additionalProperties\":false},"
    "{\"type\":\"object\",\"properties\":{\"path\":{\"type\":\"string\"}},"
    "\"required\":[\"path\"],\"additionalProperties\":false},"
    "{\"type\":\"object\",\"properties\":{\"inline\":{\"type\":\"object\"}},"
    "\"required\":[\"inline\"],\"additionalProperties\":false}]}";

static bool names_files(nn_node object)
{
    static const char *const keys[] = {"x", "y", "path", "inline"};

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (!nn_node_is(nn_node_get(object, keys[i]), NN_JSON_NONE))
            return true;
    return false;
}

/* What has been found wrong is not to be found again by whoever opens the files. */
static void read_files(nn_node n, nn_files *out)
{
    const size_t before = nn_problems_errors(nn_doc_problems(n.doc));

    nn_files_read(n, out);
    if (nn_problems_errors(nn_doc_problems(n.doc)) > before)
        out->node = (nn_node){NULL, NULL};
}

void nn_validation_read(nn_node n, nn_validation_conf *out)
{
    char shown[NN_SHOWN];

    memset(out, 0, sizeof *out);
    out->fraction = usual;
    out->node = n;
    switch (nn_node_type(n)) {
    case NN_JSON_NONE:
        return;
    case NN_JSON_NUMBER:
        out->fraction = nn_node_number(n);
        if (out->fraction >= 0 && out->fraction < 1)
            return;
        out->fraction = usual;
        nn_node_fault(n, NULL, "expected a number in [0,1), got %s", nn_node_show(n, shown));
        return;
    case NN_JSON_OBJECT:
        out->has_files = names_files(n);
        if (out->has_files)
            read_files(n, &out->files);
        else
            nn_fields_read(fields, n, NULL, out);
        if (out->has_files)
            out->fraction = 0;
        return;
    default:
        nn_node_fault(n, NULL, "expected a fraction or an object, got %s", nn_node_show(n, shown));
    }
}

void nn_validation_write(const nn_validation_conf *v, nn_buf *out)
{
    if (v->has_files) {
        nn_node_write(v->node, out);
        return;
    }
    nn_buf_put(out, "{\"fraction\":");
    nn_buf_double(out, v->fraction);
    nn_buf_printf(out, ",\"method\":\"%s\"}", methods[v->method]);
}
