/* PNG files that are written, read back by our reader; sheets of samples. */
#include "support/nn_test.h"

#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "data/raster.h"
#include "support/nn_temp.h"
#include "view/contact.h"
#include "view/png.h"

static nn_raster read_back(const nn_buf *png)
{
    char *dir = nn_temp_dir();
    char *path = nn_path_join(dir, "p.png");
    nn_raster p;
    nn_err err = {0};

    assert_ok(nn_file_write(path, png->data, png->len, NN_REFUSE_EXISTING, &err), err);
    assert_ok(nn_raster_load(&p, NULL, path, &err), err);
    nn_free(path);
    nn_temp_remove(dir);
    return p;
}

static void test_what_is_written_is_read_back(void **state)
{
    enum { H = 70, W = 41 };

    (void)state;
    for (int channels = 1; channels <= 3; channels += 2) {
        uint8_t pixel[H * W * 3];
        nn_buf png = {0};
        nn_err err = {0};

        for (int i = 0; i < H * W * channels; i++)
            pixel[i] = (uint8_t)(i * i / 7);
        assert_ok(nn_png_write(&png, pixel, H, W, channels, &err), err);
        nn_raster p = read_back(&png);
        assert_int_equal(p.height, H);
        assert_int_equal(p.width, W);
        assert_int_equal(p.channels, channels);
        assert_memory_equal(p.pixel, pixel, (size_t)(H * W * channels));
        nn_raster_free(&p);
        nn_buf_free(&png);
    }
}

/* Three samples of 2 x 2 pixels, each enlarged to 64 x 64, two apart and two from the edge. */
enum { SIDE = 64, STEP = 66 };

static uint8_t bytes[] = {10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120};
static double shift[] = {0}, factor[] = {1.0 / 255};

static nn_contact contact(nn_dataset *d, nn_prep *p, const nn_augment_conf *augment)
{
    *d = (nn_dataset){.rows = 3, .shape = nn_shape_2(2, 2), .bytes = bytes, .name = NULL};
    *p = (nn_prep){.shape = d->shape, .columns = 1, .shift = shift, .factor = factor};
    return (nn_contact){d, p, augment, 1, 3, 4};
}

static int at(const nn_raster *p, int row, int column, int y, int x)
{
    return p->pixel[(2 + row * STEP + y) * p->width + 2 + column * STEP + x];
}

static void test_a_sheet_shows_samples_and_how_epochs_see_them(void **state)
{
    const nn_augment_conf flip = {.flip = NN_FLIP_HORIZONTAL};
    nn_dataset d;
    nn_prep prep;
    nn_contact c = contact(&d, &prep, &flip);
    nn_buf png = {0}, again = {0};
    nn_err err = {0};
    int mirrored = 0;

    (void)state;
    assert_ok(nn_contact_write(&c, &png, &err), err);
    assert_ok(nn_contact_write(&c, &again, &err), err);
    assert_int_equal(png.len, again.len);
    assert_memory_equal(png.data, again.data, png.len);
    nn_raster p = read_back(&png);
    assert_int_equal(p.height, 2 + 3 * STEP);
    assert_int_equal(p.width, 2 + 5 * STEP);
    assert_int_equal(p.channels, 1);
    assert_int_equal(p.pixel[0], 96);
    for (int row = 0; row < 3; row++)
        for (int column = 0; column < 5; column++) {
            const int left = bytes[4 * row], right = bytes[4 * row + 1];
            const int is_mirrored = at(&p, row, column, 0, 0) == right;

            assert_true(column > 0 || !is_mirrored);
            mirrored += is_mirrored;
            assert_int_equal(at(&p, row, column, 31, 31), is_mirrored ? right : left);
            assert_int_equal(at(&p, row, column, 31, 32), is_mirrored ? left : right);
            assert_int_equal(at(&p, row, column, 32, 0), (is_mirrored ? right : left) + 20);
        }
    assert_in_range(mirrored, 2, 10);
    nn_raster_free(&p);
    nn_buf_free(&png);
    nn_buf_free(&again);
}

static void test_numbers_are_shown_between_their_least_and_most(void **state)
{
    static float numbers[] = {-1, -0.5, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0};
    nn_dataset d;
    nn_prep prep;
    nn_contact c = contact(&d, &prep, NULL);
    nn_buf png = {0};
    nn_err err = {0};

    (void)state;
    d.bytes = NULL;
    d.numbers = numbers;
    c.epochs = 0;
    assert_ok(nn_contact_write(&c, &png, &err), err);
    nn_raster p = read_back(&png);
    assert_int_equal(p.width, 2 + STEP);
    assert_int_equal(at(&p, 0, 0, 0, 0), 0);
    assert_int_equal(at(&p, 0, 0, 0, 63), 64);
    assert_int_equal(at(&p, 0, 0, 63, 63), 255);
    nn_raster_free(&p);
    nn_buf_free(&png);
}

static void test_samples_without_form_and_giant_sheets_are_refused(void **state)
{
    nn_dataset d;
    nn_prep prep;
    nn_contact c = contact(&d, &prep, NULL);
    char name[] = "x.csv";
    nn_buf png = {0};
    nn_err err = {0};

    (void)state;
    d.name = name;
    d.shape = nn_shape_1(4);
    assert_int_equal(nn_contact_write(&c, &png, &err), NN_EDATA);
    assert_string_equal(err.where, "x.csv");
    assert_string_equal(err.msg, "expected pictures, samples of shape [height, width] or [height, "
                                 "width, channels], got [4]");
    d.shape = nn_shape_2(40000, 40000);
    assert_int_equal(nn_contact_write(&c, &png, &err), NN_ELIMIT);
    assert_string_equal(err.msg, "a sheet of 200012 x 120008 pixels is too large; show fewer "
                                 "samples");
    assert_null(png.data);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_written_is_read_back),
        cmocka_unit_test(test_a_sheet_shows_samples_and_how_epochs_see_them),
        cmocka_unit_test(test_numbers_are_shown_between_their_least_and_most),
        cmocka_unit_test(test_samples_without_form_and_giant_sheets_are_refused),
    };

    return nn_test_main(argc, argv, tests);
}
