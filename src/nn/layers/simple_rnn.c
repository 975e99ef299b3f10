/* SimpleRNN: h = activation(x kernel + h_before recurrent_kernel + bias). */
#include "recurrent.h"

#include <string.h>

static const nn_field fields[] = {NN_RECURRENT_FIELDS, {0}};

static void forward_step(const nn_cell_step *s)
{
    const int rows = s->inputs + s->units;

    nn_cell_multiply(s, (nn_stack_part){0, rows, 0, s->units}, s->in, rows, s->z, false);
    for (int r = 0; r < s->rows; r++) {
        nn_cell_activate(s, &s->conf->activation, r, 0, 1);
        memcpy(s->h + (size_t)r * (size_t)s->ld_state, s->z + (size_t)r * (size_t)s->units,
               (size_t)s->units * sizeof(*s->h));
    }
}

static void backward_step(const nn_cell_step *s)
{
    const size_t bytes = (size_t)s->units * sizeof(*s->z);

    for (int r = 0; r < s->rows; r++) {
        memcpy(s->row, s->dh + (size_t)r * (size_t)s->units, bytes);
        nn_cell_slope(s, &s->conf->activation, r, 0, 1);
        memcpy(s->z + (size_t)r * (size_t)s->units, s->row, bytes);
    }
    memset(s->dh, 0, (size_t)s->rows * bytes); /* all of it goes through the kernel */
    nn_cell_all_back(s, s->units);
}

static void gradient(const nn_cell_gradient *g)
{
    const int lda = g->inputs + g->units;

    nn_cell_add_gradient(g, NN_RECURRENT_KERNEL, 0, g->width, g->in, lda, 0);
    nn_cell_add_gradient(g, NN_RECURRENT_STATE, 0, g->width, g->in + g->inputs, lda, 0);
}

static const nn_cell cell = {.gates = 1,
                             .blocks = 1,
                             .forward = forward_step,
                             .backward = backward_step,
                             .gradient = gradient};

static void parse(nn_layer *l, nn_node node)
{
    (void)node;
    ((nn_recurrent *)l->conf)->cell = &cell;
}

const nn_layer_class nn_layer_simple_rnn = {
    .kind = {"SimpleRNN", "A state that every step makes anew from it and the input.", fields,
             sizeof(nn_recurrent)},
    .min_inputs = 1,
    .max_inputs = 1,
    .parse = parse,
    .plan = nn_recurrent_plan,
    .forward = nn_recurrent_forward,
    .backward = nn_recurrent_backward};
