/* A document with everything that came of parsing it, for tests. */
#ifndef PARSED_H
#define PARSED_H

#include "conf/json.h"

typedef struct parsed {
    nn_doc *doc; /* NULL after a fault */
    nn_problems problems;
    nn_err err;
    nn_code code;
    char line[512]; /* of parsed_line */
} parsed;

/* Named "a.json", with comments allowed. */
void parsed_open(parsed *p, const char *text);
void parsed_open_n(parsed *p, const char *text, size_t len);
void parsed_close(parsed *p);
/* The i-th problem as the user sees it; "" past the end. */
const char *parsed_line(parsed *p, size_t i);
/* The document as compact JSON, in p->line. */
const char *parsed_json(parsed *p);

#endif
