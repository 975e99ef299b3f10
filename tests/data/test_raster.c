/* Pictures: every kind of PNG as libpng writes it, PGM and PPM, broken files, fitting, folders. */
#include "support/nn_test.h"

#include <dirent.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "data/raster.h"
#include "data/support/files.h"

#define PICTURES NN_TESTS "/data/reference/pictures"

static const nn_raster_form as_it_is = {0};

/* ---- PNG ---- */

static void compare(const char *name)
{
    char png[512], pnm[512];
    nn_raster a, b;
    nn_err err = {0};

    (void)snprintf(png, sizeof png, PICTURES "/%s", name);
    (void)snprintf(pnm, sizeof pnm, PICTURES "/%.*s.pnm", (int)strlen(name) - 4, name);
    assert_ok(nn_raster_load(&a, NULL, png, &err), err);
    assert_ok(nn_raster_load(&b, NULL, pnm, &err), err);
    if (a.height != b.height || a.width != b.width || a.channels != b.channels)
        fail_msg("%s: %d x %d x %d", name, a.height, a.width, a.channels);
    for (int i = 0; i < a.height * a.width * a.channels; i++)
        if (a.pixel[i] != b.pixel[i])
            fail_msg("%s: value %d: expected %d, got %d", name, i, b.pixel[i], a.pixel[i]);
    nn_raster_free(&a);
    nn_raster_free(&b);
}

static void test_every_kind_of_png_is_read_as_libpng_wrote_it(void **state)
{
    const struct dirent *entry;
    DIR *dir = opendir(PICTURES);
    int count = 0;

    (void)state;
    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL)
        if (strstr(entry->d_name, ".png") != NULL) {
            compare(entry->d_name);
            count++;
        }
    (void)closedir(dir);
    assert_int_equal(count, 30);
}

static char *whole(const char *path, size_t *len)
{
    char *bytes = NULL;
    nn_err err = {0};

    assert_ok(nn_file_read(&bytes, len, path, 1 << 20, &err), err);
    return bytes;
}

static nn_code load_bytes(const void *bytes, size_t len, nn_err *err)
{
    const uint64_t live = nn_mem_read().live;
    nn_raster p;
    nn_code rc;

    write_file("p", bytes, len);
    rc = nn_raster_load(&p, NULL, "p", err);
    if (rc != NN_OK)
        assert_null(p.pixel);
    nn_raster_free(&p);
    assert_int_equal(nn_mem_read().live, live);
    return rc;
}

/* A checksum covers all but the signature and the lengths, and those fail in other ways. */
static void test_no_prefix_and_no_flipped_bit_is_taken(void **state)
{
    static const char *const names[] = {"type3-4bit-interlaced.png", "type0-1bit.png"};

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        char path[512];
        size_t len;
        nn_err err = {0};

        (void)snprintf(path, sizeof path, PICTURES "/%s", names[k]);
        char *bytes = whole(path, &len);
        assert_ok(load_bytes(bytes, len, &err), err);
        for (size_t i = 0; i < len; i++)
            assert_int_equal(load_bytes(bytes, i, &err), NN_EDATA);
        for (size_t i = 0; i < len; i++) {
            bytes[i] = (char)(bytes[i] ^ (1 << i % 8));
            assert_int_equal(load_bytes(bytes, len, &err), NN_EDATA);
            bytes[i] = (char)(bytes[i] ^ (1 << i % 8));
        }
        nn_free(bytes);
    }
}

static void put_chunk(blob *b, const char *type, const void *body, size_t len)
{
    const size_t at = b->len + 4;

    put_be(b, len, 4);
    put(b, type, 4);
    put(b, body, len);
    put_be(b, nn_crc32(0, b->at + at, len + 4), 4);
}

/* The header's body, with one byte more than it has. */
static const unsigned char *head_of(unsigned width, unsigned height, unsigned depth,
                                    unsigned colour)
{
    static unsigned char head[14];

    memset(head, 0, sizeof head);
    for (int i = 0; i < 4; i++) {
        head[i] = (unsigned char)(width >> (24 - 8 * i));
        head[4 + i] = (unsigned char)(height >> (24 - 8 * i));
    }
    head[8] = (unsigned char)depth;
    head[9] = (unsigned char)colour;
    return head;
}

