/* nnctl data convert: IDX, NPY and CSV into each other, pictures into IDX and NPY. */
#include <string.h>

#include "base/file.h"
#include "cli/session.h"
#include "data/convert.h"
#include "view/format.h"

typedef struct conf {
    const char *out;
    const char *y;
    const char *target;
    int to;   /* index in format_words */
    int type; /* index in type_words */
    nn_shape shape;
    nn_raster_form form;
    bool grey;
    bool force;
} conf;

static const char *const format_words[] = {"auto", "csv", "idx", "npy", NULL};
static const char *const type_words[] = {"auto", "u8", "i32", "i64", "f32", "f64", NULL};

static nn_element_type type_named(const char *word)
{
    int i = 0;

    while (strcmp(nn_element_words[i], word) != 0)
        i++;
    return (nn_element_type)i;
}

static nn_code fill(nn_convert *c, const nn_session *s, nn_err *err)
{
    const conf *o = s->conf;

    *c = (nn_convert){.in = nn_session_word(s, 0),
                      .out = o->out,
                      .y = o->y,
                      .target = o->target,
                      .type = type_named(type_words[o->type]),
                      .shape = o->shape,
                      .form = o->form,
                      .exists = o->force ? NN_REPLACE_EXISTING : NN_REFUSE_EXISTING};
    if (o->grey)
        c->form.channels = 1;
    if (o->out == NULL)
        return nn_err_set(err, NN_EUSAGE, "data convert", "expected -o FILE to write to");
    c->to = o->to != 0 ? format_words[o->to] : nn_format_by_name(o->out);
    if (c->to == NULL)
        return nn_err_set(err, NN_EUSAGE, o->out,
                          "the name tells no format (.csv, .npy, .idx, ...ubyte); give --to");
    if (strcmp(c->to, "idx") == 0 && c->type == NN_ELEMENT_I64)
        return nn_err_set(err, NN_EUSAGE, "data convert", "IDX has no type i64");
    if (strcmp(c->to, "csv") == 0 && (o->type != 0 || o->shape.rank > 0))
        return nn_err_set(err, NN_EUSAGE, "data convert", "--type and --shape are for arrays");
    return NN_OK;
}

/* Nothing is written over what is read. */
static nn_code check_paths(const nn_convert *c, nn_err *err)
{
    if (nn_path_is_same(c->in, c->out) || (c->y != NULL && nn_path_is_same(c->y, c->out)))
        return nn_err_set(err, NN_EUSAGE, c->out, "this file is an input as well");
    if (c->y != NULL && (strcmp(c->y, c->out) == 0 || nn_path_is_same(c->in, c->y)))
        return nn_err_set(err, NN_EUSAGE, c->y, "this file is another one's name already");
    return NN_OK;
}

static void tell(nn_session *s, const nn_convert *c, const nn_converted *done)
{
    char rows[NN_FORMAT_TEXT], shape[NN_SHAPE_TEXT], shown[NN_SHOWN];

    if (s->common.json) {
        nn_buf_put(&s->out, "{\"file\":");
        nn_buf_json(&s->out, c->out);
        nn_buf_printf(&s->out, ",\"format\":\"%s\",\"rows\":%zu", c->to, done->rows);
        if (done->type != NN_ELEMENT_AUTO)
            nn_buf_printf(&s->out, ",\"type\":\"%s\",\"shape\":%s", nn_element_words[done->type],
                          done->shape.rank == 0 ? "[]" : nn_shape_text(shape, &done->shape));
        nn_buf_put(&s->out, "}\n");
        return;
    }
    nn_text_show(shown, sizeof shown, c->out, strlen(c->out), 200);
    nn_session_note(s, "%s: %s rows%s%s%s%s", shown, nn_format_count(rows, done->rows),
                    done->type == NN_ELEMENT_AUTO ? "" : " of ",
                    done->type == NN_ELEMENT_AUTO ? "" : nn_element_words[done->type],
                    done->type == NN_ELEMENT_AUTO || done->shape.rank == 0 ? "" : " ",
                    done->type == NN_ELEMENT_AUTO || done->shape.rank == 0
                        ? ""
                        : nn_shape_text(shape, &done->shape));
    if (done->classes.len > 0)
        nn_session_note(s, "classes: %s", done->classes.data);
}

