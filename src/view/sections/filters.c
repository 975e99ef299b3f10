/* The weights that look at the input itself: as pictures where the input is one. */
#include "view/page.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "view/format.h"
#include "view/sample.h"

enum { MOST_PICTURES = 64, MOST_ROWS = 256, MOST_LINE = 512, MOST_RANKS = 24, LARGEST = 64 };

/* The first layer with a kernel (or embeddings), and how it is to be seen. */
typedef struct filters {
    const nn_layer *layer;
    const nn_weight *kernel;
    const nn_real *w;
    int height, width, channels; /* of a picture; 0: no pictures */
    int units;
    double reach; /* largest absolute weight */
} filters;

static const nn_weight *kernel_of(const nn_layer *l)
{
    static const char *const names[] = {"kernel", "embeddings", NULL};

    for (int i = 0; i < l->weights; i++)
        for (int k = 0; names[k] != NULL; k++) {
            const char *end = l->weight[i].name + strlen(l->weight[i].name) - strlen(names[k]);

            if (strlen(l->weight[i].name) >= strlen(names[k]) && strcmp(end, names[k]) == 0 &&
                l->weight[i].shape.rank >= 2)
                return &l->weight[i];
        }
    return NULL;
}

/* Does the layer see the samples in their order, but for their shape? */
static bool sees_input(const nn_graph *g, const nn_layer *l)
{
    for (int from = l->from[0]; from >= 0; from = g->layer[from]->from[0])
        if (!g->layer[from]->is_view && !g->layer[from]->is_identity_in_eval)
            return false;
    return true;
}

static void find_pictures(filters *f, const nn_graph *g)
{
    const nn_shape *k = &f->kernel->shape;
    const bool is_image = g->in.rank == 2 || g->in.rank == 3;

    if (k->rank == 4) {
        f->height = k->dim[0];
        f->width = k->dim[1];
        f->channels = k->dim[2];
    } else if (k->rank == 2 && is_image && g->in.dim[0] <= LARGEST && g->in.dim[1] <= LARGEST &&
               sees_input(g, f->layer) && (size_t)k->dim[0] == nn_shape_len(&g->in)) {
        f->height = g->in.dim[0];
        f->width = g->in.dim[1];
        f->channels = g->in.rank == 3 ? g->in.dim[2] : 1;
    }
    if (f->channels > 16)
        f->height = 0;
}

static bool find(const nn_dossier *d, filters *f)
{
    memset(f, 0, sizeof *f);
    for (int i = 0; d->graph != NULL && i < d->graph->count && f->kernel == NULL; i++) {
        f->layer = d->graph->layer[i];
        f->kernel = kernel_of(f->layer);
    }
    if (f->kernel == NULL)
        return false;
    f->w = d->weights + f->kernel->at;
    f->units = nn_shape_last(&f->kernel->shape);
    for (size_t i = 0; i < f->kernel->size.count; i++)
        f->reach = fmax(f->reach, fabs((double)f->w[i]));
    find_pictures(f, d->graph);
    return true;
}

static bool applies(const nn_dossier *d)
{
    filters f;

    return find(d, &f) && f.reach > 0;
}

/* ---- pictures ---- */

/* Each filter by its own largest weight: what it looks for is in the pattern, not in the size. */
static double reach_of(const filters *f, int unit)
{
    const size_t len = (size_t)f->height * (size_t)f->width * (size_t)f->channels;
    double reach = 0;

    for (size_t i = 0; i < len; i++)
        reach = fmax(reach, fabs((double)f->w[i * (size_t)f->units + (size_t)unit]));
    return reach > 0 ? reach : 1;
}

static void draw(const filters *f, int unit, uint8_t *rgb)
{
    const double reach = reach_of(f, unit);

    for (int i = 0; i < f->height * f->width; i++) {
        double sum = 0;

        for (int c = 0; c < f->channels; c++) {
            const size_t at = (size_t)i * (size_t)f->channels + (size_t)c;
            const double value = (double)f->w[at * (size_t)f->units + (size_t)unit] / reach;

            sum += value / f->channels;
            if (f->channels == 3)
                rgb[3 * i + c] = (uint8_t)(127.5 + 127 * value);
        }
        if (f->channels != 3)
            nn_signed_color(sum, rgb + 3 * (size_t)i);
    }
}

static nn_code put_pictures(nn_page *p, const filters *f, nn_err *err)
{
    uint8_t *rgb = nn_alloc((size_t)f->height * (size_t)f->width, 3);
    nn_code rc = rgb == NULL ? nn_err_memory(err, "a picture", 0) : NN_OK;

    nn_buf_put(&p->out, "<div class=\"filters\">\n");
    for (int unit = 0; rc == NN_OK && unit < f->units && unit < MOST_PICTURES; unit++) {
        draw(f, unit, rgb);
        rc = nn_markup_picture(&p->out, rgb, f->height, f->width, 3, "filter", err);
    }
    nn_buf_put(&p->out, "</div>\n");
    if (f->channels != 3)
        nn_buf_put(&p->out, "<p class=\"key\">negative <i></i> positive, each by its own largest "
                            "weight</p>\n");
    nn_free(rgb);
    return rc;
}