static void start(blob *b, const char *type, const unsigned char *head, size_t len)
{
    b->len = 0;
    put(b, "\x89PNG\r\n\x1A\n", 8);
    put_chunk(b, type, head, len);
}

static void start_png(blob *b, unsigned width, unsigned height, unsigned depth, unsigned colour)
{
    start(b, "IHDR", head_of(width, height, depth, colour), 13);
}

/* Rows as one stored block in zlib's frame. */
static void pack(blob *z, const unsigned char *raw, size_t len)
{
    unsigned s = 1, t = 0;

    z->len = 0;
    put(z, "\x78\x01\x01", 3);
    put_le(z, len, 2);
    put_le(z, ~(uint64_t)len, 2);
    put(z, raw, len);
    for (size_t i = 0; i < len; i++) {
        s = (s + raw[i]) % 65521;
        t = (t + s) % 65521;
    }
    put_be(z, (uint64_t)t << 16 | s, 4);
}

static void put_data(blob *b, const unsigned char *raw, size_t len)
{
    static blob z;

    pack(&z, raw, len);
    put_chunk(b, "IDAT", z.at, z.len);
}

static void refused(const blob *b, nn_code code, const char *msg)
{
    nn_err err = {0};

    assert_int_equal(load_bytes(b->at, b->len, &err), code);
    assert_string_equal(err.where, "p");
    assert_string_equal(err.msg, msg);
}

static void test_broken_headers_of_pngs_are_named(void **state)
{
    static const char methods[] =
        "not a valid PNG: unknown methods of packing, filtering or interlacing";
    static blob b;
    unsigned char head[13];

    (void)state;
    start(&b, "IHDR", head_of(2, 2, 8, 0), 14);
    refused(&b, NN_EDATA, "not a valid PNG: its header has another length than 13");
    start(&b, "IHDR", head_of(2, 2, 8, 0), 12);
    refused(&b, NN_EDATA, "not a valid PNG: its header has another length than 13");
    for (int i = 10; i < 13; i++) {
        memcpy(head, head_of(2, 2, 8, 0), sizeof head);
        head[i] = i < 12 ? 1 : 2;
        start(&b, "IHDR", head, sizeof head);
        refused(&b, NN_EDATA, methods);
    }
    start(&b, "tEXt", head_of(2, 2, 8, 0), 13);
    refused(&b, NN_EDATA, "not a valid PNG: its header is not the first chunk, once");
    start_png(&b, 2, 2, 8, 0);
    put_chunk(&b, "IHDR", head_of(2, 2, 8, 0), 13);
    refused(&b, NN_EDATA, "not a valid PNG: its header is not the first chunk, once");
}

/* A chunk that may not stand behind the header of a picture with these colours. */
static void refused_chunk(unsigned colour, const char *type, size_t len, const char *msg)
{
    static const unsigned char body[3 * 257];
    static blob b;

    start_png(&b, 2, 2, 8, colour);
    put_chunk(&b, type, body, len);
    refused(&b, NN_EDATA, msg);
    if (colour != 3)
        return;
    start_png(&b, 2, 2, 8, colour);
    put_chunk(&b, "PLTE", body, 6);
    put_chunk(&b, type, body, len);
    refused(&b, NN_EDATA, *type == 'P' ? "not a valid PNG: a palette where none may be" : msg);
}

