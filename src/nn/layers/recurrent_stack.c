/* Recurrent layers: their weights as one matrix, and products with parts of it. */
#include "recurrent_stack.h"

#include "math/gemm.h"
#include "math/hot.h"

#include <string.h>

/* An odd number of cache lines: a power of two would put all rows into the same few sets. */
static int row_stride(int cols)
{
    return (int)(nn_real_padded((size_t)cols) / NN_REAL_LINE | 1) * NN_REAL_LINE;
}

size_t nn_stack_reals(int rows, int width)
{
    const size_t straight = (size_t)(rows + 1) * (size_t)row_stride(width);
    const size_t turned = (size_t)width * (size_t)row_stride(rows);

    return straight > turned ? straight : turned;
}

/* What the tasks share. Rows of the stack up to `inputs` are the kernel's. */
typedef struct job {
    const nn_real *kernel, *state; /* [inputs][cols], [units][cols] */
    int inputs, units, cols;
    int last; /* column of the stack where the recurrent kernel's last block goes */
    int ld;
    nn_real *to;
} job;

static job make_job(const nn_layer *l, nn_real *const *w, nn_real *to)
{
    const nn_recurrent *c = l->conf;

    return (job){.kernel = w[NN_RECURRENT_KERNEL],
                 .state = w[NN_RECURRENT_STATE],
                 .inputs = l->in[0].dim[1],
                 .units = c->units,
                 .cols = c->cell->gates * c->units,
                 .last = ((c->reset_after ? c->cell->blocks : c->cell->gates) - 1) * c->units,
                 .to = to};
}

static void copy_rows(void *context, size_t begin, size_t end)
{
    const job *j = context;
    const size_t inputs = (size_t)j->inputs, cols = (size_t)j->cols;
    const size_t first = cols - (size_t)j->units;

    for (size_t k = begin; k < end; k++) {
        nn_real *to = j->to + k * (size_t)j->ld;

        if (k < inputs) {
            memcpy(to, j->kernel + k * cols, cols * sizeof(*to));
        } else {
            const nn_real *from = j->state + (k - inputs) * cols;

            memcpy(to, from, first * sizeof(*to));
            memcpy(to + j->last, from + first, (size_t)j->units * sizeof(*to));
        }
    }
}

nn_stack nn_stack_load(const nn_layer *l, nn_pool *pool, nn_real *const *w, nn_real *work)
{
    const nn_recurrent *c = l->conf;
    const int width = c->cell->blocks * c->units, rows = l->in[0].dim[1] + c->units;
    job j = make_job(l, w, work);
    nn_real *bias = NULL;

    j.ld = row_stride(width);
    nn_rows_run(pool, (size_t)rows, (size_t)j.cols, copy_rows, &j);
    if (c->use_bias) {
        bias = work + (size_t)rows * (size_t)j.ld;
        if (c->cell->stack_bias != NULL)
            c->cell->stack_bias(c, w[NN_RECURRENT_BIAS], bias);
        else
            memcpy(bias, w[NN_RECURRENT_BIAS], (size_t)width * sizeof(*bias));
    }
    return (nn_stack){work, j.ld, bias};
}

/* to[col][row] = from[row][col]: `cols` rows of `to`, `rows` columns. */
static NN_HOT void turn(nn_real *restrict to, size_t ld, const nn_real *restrict from, size_t cols,
                        size_t rows, size_t some)
{
    for (size_t k = 0; k < rows; k++) {
        for (size_t i = 0; i < some; i++)
            to[i * ld + k] = from[k * cols + i];
    }
}

enum { TURNED = 16 /* columns at a time: as many lines are written to */ };

static void turn_columns(void *context, size_t begin, size_t end)
{
    const job *j = context;
    const size_t cols = (size_t)j->cols, ld = (size_t)j->ld, inputs = (size_t)j->inputs;
    const size_t first = cols - (size_t)j->units;

    for (size_t at = begin * TURNED; at < end * TURNED && at < cols;) {
        const size_t until = at < first && first < at + TURNED ? first : at + TURNED;
        const size_t some = (until < cols ? until : cols) - at;
        nn_real *own = j->to + at * ld;
        nn_real *last = j->to + (at < first ? at : (size_t)j->last + at - first) * ld;

        turn(own, ld, j->kernel + at, cols, inputs, some);
        turn(last + inputs, ld, j->state + at, cols, (size_t)j->units, some);
        at += some;
    }
}

