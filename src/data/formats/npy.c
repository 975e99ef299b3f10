/* NPY, versions 1 to 3: a magic, a Python dict of type, order and shape, and the elements in C
 * order. */
#include "data/elements.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { MAGIC = 8 /* with the version */ };

typedef struct header {
    nn_elements type;
    bool fortran;
    uint64_t dim[NN_ARRAY_MAX_DIMS];
    int dims;
    bool has_descr, has_order, has_shape;
} header;

/* The text of the dict and how far it was read. */
typedef struct cursor {
    const char *at, *end;
    const char *path; /* for messages */
} cursor;

static bool is_npy(const unsigned char *head, size_t len)
{
    static const unsigned char magic[] = {0x93, 'N', 'U', 'M', 'P', 'Y'};

    return len > 0 && memcmp(head, magic, len < sizeof magic ? len : sizeof magic) == 0;
}

static void skip_space(cursor *c)
{
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\t' || *c->at == '\n'))
        c->at++;
}

/* Takes a mark, with spaces before it, if it is there. */
static bool take(cursor *c, char mark)
{
    skip_space(c);
    if (c->at == c->end || *c->at != mark)
        return false;
    c->at++;
    return true;
}

static nn_code unexpected(const cursor *c, const char *what, nn_err *err)
{
    char shown[NN_SHOWN];

    return nn_err_set(err, NN_EDATA, c->path, "NPY header: expected %s, got \"%s\"", what,
                      nn_text_show(shown, sizeof shown, c->at, (size_t)(c->end - c->at), 20));
}

static nn_code take_text(cursor *c, const char **text, size_t *len, const char *what, nn_err *err)
{
    char quote = 0;
    const char *stop = NULL;

    skip_space(c);
    if (c->at < c->end && (*c->at == '\'' || *c->at == '"')) {
        quote = *c->at;
        stop = memchr(c->at + 1, quote, (size_t)(c->end - c->at - 1));
    }
    if (stop == NULL)
        return unexpected(c, what, err);
    *text = c->at + 1;
    *len = (size_t)(stop - *text);
    c->at = stop + 1;
    return NN_OK;
}

static bool is_type(char kind, int size)
{
    switch (kind) {
    case 'f':
        return size == 4 || size == 8;
    case 'i':
        return size == 1 || size == 2 || size == 4 || size == 8;
    case 'u':
        return size == 1 || size == 2 || size == 4;
    default:
        return kind == 'b' && size == 1;
    }
}

static nn_code parse_descr(header *h, cursor *c, nn_err *err)
{
    const char *text = NULL;
    size_t len = 0;
    char shown[NN_SHOWN];

    skip_space(c);
    if (c->at < c->end && *c->at == '[')
        return nn_err_set(err, NN_EDATA, c->path,
                          "structured arrays are not supported; save one plain array of numbers");
    NN_TRY(take_text(c, &text, &len, "a type such as '<f4'", err));
    nn_text_show(shown, sizeof shown, text, len, 20);
    if (memchr(text, 'O', len) != NULL)
        return nn_err_set(err, NN_EDATA, c->path,
                          "object arrays (type \"%s\") hold Python pickles and are not read; save "
                          "numbers",
                          shown);
    if (len != 3 || strchr("<>|", text[0]) == NULL || text[0] == '\0' ||
        !is_type(text[1], text[2] - '0') || (text[0] == '|' && text[2] != '1'))
        return nn_err_set(err, NN_EDATA, c->path,
                          "type \"%s\" is not supported, expected f4, f8, i1, i2, i4, i8, u1, u2, "
                          "u4 or b1",
                          shown);
    h->type = (nn_elements){text[1], text[2] - '0', text[0] == '>'};
    return NN_OK;
}

static nn_code parse_order(header *h, cursor *c, nn_err *err)
{
    static const char *const word[] = {"False", "True"};

    skip_space(c);
    for (int i = 0; i < 2; i++) {
        const size_t len = strlen(word[i]);

        if ((size_t)(c->end - c->at) >= len && memcmp(c->at, word[i], len) == 0) {
            h->fortran = i == 1;
            c->at += len;
            return NN_OK;
        }
    }
    return unexpected(c, "True or False", err);
}

static nn_code parse_dim(header *h, cursor *c, nn_err *err)
{
    const char *const start = c->at;
    uint64_t value = 0;

    while (c->at < c->end && *c->at >= '0' && *c->at <= '9')
        c->at++;
    if (!nn_parse_u64(start, (size_t)(c->at - start), &value)) {
        c->at = start;
        return unexpected(c, "a dimension", err);
    }
    if (h->dims == NN_ARRAY_MAX_DIMS)
        return nn_err_set(err, NN_EDATA, c->path, "expected 1 to %d dimensions, got more",
                          NN_ARRAY_MAX_DIMS);
    h->dim[h->dims++] = value;
    return NN_OK;
}

/* A tuple: (), (3,), (3, 2) or (3, 2,). */
static nn_code parse_shape(header *h, cursor *c, nn_err *err)
{
    bool comma = true;

    if (!take(c, '('))
        return unexpected(c, "a shape", err);
    while (!take(c, ')')) {
        if (!comma)
            return unexpected(c, "a comma or the end of the shape", err);
        NN_TRY(parse_dim(h, c, err));
        comma = take(c, ',');
    }
    if (h->dims == 0)
        return nn_err_set(err, NN_EDATA, c->path,
                          "a single number (shape ()), expected an array of samples");
    if (h->dims == 1 && !comma)
        return unexpected(c, "a comma in the shape of one dimension", err);
    return NN_OK;
}

