/* Options as the GNU tools take them. */
#include "support/nn_test.h"

#include "cli/option.h"

typedef struct conf {
    bool all;
    bool brief;
    int64_t count;
    const char *out;
    nn_texts each;
} conf;

static const nn_option rows[] = {
    {.name = "all", .letter = 'a', .at = offsetof(conf, all)},
    {.name = "brief", .letter = 'b', .at = offsetof(conf, brief)},
    {.name = "count",
     .letter = 'c',
     .value = "N",
     .read = nn_read_int,
     .at = offsetof(conf, count),
     .least = -5,
     .most = 10},
    {.name = "out",
     .letter = 'o',
     .value = "FILE",
     .read = nn_read_text,
     .at = offsetof(conf, out)},
    {.name = "each", .value = "TEXT", .read = nn_read_each, .at = offsetof(conf, each)},
    {.name = "epochs",
     .value = "N",
     .read = nn_read_int,
     .set = "training.epochs",
     .least = 1,
     .most = 9},
    {.name = "name", .value = "NAME", .read = nn_read_text, .set = "name", .is_text = true},
    {.name = NULL},
};

/* What came of a command line. */
typedef struct outcome {
    char text[128]; /* the arguments; values point into it */
    conf conf;
    nn_texts assignments;
    nn_texts words;
    int used;
    nn_code code;
    nn_err err;
} outcome;

/* The arguments stand in one text with a bar between them. */
static void parse(outcome *o, bool stops_at_word, const char *line)
{
    const nn_option_set sets[] = {{rows, &o->conf}};
    const nn_parse p = {sets, 1, &o->assignments, "test", stops_at_word};
    char *argv[16] = {o->text};
    int argc = 1;

    memset(o, 0, sizeof *o);
    snprintf(o->text, sizeof o->text, "%s", line);
    for (char *c = o->text; *c != '\0'; c++)
        if (*c == '|') {
            *c = '\0';
            argv[argc++] = c + 1;
        }
    o->code = nn_options_parse(&p, argc, argv, &o->words, &o->used, &o->err);
}

static void release(outcome *o)
{
    nn_texts_free(&o->assignments);
    nn_texts_free(&o->words);
    nn_texts_free(&o->conf.each);
}

static void test_every_way_to_write_a_value(void **state)
{
    static const char *const ways[] = {"--count=7", "--count|7", "-c7", "-c|7", "-abc7", "-abc|7"};

    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        outcome o;

        parse(&o, false, ways[i]);
        assert_ok(o.code, o.err);
        assert_int_equal(o.conf.count, 7);
        assert_int_equal(o.conf.all, i >= 4);
        assert_int_equal(o.conf.brief, i >= 4);
        release(&o);
    }
}

static void test_options_and_words_come_in_any_order(void **state)
{
    outcome o;

    (void)state;
    parse(&o, false, "one|-a|-|--out|--all|--|-b|--");
    assert_ok(o.code, o.err);
    assert_true(o.conf.all);
    assert_false(o.conf.brief);
    assert_string_equal(o.conf.out, "--all"); /* a value is a value, whatever it looks like */
    assert_int_equal(o.words.count, 4);
    assert_string_equal(o.words.list[0], "one");
    assert_string_equal(o.words.list[1], "-");
    assert_string_equal(o.words.list[2], "-b");
    assert_string_equal(o.words.list[3], "--");
    release(&o);
}

static void test_the_first_word_can_end_the_options(void **state)
{
    outcome o;

    (void)state;
    parse(&o, true, "-a|command|-b");
    assert_ok(o.code, o.err);
    assert_int_equal(o.used, 1);
    assert_false(o.conf.brief);
    assert_int_equal(o.words.count, 0);
    release(&o);
}

static void test_the_last_of_equal_options_wins_and_lists_collect(void **state)
{
    outcome o;

    (void)state;
    parse(&o, false, "-c1|--each|x|-c|-5|--each=y=z");
    assert_ok(o.code, o.err);
    assert_int_equal(o.conf.count, -5);
    assert_int_equal(o.conf.each.count, 2);
    assert_string_equal(o.conf.each.list[0], "x");
    assert_string_equal(o.conf.each.list[1], "y=z");
    release(&o);
}

