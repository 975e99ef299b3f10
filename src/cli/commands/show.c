/* nnctl show: the layers of a config or a model, and what they cost. */
#include <string.h>
#include <unistd.h>

#include "cli/columns_view.h"
#include "cli/prepare.h"
#include "cli/terminal.h"
#include "run/model.h"
#include "view/blocks.h"
#include "view/dot.h"
#include "view/format.h"
#include "view/lanes.h"
#include "view/sheet.h"

/* What is shown, wherever it came from. */
typedef struct subject {
    const nn_graph *graph;
    const nn_prep *prep; /* NULL: a config */
    nn_memory memory;
    int batch_size;
    const char *path;
} subject;

enum { SHOWN_CLASSES = 20, BAR = 8, ROOM_BESIDE_NAME = 90 };

typedef struct conf {
    bool dot;
    bool nonfinite;
} conf;

static size_t layer_parameters(const nn_layer *l)
{
    size_t sum = 0;

    for (int i = 0; i < l->weights; i++)
        sum += l->weight[i].size.count;
    return sum;
}

static bool is_chain(const nn_graph *g)
{
    for (int i = 0; i < g->count; i++)
        if (g->layer[i]->inputs != 1 || g->layer[i]->from[0] != i - 1)
            return false;
    return true;
}

static void put_inputs(const nn_graph *g, const nn_layer *l, nn_buf *out)
{
    for (int i = 0; i < l->inputs; i++)
        nn_buf_printf(out, "%s%s", i == 0 ? "" : ", ",
                      l->from[i] < 0 ? "(input)" : g->layer[l->from[i]]->name);
}

/* What the table has beside names, types, shapes and parameters. */
typedef struct extras {
    nn_lanes *lanes; /* NULL: a chain, which needs no drawing */
    bool bars;       /* shares of parameters and arithmetic, for the eye */
    bool unicode;
} extras;

/* Has a stdout of this width room for bars? Into a file they would only be in the way. */
static bool has_room(const nn_graph *g)
{
    const int columns = nn_terminal_columns(STDOUT_FILENO);
    size_t longest = 0;

    for (int i = 0; i < g->count; i++)
        if (strlen(g->layer[i]->name) > longest)
            longest = strlen(g->layer[i]->name);
    return columns >= (int)longest + ROOM_BESIDE_NAME;
}

static void put_share(nn_sheet *sheet, const extras *x, double part, double whole)
{
    nn_buf bar = {0};

    if (!x->bars)
        return;
    if (part > 0)
        nn_bar_put(&bar, part / whole, BAR, x->unicode);
    nn_sheet_text(sheet, &bar);
    nn_buf_free(&bar);
}

static void put_layer(nn_sheet *sheet, const extras *x, const nn_graph *g, const nn_layer *l)
{
    char name[4 * NN_NAME_SIZE + 4];
    char text[NN_SHAPE_TEXT];
    nn_buf cell = {0};

    if (x->lanes != NULL) {
        nn_lanes_put(x->lanes, &cell);
        nn_sheet_text(sheet, &cell);
    }
    nn_sheet_cell(sheet, "%s",
                  nn_text_show(name, sizeof name, l->name, strlen(l->name), NN_NAME_SIZE));
    nn_sheet_cell(sheet, "%s", l->class->kind.name);
    nn_sheet_cell(sheet, "%s", nn_shape_text(text, &l->out));
    nn_sheet_cell(sheet, "%s", nn_format_count(text, layer_parameters(l)));
    put_share(sheet, x, (double)layer_parameters(l), (double)g->parameters);
    if (x->bars)
        nn_sheet_cell(sheet, "%s", nn_format_count(text, (uint64_t)l->flops));
    put_share(sheet, x, l->flops, g->flops);
    if (x->lanes != NULL) {
        nn_buf_clear(&cell);
        put_inputs(g, l, &cell);
        nn_sheet_text(sheet, &cell);
    }
    nn_buf_free(&cell);
}

static nn_code put_layers(const nn_graph *g, nn_buf *out, nn_err *err)
{
    nn_column column[NN_SHEET_COLUMNS];
    extras x = {NULL, has_room(g), nn_terminal_has_unicode()};
    nn_sheet sheet;
    int n = 0;

    if (!is_chain(g)) {
        NN_TRY(nn_lanes_new(&x.lanes, g, x.unicode, err));
        column[n++] = (nn_column){"", NN_LEFT};
    }
    column[n++] = (nn_column){"layer", NN_LEFT};
    column[n++] = (nn_column){"type", NN_LEFT};
    column[n++] = (nn_column){"output shape", NN_LEFT};
    column[n++] = (nn_column){"parameters", NN_RIGHT};
    if (x.bars) {
        column[n++] = (nn_column){"", NN_LEFT};
        column[n++] = (nn_column){"FLOPs", NN_RIGHT};
        column[n++] = (nn_column){"", NN_LEFT};
    }
    if (x.lanes != NULL)
        column[n++] = (nn_column){"takes", NN_LEFT};
    nn_sheet_start(&sheet, column, n);
    for (int i = 0; i < g->count; i++)
        put_layer(&sheet, &x, g, g->layer[i]);
    nn_sheet_write(&sheet, out);
    nn_sheet_free(&sheet);
    nn_lanes_free(x.lanes);
    return NN_OK;
}

