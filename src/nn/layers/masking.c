/* Masking: a step whose numbers all equal mask_value does not count, for the layers after it. */
#include "nn/layer.h"

#include <string.h>

typedef struct conf {
    double mask_value;
} conf;

static const nn_field fields[] = {{.key = "mask_value",
                                   .type = NN_FIELD_NUM,
                                   .at = offsetof(conf, mask_value),
                                   .fallback = "0",
                                   .help = "Steps that hold nothing but this number are masked."},
                                  {0}};

static nn_code plan(nn_layer *l, nn_err *err)
{
    char text[NN_SHAPE_TEXT];

    if (l->in[0].rank != 2)
        return nn_err_set(err, NN_ECONFIG, NULL,
                          "Masking needs steps of features, got the shape %s",
                          nn_shape_text(text, &l->in[0]));
    l->out = l->in[0];
    nn_layer_each_step(l);
    l->mask_out = l->index;
    return NN_OK;
}

/* What the tasks share. Rows are steps of samples. */
typedef struct pass {
    nn_real mask_value;
    size_t width;
    const nn_real *x; /* [rows][width] */
    const unsigned char *keep;
    unsigned char *mask;
    const nn_real *from;
    nn_real *to;
} pass;

static void mask_rows(void *context, size_t begin, size_t end)
{
    const pass *p = context;

    for (size_t r = begin; r < end; r++) {
        const nn_real *x = p->x + r * p->width;
        bool counts = false;

        for (size_t j = 0; j < p->width && !counts; j++)
            counts = x[j] != p->mask_value;
        p->mask[r] = counts;
    }
}

static void keep_rows(void *context, size_t begin, size_t end)
{
    const pass *p = context;
    const size_t bytes = p->width * sizeof(*p->to);

    for (size_t r = begin; r < end; r++) {
        if (p->keep[r])
            memcpy(p->to + r * p->width, p->from + r * p->width, bytes);
        else
            memset(p->to + r * p->width, 0, bytes);
    }
}

static void run(const nn_layer *l, nn_pool *pool, int n, pass *p, nn_rows_fn *fn)
{
    p->mask_value = (nn_real)((const conf *)l->conf)->mask_value;
    p->width = (size_t)l->in[0].dim[1];
    nn_rows_run(pool, (size_t)n * (size_t)l->in[0].dim[0], p->width, fn, p);
}

static void mask(const nn_layer *l, const nn_fwd *io, unsigned char *to)
{
    pass p = {.x = io->x[0], .mask = to};

    run(l, io->pool, io->n, &p, mask_rows);
}

static void forward(const nn_layer *l, const nn_fwd *io)
{
    pass p = {.keep = io->mask_out, .from = io->x[0], .to = io->y};

    run(l, io->pool, io->n, &p, keep_rows);
}

static void backward(const nn_layer *l, const nn_bwd *io)
{
    pass p = {.keep = io->mask_out, .from = io->dy, .to = io->dx[0]};

    if (io->dx[0] != NULL)
        run(l, io->pool, io->n, &p, keep_rows);
}

const nn_layer_class nn_layer_masking = {
    .kind = {"Masking", "Steps that hold nothing but one number do not count.", fields,
             sizeof(conf)},
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .mask = mask};
