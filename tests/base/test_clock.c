/* Time: durations run forward, stamps have their form. */
#include "support/nn_test.h"

#include <time.h>

#include "base/clock.h"

static void test_durations_never_run_backwards(void **state)
{
    double last = nn_clock_now();
    const double first = last;

    (void)state;
    for (int i = 0; i < 1000; i++) {
        const double now = nn_clock_now();

        assert_true(now >= last);
        last = now;
    }
    assert_true(last > first && last < first + 10);
}

static void assert_form(const char *text, const char *form)
{
    assert_int_equal(strlen(text), strlen(form));
    for (size_t i = 0; form[i] != '\0'; i++)
        if (form[i] == '9' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
            fail_msg("%s has not the form %s", text, form);
}

static void test_stamps_have_their_form(void **state)
{
    char text[NN_STAMP_TEXT];

    (void)state;
    assert_form(nn_clock_stamp(text), "99999999-999999");
    assert_form(nn_clock_iso(text), "9999-99-99T99:99:99Z");
}

static void test_run_stamps_are_local_and_iso_stamps_are_not(void **state)
{
    char local[NN_STAMP_TEXT], iso[NN_STAMP_TEXT], want[NN_STAMP_TEXT];

    (void)state;
    assert_int_equal(setenv("TZ", "XYZ-5:30", 1), 0);
    tzset();
    const time_t now = time(NULL);
    const time_t shifted = now + 5 * 3600 + 1800;
    struct tm parts;
    assert_non_null(gmtime_r(&shifted, &parts));
    strftime(want, sizeof want, "%Y%m%d-%H%M", &parts);
    nn_clock_stamp(local);
    assert_true(strncmp(local, want, strlen(want)) == 0 || time(NULL) / 60 != now / 60);
    assert_non_null(gmtime_r(&now, &parts));
    strftime(want, sizeof want, "%Y-%m-%dT%H:%M", &parts);
    nn_clock_iso(iso);
    assert_true(strncmp(iso, want, strlen(want)) == 0 || time(NULL) / 60 != now / 60);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_durations_never_run_backwards),
        cmocka_unit_test(test_stamps_have_their_form),
        cmocka_unit_test(test_run_stamps_are_local_and_iso_stamps_are_not),
    };

    return nn_test_main(argc, argv, tests);
}