static void test_palettes_and_transparency_fit_their_colours(void **state)
{
    static const char none[] = "not a valid PNG: a palette where none may be";
    static const char size[] = "not a valid PNG: a palette that is not 1 to 256 colours";
    static const char unfit[] = "not a valid PNG: transparency that does not go with its colours";

    (void)state;
    refused_chunk(0, "PLTE", 6, none);
    refused_chunk(4, "PLTE", 6, none);
    refused_chunk(3, "PLTE", 0, size);
    refused_chunk(3, "PLTE", 4, size);
    refused_chunk(2, "PLTE", 3 * 257, size);
    refused_chunk(0, "tRNS", 1, unfit);
    refused_chunk(0, "tRNS", 6, unfit);
    refused_chunk(2, "tRNS", 2, unfit);
    refused_chunk(4, "tRNS", 2, unfit);
    refused_chunk(6, "tRNS", 6, unfit);
    refused_chunk(3, "tRNS", 3, unfit); /* without a palette, and with one of two colours */
}

static void test_packed_data_of_pngs_is_checked_to_its_end(void **state)
{
    static const unsigned char rows[] = {0, 1, 2, 0, 3, 4};
    static blob b, z;

    (void)state;
    pack(&z, rows, sizeof rows);
    z.at[z.len - 1] ^= 1;
    start_png(&b, 2, 2, 8, 0);
    put_chunk(&b, "IDAT", z.at, z.len);
    put_chunk(&b, "IEND", "", 0);
    refused(&b, NN_EDATA, "invalid packed data after 17 bytes: incorrect data check");
    z.at[z.len - 1] ^= 1;
    put_u8(&z, 0);
    start_png(&b, 2, 2, 8, 0);
    put_chunk(&b, "IDAT", z.at, z.len);
    put_chunk(&b, "IEND", "", 0);
    refused(&b, NN_EDATA, "1 bytes too many behind the packed data");
}

static void test_broken_pngs_are_named(void **state)
{
    static const unsigned char rows[] = {0, 1, 2, 0, 3, 4}, odd[] = {5, 1, 2, 0, 3, 4};
    static blob b;

    (void)state;
    start_png(&b, 0, 5, 8, 0);
    refused(&b, NN_EDATA, "expected a picture of 1 to 16384 pixels a side, got 0 x 5");
    start_png(&b, 0xFFFFFFFF, 0xFFFFFFFF, 8, 0);
    refused(&b, NN_EDATA,
            "expected a picture of 1 to 16384 pixels a side, got 4294967295 x 4294967295");
    start_png(&b, 16384, 16384, 8, 0);
    refused(&b, NN_ELIMIT, "a picture of more than 67108864 pixels: 16384 x 16384");
    start_png(&b, 2, 2, 3, 0);
    refused(&b, NN_EDATA, "not a valid PNG: colour type 0 with 3 bits");
    start_png(&b, 2, 2, 8, 5);
    refused(&b, NN_EDATA, "not a valid PNG: colour type 5 with 8 bits");
    start_png(&b, 2, 2, 16, 3);
    refused(&b, NN_EDATA, "not a valid PNG: colour type 3 with 16 bits");
    start_png(&b, 2, 2, 8, 0);
    put_chunk(&b, "IEND", "", 0);
    refused(&b, NN_EDATA, "not a valid PNG: no data");
    start_png(&b, 2, 2, 8, 0);
    put_chunk(&b, "NEED", "", 0);
    refused(&b, NN_EDATA, "not a valid PNG: a chunk that is unknown and needed");
    start_png(&b, 2, 2, 8, 3);
    put_data(&b, rows, sizeof rows);
    refused(&b, NN_EDATA, "not a valid PNG: no palette before the data");
    start_png(&b, 2, 2, 8, 3);
    put_chunk(&b, "PLTE", "abcdef", 6);
    put_data(&b, rows, sizeof rows);
    put_chunk(&b, "IEND", "", 0);
    refused(&b, NN_EDATA, "not a valid PNG: a colour that its palette does not have");
    start_png(&b, 2, 2, 8, 0);
    put_data(&b, odd, sizeof odd);
    put_chunk(&b, "IEND", "", 0);
    refused(&b, NN_EDATA, "not a valid PNG: an unknown filter");
    start_png(&b, 2, 2, 8, 0);
    put_data(&b, rows, sizeof rows);
    put_chunk(&b, "tEXt", "a", 1);
    put_data(&b, rows, sizeof rows);
    refused(&b, NN_EDATA, "not a valid PNG: data chunks that are not together");
    start_png(&b, 2, 2, 8, 0);
    put_data(&b, rows, sizeof rows);
    put_chunk(&b, "IEND", "", 0);
    put_u8(&b, 0);
    refused(&b, NN_EDATA, "not a valid PNG: bytes behind its end");
    start_png(&b, 2, 1, 8, 0);
    put_data(&b, rows, sizeof rows);
    put_chunk(&b, "IEND", "", 0);
    refused(&b, NN_EDATA, "the packed data holds more than the 3 bytes due");
    start_png(&b, 2, 3, 8, 0);
    put_data(&b, rows, sizeof rows);
    put_chunk(&b, "IEND", "", 0);
    refused(&b, NN_EDATA, "the packed data ends after 6 of 9 bytes");
    start_png(&b, 8000, 8000, 8, 0); /* nothing of that size is allocated */
    put_data(&b, rows, sizeof rows);
    put_chunk(&b, "IEND", "", 0);
    refused(&b, NN_EDATA, "not a valid PNG: it has too little data for its size");
}

