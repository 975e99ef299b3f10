/*
 * Writes the PNG files beside it with libpng, and the picture that each must be read as, computed
 * from the same samples, as PPM or PGM. Not built with the tests:
 * cc make_pngs.c -lpng -o make_pngs && ./make_pngs FOLDER
 */
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 64 };

typedef struct picture {
    char name[64];
    int width, height, colour, depth, interlace, transparent;
    int samples;
    unsigned value[MOST][MOST][4];
    png_color palette[256];
    png_byte alpha[256];
} picture;

static unsigned state = 1;

static unsigned draw(void)
{
    state = state * 1664525U + 1013904223U;
    return state >> 8;
}

static void fill(picture *p)
{
    const unsigned most = (1U << p->depth) - 1;

    for (int i = 0; i < 256; i++) {
        p->palette[i] = (png_color){(png_byte)draw(), (png_byte)draw(), (png_byte)draw()};
        p->alpha[i] = (png_byte)draw();
    }
    for (int y = 0; y < p->height; y++)
        for (int x = 0; x < p->width; x++)
            for (int k = 0; k < p->samples; k++) /* slopes, so that every filter is chosen */
                p->value[y][x][k] = (draw() % 4 == 0 ? draw() : (unsigned)(x * 9 + y * k)) & most;
}

/* A row as the file has it: samples of 1 to 16 bits, the most significant first. */
static void pack(const picture *p, int y, png_byte *row)
{
    int bit = 0;

    memset(row, 0, MOST * 8);
    for (int x = 0; x < p->width; x++)
        for (int k = 0; k < p->samples; k++)
            for (int b = p->depth - 1; b >= 0; b--, bit++)
                row[bit / 8] |= (png_byte)((p->value[y][x][k] >> b & 1) << (7 - bit % 8));
}

static void write_png(const picture *p, const char *folder)
{
    static png_byte rows[MOST][MOST * 8];
    png_bytep row[MOST];
    char path[512];
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_color_16 key = {0};
    FILE *f;

    (void)snprintf(path, sizeof path, "%s/%s.png", folder, p->name);
    if ((f = fopen(path, "wb")) == NULL)
        exit(1);
    png_init_io(png, f);
    png_set_IHDR(png, info, (png_uint_32)p->width, (png_uint_32)p->height, p->depth, p->colour,
                 p->interlace, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_filter(png, 0, PNG_ALL_FILTERS);
    png_set_compression_buffer_size(png, 64); /* several data chunks */
    if (p->colour == PNG_COLOR_TYPE_PALETTE)
        png_set_PLTE(png, info, p->palette, 1 << p->depth);
    key.gray = key.red = (png_uint_16)p->value[0][0][0];
    key.green = (png_uint_16)p->value[0][0][1];
    key.blue = (png_uint_16)p->value[0][0][2];
    if (p->transparent)
        png_set_tRNS(png, info, p->alpha, 1 << p->depth, &key);
    for (int y = 0; y < p->height; y++) {
        pack(p, y, rows[y]);
        row[y] = rows[y];
    }
    png_write_info(png, info);
    png_write_image(png, row);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    fclose(f);
}

static unsigned on_white(unsigned value, unsigned alpha)
{
    return (unsigned)((value * alpha + 255.0 * (255 - alpha)) / 255 + 0.5);
}

static unsigned to_byte(unsigned value, unsigned most)
{
    return (unsigned)(value * 255.0 / most + 0.5);
}

static void write_expected(const picture *p, const char *folder)
{
    const unsigned most = (1U << p->depth) - 1;
    const int colours = p->samples < 3 && p->colour != PNG_COLOR_TYPE_PALETTE ? 1 : 3;
    char path[512];
    FILE *f;

    (void)snprintf(path, sizeof path, "%s/%s.pnm", folder, p->name);
    if ((f = fopen(path, "wb")) == NULL)
        exit(1);
    fprintf(f, "P%d\n%d %d\n255\n", colours == 1 ? 5 : 6, p->width, p->height);
    for (int y = 0; y < p->height; y++)
        for (int x = 0; x < p->width; x++) {
            const unsigned *v = p->value[y][x];
            const png_color *c = &p->palette[v[0] & 255];
            const unsigned entry[3] = {c->red, c->green, c->blue};
            unsigned alpha = 255;

            if (p->colour & PNG_COLOR_MASK_ALPHA)
                alpha = to_byte(v[p->samples - 1], most);
            else if (p->transparent && p->colour == PNG_COLOR_TYPE_PALETTE)
                alpha = p->alpha[v[0]];
            else if (p->transparent)
                alpha = memcmp(v, p->value[0][0], (size_t)p->samples * sizeof *v) == 0 ? 0 : 255;
            for (int k = 0; k < colours; k++)
                fputc((int)on_white(p->colour == PNG_COLOR_TYPE_PALETTE ? entry[k]
                                                                        : to_byte(v[k], most),
                                    alpha),
                      f);
        }
    fclose(f);
}

int main(int argc, char **argv)
{
    static const int kinds[][3] = {{0, 1, 1}, {0, 2, 1},  {0, 4, 1},  {0, 8, 1}, {0, 16, 1},
                                   {2, 8, 3}, {2, 16, 3}, {3, 1, 1},  {3, 2, 1}, {3, 4, 1},
                                   {3, 8, 1}, {4, 8, 2},  {4, 16, 2}, {6, 8, 4}, {6, 16, 4}};
    static picture p;

    for (size_t k = 0; argc == 2 && k < sizeof kinds / sizeof kinds[0]; k++)
        for (int interlace = 0; interlace < 2; interlace++) {
            p = (picture){.colour = kinds[k][0], .depth = kinds[k][1], .samples = kinds[k][2]};
            p.interlace = interlace ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE;
            p.transparent = interlace && !(p.colour & PNG_COLOR_MASK_ALPHA);
            p.width = 1 + (int)(draw() % 21);
            p.height = 1 + (int)(draw() % 13);
            (void)snprintf(p.name, sizeof p.name, "type%d-%dbit%s", p.colour, p.depth,
                           interlace ? "-interlaced" : "");
            fill(&p);
            write_png(&p, argv[1]);
            write_expected(&p, argv[1]);
        }
    return argc != 2;
}
