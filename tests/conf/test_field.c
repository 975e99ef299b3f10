/* Objects read by their tables: values, defaults, every fault in its words, and writing them back.
 */
#include "support/nn_test.h"

#include "base/mem.h"
#include "conf/support/garden.h"
#include "conf/support/parsed.h"

static void read_garden(parsed *p, garden *g, const char *text)
{
    memset(g, 0, sizeof(*g));
    parsed_open(p, text);
    assert_ok(p->code, p->err);
    nn_fields_read(garden_table.fields, nn_doc_root(p->doc), NULL, g);
}

/* The text has these faults, in this order; `lines` ends with NULL. */
static void assert_faults(const char *text, const char *const *lines)
{
    parsed p;
    garden g;
    size_t i = 0;

    read_garden(&p, &g, text);
    for (; lines[i] != NULL; i++)
        assert_string_equal(parsed_line(&p, i), lines[i]);
    assert_string_equal(parsed_line(&p, i), "");
    parsed_close(&p);
}

/* "beds" and one more member, with one fault. */
static void assert_fault(const char *member, const char *line)
{
    const char *const lines[] = {line, NULL};
    char text[400];

    (void)snprintf(text, sizeof(text), "{\"beds\":1,\n%s}", member);
    assert_faults(text, lines);
}

static void test_absent_keys_have_their_defaults(void **state)
{
    parsed p;
    garden g;

    (void)state;
    read_garden(&p, &g, "{\"beds\": 4}");
    assert_int_equal(p.problems.count, 0);
    assert_int_equal(g.beds, 4);
    assert_int_equal(g.depth, -3);
    assert_true(g.sun == 0.5);
    assert_true(g.rain == 0);
    assert_true(g.fenced);
    assert_string_equal(g.name, "plot");
    assert_null(g.owner);
    assert_int_equal(g.season, 1);
    assert_string_equal(g.plant.kind->name, "rose");
    assert_true(((const rose_conf *)&g.plant.conf)->height == 1.5);
    assert_int_equal(((const rose_conf *)&g.plant.conf)->petals, 5);
    assert_null(g.guest.kind);
    assert_int_equal(g.plot.rank, 2);
    assert_int_equal(g.plot.dim[1], 3);
    assert_int_equal(g.path.rank, 0);
    assert_int_equal(g.step[0], 2);
    assert_int_equal(g.step[1], 2);
    assert_true(g.soil.acid == 7);
    assert_true(g.spare.acid == 0);
    assert_int_equal(nn_node_type(g.sign), NN_JSON_NONE);
    assert_ptr_equal(g.sign.doc, p.doc);
    parsed_close(&p);
}

static void test_given_keys_are_read(void **state)
{
    parsed p;
    garden g;

    (void)state;
    read_garden(&p, &g,
                "{\"beds\":1048576,\"depth\":-2147483648,\"seed\":\"18446744073709551615\","
                "\"sun\":0,\"rain\":1e-3,\"fenced\":false,\"name\":\"a\",\"owner\":\"b\","
                "\"season\":\"autumn\",\"plant\":{\"type\":\"oak\",\"age\":3},\"guest\":\"moss\","
                "\"plot\":[1,2,3,4,5,6,7,8],\"path\":[-1],\"step\":[3,4],\"soil\":{\"acid\":1},"
                "\"spare\":{},\"sign\":[1],\"rows\":[{\"type\":\"moss\"}]}");
    assert_string_equal(parsed_line(&p, 0), "");
    assert_int_equal(g.beds, 1048576);
    assert_true(g.depth == INT32_MIN);
    assert_true(g.seed == UINT64_MAX);
    assert_true(g.sun == 0 && g.rain == 1e-3 && !g.fenced);
    assert_string_equal(g.owner, "b");
    assert_int_equal(g.season, 2);
    assert_string_equal(g.plant.kind->name, "oak");
    assert_int_equal(*(const int *)&g.plant.conf, 3);
    assert_string_equal(g.guest.kind->name, "moss");
    assert_int_equal(g.plot.rank, 8);
    assert_int_equal(g.plot.dim[7], 8);
    assert_int_equal(g.path.dim[0], -1);
    assert_int_equal(g.step[1], 4);
    assert_true(g.soil.acid == 1 && g.spare.acid == 7);
    assert_int_equal(nn_node_type(g.sign), NN_JSON_ARRAY);
    assert_int_equal(nn_node_count(g.rows), 1);
    parsed_close(&p);
}

