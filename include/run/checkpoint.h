/*
 * state.safetensors: everything that a training needs to go on to the same bytes, as one file of
 * named blocks of memory, and what it belongs to (config and data), so that nothing else is
 * continued from it.
 */
#ifndef NN_RUN_CHECKPOINT_H
#define NN_RUN_CHECKPOINT_H

#include "conf/tensors.h"
#include "run/setup.h"

enum { NN_MAX_BLOCKS = 80, NN_BLOCK_NAME = 32 };

/* A block of memory that is saved as it is and comes back as it was. */
typedef struct nn_block {
    char name[NN_BLOCK_NAME];
    nn_dtype dtype;
    void *data;
    size_t count;
} nn_block;

typedef struct nn_blocks {
    nn_block block[NN_MAX_BLOCKS];
    int count;
} nn_blocks;

/* `name` with a number behind it unless that is negative: "slot_0". */
void nn_blocks_add(nn_blocks *blocks, const char *name, int number, nn_dtype dtype, void *data,
                   size_t count);
uint64_t nn_blocks_bytes(const nn_blocks *blocks);
/* The type of nn_real. */
nn_dtype nn_real_dtype(void);

/* The state before the newest, in the same directory: what is left when that one is damaged. */
#define NN_CHECKPOINT_OLDER "state.previous.safetensors"

/* What stood at `path` is kept as NN_CHECKPOINT_OLDER; it goes when the new one is on disk. */
NN_MUST_CHECK nn_code nn_checkpoint_save(const char *path, const nn_setup *s,
                                         const nn_blocks *blocks, nn_err *err);

/* What is worth knowing about a state that was loaded; "" where there is nothing. */
typedef struct nn_checkpoint_notes {
    char unread[NN_WHERE_SIZE + NN_MSG_SIZE + 128]; /* why it is not the newest */
    bool other_data;                                /* it was made on other data */
    char elsewhere[NN_MSG_SIZE]; /* it was made by other kernels, whose last bits may differ */
} nn_checkpoint_notes;

/*
 * Fills the blocks from the newest of the two that is whole. NN_EMODEL, with both reasons, when
 * none is; or when it belongs to another config (the keys that differ are named; the number of
 * epochs and the times of writing may) or to other data, of which as many rows will do when
 * `other_data` allows it; that is noted.
 */
NN_MUST_CHECK nn_code nn_checkpoint_load(const char *path, const char *older, const nn_setup *s,
                                         nn_blocks *blocks, bool other_data,
                                         nn_checkpoint_notes *notes, nn_err *err);

#endif