static nn_code parse_member(header *h, cursor *c, nn_err *err)
{
    const struct {
        const char *key;
        bool *has;
        nn_code (*parse)(header *h, cursor *c, nn_err *err);
    } member[] = {{"descr", &h->has_descr, parse_descr},
                  {"fortran_order", &h->has_order, parse_order},
                  {"shape", &h->has_shape, parse_shape}};
    const char *key = NULL;
    size_t len = 0;
    char shown[NN_SHOWN];

    NN_TRY(take_text(c, &key, &len, "a quoted key", err));
    if (!take(c, ':'))
        return unexpected(c, "a colon after the key", err);
    for (size_t i = 0; i < sizeof member / sizeof member[0]; i++) {
        if (strlen(member[i].key) != len || memcmp(member[i].key, key, len) != 0)
            continue;
        if (*member[i].has)
            return nn_err_set(err, NN_EDATA, c->path, "NPY header: \"%s\" is given twice",
                              member[i].key);
        *member[i].has = true;
        return member[i].parse(h, c, err);
    }
    return nn_err_set(err, NN_EDATA, c->path, "NPY header: unknown key \"%s\"",
                      nn_text_show(shown, sizeof shown, key, len, 20));
}

static nn_code parse_dict(header *h, cursor *c, nn_err *err)
{
    bool comma = true;

    if (!take(c, '{'))
        return unexpected(c, "a dict", err);
    while (!take(c, '}')) {
        if (!comma)
            return unexpected(c, "a comma or the end of the dict", err);
        NN_TRY(parse_member(h, c, err));
        comma = take(c, ',');
    }
    skip_space(c);
    if (c->at != c->end)
        return unexpected(c, "the end of the header", err);
    if (!h->has_descr || !h->has_order || !h->has_shape)
        return nn_err_set(err, NN_EDATA, c->path, "NPY header: missing key \"%s\"",
                          !h->has_descr   ? "descr"
                          : !h->has_order ? "fortran_order"
                                          : "shape");
    if (h->fortran)
        return nn_err_set(err, NN_EDATA, c->path,
                          "the array is in Fortran order; save numpy.ascontiguousarray(a) instead");
    return NN_OK;
}

/* The magic, the version and the length of the dict that follows. */
static nn_code read_length(size_t *len, nn_gz *f, const char *path, nn_err *err)
{
    unsigned char b[MAGIC + 4] = {0};
    size_t got = 0, wide = 0;

    NN_TRY(nn_gz_read(f, b, MAGIC, &got, err));
    if (!is_npy(b, got))
        return nn_err_set(err, NN_EDATA, path, "not an NPY file: begins with %02x %02x %02x %02x",
                          b[0], b[1], b[2], b[3]);
    if (got < MAGIC)
        return nn_err_set(err, NN_EDATA, path, "truncated NPY magic: expected 8 bytes, got %zu",
                          got);
    if (b[6] < 1 || b[6] > 3 || b[7] != 0)
        return nn_err_set(err, NN_EDATA, path, "NPY version %d.%d, expected 1.0, 2.0 or 3.0", b[6],
                          b[7]);
    wide = b[6] == 1 ? 2 : 4;
    NN_TRY(nn_gz_read(f, b + MAGIC, wide, &got, err));
    if (got < wide)
        return nn_err_set(err, NN_EDATA, path, "truncated NPY header");
    *len = (size_t)b[8] | (size_t)b[9] << 8 | (size_t)b[10] << 16 | (size_t)b[11] << 24;
    if (*len > NN_NPY_MAX_HEADER)
        return nn_err_set(err, NN_EDATA, path, "NPY header of %zu bytes is over the limit of %d",
                          *len, NN_NPY_MAX_HEADER);
    return NN_OK;
}

static nn_code read_header(nn_array *out, nn_elements *type, nn_gz *f, const char *path,
                           nn_err *err)
{
    char text[NN_NPY_MAX_HEADER];
    header h = {0};
    size_t len = 0, got = 0;
    cursor c = {text, text, path};

    NN_TRY(read_length(&len, f, path, err));
    NN_TRY(nn_gz_read(f, text, len, &got, err));
    if (got < len)
        return nn_err_set(err, NN_EDATA, path, "truncated NPY header: expected %zu bytes, got %zu",
                          len, got);
    c.end = text + len;
    NN_TRY(parse_dict(&h, &c, err));
    *type = h.type;
    return nn_elements_plan(out, type, h.dim, h.dims, f, path, err);
}

static nn_code head(nn_array *out, nn_gz *f, const char *path, nn_err *err)
{
    nn_elements type = {0};

    return read_header(out, &type, f, path, err);
}

static nn_code load(nn_array *out, nn_gz *f, const char *path, nn_err *err)
{
    nn_elements type = {0};

    NN_TRY(read_header(out, &type, f, path, err));
    return nn_elements_read(out, &type, f, path, err);
}

extern const nn_array_format nn_format_npy;
const nn_array_format nn_format_npy = {.kind = {.name = "npy", .help = "NumPy's array files"},
                                       .is = is_npy,
                                       .head = head,
                                       .load = load};