nn_stack nn_stack_turn(const nn_layer *l, nn_pool *pool, nn_real *const *w, nn_real *work)
{
    job j = make_job(l, w, work);
    const size_t rows = (size_t)(j.inputs + j.units);
    const size_t pieces = ((size_t)j.cols + TURNED - 1) / TURNED;

    j.ld = row_stride((int)rows);
    nn_rows_run(pool, pieces, TURNED * rows, turn_columns, &j);
    return (nn_stack){work, j.ld, NULL};
}

void nn_cell_multiply(const nn_cell_step *s, nn_stack_part part, const nn_real *a, int lda,
                      nn_real *to, bool add)
{
    const nn_stack *stack = s->stack;

    nn_gemm_serial(&(nn_gemm){.m = s->rows,
                              .n = part.cols,
                              .k = part.rows,
                              .a = a,
                              .lda = lda,
                              .b = stack->w + (size_t)part.row * (size_t)stack->ld + part.col,
                              .ldb = stack->ld,
                              .c = to,
                              .ldc = s->width,
                              .add = add,
                              .bias = add || stack->bias == NULL ? NULL : stack->bias + part.col});
}

void nn_cell_multiply_back(const nn_cell_step *s, nn_stack_part part, nn_real *to, int ld, bool add)
{
    const nn_stack *stack = s->stack;

    nn_gemm_serial(&(nn_gemm){.m = s->rows,
                              .n = part.rows,
                              .k = part.cols,
                              .a = s->z + part.col,
                              .lda = s->width,
                              .b = stack->w + (size_t)part.col * (size_t)stack->ld + part.row,
                              .ldb = stack->ld,
                              .c = to,
                              .ldc = ld,
                              .add = add});
}

void nn_cell_all_back(const nn_cell_step *s, int cols)
{
    const int row = s->wants_dx ? 0 : s->inputs, ld = s->inputs + s->units;

    nn_cell_multiply_back(s, (nn_stack_part){row, ld - row, 0, cols}, s->din + row, ld, false);
}

void nn_cell_activate(const nn_cell_step *s, const nn_choice *act, int row, int block, int count)
{
    const nn_activation *a = nn_activation_of(act);
    const size_t at = (size_t)row * (size_t)s->width + (size_t)block * (size_t)s->units;
    nn_real *z = s->z + at;

    if (s->pre != NULL)
        memcpy(s->pre + at, z, (size_t)(count * s->units) * sizeof(*z));
    a->forward(&act->conf, z, z, (size_t)count, s->units);
}

void nn_cell_slope(const nn_cell_step *s, const nn_choice *act, int row, int block, int count)
{
    const nn_activation *a = nn_activation_of(act);
    const size_t from = (size_t)block * (size_t)s->units;
    const size_t at = (size_t)row * (size_t)s->width + from;

    a->backward(&act->conf, s->pre == NULL ? NULL : s->pre + at, s->z + at, s->row + from,
                s->row + from, (size_t)count, s->units);
}

void nn_cell_add_gradient(const nn_cell_gradient *g, int weight, int col, int cols,
                          const nn_real *a, int lda, int from)
{
    if (g->dw[weight] == NULL)
        return;
    nn_gemm_run(g->pool, &(nn_gemm){.m = weight == NN_RECURRENT_KERNEL ? g->inputs : g->units,
                                    .n = cols,
                                    .k = g->count,
                                    .a = a,
                                    .lda = lda,
                                    .ta = true,
                                    .b = g->z + from,
                                    .ldb = g->width,
                                    .c = g->dw[weight] + col,
                                    .ldc = g->gates * g->units,
                                    .add = g->add});
}
