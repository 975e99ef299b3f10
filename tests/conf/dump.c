/*
 * Says what the readers make of many documents: "dump json" or "dump tensors" takes records from
 * stdin, a little-endian u32 with the length and then the bytes, and prints a line for each: "no",
 * or "yes" and what it says. compare.py holds that against readers written in Python.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/gz.h"
#include "base/mem.h"
#include "conf/json.h"
#include "conf/tensors.h"

static bool dump_json(const char *bytes, size_t len, nn_buf *out)
{
    const nn_json_source source = {"d", NN_ECONFIG, false};
    nn_problems problems = {0};
    nn_doc *doc = NULL;
    nn_err err = {0};
    const bool ok = nn_doc_parse(&doc, &source, bytes, len, &problems, &err) == NN_OK;

    if (ok)
        nn_node_write(nn_doc_root(doc), out);
    nn_doc_free(doc);
    nn_problems_free(&problems);
    return ok;
}

static bool dump_tensors(const char *bytes, size_t len, nn_buf *out)
{
    static const char *const types[] = {"F32", "F64", "F16", "BF16", "U8", "I32", "I64", "U64"};
    nn_tensors *t = NULL;
    nn_err err = {0};
    const bool ok = nn_tensors_parse(&t, "t", bytes, len, &err) == NN_OK;

    nn_buf_char(out, '[');
    for (int i = 0; ok && i < nn_tensors_count(t); i++) {
        const nn_tensor *const one = nn_tensors_at(t, i);

        nn_buf_put(out, i > 0 ? ",[" : "[");
        nn_buf_json(out, one->name);
        nn_buf_printf(out, ",\"%s\",[", types[one->dtype]);
        for (int d = 0; d < one->rank; d++)
            nn_buf_printf(out, "%s%lld", d > 0 ? "," : "", (long long)one->dim[d]);
        nn_buf_printf(out, "],%u]", (unsigned)nn_crc32(0, one->data, one->bytes));
    }
    nn_buf_char(out, ']');
    nn_tensors_free(t);
    return ok;
}

int main(int argc, char **argv)
{
    const bool json = argc > 1 && strcmp(argv[1], "json") == 0;
    unsigned char head[4];
    nn_buf out = {0};

    while (fread(head, 1, 4, stdin) == 4) {
        const size_t len = head[0] | head[1] << 8 | head[2] << 16 | (size_t)head[3] << 24;
        char *const bytes = malloc(len + 1);

        if (bytes == NULL || fread(bytes, 1, len, stdin) != len)
            return 1;
        nn_buf_clear(&out);
        const bool ok = json ? dump_json(bytes, len, &out) : dump_tensors(bytes, len, &out);
        printf("%s%s%s\n", ok ? "yes" : "no", ok ? " " : "", ok ? out.data : "");
        free(bytes);
    }
    nn_buf_free(&out);
    return nn_mem_read().live != 0;
}