static nn_code run(nn_session *s, nn_err *err)
{
    nn_convert c;
    nn_converted done = {.rows = 0};
    nn_code rc;

    NN_TRY(fill(&c, s, err));
    NN_TRY(check_paths(&c, err));
    NN_TRY(nn_session_reserve(s, c.out, err));
    if ((rc = nn_convert_file(&c, &done, err)) == NN_OK)
        tell(s, &c, &done);
    nn_buf_free(&done.classes);
    return rc;
}

/* "28,28,1" */
static nn_code read_shape(const nn_option *o, const char *text, void *at, nn_err *err)
{
    nn_shape *shape = at;
    char shown[NN_SHOWN];
    const char *from = text;
    size_t elements;

    (void)o;
    for (shape->rank = 0; shape->rank < NN_MAX_RANK - 1; from++) {
        const size_t len = strcspn(from, ",");
        int64_t dim;

        if (!nn_parse_i64(from, len, &dim) || dim < 1 || dim > INT32_MAX)
            break;
        shape->dim[shape->rank++] = (int)dim;
        from += len;
        if (*from == '\0' && nn_shape_len_checked(shape, INT32_MAX, &elements))
            return NN_OK;
        if (*from == '\0')
            break;
    }
    return nn_err_set(err, NN_EUSAGE, NULL, "expected whole numbers as in 28,28,1, got \"%s\"",
                      nn_text_show(shown, sizeof shown, text, strlen(text), 40));
}

#define AT(member) offsetof(conf, member)

static const nn_option options[] = {
    {.name = "out",
     .letter = 'o',
     .value = "FILE",
     .read = nn_read_text,
     .at = AT(out),
     .complete = NN_COMPLETE_FILE,
     .help = "the file to write; its ending (.csv, .npy, .idx) is the format"},
    {.name = "to",
     .value = "FORMAT",
     .read = nn_read_word,
     .at = AT(to),
     .words = format_words,
     .complete = NN_COMPLETE_WORDS,
     .help = "csv, idx or npy, whatever the name says"},
    {.name = "y",
     .value = "FILE",
     .read = nn_read_text,
     .at = AT(y),
     .complete = NN_COMPLETE_FILE,
     .help = "targets: read beside an array, written when a table or folder becomes one"},
    {.name = "target",
     .value = "COLUMN",
     .read = nn_read_text,
     .at = AT(target),
     .help = "the column of a table that goes to --y; words become class numbers"},
    {.name = "shape",
     .value = "N,N,...",
     .read = read_shape,
     .at = AT(shape),
     .help = "the shape of a sample in the array, as in 28,28"},
    {.name = "type",
     .value = "TYPE",
     .read = nn_read_word,
     .at = AT(type),
     .words = type_words,
     .complete = NN_COMPLETE_WORDS,
     .help = "of an array's numbers: u8, i32, i64, f32 or f64"},
    {.name = "resize",
     .at = AT(form.resize),
     .help = "pictures: bring all to the size of --shape, or of the first"},
    {.name = "grey", .at = AT(grey), .help = "pictures: take the colours out"},
    {.name = "invert", .at = AT(form.invert), .help = "pictures: exchange black and white"},
    {.name = "force", .at = AT(force), .help = "replace files that exist"},
    {.name = NULL},
};

static const nn_argument arguments[] = {
    {"FILE", false, NN_COMPLETE_FILE, "a CSV, IDX or NPY file, or a folder of pictures by class"},
    {NULL, false, NN_COMPLETE_NOTHING, NULL},
};

static const nn_example examples[] = {
    {"nnctl data convert images-idx3-ubyte.gz --y labels-idx1-ubyte.gz -o all.csv",
     "images and labels into one table"},
    {"nnctl data convert all.csv --target label --y y.npy --shape 28,28 -o x.npy", "and back"},
    {"nnctl data convert pictures --y y.idx --shape 28,28 --resize -o x.idx",
     "pictures/cat/1.png, pictures/dog/7.pgm, ..."},
    {NULL, NULL},
};

const nn_command nn_command_data_convert = {
    .name = "data convert",
    .summary = "convert IDX, NPY and CSV into each other",
    .text = "Converts a data file. Arrays keep their kind of numbers; those of a table become\n"
            "u8 when they are whole and 0 to 255, else i32 or wider; f32 with fractions.\n"
            "A folder that holds a folder of PNG, PGM and PPM pictures for each class becomes\n"
            "an array of the pictures and one of the classes, numbered in the order of their\n"
            "names; --shape 28,28 makes them grey, --shape 28,28,3 coloured.",
    .arguments = arguments,
    .options = options,
    .conf_size = sizeof(conf),
    .examples = examples,
    .busy = "converting",
    .run = run,
};