static void test_null_means_absent_only_where_the_default_is_none(void **state)
{
    parsed p;
    garden g;

    (void)state;
    read_garden(&p, &g,
                "{\"beds\":1,\"rain\":null,\"owner\":null,\"guest\":null,\"spare\":null,"
                "\"path\":null,\"rows\":null}");
    assert_string_equal(parsed_line(&p, 0), "");
    assert_null(g.guest.kind);
    assert_true(g.spare.acid == 0);
    assert_int_equal(nn_node_type(g.rows), NN_JSON_NONE);
    parsed_close(&p);
    assert_fault("\"soil\":null", "a.json:2:8: soil: expected an object, got null");
    assert_fault("\"depth\":null", "a.json:2:9: depth: expected an integer from -2147483648 to "
                                   "2147483647, got null");
}

static const char *const wrong_member[][2] = {
    {"\"depth\":1.5", "a.json:2:9: depth: expected an integer from -2147483648 to 2147483647, "
                      "got 1.5"},
    {"\"depth\":2147483648", "a.json:2:9: depth: expected an integer from -2147483648 to "
                             "2147483647, got 2147483648"},
    {"\"depth\":true", "a.json:2:9: depth: expected an integer from -2147483648 to "
                       "2147483647, got true"},
    {"\"sun\":1", "a.json:2:7: sun: expected a number from 0 to below 1, got 1"},
    {"\"sun\":-0.1", "a.json:2:7: sun: expected a number from 0 to below 1, got -0.1"},
    {"\"sun\":\"0.1\"", "a.json:2:7: sun: expected a number from 0 to below 1, got \"0.1\""},
    {"\"rain\":0", "a.json:2:8: rain: expected a number above 0, got 0"},
    {"\"rain\":1e999", "a.json:2:8: rain: expected a number above 0, got 1e999"},
    {"\"fenced\":1", "a.json:2:10: fenced: expected true or false, got 1"},
    {"\"name\":1", "a.json:2:8: name: expected text, got 1"},
    {"\"season\":\"sumer\"", "a.json:2:10: season: unknown season \"sumer\"; did you mean "
                             "\"summer\"?"},
    {"\"season\":\"x\"", "a.json:2:10: season: unknown season \"x\"; expected one of: spring, "
                         "summer, autumn"},
    {"\"season\":2", "a.json:2:10: season: expected text, got 2; one of: spring, summer, "
                     "autumn"},
    {"\"plant\":\"rosse\"", "a.json:2:9: plant: unknown plant kind \"rosse\"; did you mean "
                            "\"rose\"?"},
    {"\"plant\":\"x\"", "a.json:2:9: plant: unknown plant kind \"x\"; expected one of: rose, "
                        "oak, moss"},
    {"\"plant\":3", "a.json:2:9: plant: expected a name or an object, got 3; known names: "
                    "rose, oak, moss"},
    {"\"plant\":{}", "a.json:2:9: plant: required key \"type\" is missing"},
    {"\"plant\":{\"type\":1}", "a.json:2:17: plant.type: expected text, got 1; known names: "
                               "rose, oak, moss"},
    {"\"plant\":{\"type\":\"Moss\"}", "a.json:2:17: plant.type: unknown plant kind \"Moss\"; "
                                      "did you mean \"moss\"?"},
    {"\"plant\":\"oak\"", "a.json:2:9: plant: required key \"age\" is missing"},
    {"\"plant\":{\"type\":\"oak\"}", "a.json:2:9: plant: required key \"age\" is missing"},
    {"\"plant\":{\"type\":\"rose\",\"heigt\":2}",
     "a.json:2:24: plant: unknown key \"heigt\"; did you mean \"height\"?"},
    {"\"plant\":{\"type\":\"rose\",\"height\":0}",
     "a.json:2:33: plant.height: expected a number above 0 and at most 10, got 0"},
    {"\"plant\":{\"type\":\"rose\",\"petals\":4}",
     "a.json:2:33: plant.petals: expected an integer from 5 to 2147483647, got 4"},
    {"\"plant\":{\"type\":\"moss\",\"x\":0}",
     "a.json:2:24: plant: unknown key \"x\"; known keys: type"},
    {"\"plot\":3", "a.json:2:8: plot: expected a list of integers, got 3"},
    {"\"plot\":[]", "a.json:2:8: plot: expected a list of integers, got an empty list"},
    {"\"plot\":[1,0]", "a.json:2:11: plot[1]: expected an integer from 1 to 2147483647, got 0"},
    {"\"plot\":[1,1,1,1,1,1,1,1,1]", "a.json:2:8: plot: expected at most 8 integers, got 9"},
    {"\"plot\":[2147483647,2147483647,2147483647]",
     "a.json:2:8: plot: expected a shape that fits into memory"},
    {"\"path\":[10]", "a.json:2:9: path[0]: expected an integer from -1 to 9, got 10"},
    {"\"step\":8", "a.json:2:8: step: expected an integer from 1 to 7, got 8"},
    {"\"step\":[1,\"a\"]", "a.json:2:11: step[1]: expected an integer from 1 to 7, got \"a\""},
    {"\"step\":[1,2,3]", "a.json:2:8: step: expected one integer or two, got 3"},
    {"\"soil\":[]", "a.json:2:8: soil: expected an object, got an empty list"},
    {"\"soil\":{\"acid\":15}", "a.json:2:16: soil.acid: expected a number from 0 to 14, got "
                               "15"},
    {"\"rows\":{}", "a.json:2:8: rows: expected a list, got an empty object"},
    {"\"rows\":1", "a.json:2:8: rows: expected a list, got 1"},
    {"\"beeds\":2", "a.json:2:1: unknown key \"beeds\"; did you mean \"beds\"?"},
};

