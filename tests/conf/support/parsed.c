/* A document with everything that came of parsing it, for tests. */
#include "conf/support/parsed.h"

#include <stdio.h>
#include <string.h>

void parsed_open_n(parsed *p, const char *text, size_t len)
{
    const nn_json_source source = {"a.json", NN_ECONFIG, true};

    memset(p, 0, sizeof(*p));
    p->code = nn_doc_parse(&p->doc, &source, text, len, &p->problems, &p->err);
}

void parsed_open(parsed *p, const char *text)
{
    parsed_open_n(p, text, strlen(text));
}

void parsed_close(parsed *p)
{
    nn_doc_free(p->doc);
    nn_problems_free(&p->problems);
}

const char *parsed_line(parsed *p, size_t i)
{
    p->line[0] = '\0';
    if (i < p->problems.count)
        nn_problem_text(&p->problems.list[i], p->line, sizeof(p->line));
    return p->line;
}

const char *parsed_json(parsed *p)
{
    nn_buf out = {0};

    nn_node_write(nn_doc_root(p->doc), &out);
    (void)snprintf(p->line, sizeof(p->line), "%s", out.data);
    nn_buf_free(&out);
    return p->line;
}
