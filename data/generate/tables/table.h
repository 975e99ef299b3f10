/* The bundled tables, each as the text of a CSV file: a function of its rows' numbers alone. */
#ifndef NN_GENERATE_TABLE_H
#define NN_GENERATE_TABLE_H

#include "base/rng.h"
#include "base/text.h"

/* The random numbers of one row; streams keep the tables apart. */
enum {
    NN_TABLE_SPIRALS = 1,
    NN_TABLE_BINARY,
    NN_TABLE_HOUSES,
    NN_TABLE_HOURLY,
    NN_TABLE_TALES,
    NN_TABLE_REVIEWS
};
static inline nn_rng nn_table_row(int table, uint64_t row)
{
    const nn_rng rng = {.seed = 30, .stream = (uint32_t)table, .step = row};
    return rng;
}

/* The numbers of one row, drawn one after the other. */
typedef struct nn_dice {
    nn_rng rng;
    uint64_t at;
} nn_dice;
static inline size_t nn_draw(nn_dice *d, size_t below)
{
    return (size_t)nn_rng_below(&d->rng, d->at++, below);
}
#define NN_COUNT(list)   (sizeof(list) / sizeof((list)[0]))
#define NN_PICK(d, list) ((list)[nn_draw((d), NN_COUNT(list))])

/* Every fourth row is there to test with. */
static inline const char *nn_table_split(int row)
{
    return row % 4 == 3 ? "test" : "train";
}

void nn_table_spirals(nn_buf *out);
void nn_table_binary(nn_buf *out);
void nn_table_houses(nn_buf *out);
void nn_table_hourly(nn_buf *out);
void nn_table_tales(nn_buf *out); /* plain text */
void nn_table_reviews(nn_buf *out);

#endif