static void test_every_fault_of_a_value_is_said_in_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(wrong_member) / sizeof(wrong_member[0]); i++)
        assert_fault(wrong_member[i][0], wrong_member[i][1]);
}

static void test_integers_reject_what_is_not_one(void **state)
{
    static const char *const shown[] = {
        "0", "-1", "1.5", "1048577", "2147483648", "1e999", "\"ten\"", "false", "9007199254740993"};

    (void)state;
    for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
        char text[64];
        char line[160];
        const char *const lines[] = {line, NULL};

        (void)snprintf(text, sizeof(text), "{\"beds\":%s}", shown[i]);
        (void)snprintf(line, sizeof(line),
                       "a.json:1:9: beds: expected an integer from 1 to 1048576, got %s", shown[i]);
        assert_faults(text, lines);
    }
}

static void test_seeds_beyond_2_to_the_53_are_text(void **state)
{
    static const char *const good[] = {"0", "9007199254740992", "1e3", "\"9007199254740993\"",
                                       "\"0\""};
    static const char *const bad[] = {
        "-1",     "1.5",     "9007199254740993", "9007199254740993.0",       "1e16", "1e999",
        "\"-1\"", "\"1.5\"", "\"+1\"",           "\"18446744073709551616\"", "\"\"", "true"};

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        static const char *const none[] = {NULL};
        char text[64];

        (void)snprintf(text, sizeof(text), "{\"beds\":1,\"seed\":%s}", good[i]);
        assert_faults(text, none);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char member[64];
        char line[256];

        (void)snprintf(member, sizeof(member), "\"seed\":%s", bad[i]);
        (void)snprintf(line, sizeof(line),
                       "a.json:2:8: seed: expected an integer from 0 to 9007199254740992, got %s; "
                       "larger seeds, up to 18446744073709551615, are written as text",
                       bad[i]);
        assert_fault(member, line);
    }
}

