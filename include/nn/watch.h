/*
 * A look at where a step's time goes. A watch is told whenever a stage of a step has ended; without
 * one a step does nothing for it but ask whether there is one.
 */
#ifndef NN_NN_WATCH_H
#define NN_NN_WATCH_H

#include <stddef.h>

/* The stages of a step, in the order in which they end; FORWARD and BACKWARD layer by layer. */
typedef enum nn_stage {
    NN_STAGE_FILL,    /* the batch gathered, scaled, augmented */
    NN_STAGE_FORWARD, /* a layer */
    NN_STAGE_HEAD,    /* the last activation, which in training belongs to the loss */
    NN_STAGE_LOSS,    /* the loss and its gradient */
    NN_STAGE_METRICS,
    NN_STAGE_BACKWARD,  /* a layer */
    NN_STAGE_GRADIENTS, /* penalties, clipping, the norm */
    NN_STAGE_UPDATE,    /* the optimizer */
    NN_STAGES
} nn_stage;

typedef struct nn_watch {
    void (*ended)(void *context, nn_stage stage, int layer); /* layer: -1 when it is none */
    void *context;
} nn_watch;

static inline void nn_watch_tell(const nn_watch *w, nn_stage stage, int layer)
{
    if (w != NULL)
        w->ended(w->context, stage, layer);
}

#endif