static void test_options_that_stand_for_config_keys_become_assignments(void **state)
{
    outcome o;

    (void)state;
    parse(&o, false, "--epochs|3|--name|7 \"x\"");
    assert_ok(o.code, o.err);
    assert_int_equal(o.assignments.count, 2);
    assert_string_equal(o.assignments.list[0], "training.epochs=3");
    assert_string_equal(o.assignments.list[1], "name=\"7 \\\"x\\\"\"");
    release(&o);
}

static void expect_fault(const char *line, const char *message)
{
    outcome o;

    parse(&o, false, line);

    assert_int_equal(o.code, NN_EUSAGE);
    assert_string_equal(o.err.where, "test");
    assert_string_equal(o.err.msg, message);
    release(&o);
}

static void test_faults_name_the_option_as_it_was_written(void **state)
{
    (void)state;
    expect_fault("--al", "unknown option \"--al\"; did you mean \"--all\"?");
    expect_fault("--=", "unknown option \"--\"; see --help");
    expect_fault("-x", "unknown option \"-x\"");
    expect_fault("-ax", "unknown letter in the options \"-ax\"");
    expect_fault("--all=1", "--all takes no value");
    expect_fault("-c", "-c: expected N after it");
    expect_fault("--count|11", "--count: expected a whole number from -5 to 10, got \"11\"");
    expect_fault("-c-6", "-c: expected a whole number from -5 to 10, got \"-6\"");
    expect_fault("-o|", "-o: expected FILE, got an empty text");
    expect_fault("--epochs|0", "--epochs: expected a whole number from 1 to 9, got \"0\"");
    expect_fault("a|", "an argument is an empty text");
}

static void test_times_have_units(void **state)
{
    static const struct {
        const char *text;
        double seconds;
    } good[] = {{"90", 90}, {"90s", 90}, {"1.5m", 90}, {"2h", 7200}, {"1d", 86400}};
    static const char *const bad[] = {"", "s", "5x", "-1", "0", "1h30m", "inf", "1e999"};
    nn_err err = {0};
    char says[128];
    double seconds;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_ok(nn_read_seconds(NULL, good[i].text, &seconds, &err), err);
        assert_float_equal(seconds, good[i].seconds, 1e-9);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(nn_read_seconds(NULL, bad[i], &seconds, &err), NN_EUSAGE);
        (void)snprintf(says, sizeof says, "expected a time such as 90s, 30m, 2h or 1d, got \"%s\"",
                       bad[i]);
        assert_string_equal(err.msg, says);
    }
}

static void test_threads_are_a_number_or_auto(void **state)
{
    nn_err err = {0};
    int threads = 0;

    (void)state;
    assert_ok(nn_read_threads(NULL, "256", &threads, &err), err);
    assert_int_equal(threads, 256);
    assert_ok(nn_read_threads(NULL, "auto", &threads, &err), err);
    assert_int_equal(threads, NN_THREADS_AUTO);
    assert_int_equal(nn_read_threads(NULL, "0", &threads, &err), NN_EUSAGE);
    assert_int_equal(nn_read_threads(NULL, "257", &threads, &err), NN_EUSAGE);
    assert_string_equal(err.msg, "expected a whole number from 1 to 256, or auto, got \"257\"");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_way_to_write_a_value),
        cmocka_unit_test(test_options_and_words_come_in_any_order),
        cmocka_unit_test(test_the_first_word_can_end_the_options),
        cmocka_unit_test(test_the_last_of_equal_options_wins_and_lists_collect),
        cmocka_unit_test(test_options_that_stand_for_config_keys_become_assignments),
        cmocka_unit_test(test_faults_name_the_option_as_it_was_written),
        cmocka_unit_test(test_times_have_units),
        cmocka_unit_test(test_threads_are_a_number_or_auto),
    };

    return nn_test_main(argc, argv, tests);
}