static void test_all_faults_are_reported_and_reading_goes_on(void **state)
{
    static const char *const lines[] = {
        ("a.json:2:1: unknown key \"x\"; known keys: beds, depth, seed, sun, rain, fenced, name, "
         "owner, season, plant, guest, plot, path, step, gap, soil, spare, sign, rows"),
        "a.json:1:1: required key \"beds\" is missing",
        "a.json:1:8: sun: expected a number from 0 to below 1, got 2",
        "a.json:3:8: soil.acid: expected a number from 0 to 14, got -1",
    };
    parsed p;
    garden g;

    (void)state;
    read_garden(&p, &g, "{\"sun\":2,\n\"x\":1,\"soil\":{\n\"acid\":-1},\"depth\":8}");
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(parsed_line(&p, i), lines[i]);
    assert_int_equal(p.problems.count, 4);
    assert_true(g.sun == 0.5 && g.soil.acid == 7); /* defaults where the values were wrong */
    assert_int_equal(g.depth, 8);
    parsed_close(&p);
}

static void test_keys_that_others_read_are_known(void **state)
{
    static const char *const also[] = {"label", NULL};
    parsed p;
    soil s = {0};

    (void)state;
    parsed_open(&p, "{\"label\":1,\"lable\":2}");
    nn_fields_read(garden_table.fields[15].table->fields, nn_doc_root(p.doc), also, &s);
    assert_string_equal(parsed_line(&p, 0),
                        "a.json:1:12: unknown key \"lable\"; did you mean \"label\"?");
    assert_int_equal(p.problems.count, 1);
    parsed_close(&p);
}

static void test_a_choice_that_fails_stays_as_it_was(void **state)
{
    nn_choice choice = {0};
    parsed p;

    (void)state;
    parsed_open(&p, "[\"tulip\", \"rose\"]");
    nn_choice_default(&choice, nn_family_find(&plants, "moss"));
    nn_choice_read(&plants, nn_node_at(nn_doc_root(p.doc), 0), &choice);
    assert_string_equal(choice.kind->name, "moss");
    nn_choice_read(&plants, (nn_node){p.doc, NULL}, &choice);
    assert_string_equal(choice.kind->name, "moss");
    nn_choice_read(&plants, nn_node_at(nn_doc_root(p.doc), 1), &choice);
    assert_string_equal(choice.kind->name, "rose");
    assert_int_equal(p.problems.count, 1);
    parsed_close(&p);
}

static void test_only_the_type_can_be_read(void **state)
{
    parsed p;

    (void)state;
    parsed_open(&p, "[{\"type\":\"oak\",\"x\":1}, 7, {\"age\":1}]");
    const nn_node root = nn_doc_root(p.doc);

    assert_string_equal(nn_family_read_type(&plants, nn_node_at(root, 0))->name, "oak");
    assert_null(nn_family_read_type(&plants, nn_node_at(root, 1)));
    assert_null(nn_family_read_type(&plants, nn_node_at(root, 2)));
    assert_string_equal(parsed_line(&p, 0), "a.json:1:24: [1]: expected an object, got 7");
    assert_string_equal(parsed_line(&p, 1), "a.json:1:27: [2]: required key \"type\" is missing");
    parsed_close(&p);
}

