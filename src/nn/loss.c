/* The family of losses, and running one over a batch. */
#include "nn/loss.h"

#include "nn/layer.h"

#include <assert.h>

#define NN_LOSS(name) extern const nn_loss_class nn_loss_##name;
#include "nn/losses.def"
#undef NN_LOSS

static const nn_kind *const kinds[] = {
#define NN_LOSS(name) &nn_loss_##name.kind,
#include "nn/losses.def"
#undef NN_LOSS
    NULL};

const nn_family nn_losses = {"loss", "what training makes small", kinds};

/* What every task of a run reads. */
typedef struct job {
    const nn_loss_class *loss;
    const void *conf;
    nn_loss_io io;
    nn_real scale; /* of the mean */
    double *row;   /* [n] */
} job;

static const nn_loss_class *class_of(const nn_choice *loss)
{
    return (const nn_loss_class *)loss->kind;
}

bool nn_loss_from_logits(const nn_choice *loss)
{
    const nn_loss_class *const class = class_of(loss);

    return class->from_logits != NULL && class->from_logits(loss->conf.bytes);
}

static void run_rows(void *context, size_t begin, size_t end)
{
    const job *const j = (const job *)context;

    j->loss->rows(j->conf, &j->io, begin, end, j->scale, j->row);
}

double nn_loss_run(const nn_choice *loss, nn_pool *pool, const nn_loss_io *io, double *row)
{
    const size_t counting = nn_target_counting(&io->target, (size_t)io->n);
    const nn_real scale = counting > 0 ? (nn_real)(1.0 / (double)counting) : 0;
    job j = {class_of(loss), loss->conf.bytes, *io, scale, row};
    double sum = 0;

    assert(io->n > 0 && io->width > 0);
    j.io.fused = io->fused || nn_loss_from_logits(loss);
    nn_rows_run(pool, (size_t)io->n, (size_t)io->width, run_rows, &j);
    for (int i = 0; i < io->n; i++)
        sum += row[i];
    return sum;
}