static void put_totals(const subject *what, nn_buf *out)
{
    const nn_graph *g = what->graph;
    char a[NN_FORMAT_TEXT];
    char b[NN_FORMAT_TEXT];

    nn_buf_printf(out, "\nparameters        %s", nn_format_count(a, g->parameters));
    if (g->trainable != g->parameters)
        nn_buf_printf(out, " (%s trainable)", nn_format_count(b, g->trainable));
    nn_buf_printf(out, "\nweights           %s\n", nn_format_bytes(a, 4 * (uint64_t)g->parameters));
    nn_buf_printf(out, "FLOPs per sample  %s\n", nn_format_count(a, (uint64_t)g->flops));
    nn_buf_printf(out, "training memory   %s", nn_format_bytes(a, what->memory.total));
    if (what->batch_size > 0)
        nn_buf_printf(out, " at batch size %s", nn_format_count(b, (uint64_t)what->batch_size));
    nn_buf_put(out, what->memory.data ? "\n" : ", and the data\n");
}

static void put_classes(const nn_classes *classes, nn_buf *out)
{
    char shown[NN_SHOWN];

    for (int i = 0; i < classes->count && i < SHOWN_CLASSES; i++)
        nn_buf_printf(
            out, "%s %s", i == 0 ? ":" : ",",
            nn_text_show(shown, sizeof shown, classes->name[i], strlen(classes->name[i]), 40));
    nn_buf_put(out, classes->count > SHOWN_CLASSES ? ", ...\n" : "\n");
}

/* What travels with the weights. */
static void put_prep(const nn_prep *prep, nn_buf *out)
{
    char shown[NN_SHOWN];

    nn_buf_printf(out, "task              %s", nn_task_words[prep->task]);
    if (prep->classes.count > 0) {
        nn_buf_printf(out, ", %d classes", prep->classes.count);
        put_classes(&prep->classes, out);
    } else {
        nn_buf_char(out, '\n');
    }
    nn_buf_printf(out, "input scaling     %s\n", nn_scale_words[prep->scale]);
    if (prep->target_scale != NN_TARGET_NONE)
        nn_buf_printf(out, "target scaling    %s\n", nn_target_scale_words[prep->target_scale]);
    if (prep->target_column != NULL)
        nn_buf_printf(out, "target column     %s\n",
                      nn_text_show(shown, sizeof shown, prep->target_column,
                                   strlen(prep->target_column), 40));
}

static void put_heading(const subject *what, nn_buf *out)
{
    char shown[NN_SHOWN];
    char shape[NN_SHAPE_TEXT];

    nn_buf_printf(out, "%s\n\n",
                  nn_text_show(shown, sizeof shown, what->path, strlen(what->path), 200));
    if (what->prep != NULL)
        put_prep(what->prep, out);
    nn_buf_printf(out, "input shape       %s\n\n", nn_shape_text(shape, &what->graph->in));
    if (what->prep != NULL)
        nn_columns_put(what->prep, out);
}

static void put_shape_json(const nn_shape *shape, nn_buf *out)
{
    nn_buf_char(out, '[');
    for (int i = 0; i < shape->rank; i++)
        nn_buf_printf(out, "%s%d", i == 0 ? "" : ",", shape->dim[i]);
    nn_buf_char(out, ']');
}

static void put_prep_json(const nn_prep *prep, nn_buf *out)
{
    nn_buf_printf(out, ",\"task\":\"%s\",\"classes\":[", nn_task_words[prep->task]);
    for (int i = 0; i < prep->classes.count; i++) {
        nn_buf_put(out, i == 0 ? "" : ",");
        nn_buf_json(out, prep->classes.name[i]);
    }
    nn_buf_printf(out, "],\"scale\":\"%s\",\"target_scale\":\"%s\",\"preprocess\":",
                  nn_scale_words[prep->scale], nn_target_scale_words[prep->target_scale]);
    nn_prep_write(prep, out);
}

