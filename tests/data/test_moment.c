/* When a row was: numbers and dates as moments, against Python's datetime. */
#include "support/nn_test.h"

#include "data/sequence.h"

typedef struct sample {
    const char *text;
    double moment;
} sample;

static void test_dates_are_seconds_since_1970(void **state)
{
    /* python3: datetime.fromisoformat(text).replace(tzinfo=utc).timestamp() */
    static const sample samples[] = {{"1970-01-01", 0},
                                     {"1970-01", 0},
                                     {"2023-01-01 05:30", 1672551000},
                                     {"2024-02-29T23:59:59.25", 1709251199.25},
                                     {"1900-03-01", -2203891200},
                                     {"2000/02/29", 951782400},
                                     {"0001-01-01", -62135596800},
                                     {"9999-12-31 23:59:59", 253402300799},
                                     {"2024-07-01T12:00:00Z", 1719835200},
                                     {"2024-07-01T12:00:00+02:30", 1719826200},
                                     {"2024-07-01 12:00-0800", 1719864000}};

    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        double moment = -1;
        bool is_date = false;

        if (!nn_moment_read(samples[i].text, strlen(samples[i].text), &moment, &is_date))
            fail_msg("refused \"%s\"", samples[i].text);
        assert_true(is_date);
        if (moment != samples[i].moment)
            fail_msg("\"%s\": expected %.2f, got %.2f", samples[i].text, samples[i].moment, moment);
    }
}

static void test_numbers_are_moments_as_they_are(void **state)
{
    double moment = 0;
    bool is_date = true;

    (void)state;
    assert_true(nn_moment_read("2024.5", 6, &moment, &is_date));
    assert_false(is_date);
    assert_true(moment == 2024.5);
}

static void test_what_is_no_time_is_refused(void **state)
{
    static const char *const wrong[] = {"",
                                        "abc",
                                        "2024-13-01",
                                        "2023-02-29",
                                        "2024-00-10",
                                        "2024-1-1",
                                        "01/02/2024",
                                        "2024-01-01 ",
                                        "2024-01-01 25:00",
                                        "2024-01-01 12",
                                        "2024-01-01 12:60",
                                        "2024-01-01 12:00:00.",
                                        "2024-01-01 12:00+2",
                                        "2024-01-01 12:00 Z",
                                        "2024-01-01x",
                                        "nan"};
    double moment = 0;
    bool is_date = false;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (nn_moment_read(wrong[i], strlen(wrong[i]), &moment, &is_date))
            fail_msg("accepted \"%s\"", wrong[i]);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dates_are_seconds_since_1970),
        cmocka_unit_test(test_numbers_are_moments_as_they_are),
        cmocka_unit_test(test_what_is_no_time_is_refused),
    };

    return nn_test_main(argc, argv, tests);
}
