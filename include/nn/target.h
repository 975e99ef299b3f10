/* What a batch should have given: class numbers or values, and how much each sample counts. */
#ifndef NN_NN_TARGET_H
#define NN_NN_TARGET_H

#include "math/real.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct nn_target {
    const int32_t *label;  /* [n] class numbers, or NULL */
    const nn_real *value;  /* [n][width] numbers, or NULL; exactly one of the two is given */
    int width;             /* of value; of the one-hot form of label: the number of classes, or 1 */
    const nn_real *weight; /* [n] what a sample counts in the loss, or NULL: all 1 */
    const nn_real *share;  /* [n] likewise in metrics: without the weights of classes */
    /*
     * [n] 0: a step that fills up a short sequence, and counts in neither; NULL: all count. A loss
     * is then the mean over those that do, as Keras has it.
     */
    const unsigned char *mask;
} nn_target;

static inline bool nn_target_counts(const nn_target *t, size_t i)
{
    return t->mask == NULL || t->mask[i] != 0;
}

/* How many of the first n count. */
static inline size_t nn_target_counting(const nn_target *t, size_t n)
{
    size_t count = 0;

    if (t->mask == NULL)
        return n;
    for (size_t i = 0; i < n; i++)
        count += t->mask[i] != 0;
    return count;
}

/* Element j of sample i as a number: a label's one-hot form, or (width 1) the label itself. */
static inline nn_real nn_target_at(const nn_target *t, size_t i, int j)
{
    if (t->label == NULL)
        return t->value[i * (size_t)t->width + (size_t)j];
    return t->width == 1 ? (nn_real)t->label[i] : (nn_real)(t->label[i] == j);
}

static inline double nn_target_share(const nn_target *t, size_t i)
{
    if (!nn_target_counts(t, i))
        return 0;
    return t->share != NULL ? (double)t->share[i] : 1;
}

#endif