static void put_json(const subject *what, nn_buf *out)
{
    const nn_graph *g = what->graph;

    nn_buf_put(out, "{\"layers\":[");
    for (int i = 0; i < g->count; i++) {
        const nn_layer *l = g->layer[i];

        nn_buf_put(out, i == 0 ? "{\"name\":" : ",{\"name\":");
        nn_buf_json(out, l->name);
        nn_buf_printf(out, ",\"type\":\"%s\",\"output_shape\":", l->class->kind.name);
        put_shape_json(&l->out, out);
        nn_buf_printf(out, ",\"parameters\":%zu,\"flops\":%.0f}", layer_parameters(l), l->flops);
    }
    nn_buf_printf(out,
                  "],\"parameters\":%zu,\"trainable\":%zu,\"flops\":%.0f,\"memory_bytes\":%llu",
                  g->parameters, g->trainable, g->flops, (unsigned long long)what->memory.total);
    nn_buf_put(out, ",\"input_shape\":");
    put_shape_json(&g->in, out);
    if (what->prep != NULL)
        put_prep_json(what->prep, out);
    nn_buf_put(out, "}\n");
}

static nn_code put(nn_session *s, const subject *what, nn_err *err)
{
    if (((const conf *)s->conf)->dot) {
        nn_dot_put(&s->out, what->graph);
        return NN_OK;
    }
    if (s->common.json) {
        put_json(what, &s->out);
        return NN_OK;
    }
    put_heading(what, &s->out);
    NN_TRY(put_layers(what->graph, &s->out, err));
    put_totals(what, &s->out);
    for (int i = 0; s->common.verbose && i < NN_MEMORY_PARTS; i++) {
        char bytes[NN_FORMAT_TEXT];
        nn_buf_printf(&s->out, "  %-18s  %s\n", what->memory.part[i].name,
                      nn_format_bytes(bytes, what->memory.part[i].bytes));
    }
    return NN_OK;
}

static nn_code show_config(nn_session *s, const char *path, nn_err *err)
{
    const nn_setup_options options = {.depth = NN_SETUP_SHAPES, .targets_optional = true};
    nn_prepared p = {0};
    nn_code rc = nn_prepare_aloud(&p, s, path, &options, err);

    if (rc == NN_OK) {
        subject what = {.graph = p.setup->graph, .path = path};
        what.batch_size = p.config->training.batch_size;
        rc = nn_setup_memory(p.setup, nn_session_threads(s), &what.memory, err);
        if (rc == NN_OK)
            rc = put(s, &what, err);
    }
    nn_prepared_free(&p);
    return rc;
}

static nn_code show_model(nn_session *s, const char *name, nn_err *err)
{
    const conf *c = s->conf;
    nn_model *m = NULL;
    const nn_texts *sets = &s->common.sets;
    nn_code rc = (c->nonfinite ? nn_model_open_nonfinite : nn_model_open)(
        &m, name, s->runs, (const char *const *)sets->list, sets->count, err);

    if (rc == NN_OK) {
        /* As much of a run as its memory depends on; the data is not known here. */
        const nn_setup training = {.config = m->config, .graph = m->graph};
        subject what = {.graph = m->graph, .prep = m->prep, .path = m->path};
        what.batch_size = m->config->training.batch_size;
        rc = nn_setup_memory(&training, nn_session_threads(s), &what.memory, err);
        if (rc == NN_OK)
            rc = put(s, &what, err);
    }
    nn_model_free(m);
    return rc;
}

static nn_code run(nn_session *s, nn_err *err)
{
    const char *name = nn_session_word(s, 0);
    bool is_config = false;

    NN_TRY(nn_names_config(name, &is_config, err));
    return is_config ? show_config(s, name, err) : show_model(s, name, err);
}

static const nn_option options[] = {
    {.name = "dot", .at = offsetof(conf, dot), .help = "the graph for Graphviz, instead"},
    {.name = "allow-nonfinite",
     .at = offsetof(conf, nonfinite),
     .help = "take a model whose weights are NaN or infinite, to look at what is left of it"},
    {.name = NULL},
};

static const nn_argument arguments[] = {
    {"CONFIG|MODEL", false, NN_COMPLETE_MODEL,
     "a config, a model file, a run directory, or @latest"},
    {NULL, false, NN_COMPLETE_NOTHING, NULL},
};

static const nn_example examples[] = {
    {"nnctl show mlp.json", "the layers, before anything is trained"},
    {"nnctl show @latest", "the model of the newest run"},
    {"nnctl show resnet.json --dot | dot -Tsvg > resnet.svg", "its graph as a picture"},
    {NULL, NULL},
};

const nn_command nn_command_show = {
    .name = "show",
    .summary = "show layers, parameters and cost of a config or model",
    .text = "Shows the layers with their output shapes and parameters, the size of the\n"
            "weights, the arithmetic per sample and the memory that training takes; for a\n"
            "model also its preprocessing and classes. On a wide terminal bars show where\n"
            "parameters and arithmetic are; a graph that is no chain is drawn beside it.",
    .arguments = arguments,
    .options = options,
    .conf_size = sizeof(conf),
    .takes_set = true,
    .examples = examples,
    .run = run,
};
