/*
 * Going on with a text: a language model is asked for the next token again and again, each drawn
 * by the probabilities that it gives. A step costs the same however long the text has become.
 */
#ifndef NN_RUN_GENERATE_H
#define NN_RUN_GENERATE_H

#include "run/model.h"

typedef struct nn_generate_options {
    const char *prompt; /* what the text begins with; may be empty */
    uint64_t length;    /* tokens to draw */
    double temperature; /* 0: always the likeliest; 1: as the model has it; more: bolder */
    int top_k;          /* only the so many likeliest; 0: all of them */
    uint64_t seed;
} nn_generate_options;

/* The next piece of the text, as it is to be written. */
typedef nn_code nn_generated_fn(void *context, const char *bytes, size_t len, nn_err *err);

typedef struct nn_generated {
    size_t prompt_tokens;
    size_t unknown; /* of those the vocabulary does not have */
} nn_generated;

/*
 * NN_EUSAGE for a model of something else; NN_EMODEL for a network that cannot be run in steps;
 * NN_EDATA for a prompt that is no text. *done is filled before the first piece comes.
 */
NN_MUST_CHECK nn_code nn_generate(const nn_model *m, nn_pool *pool,
                                  const nn_generate_options *options, nn_generated *done,
                                  nn_generated_fn *each, void *context, nn_err *err);

#endif