/* ---- a matrix ---- */

static nn_code put_matrix(nn_page *p, const filters *f, nn_err *err)
{
    const size_t all = f->kernel->size.count / (size_t)f->units;
    const int rows = all < MOST_ROWS ? (int)all : MOST_ROWS;
    const int line = f->units < MOST_LINE ? f->units : MOST_LINE;
    uint8_t *rgb = nn_alloc((size_t)rows * (size_t)line, 3);
    nn_code rc;

    if (rgb == NULL)
        return nn_err_memory(err, "a picture", 0);
    for (int i = 0; i < rows; i++)
        for (int k = 0; k < line; k++)
            nn_signed_color((double)f->w[(size_t)i * (size_t)f->units + (size_t)k] / f->reach,
                            rgb + 3 * ((size_t)i * (size_t)line + (size_t)k));
    nn_page_figure(p, "Weights", "an input in each row, a unit in each column");
    rc = nn_markup_picture(&p->out, rgb, rows, line, 3, "sheet", err);
    nn_buf_put(&p->out, "<p class=\"key\">negative <i></i> positive</p>");
    nn_page_figure_end(p);
    nn_free(rgb);
    return rc;
}

typedef struct ranked {
    const char *name;
    double value;
} ranked;

static int by_value(const void *a, const void *b)
{
    const double x = ((const ranked *)a)->value, y = ((const ranked *)b)->value;

    return (x < y) - (x > y);
}

/* Root of the mean square of the weights that a column's features have. */
static double weight_of(const filters *f, int first, int width)
{
    double sum = 0;

    for (int i = first; i < first + width; i++)
        for (int k = 0; k < f->units; k++) {
            const double w = (double)f->w[(size_t)i * (size_t)f->units + (size_t)k];
            sum += w * w;
        }
    return sqrt(sum / ((double)width * f->units));
}

static nn_code put_ranks(nn_page *p, const nn_encoder *e, const filters *f, nn_err *err)
{
    ranked *all = nn_alloc((size_t)e->count, sizeof *all);
    const char *name[MOST_RANKS];
    double value[MOST_RANKS];
    nn_ranks ranks = {
        .about = "Weight of each column in the first layer", .name = name, .value = value};
    char(*number)[NN_SHOWN] = nn_alloc((size_t)e->count, sizeof *number);
    nn_code rc = all == NULL || number == NULL ? nn_err_memory(err, "the columns", 0) : NN_OK;

    for (int i = 0; rc == NN_OK && i < e->count; i++)
        all[i] = (ranked){nn_encoded_name(&e->column[i], number[i]),
                          weight_of(f, e->column[i].at, e->column[i].width)};
    if (rc == NN_OK) {
        qsort(all, (size_t)e->count, sizeof *all, by_value);
        for (; ranks.count < e->count && ranks.count < MOST_RANKS; ranks.count++) {
            name[ranks.count] = all[ranks.count].name;
            value[ranks.count] = all[ranks.count].value;
        }
        nn_page_figure(p, "Weight of each column", "root mean square of its weights");
        const size_t from = p->out.len;
        nn_plot_ranks(&p->out, &ranks);
        rc = nn_page_plate(p, from, "columns", err);
        nn_page_figure_end(p);
    }
    nn_free(all);
    nn_free(number);
    return rc;
}

static nn_code write(nn_page *p, const nn_dossier *d, nn_err *err)
{
    const nn_encoder *e = d->prep->encoder;
    char count[NN_FORMAT_TEXT];
    filters f;

    (void)find(d, &f);
    nn_buf_put(&p->out, "<p class=\"note\">The weights of <b>");
    nn_markup_text(&p->out, f.layer->name);
    nn_buf_printf(&p->out, "</b>, the first layer that has some: %s%s units.</p>\n",
                  f.height > 0 && f.units > MOST_PICTURES ? "the first 64 of " : "",
                  nn_format_count(count, (uint64_t)f.units));
    if (f.height > 0)
        return put_pictures(p, &f, err);
    nn_buf_put(&p->out, "<div class=\"grid wide\">\n");
    if (e != NULL && f.kernel->shape.rank == 2 && f.kernel->shape.dim[0] == e->features &&
        sees_input(d->graph, f.layer))
        NN_TRY(put_ranks(p, e, &f, err));
    NN_TRY(put_matrix(p, &f, err));
    nn_buf_put(&p->out, "</div>\n");
    return NN_OK;
}

const nn_section nn_section_filters = {"filters", "First layer", applies, write};
