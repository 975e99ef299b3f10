/* ZeroPadding2D: rows and columns of zeros around images. */
#include "image.h"

#include <limits.h>
#include <string.h>

typedef struct conf {
    nn_node padding;
    int rows[2], cols[2]; /* before, after */
} conf;

static const nn_field fields[] = {
    {.key = "padding",
     .type = NN_FIELD_NODE,
     .at = offsetof(conf, padding),
     .fallback = "1",
     .form = "{\"anyOf\":[{\"type\":\"integer\",\"minimum\":0},{\"type\":\"array\","
             "\"minItems\":2,\"maxItems\":2}]}",
     .help = "Zeros on every side: n, [rows, columns] or [[top, bottom], [left, right]]."},
    {0}};

enum { MOST = 65536 /* zeros on a side */ };

static bool is_count(nn_node n)
{
    const double value = nn_node_number(n);

    return nn_node_is(n, NN_JSON_NUMBER) && value >= 0 && value <= MOST &&
           value == (double)(int)value;
}

/* A number for both sides, or a list of two. */
static bool read_sides(nn_node n, int side[2])
{
    const bool is_list = nn_node_is(n, NN_JSON_ARRAY);
    const nn_node a = is_list ? nn_node_first(n) : n;
    const nn_node b = is_list ? nn_node_next(a) : n;

    if ((is_list && nn_node_count(n) != 2) || !is_count(a) || !is_count(b))
        return false;
    side[0] = (int)nn_node_number(a);
    side[1] = (int)nn_node_number(b);
    return true;
}

static void parse(nn_layer *l, nn_node node)
{
    conf *c = l->conf;
    const nn_node n = nn_node_get(node, "padding");
    const bool is_list = nn_node_is(n, NN_JSON_ARRAY);
    char shown[NN_SHOWN];

    c->rows[0] = c->rows[1] = c->cols[0] = c->cols[1] = 1;
    if (nn_node_is(n, NN_JSON_NONE))
        return;
    if ((is_list && nn_node_count(n) != 2) ||
        !read_sides(is_list ? nn_node_at(n, 0) : n, c->rows) ||
        !read_sides(is_list ? nn_node_at(n, 1) : n, c->cols))
        nn_node_fault(n, NULL,
                      "expected n, [rows, columns] or [[top, bottom], [left, right]] of whole "
                      "numbers from 0 to %d, got %s",
                      MOST, nn_node_show(n, shown));
}

static nn_code plan(nn_layer *l, nn_err *err)
{
    const conf *c = l->conf;
    char text[NN_SHAPE_TEXT];
    nn_image image;

    NN_TRY(nn_image_of(&image, l, false, err));
    if (image.rows > INT_MAX - 2 * MOST || image.cols > INT_MAX - 2 * MOST)
        return nn_err_set(err, NN_ECONFIG, NULL, "ZeroPadding2D: %s is too large",
                          nn_shape_text(text, &l->in[0]));
    l->out = nn_shape_3(image.rows + c->rows[0] + c->rows[1], image.cols + c->cols[0] + c->cols[1],
                        image.channels);
    return NN_OK;
}

typedef struct pass {
    const nn_layer *layer;
    const nn_real *from; /* x, or dy */
    nn_real *to;         /* y, or dx */
} pass;

/* Where a row of the input begins in the output. */
static size_t place(const nn_layer *l, int row)
{
    const conf *c = l->conf;

    return ((size_t)(row + c->rows[0]) * (size_t)l->out.dim[1] + (size_t)c->cols[0]) *
           (size_t)l->out.dim[2];
}

static void forward_images(void *context, size_t begin, size_t end)
{
    const pass *p = context;
    const nn_layer *l = p->layer;
    const size_t out = nn_shape_len(&l->out), in = nn_shape_len(&l->in[0]);
    const size_t row = in / (size_t)l->in[0].dim[0];

    memset(p->to + begin * out, 0, (end - begin) * out * sizeof(*p->to));
    for (size_t i = begin; i < end; i++) {
        for (int k = 0; k < l->in[0].dim[0]; k++)
            memcpy(p->to + i * out + place(l, k), p->from + i * in + (size_t)k * row,
                   row * sizeof(*p->to));
    }
}

static void backward_images(void *context, size_t begin, size_t end)
{
    const pass *p = context;
    const nn_layer *l = p->layer;
    const size_t out = nn_shape_len(&l->out), in = nn_shape_len(&l->in[0]);
    const size_t row = in / (size_t)l->in[0].dim[0];

    for (size_t i = begin; i < end; i++) {
        for (int k = 0; k < l->in[0].dim[0]; k++)
            memcpy(p->to + i * in + (size_t)k * row, p->from + i * out + place(l, k),
                   row * sizeof(*p->to));
    }
}

static void forward(const nn_layer *l, const nn_fwd *io)
{
    pass p = {l, io->x[0], io->y};

    nn_images_run(l, io->pool, io->n, forward_images, &p);
}

static void backward(const nn_layer *l, const nn_bwd *io)
{
    pass p = {l, io->dy, io->dx[0]};

    if (p.to != NULL)
        nn_images_run(l, io->pool, io->n, backward_images, &p);
}

const nn_layer_class nn_layer_zero_padding2d = {
    .kind = {"ZeroPadding2D", "Rows and columns of zeros around images.", fields, sizeof(conf)},
    .min_inputs = 1,
    .max_inputs = 1,
    .parse = parse,
    .plan = plan,
    .forward = forward,
    .backward = backward};
