/* Drawing one token after another from a language model that is run step by step. */
#include "run/generate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "nn/stepper.h"

typedef struct generator {
    const nn_model *m;
    const nn_vocabulary *v;
    const nn_generate_options *options;
    nn_stepper *stepper;
    int count; /* of the vocabulary */
    bool logits;
    int32_t *token; /* [room] the last of the text, as many as can be needed again */
    size_t tokens, room;
    double *score;  /* [count] */
    double *sorted; /* [count] */
} generator;

/* ---- the text so far ---- */

static nn_real *step(generator *g, int32_t token)
{
    const nn_real x = (nn_real)token;

    return nn_stepper_run(g->stepper, &x);
}

/* Where the network comes to its end, its second half is read again from the beginning. */
static nn_real *take(generator *g, int32_t token)
{
    if (nn_stepper_left(g->stepper) == 0) {
        const size_t keep = g->tokens / 2;

        nn_stepper_reset(g->stepper);
        memmove(g->token, g->token + g->tokens - keep, keep * sizeof *g->token);
        g->tokens = keep;
        for (size_t i = 0; i < keep; i++)
            (void)step(g, g->token[i]);
    }
    if (g->tokens < g->room)
        g->token[g->tokens++] = token;
    return step(g, token);
}

/* ---- the next token ---- */

static int by_score(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x < y) - (x > y);
}

/* The least score that may be drawn. */
static double threshold(generator *g)
{
    const int k = g->options->top_k, words = g->count - NN_TOKEN_FIRST;

    if (k == 0 || k >= words)
        return -INFINITY;
    memcpy(g->sorted, g->score + NN_TOKEN_FIRST, (size_t)words * sizeof *g->sorted);
    qsort(g->sorted, (size_t)words, sizeof *g->sorted, by_score);
    return g->sorted[k - 1];
}

static int likeliest(const generator *g)
{
    int best = NN_TOKEN_FIRST;

    for (int i = best + 1; i < g->count; i++)
        if (g->score[i] > g->score[best])
            best = i;
    return best;
}

/* The i-th draw; padding and the unknown token are no text. */
static int draw(generator *g, const nn_real *y, uint64_t i)
{
    const nn_rng rng = {.seed = g->options->seed, .stream = NN_RNG_GENERATE};
    const double temperature = g->options->temperature;
    double sum = 0, at = 0;

    for (int k = NN_TOKEN_FIRST; k < g->count; k++)
        g->score[k] = g->logits ? (double)y[k] : log((double)y[k]);
    const int best = likeliest(g);
    if (temperature == 0)
        return best;
    const double least = threshold(g), most = g->score[best];
    for (int k = NN_TOKEN_FIRST; k < g->count; k++) {
        g->score[k] = g->score[k] < least ? 0 : exp((g->score[k] - most) / temperature);
        sum += g->score[k];
    }
    at = (double)nn_rng_uniform(&rng, i) * sum;
    for (int k = NN_TOKEN_FIRST; k < g->count; k++) {
        at -= g->score[k];
        if (at < 0 && g->score[k] > 0)
            return k;
    }
    return best; /* rounding has left a little over */
}

/* ---- the work ---- */

/* Words stand apart. */
static nn_code tell(const generator *g, int token, bool first, nn_generated_fn *each, void *context,
                    nn_err *err)
{
    const char *text = nn_vocabulary_text(g->v, token);

    if (g->v->kind == NN_TOKEN_WORD && !first)
        NN_TRY(each(context, " ", 1, err));
    return each(context, text, strlen(text), err);
}

/* Without a prompt, what follows the end of a line, or the most frequent token. */
static int32_t beginning(const generator *g)
{
    const int line = nn_words_find(&g->v->words, "\n", 1);

    return NN_TOKEN_FIRST + (line >= 0 ? line : 0);
}

static nn_code go_on(generator *g, const int32_t *prompt, size_t count, nn_generated_fn *each,
                     void *context, nn_err *err)
{
    const char *text = g->options->prompt;
    const int32_t start = beginning(g);
    const nn_real *y = NULL;

    if (count > 0)
        NN_TRY(each(context, text, strlen(text), err));
    for (size_t i = 0; i < count; i++)
        y = take(g, prompt[i]);
    if (count == 0)
        y = take(g, start);
    for (uint64_t i = 0; i < g->options->length; i++) {
        const int token = draw(g, y, i);

        NN_TRY(tell(g, token, count == 0 && i == 0, each, context, err));
        if (i + 1 < g->options->length)
            y = take(g, token);
    }
    return NN_OK;
}

static nn_code prepare(generator *g, nn_pool *pool, nn_err *err)
{
    const nn_model *m = g->m;

    NN_TRY(nn_stepper_new(&g->stepper, m->graph, m->weights, pool, 1, err));
    g->count = nn_vocabulary_count(g->v);
    g->logits = !nn_activation_is_linear(&m->graph->head);
    g->room = (size_t)g->v->length;
    g->token = nn_alloc(g->room, sizeof *g->token);
    g->score = nn_alloc((size_t)g->count, sizeof *g->score);
    g->sorted = nn_alloc((size_t)g->count, sizeof *g->sorted);
    if (g->token == NULL || g->score == NULL || g->sorted == NULL)
        return nn_err_memory(err, "generation", 0);
    return NN_OK;
}

nn_code nn_generate(const nn_model *m, nn_pool *pool, const nn_generate_options *options,
                    nn_generated *done, nn_generated_fn *each, void *context, nn_err *err)
{
    generator g = {.m = m, .v = m->prep->vocabulary, .options = options};
    int32_t *prompt = NULL;
    nn_code rc;

    memset(done, 0, sizeof *done);
    if (!nn_prep_is_language(m->prep))
        return nn_err_set(err, NN_EUSAGE, m->path,
                          "expected a model of plain text (data.format \"text\"), which tells what "
                          "comes next");
    rc = nn_vocabulary_encode(g.v, options->prompt, strlen(options->prompt), "--prompt", &prompt,
                              &done->prompt_tokens, err);
    for (size_t i = 0; rc == NN_OK && i < done->prompt_tokens; i++)
        done->unknown += prompt[i] == NN_TOKEN_UNKNOWN;
    if (rc == NN_OK)
        rc = prepare(&g, pool, err);
    if (rc == NN_OK)
        rc = go_on(&g, prompt, done->prompt_tokens, each, context, err);
    nn_stepper_free(g.stepper);
    nn_free(g.token);
    nn_free(g.score);
    nn_free(g.sorted);
    nn_free(prompt);
    return rc;
}
