/*
 * GRU, gates in the order z, r, h: h = z h_before + (1 - z) activation(candidate); z and r are
 * recurrent_activation(x kernel + h_before recurrent_kernel + bias). The candidate is
 *     reset_after: x kernel_h + bias_x + r (h_before recurrent_h + bias_h)
 *     else:        x kernel_h + bias_h + (r h_before) recurrent_h
 */
#include "recurrent.h"

#include "math/hot.h"
#include "math/vec.h"

#include <string.h>

static const nn_field fields[] = {NN_RECURRENT_FIELDS,
                                  NN_GATE_FIELD,
                                  {.key = "reset_after",
                                   .type = NN_FIELD_BOOL,
                                   .at = offsetof(nn_recurrent, reset_after),
                                   .fallback = "true",
                                   .help = "Apply the reset gate after the recurrent kernel."},
                                  {0}};

/* H: the candidate, and its part from the input; S: its part from the state, or r h_before. */
enum { Z, R, H, S, BLOCKS, GATES = 3 };

/* The candidate's two parts, in a row of blocks. */
static NN_HOT void add_reset(nn_real *z, size_t n)
{
    for (size_t j = 0; j < n; j++)
        z[H * n + j] += z[R * n + j] * z[S * n + j];
}

static NN_HOT void reset(nn_real *restrict z, const nn_real *restrict old, size_t n)
{
    for (size_t j = 0; j < n; j++)
        z[S * n + j] = z[R * n + j] * old[j];
}

static NN_HOT void mix(const nn_real *restrict z, const nn_real *restrict old, nn_real *restrict h,
                       size_t n)
{
    for (size_t j = 0; j < n; j++)
        h[j] = z[H * n + j] + z[Z * n + j] * (old[j] - z[H * n + j]);
}

static void finish_row(const nn_cell_step *s, int r)
{
    const size_t state = (size_t)r * (size_t)s->ld_state;

    nn_cell_activate(s, &s->conf->activation, r, H, 1);
    mix(s->z + (size_t)r * (size_t)s->width, s->old + state, s->h + state, (size_t)s->units);
}

static void forward_step(const nn_cell_step *s)
{
    const int n = s->units, ld = s->inputs + n;
    const nn_real *state = s->in + s->inputs;

    nn_cell_multiply(s, (nn_stack_part){0, ld, 0, H * n}, s->in, ld, s->z, false);
    nn_cell_multiply(s, (nn_stack_part){0, s->inputs, H * n, n}, s->in, ld, s->z + H * n, false);
    if (s->conf->reset_after)
        nn_cell_multiply(s, (nn_stack_part){s->inputs, n, S * n, n}, state, ld, s->z + S * n,
                         false);
    for (int r = 0; r < s->rows; r++) {
        nn_real *z = s->z + (size_t)r * (size_t)s->width;

        nn_cell_activate(s, &s->conf->recurrent_activation, r, Z, 2);
        if (s->conf->reset_after) {
            add_reset(z, (size_t)n);
            finish_row(s, r);
        } else {
            reset(z, state + (size_t)r * (size_t)ld, (size_t)n);
        }
    }
    if (s->conf->reset_after)
        return;
    nn_cell_multiply(s, (nn_stack_part){s->inputs, n, H * n, n}, s->z + S * n, s->width,
                     s->z + H * n, true);
    for (int r = 0; r < s->rows; r++)
        finish_row(s, r);
}

/* Gradients of z and of the candidate's value into `to`; dh becomes what goes straight to `old`. */
static NN_HOT void unmix(const nn_real *restrict z, const nn_real *restrict old,
                         nn_real *restrict dh, nn_real *restrict to, size_t n)
{
    for (size_t j = 0; j < n; j++) {
        to[Z * n + j] = dh[j] * (old[j] - z[H * n + j]);
        to[H * n + j] = dh[j] * (1 - z[Z * n + j]);
        dh[j] *= z[Z * n + j];
    }
}

/* `to` holds the candidate's gradient; those of r and of the state's part. */
static NN_HOT void unreset_after(const nn_real *restrict z, nn_real *restrict to, size_t n)
{
    for (size_t j = 0; j < n; j++) {
        to[R * n + j] = to[H * n + j] * z[S * n + j];
        to[S * n + j] = to[H * n + j] * z[R * n + j];
    }
}

/* dreset: gradient of r h_before; becomes that of h_before. */
static NN_HOT void unreset(const nn_real *restrict z, const nn_real *restrict old,
                           nn_real *restrict dreset, nn_real *restrict to, size_t n)
{
    for (size_t j = 0; j < n; j++) {
        to[R * n + j] = dreset[j] * old[j];
        dreset[j] *= z[R * n + j];
    }
}

