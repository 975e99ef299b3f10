/* The mask of what a layer makes of several inputs. */
#ifndef NN_SRC_LAYERS_JOIN_MASKS_H
#define NN_SRC_LAYERS_JOIN_MASKS_H

#include "nn/layer.h"

/*
 * In plan: the mask of an output made step by step of inputs with the same steps. An input without
 * one counts everywhere. Where the inputs have one and the same mask, it is handed on; else the
 * layer makes its own, by nn_join_any or nn_join_all.
 */
void nn_join_plan_any(nn_layer *l); /* none if an input has none */
void nn_join_plan_all(nn_layer *l);
/* nn_layer_class.mask: a step counts if it does in any, or in all inputs. */
void nn_join_any(const nn_layer *l, const nn_fwd *io, unsigned char *mask);
void nn_join_all(const nn_layer *l, const nn_fwd *io, unsigned char *mask);

#endif
