/* The bytes of event records, and where a file of them is cut. */
#include "support/nn_test.h"

#include "run/event_record.h"

/* Both as the format's description has them. */
static const unsigned char version[] = {0x18, 0,    0,    0,    0,    0,    0,    0,    0xa3, 0x7f,
                                        0x4b, 0x22, 0x09, 0,    0,    0,    0,    0,    0,    0,
                                        0,    0x1a, 0x0d, 0x62, 0x72, 0x61, 0x69, 0x6e, 0x2e, 0x45,
                                        0x76, 0x65, 0x6e, 0x74, 0x3a, 0x32, 0xee, 0xdf, 0x28, 0xa3};
static const unsigned char scalar[] = {
    0x1a, 0,    0,    0,    0,    0,    0,    0,    0x12, 0x9b, 0xd8, 0x2d, 0x09, 0,
    0,    0,    0,    0,    0,    0xf0, 0x3f, 0x10, 0x01, 0x2a, 0x0d, 0x0a, 0x0b, 0x0a,
    0x04, 0x6c, 0x6f, 0x73, 0x73, 0x15, 0,    0,    0,    0x3f, 0x27, 0xf9, 0x5d, 0xb1};

static void add(nn_buf *out, uint64_t step)
{
    nn_event event = {{0}};

    nn_event_add(&event, "loss", 0.5);
    nn_event_put(out, &event, 1, step);
    nn_buf_free(&event.summary);
}

static void test_records_are_those_of_the_format(void **state)
{
    nn_buf out = {0};

    (void)state;
    nn_event_put_version(&out, 0);
    assert_int_equal(out.len, sizeof version);
    assert_memory_equal(out.data, version, sizeof version);
    nn_buf_clear(&out);
    add(&out, 1);
    assert_int_equal(out.len, sizeof scalar);
    assert_memory_equal(out.data, scalar, sizeof scalar);
    nn_buf_free(&out);
}

static void test_steps_from_one_on_are_not_kept(void **state)
{
    static const uint64_t steps[] = {5, 127, 128, 300, UINT64_MAX >> 1};
    size_t end[6];
    nn_buf out = {0};

    (void)state;
    nn_event_put_version(&out, 0);
    end[0] = out.len;
    for (int i = 0; i < 5; i++) {
        add(&out, steps[i]);
        end[i + 1] = out.len;
    }
    for (int i = 0; i < 5; i++) {
        assert_int_equal(nn_event_keep(out.data, out.len, steps[i]), end[i]);
        assert_int_equal(nn_event_keep(out.data, out.len, steps[i] + 1), end[i + 1]);
    }
    nn_buf_free(&out);
}

/* A record that was cut or changed ends what is kept, wherever the fault is. */
static void test_damage_is_cut_off(void **state)
{
    nn_buf out = {0};

    (void)state;
    nn_event_put_version(&out, 0);
    const size_t first = out.len;
    add(&out, 1);
    for (size_t len = 0; len < out.len; len++)
        assert_int_equal(nn_event_keep(out.data, len, 9), len < first ? 0 : first);
    assert_int_equal(nn_event_keep(out.data, out.len, 9), out.len);
    for (size_t i = 0; i < out.len; i++) {
        out.data[i] ^= 1;
        assert_int_equal(nn_event_keep(out.data, out.len, 9), i < first ? 0 : first);
        out.data[i] ^= 1;
    }
    nn_buf_free(&out);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_records_are_those_of_the_format),
        cmocka_unit_test(test_steps_from_one_on_are_not_kept),
        cmocka_unit_test(test_damage_is_cut_off),
    };

    return nn_test_main(argc, argv, tests);
}