/* ---- PGM and PPM ---- */

static void expect_pixels(const char *text, size_t len, int channels, const uint8_t *pixel,
                          size_t count)
{
    nn_raster p;
    nn_err err = {0};

    write_file("p", text, len);
    assert_ok(nn_raster_load(&p, NULL, "p", &err), err);
    assert_int_equal(p.channels, channels);
    assert_int_equal((size_t)(p.height * p.width * p.channels), count);
    assert_memory_equal(p.pixel, pixel, count);
    nn_raster_free(&p);
}

#define EXPECT(text, channels, ...)                                                                \
    do {                                                                                           \
        static const uint8_t pixel_[] = {__VA_ARGS__};                                             \
        expect_pixels(text, sizeof(text) - 1, channels, pixel_, sizeof pixel_);                    \
    } while (0)

static void test_pgm_and_ppm_are_read(void **state)
{
    (void)state;
    EXPECT("P5\n3 1\n255\n\x01\x80\xFF", 1, 1, 128, 255);
    EXPECT("P5 # a comment\n#another\n2\t2 100 \x00\x32\x64\x01", 1, 0, 128, 255, 3);
    EXPECT("P5 2 1 65535\n\xFF\xFF\x80\x00", 1, 255, 128);
    EXPECT("P6 1 2 255 abcdef", 3, 'a', 'b', 'c', 'd', 'e', 'f');
    EXPECT("P2 3 2 15\n0 1 2\n# half\n13 14 15\n\n", 1, 0, 17, 34, 221, 238, 255);
    EXPECT("P3 1 1 1 1 0 1", 3, 255, 0, 255);
}

static void refused_text(const char *text, const char *msg)
{
    static blob b;

    b.len = 0;
    put(&b, text, strlen(text));
    refused(&b, NN_EDATA, msg);
}

static void test_broken_pgm_and_ppm_are_named(void **state)
{
    (void)state;
    refused_text("P5\n", "the file ends where the width is due");
    refused_text("P5 3", "the file ends where the height is due");
    refused_text("P5 -1 2 255 ", "expected the width, found the byte 2d");
    refused_text("P5 99999999999999999999 2 255 ", "the width is too large");
    refused_text("P5 20000 2 255 ",
                 "expected a picture of 1 to 16384 pixels a side, got 20000 x 2");
    refused_text("P5 0 2 255 ", "expected a picture of 1 to 16384 pixels a side, got 0 x 2");
    refused_text("P5 2 2 0 ", "expected a brightest value from 1 to 65535, got 0");
    refused_text("P5 2 2 65536 ", "expected a brightest value from 1 to 65535, got 65536");
    refused_text("P5 2 2 255", "expected a space behind the brightest value");
    refused_text("P5 2 2 255 abc", "expected 4 bytes of pixels or more, found 3");
    refused_text("P5 2 2 256 abcdefg", "expected 8 bytes of pixels or more, found 7");
    refused_text("P6 8000 8000 255 abc", "expected 192000000 bytes of pixels or more, found 3");
    refused_text("P5 2 2 255 abcde", "1 bytes too many behind the pixels");
    refused_text("P5 2 2 97 abcd", "a pixel of 98, where the brightest is to be 97");
    refused_text("P2 2 2 5 1 2 3 ", "expected 7 bytes of pixels or more, found 6");
    refused_text("P2 2 2 5 11 2 3 ", "a pixel of 11, where the brightest is to be 5");
    refused_text("P2 2 2 5 1 2 3 x", "expected a pixel, found the byte 78");
    refused_text("P2 2 2 5 1 2 3 4 5", "1 bytes too many behind the pixels");
    refused_text("P4 8 1 a", "expected a PNG, PGM or PPM picture");
    refused_text("", "expected a PNG, PGM or PPM picture");
}