static void test_set_reaches_into_a_choice_by_its_default(void **state)
{
    nn_err err = {0};
    parsed p;
    garden g = {0};

    (void)state;
    parsed_open(&p, "{\"beds\":1}");
    assert_ok(nn_doc_set(p.doc, "plant.height=9", &err), err);
    assert_ok(nn_doc_set(p.doc, "guest.height=9", &err), err);
    assert_ok(nn_doc_set(p.doc, "bedds=9", &err), err);
    assert_ok(nn_doc_set(p.doc, "name=7", &err), err);
    nn_fields_read(garden_table.fields, nn_doc_root(p.doc), NULL, &g);
    assert_string_equal(g.plant.kind->name, "rose");
    assert_true(((const rose_conf *)&g.plant.conf)->height == 9);
    assert_string_equal(parsed_line(&p, 0),
                        "--set bedds: unknown key \"bedds\"; did you mean \"beds\"?");
    assert_string_equal(parsed_line(&p, 1), "--set name: expected text, got 7");
    assert_string_equal(parsed_line(&p, 2),
                        "--set guest.height: guest: required key \"type\" is missing");
    assert_int_equal(p.problems.count, 3);
    parsed_close(&p);
}

static void write_garden(const garden *g, nn_buf *out)
{
    nn_buf_char(out, '{');
    nn_fields_write(garden_table.fields, g, true, out);
    nn_buf_char(out, '}');
}

static void test_every_value_is_written(void **state)
{
    nn_buf out = {0};
    parsed p;
    garden g;

    (void)state;
    read_garden(&p, &g, "{\"beds\":1,\"sun\":0.10}");
    write_garden(&g, &out);
    assert_string_equal(out.data,
                        "{\"beds\":1,\"depth\":-3,\"seed\":0,\"sun\":0.1,\"fenced\":true,"
                        "\"name\":\"plot\",\"season\":\"summer\","
                        "\"plant\":{\"type\":\"rose\",\"height\":1.5,\"petals\":5},\"plot\":[2,3],"
                        "\"step\":[2,2],\"soil\":{\"acid\":7},\"sign\":0.25}");
    nn_buf_clear(&out);
    nn_fields_write(garden_table.fields[15].table->fields, &g.soil, false, &out);
    assert_string_equal(out.data, ",\"acid\":7");
    nn_buf_free(&out);
    parsed_close(&p);
}

static void assert_same_garden(const garden *a, const garden *b)
{
    const char *const texts[][2] = {
        {a->name, b->name}, {a->owner, b->owner}, {a->spare.note, b->spare.note}};

    assert_int_equal(a->beds, b->beds);
    assert_int_equal(a->depth, b->depth);
    assert_true(a->seed == b->seed && a->sun == b->sun && a->rain == b->rain);
    assert_true(a->fenced == b->fenced && a->season == b->season);
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(texts[i][0], texts[i][1]);
    assert_memory_equal(&a->plant, &b->plant, sizeof(a->plant));
    assert_memory_equal(&a->guest, &b->guest, sizeof(a->guest));
    assert_memory_equal(&a->plot, &b->plot, sizeof(a->plot));
    assert_memory_equal(&a->path, &b->path, sizeof(a->path));
    assert_memory_equal(a->step, b->step, sizeof(a->step));
    assert_memory_equal(a->gap, b->gap, sizeof(a->gap));
    assert_true(a->soil.acid == b->soil.acid && a->spare.acid == b->spare.acid);
}

