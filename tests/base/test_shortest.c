/* The text of a float, compared with what printf and strtof find by trying. */
#include "support/nn_test.h"

#include <math.h>

#include "base/rng.h"
#include "base/text.h"

/* The rule in its plainest form: whole numbers in full, else the fewest digits that read back. */
static void by_trying(char *dst, float value)
{
    if (fabsf(value) < 0x1p24F && value == floorf(value)) {
        snprintf(dst, NN_NUMBER_TEXT, "%.0f", (double)value);
        return;
    }
    for (int digits = 6; digits <= 9; digits++) {
        snprintf(dst, NN_NUMBER_TEXT, "%.*g", digits, (double)value);
        if (strtof(dst, NULL) == value)
            return;
    }
}

static void expect_same(float value)
{
    char expected[NN_NUMBER_TEXT];
    char text[NN_NUMBER_TEXT];

    by_trying(expected, value);
    assert_string_equal(nn_format_float(text, value), expected);
}

static void test_floats_of_every_size_have_their_shortest_text(void **state)
{
    const nn_rng rng = {.seed = 7, .stream = 1};
    uint32_t word[4];
    float value;

    (void)state;
    for (uint64_t i = 0; i < 25000; i++) {
        nn_rng_block(&rng, i, word);
        memcpy(&value, &word[0], sizeof value); /* any bits at all */
        if (isfinite(value))
            expect_same(value);
        value = (float)word[1] / 4294967296.0F; /* a probability */
        expect_same(value);
        expect_same(-value * 1000);
        expect_same(ldexpf(value, -(int)(word[2] % 40)));
    }
}

static void test_floats_beside_powers_of_ten_and_two(void **state)
{
    (void)state;
    for (int e = -14; e <= 9; e++) {
        const float value = (float)pow(10, e);
        expect_same(value);
        expect_same(nextafterf(value, 0));
        expect_same(nextafterf(value, INFINITY));
        expect_same(9.999995F * value);
    }
    for (int e = -149; e < 128; e++) {
        expect_same(ldexpf(1, e));
        expect_same(nextafterf(ldexpf(1, e), 0));
        expect_same(-nextafterf(ldexpf(1, e), INFINITY));
    }
}

static void test_texts_as_people_write_them(void **state)
{
    static const struct {
        float value;
        const char *text;
    } cases[] = {{0, "0"},
                 {-0.0F, "-0"},
                 {0.1F, "0.1"},
                 {120.5F, "120.5"},
                 {-0.00012F, "-0.00012"},
                 {0.000012F, "1.2e-05"},
                 {1e7F, "10000000"},
                 {16777216, "16777216"},
                 {1e20F, "1e+20"},
                 {0.909443F, "0.909443"}};
    char text[NN_NUMBER_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(nn_format_float(text, cases[i].value), cases[i].text);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_floats_of_every_size_have_their_shortest_text),
        cmocka_unit_test(test_floats_beside_powers_of_ten_and_two),
        cmocka_unit_test(test_texts_as_people_write_them),
    };

    return nn_test_main(argc, argv, tests);
}