/* ---- fitting ---- */

static nn_raster made(int height, int width, int channels)
{
    nn_raster p;
    nn_err err = {0};

    assert_ok(nn_raster_new(&p, height, width, channels, &err), err);
    for (int i = 0; i < height * width * channels; i++)
        p.pixel[i] = (uint8_t)(i * 53);
    return p;
}

static void test_colours_become_grey_by_what_the_eye_sees(void **state)
{
    static const uint8_t colours[] = {255, 0, 0, 0, 255, 0, 0, 0, 255, 77, 77, 77, 255, 255, 255};
    static const uint8_t grey[] = {76, 150, 29, 77, 255};
    nn_raster p = made(1, 5, 3);
    nn_err err = {0};

    (void)state;
    memcpy(p.pixel, colours, sizeof colours);
    assert_ok(nn_raster_fit(&p, &(nn_raster_form){.channels = 1}, "p", &err), err);
    assert_int_equal(p.channels, 1);
    assert_memory_equal(p.pixel, grey, sizeof grey);
    assert_ok(nn_raster_fit(&p, &(nn_raster_form){.channels = 3, .invert = true}, "p", &err), err);
    for (int i = 0; i < 15; i++)
        assert_int_equal(p.pixel[i], 255 - grey[i / 3]);
    nn_raster_free(&p);
}

static void test_another_size_is_refused_unless_asked_for(void **state)
{
    const nn_raster_form form = {.height = 28, .width = 20};
    nn_raster p = made(10, 12, 1);
    nn_err err = {0};

    (void)state;
    assert_int_equal(nn_raster_fit(&p, &form, "a.png", &err), NN_EDATA);
    assert_string_equal(err.where, "a.png");
    assert_string_equal(err.msg, "expected a picture of 20 x 28 pixels, got 12 x 10; --resize "
                                 "changes its size");
    nn_raster_free(&p);
}

static void test_resizing_keeps_evenness_and_averages(void **state)
{
    nn_err err = {0};
    nn_raster p = made(64, 48, 3);
    double before = 0, after = 0;

    (void)state;
    for (int i = 0; i < 64 * 48; i++)
        for (int k = 0; k < 3; k++) {
            p.pixel[3 * i + k] = (uint8_t)(k == 0            ? 200
                                           : k == 1          ? i % 48 * 5
                                           : i / 48 % 4 == 0 ? 255
                                                             : 0);
            before += k == 1 ? p.pixel[3 * i + k] / (64.0 * 48) : 0;
        }
    assert_ok(nn_raster_fit(&p, &(nn_raster_form){16, 12, 3, true, false}, "p", &err), err);
    assert_int_equal(p.height, 16);
    assert_int_equal(p.width, 12);
    for (int i = 0; i < 16 * 12; i++) {
        assert_int_equal(p.pixel[3 * i], 200);
        assert_in_range(p.pixel[3 * i + 2], 40, 90); /* a line of four is a quarter of the light */
        after += p.pixel[3 * i + 1] / (16.0 * 12);
    }
    assert_float_equal(before, after, 1.0);
    nn_raster_free(&p);
    p = made(1, 2, 1);
    p.pixel[0] = 0;
    p.pixel[1] = 100;
    assert_ok(nn_raster_fit(&p, &(nn_raster_form){1, 8, 1, true, false}, "p", &err), err);
    for (int i = 0; i < 8; i++) { /* straight lines between the middles of old pixels */
        const double at = (i + 0.5) / 4 - 0.5;
        assert_float_equal(p.pixel[i], at < 0 ? 0 : at > 1 ? 100 : 100 * at, 0.51);
    }
    nn_raster_free(&p);
}