static void test_what_is_written_reads_back_the_same(void **state)
{
    nn_buf out = {0};
    nn_buf again = {0};
    parsed p;
    parsed q;
    garden g;
    garden h;

    (void)state;
    read_garden(
        &p, &g,
        "{\"beds\":7,\"depth\":-2147483648,\"seed\":\"9007199254740993\",\"sun\":0.1,"
        "\"rain\":1e300,\"fenced\":false,\"name\":\"a\\n\\u001b\\\"\",\"owner\":\"\xc3\xa9\","
        "\"season\":\"spring\",\"plant\":{\"type\":\"rose\",\"height\":0.30000000000000004},"
        "\"guest\":{\"type\":\"oak\",\"age\":9},\"plot\":[5],\"path\":[-1,9],"
        "\"step\":[1,7],\"gap\":[0,-1],\"soil\":{\"acid\":0},\"spare\":{\"note\":\"x\"},"
        "\"sign\":{\"a\":[1.50,null]},\"rows\":[{\"type\":\"moss\",\"label\":\"z\"}]}");
    assert_int_equal(p.problems.count, 0);
    write_garden(&g, &out);
    read_garden(&q, &h, out.data);
    assert_string_equal(parsed_line(&q, 0), "");
    assert_same_garden(&g, &h);
    assert_non_null(strstr(out.data, "\"seed\":\"9007199254740993\""));
    assert_non_null(strstr(out.data, "\"sign\":{\"a\":[1.50,null]}"));
    write_garden(&h, &again);
    assert_string_equal(out.data, again.data);
    nn_buf_free(&out);
    nn_buf_free(&again);
    parsed_close(&p);
    parsed_close(&q);
}

static void test_a_kind_without_keys_is_written_as_its_name(void **state)
{
    nn_buf out = {0};
    nn_choice choice = {0};

    (void)state;
    nn_choice_write(&choice, &out);
    nn_choice_default(&choice, nn_family_find(&plants, "moss"));
    nn_choice_write(&choice, &out);
    assert_string_equal(out.data, "null\"moss\"");
    nn_buf_free(&out);
}

/* Whichever allocation fails, that is an error or a lost problem, never a crash or a leak. */
static void test_no_failing_allocation_is_missed(void **state)
{
    static const char text[] = "{\"beds\":1,\"plant\":\"rose\",\"plot\":[1],\"nam\":2}";
    const nn_json_source source = {"a.json", NN_ECONFIG, true};
    bool failed = true;

    (void)state;
    for (uint64_t n = 1; failed; n++) {
        nn_problems problems = {0};
        nn_doc *doc = NULL;
        nn_err err = {0};
        garden g = {0};

        nn_mem_fail_at(n);
        nn_code rc = nn_doc_parse(&doc, &source, text, sizeof(text) - 1, &problems, &err);
        if (rc == NN_OK)
            rc = nn_doc_set(doc, "plant.height=2", &err);
        if (rc == NN_OK)
            rc = nn_doc_set(doc, "a.b=x", &err);
        if (rc == NN_OK)
            nn_fields_read(garden_table.fields, nn_doc_root(doc), NULL, &g);
        failed = rc != NN_OK || problems.lost;
        nn_mem_fail_at(0);
        assert_true(rc == NN_OK || rc == NN_ELIMIT);
        assert_true(failed || strcmp(g.name, "plot") == 0);
        nn_doc_free(doc);
        nn_problems_free(&problems);
        assert_true(n < 1000);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_absent_keys_have_their_defaults),
        cmocka_unit_test(test_given_keys_are_read),
        cmocka_unit_test(test_null_means_absent_only_where_the_default_is_none),
        cmocka_unit_test(test_every_fault_of_a_value_is_said_in_words),
        cmocka_unit_test(test_integers_reject_what_is_not_one),
        cmocka_unit_test(test_seeds_beyond_2_to_the_53_are_text),
        cmocka_unit_test(test_all_faults_are_reported_and_reading_goes_on),
        cmocka_unit_test(test_keys_that_others_read_are_known),
        cmocka_unit_test(test_a_choice_that_fails_stays_as_it_was),
        cmocka_unit_test(test_only_the_type_can_be_read),
        cmocka_unit_test(test_set_reaches_into_a_choice_by_its_default),
        cmocka_unit_test(test_every_value_is_written),
        cmocka_unit_test(test_what_is_written_reads_back_the_same),
        cmocka_unit_test(test_a_kind_without_keys_is_written_as_its_name),
        cmocka_unit_test(test_no_failing_allocation_is_missed),
    };

    return nn_test_main(argc, argv, tests);
}
