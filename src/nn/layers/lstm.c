/*
 * LSTM, gates in the order i, f, c, o: c = f c_before + i activation(z_c), h = o activation(c); i,
 * f and o are recurrent_activation(z).
 */
#include "recurrent.h"

#include "math/hot.h"

#include <string.h>

static const nn_field fields[] = {NN_RECURRENT_FIELDS,
                                  NN_GATE_FIELD,
                                  {.key = "unit_forget_bias",
                                   .type = NN_FIELD_BOOL,
                                   .at = offsetof(nn_recurrent, unit_forget_bias),
                                   .fallback = "true",
                                   .help = "Begin with a bias of 1 for the forget gates."},
                                  {0}};

enum { I, F, C, O, GATES };

static NN_HOT void new_c(const nn_real *restrict z, const nn_real *restrict old,
                         nn_real *restrict c, size_t n)
{
    for (size_t j = 0; j < n; j++)
        c[j] = z[F * n + j] * old[j] + z[I * n + j] * z[C * n + j];
}

static NN_HOT void new_h(const nn_real *restrict o, const nn_real *restrict active_c,
                         nn_real *restrict h, size_t n)
{
    for (size_t j = 0; j < n; j++)
        h[j] = o[j] * active_c[j];
}

static void forward_row(const nn_cell_step *s, int r)
{
    const nn_choice *act = &s->conf->activation, *gate = &s->conf->recurrent_activation;
    const size_t n = (size_t)s->units, at = (size_t)r * n;
    const nn_real *z = s->z + (size_t)r * (size_t)s->width;

    nn_cell_activate(s, gate, r, I, 2);
    nn_cell_activate(s, act, r, C, 1);
    nn_cell_activate(s, gate, r, O, 1);
    new_c(z, s->old_c + at, s->c + at, n);
    nn_activation_of(act)->forward(&act->conf, s->c + at, s->active_c + at, 1, s->units);
    new_h(z + O * n, s->active_c + at, s->h + (size_t)r * (size_t)s->ld_state, n);
}

static void forward_step(const nn_cell_step *s)
{
    const int rows = s->inputs + s->units;

    nn_cell_multiply(s, (nn_stack_part){0, rows, 0, s->width}, s->in, rows, s->z, false);
    for (int r = 0; r < s->rows; r++)
        forward_row(s, r);
}

/* Gradients of the gates' values into `to`; dc becomes that of the state before. */
static NN_HOT void open_gates(const nn_real *restrict z, const nn_real *restrict old,
                              nn_real *restrict dc, nn_real *restrict to, size_t n)
{
    for (size_t j = 0; j < n; j++) {
        to[I * n + j] = dc[j] * z[C * n + j];
        to[F * n + j] = dc[j] * old[j];
        to[C * n + j] = dc[j] * z[I * n + j];
        dc[j] *= z[F * n + j];
    }
}

/* h = o a: do, and dh becomes da. */
static NN_HOT void open_h(const nn_real *restrict o, const nn_real *restrict active_c,
                          nn_real *restrict dh, nn_real *restrict to, size_t n)
{
    for (size_t j = 0; j < n; j++) {
        to[j] = dh[j] * active_c[j];
        dh[j] *= o[j];
    }
}

static NN_HOT void add_to(nn_real *restrict dc, nn_real *restrict dh, size_t n)
{
    for (size_t j = 0; j < n; j++) {
        dc[j] += dh[j];
        dh[j] = 0; /* all of it went through the gates */
    }
}

static void backward_row(const nn_cell_step *s, int r)
{
    const nn_choice *act = &s->conf->activation, *gate = &s->conf->recurrent_activation;
    const size_t n = (size_t)s->units, at = (size_t)r * n;
    nn_real *z = s->z + (size_t)r * (size_t)s->width, *dh = s->dh + at, *dc = s->dc + at;

    open_h(z + O * n, s->active_c + at, dh, s->row + O * n, n);
    nn_activation_of(act)->backward(&act->conf, s->c + at, s->active_c + at, dh, dh, 1, s->units);
    add_to(dc, dh, n);
    open_gates(z, s->old_c + at, dc, s->row, n);
    nn_cell_slope(s, gate, r, I, 2);
    nn_cell_slope(s, act, r, C, 1);
    nn_cell_slope(s, gate, r, O, 1);
    memcpy(z, s->row, (size_t)s->width * sizeof(*z));
}

static void backward_step(const nn_cell_step *s)
{
    for (int r = 0; r < s->rows; r++)
        backward_row(s, r);
    nn_cell_all_back(s, s->width);
}

static void gradient(const nn_cell_gradient *g)
{
    const int lda = g->inputs + g->units;

    nn_cell_add_gradient(g, NN_RECURRENT_KERNEL, 0, g->width, g->in, lda, 0);
    nn_cell_add_gradient(g, NN_RECURRENT_STATE, 0, g->width, g->in + g->inputs, lda, 0);
}

static const nn_cell cell = {.gates = GATES,
                             .blocks = GATES,
                             .has_c = true,
                             .forward = forward_step,
                             .backward = backward_step,
                             .gradient = gradient};

static void parse(nn_layer *l, nn_node node)
{
    (void)node;
    ((nn_recurrent *)l->conf)->cell = &cell;
}

const nn_layer_class nn_layer_lstm = {
    .kind = {"LSTM", "A state that gates keep, change and show.", fields, sizeof(nn_recurrent)},
    .min_inputs = 1,
    .max_inputs = 1,
    .parse = parse,
    .plan = nn_recurrent_plan,
    .forward = nn_recurrent_forward,
    .backward = nn_recurrent_backward};