static void test_one_picture_becomes_a_dataset_of_the_shape_asked_for(void **state)
{
    const nn_shape with_channel = nn_shape_3(2, 2, 1), none = {0}, flat = nn_shape_1(4);
    const nn_shape deep = nn_shape_3(2, 2, 2);
    nn_dataset *d = NULL;
    nn_err err = {0};

    (void)state;
    write_text("a.ppm", "P3 2 2 255  1 1 1  2 2 2  3 3 3  4 4 4");
    assert_ok(nn_raster_dataset(&d, "a.ppm", &with_channel, &as_it_is, &err), err);
    assert_int_equal(d->rows, 1);
    assert_true(nn_shape_equal(&d->shape, &with_channel));
    assert_memory_equal(d->bytes, "\1\2\3\4", 4);
    assert_int_equal(d->file[0].id.bytes, 38);
    nn_dataset_free(d);
    assert_ok(nn_raster_dataset(&d, "a.ppm", &none, &as_it_is, &err), err);
    assert_int_equal(d->shape.rank, 3);
    assert_int_equal(d->shape.dim[2], 3);
    nn_dataset_free(d);
    assert_int_equal(nn_raster_dataset(&d, "a.ppm", &flat, &as_it_is, &err), NN_EDATA);
    assert_null(d);
    assert_string_equal(err.msg, "a picture where samples have the shape [4]; expected [height, "
                                 "width], or with 1 or 3 channels behind");
    assert_int_equal(nn_raster_dataset(&d, "a.ppm", &deep, &as_it_is, &err), NN_EDATA);
    assert_string_equal(err.where, "a.ppm");
    assert_string_equal(err.msg, "a picture where samples have the shape [2, 2, 2]; expected "
                                 "[height, width], or with 1 or 3 channels behind");
}

/* ---- folders ---- */

static void put_grey(const char *path, int width, int value)
{
    char text[256];
    int len = snprintf(text, sizeof text, "P2 %d 1 255", width);

    for (int i = 0; i < width; i++)
        len += snprintf(text + len, sizeof text - (size_t)len, " %d", value + i);
    write_text(path, text);
}

static void make_folder(void)
{
    assert_int_equal(mkdir("all", 0777), 0);
    assert_int_equal(mkdir("all/10", 0777), 0);
    assert_int_equal(mkdir("all/9", 0777), 0);
    put_grey("all/9/b.pgm", 2, 50);
    put_grey("all/9/a.pgm", 2, 10);
    put_grey("all/10/1.pgm", 2, 90);
    write_text("all/9/.hidden", "not a picture");
    write_text("all/.hidden", "not a folder");
}

static void test_a_folder_by_class_becomes_a_dataset(void **state)
{
    nn_dataset *d = NULL;
    nn_err err = {0};

    (void)state;
    make_folder();
    assert_ok(nn_raster_folder(&d, "all", &as_it_is, &err), err);
    assert_int_equal(d->rows, 3);
    assert_int_equal(d->shape.rank, 2);
    assert_memory_equal(d->bytes, "\x0A\x0B\x32\x33\x5A\x5B", 6);
    assert_int_equal(d->label[0] * 4 + d->label[1] * 2 + d->label[2], 1);
    assert_int_equal(d->classes.count, 2);
    assert_string_equal(d->classes.name[0], "9");
    assert_string_equal(d->classes.name[1], "10");
    nn_dataset_free(d);
}

