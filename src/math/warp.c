/* Bilinear sampling along rows of the result; the frame of zeros makes every place a valid one. */
#include "math/warp.h"

#include "math/hot.h"

#include <string.h>

enum {
    BEFORE = 1,    /* zeros in front of the picture in a frame */
    FRAME = 1 + 2, /* and on both sides together */
    BLOCK = 64     /* pixels whose places are worked out at a time */
};

size_t nn_warp_frame_len(int height, int width, int channels)
{
    return ((size_t)height + FRAME) * ((size_t)width + FRAME) * (size_t)channels;
}

void nn_warp_frame(nn_real *frame, const nn_real *picture, int height, int width, int channels)
{
    const size_t line = ((size_t)width + FRAME) * (size_t)channels;
    const size_t len = (size_t)width * (size_t)channels;

    frame += BEFORE * line + BEFORE * (size_t)channels;
    for (size_t i = 0; i < (size_t)height; i++)
        memcpy(frame + i * line, picture + i * len, len * sizeof *frame);
}

/* A run of pixels of a row of the result, in the coordinates of the frame. */
typedef struct run {
    nn_real y, x; /* place of the first */
    nn_real step_y, step_x;
    int n;
} run;

/* Where the pixels of a run lie: the index of the upper left of four, and how far from it. */
typedef struct places {
    int at[BLOCK];
    nn_real y[BLOCK], x[BLOCK];
} places;

/* Places outside are moved to the outermost zeros, which is as good as any. */
static NN_HOT void find(places *p, run r, nn_real most_y, nn_real most_x, int line, int channels)
{
    for (int i = 0; i < r.n; i++) {
        nn_real y = r.y + (nn_real)i * r.step_y;
        nn_real x = r.x + (nn_real)i * r.step_x;

        y = y > 0 ? y : 0;
        y = y < most_y ? y : most_y;
        x = x > 0 ? x : 0;
        x = x < most_x ? x : most_x;
        p->at[i] = (int)y * line + (int)x * channels;
        p->y[i] = y - (nn_real)(int)y;
        p->x[i] = x - (nn_real)(int)x;
    }
}

static NN_HOT void mix(nn_real *restrict y, const nn_real *restrict frame, const places *restrict p,
                       int n, int line, int channels)
{
    for (int i = 0; i < n; i++) {
        const nn_real *const four = frame + p->at[i];
        const nn_real above = four[0] + p->x[i] * (four[channels] - four[0]);
        const nn_real below = four[line] + p->x[i] * (four[line + channels] - four[line]);

        y[i * channels] = above + p->y[i] * (below - above);
    }
}

void nn_warp(nn_real *y, const nn_real *frame, const nn_warp_map *map, int height, int width,
             int channels)
{
    const int line = (width + FRAME) * channels;
    places p;

    for (int row = 0; row < height; row++) {
        for (int from = 0; from < width; from += BLOCK) {
            const run r = {
                (nn_real)(map->place_y + row * map->down_y + from * map->right_y + BEFORE),
                (nn_real)(map->place_x + row * map->down_x + from * map->right_x + BEFORE),
                (nn_real)map->right_y, (nn_real)map->right_x,
                width - from < BLOCK ? width - from : BLOCK};

            find(&p, r, (nn_real)(height + BEFORE), (nn_real)(width + BEFORE), line, channels);
            for (int k = 0; k < channels; k++)
                mix(y + k, frame + k, &p, r.n, line, channels);
            y += r.n * channels;
        }
    }
}