static void backward_after(const nn_cell_step *s)
{
    const int units = s->units, ld = s->inputs + units;
    const size_t n = (size_t)units;
    nn_real *dstate = s->din + s->inputs;

    for (int r = 0; r < s->rows; r++) {
        nn_real *z = s->z + (size_t)r * (size_t)s->width;

        unmix(z, s->old + (size_t)r * (size_t)s->ld_state, s->dh + (size_t)r * n, s->row, n);
        nn_cell_slope(s, &s->conf->activation, r, H, 1);
        unreset_after(z, s->row, n);
        nn_cell_slope(s, &s->conf->recurrent_activation, r, Z, 2);
        memcpy(z, s->row, (size_t)s->width * sizeof(*z));
    }
    nn_cell_multiply_back(s, (nn_stack_part){s->inputs, units, 0, H * units}, dstate, ld, false);
    nn_cell_multiply_back(s, (nn_stack_part){s->inputs, units, S * units, units}, dstate, ld, true);
}

/*
 * The candidate first: its gradient, through the recurrent kernel, is that of r h_before, and by
 * way of r that of the state, to which the products of the gates are added.
 */
static void backward_before(const nn_cell_step *s)
{
    const int units = s->units, ld = s->inputs + units;
    const size_t n = (size_t)units;
    nn_real *dstate = s->din + s->inputs;

    for (int r = 0; r < s->rows; r++) {
        nn_real *z = s->z + (size_t)r * (size_t)s->width;

        unmix(z, s->old + (size_t)r * (size_t)s->ld_state, s->dh + (size_t)r * n, s->row, n);
        nn_cell_slope(s, &s->conf->activation, r, H, 1);
        nn_cell_slope(s, &s->conf->recurrent_activation, r, Z, 1);
        memcpy(z + Z * n, s->row + Z * n, n * sizeof(*z));
        memcpy(z + H * n, s->row + H * n, n * sizeof(*z));
    }
    nn_cell_multiply_back(s, (nn_stack_part){s->inputs, units, H * units, units}, dstate, ld,
                          false);
    for (int r = 0; r < s->rows; r++) {
        nn_real *z = s->z + (size_t)r * (size_t)s->width;

        unreset(z, s->in + (size_t)r * (size_t)ld + s->inputs, dstate + (size_t)r * (size_t)ld,
                s->row, n);
        nn_cell_slope(s, &s->conf->recurrent_activation, r, R, 1);
        memcpy(z + R * n, s->row + R * n, n * sizeof(*z));
    }
    nn_cell_multiply_back(s, (nn_stack_part){s->inputs, units, 0, H * units}, dstate, ld, true);
}

static void backward_step(const nn_cell_step *s)
{
    if (s->conf->reset_after)
        backward_after(s);
    else
        backward_before(s);
    if (s->wants_dx)
        nn_cell_multiply_back(s, (nn_stack_part){0, s->inputs, 0, S * s->units}, s->din,
                              s->inputs + s->units, false);
}

static void gradient(const nn_cell_gradient *g)
{
    const int n = g->units, lda = g->inputs + n;
    const nn_real *state = g->in + g->inputs;

    nn_cell_add_gradient(g, NN_RECURRENT_KERNEL, 0, GATES * n, g->in, lda, 0);
    nn_cell_add_gradient(g, NN_RECURRENT_STATE, 0, H * n, state, lda, 0);
    if (g->conf->reset_after)
        nn_cell_add_gradient(g, NN_RECURRENT_STATE, H * n, n, state, lda, S * n);
    else
        nn_cell_add_gradient(g, NN_RECURRENT_STATE, H * n, n, g->z + S * n, g->width, H * n);
}

/* The first row is the input's, the second the state's; only the candidate keeps them apart. */
static void stack_bias(const nn_recurrent *c, const nn_real *bias, nn_real *stacked)
{
    const size_t n = (size_t)c->units;

    memcpy(stacked, bias, GATES * n * sizeof(*stacked));
    if (!c->reset_after)
        return;
    nn_vec_add(stacked, stacked, bias + GATES * n, H * n);
    memcpy(stacked + S * n, bias + (GATES + H) * n, n * sizeof(*stacked));
}

static void split_bias(const nn_recurrent *c, const nn_real *dstacked, nn_real *dbias)
{
    const size_t n = (size_t)c->units;

    memcpy(dbias, dstacked, GATES * n * sizeof(*dbias));
    if (!c->reset_after)
        return;
    memcpy(dbias + GATES * n, dstacked, H * n * sizeof(*dbias));
    memcpy(dbias + (GATES + H) * n, dstacked + S * n, n * sizeof(*dbias));
}

static const nn_cell cell = {.gates = GATES,
                             .blocks = BLOCKS,
                             .forward = forward_step,
                             .backward = backward_step,
                             .gradient = gradient,
                             .stack_bias = stack_bias,
                             .split_bias = split_bias};

static void parse(nn_layer *l, nn_node node)
{
    (void)node;
    ((nn_recurrent *)l->conf)->cell = &cell;
}

const nn_layer_class nn_layer_gru = {
    .kind = {"GRU", "A state that gates keep or change.", fields, sizeof(nn_recurrent)},
    .min_inputs = 1,
    .max_inputs = 1,
    .parse = parse,
    .plan = nn_recurrent_plan,
    .forward = nn_recurrent_forward,
    .backward = nn_recurrent_backward};