static void refused_folder(const nn_raster_form *form, nn_code code, const char *where,
                           const char *msg)
{
    nn_dataset *d = NULL;
    nn_err err = {0};

    assert_int_equal(nn_raster_folder(&d, "all", form, &err), code);
    assert_null(d);
    assert_string_equal(err.where, where);
    assert_string_equal(err.msg, msg);
}

static void test_faults_in_a_folder_are_named_with_the_file(void **state)
{
    const nn_raster_form grey = {.channels = 1};
    nn_dataset *d = NULL;
    nn_err err = {0};

    (void)state;
    refused_folder(&as_it_is, NN_EFILE, "all", "cannot open the folder: No such file or directory");
    make_folder();
    put_grey("all/9/c.pgm", 3, 0);
    refused_folder(&as_it_is, NN_EDATA, "all/9/c.pgm",
                   "expected a picture of 2 x 1 pixels, got 3 x 1; --resize changes its size");
    write_text("all/9/c.pgm", "P3 2 1 255 1 1 1 2 2 2");
    refused_folder(&as_it_is, NN_EDATA, "all/9/c.pgm",
                   "a picture in colour, where those before are grey; --grey makes all so");
    assert_ok(nn_raster_folder(&d, "all", &grey, &err), err);
    assert_int_equal(d->rows, 4);
    nn_dataset_free(d);
    write_text("all/9/c.pgm", "text");
    refused_folder(&as_it_is, NN_EDATA, "all/9/c.pgm", "expected a PNG, PGM or PPM picture");
    assert_int_equal(unlink("all/9/c.pgm"), 0);
    put_grey("all/x.pgm", 2, 0);
    refused_folder(&as_it_is, NN_EDATA, "all/x.pgm",
                   "expected nothing but a folder of pictures for each class");
    assert_int_equal(unlink("all/x.pgm"), 0);
    assert_int_equal(mkdir("all/empty", 0777), 0);
    refused_folder(&as_it_is, NN_EDATA, "all/empty", "a class without pictures");
    assert_int_equal(rmdir("all/empty"), 0);
    assert_int_equal(unlink("all/10/1.pgm"), 0);
    assert_int_equal(rmdir("all/10"), 0);
    refused_folder(&as_it_is, NN_EDATA, "all", "expected folders of 2 to 65536 classes, found 1");
}

static void test_no_memory_is_an_error_without_a_leak(void **state)
{
    const nn_raster_form form = {4, 5, 3, true, false};
    const uint64_t live = nn_mem_read().live;
    nn_code rc = NN_ELIMIT;
    int failed = 0;

    (void)state;
    make_folder();
    for (uint64_t n = 1; rc != NN_OK; n++, failed++) {
        nn_dataset *d = NULL;
        nn_err err = {0};

        nn_mem_fail_at(n);
        rc = nn_raster_folder(&d, "all", &form, &err);
        nn_mem_fail_at(0);
        assert_true(rc == NN_OK || rc == NN_ELIMIT);
        nn_dataset_free(d);
        assert_int_equal(nn_mem_read().live, live);
    }
    assert_true(failed > 30);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, files_setup, files_teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(test_every_kind_of_png_is_read_as_libpng_wrote_it),
        TEST(test_no_prefix_and_no_flipped_bit_is_taken),
        TEST(test_broken_headers_of_pngs_are_named),
        TEST(test_palettes_and_transparency_fit_their_colours),
        TEST(test_packed_data_of_pngs_is_checked_to_its_end),
        TEST(test_broken_pngs_are_named),
        TEST(test_pgm_and_ppm_are_read),
        TEST(test_broken_pgm_and_ppm_are_named),
        TEST(test_colours_become_grey_by_what_the_eye_sees),
        TEST(test_another_size_is_refused_unless_asked_for),
        TEST(test_resizing_keeps_evenness_and_averages),
        TEST(test_one_picture_becomes_a_dataset_of_the_shape_asked_for),
        TEST(test_a_folder_by_class_becomes_a_dataset),
        TEST(test_faults_in_a_folder_are_named_with_the_file),
        TEST(test_no_memory_is_an_error_without_a_leak),
    };

    return nn_test_main(argc, argv, tests);
}
