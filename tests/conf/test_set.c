/* --set: what it changes, what it refuses, and where faults of its values are said to stand. */
#include "support/nn_test.h"

#include "conf/json.h"
#include "conf/support/parsed.h"

/* The document after one assignment. */
static void assert_set(const char *text, const char *assignment, const char *json)
{
    nn_err err = {0};
    parsed p;

    parsed_open(&p, text);
    assert_ok(nn_doc_set(p.doc, assignment, &err), err);
    assert_string_equal(parsed_json(&p), json);
    assert_int_equal(p.problems.count, 0);
    parsed_close(&p);
}

static void assert_refused(const char *text, const char *assignment, const char *where,
                           const char *msg)
{
    nn_err err = {0};
    parsed p;

    parsed_open(&p, text);
    assert_int_equal(nn_doc_set(p.doc, assignment, &err), NN_EUSAGE);
    assert_int_equal(err.code, NN_EUSAGE);
    assert_string_equal(err.where, where);
    assert_string_equal(err.msg, msg);
    parsed_close(&p);
}

static void test_values_are_replaced_and_added(void **state)
{
    (void)state;
    assert_set("{\"a\":1,\"b\":2}", "a=[3,4]", "{\"a\":[3,4],\"b\":2}");
    assert_set("{\"a\":1}", "b=true", "{\"a\":1,\"b\":true}");
    assert_set("{\"l\":[{\"u\":1},{\"u\":2}]}", "l[1].u=64", "{\"l\":[{\"u\":1},{\"u\":64}]}");
    assert_set("{\"l\":[[1,2],[3,4]]}", "l[1][0]=9", "{\"l\":[[1,2],[9,4]]}");
    assert_set("{\"l\":[1]}", "l[0]={\"x\":{}}", "{\"l\":[{\"x\":{}}]}");
    assert_set("{}", "a={\"b\":[1,{\"c\":2}]}", "{\"a\":{\"b\":[1,{\"c\":2}]}}");
}

static void test_objects_on_the_way_are_made(void **state)
{
    (void)state;
    assert_set("{}", "a.b.c=1", "{\"a\":{\"b\":{\"c\":1}}}");
    assert_set("{\"a\":null}", "a.b=1", "{\"a\":{\"b\":1}}");
    assert_set("{\"a\":{\"x\":1}}", "a.b=1", "{\"a\":{\"x\":1,\"b\":1}}");
}

static void test_a_name_on_the_way_becomes_the_type_of_an_object(void **state)
{
    (void)state;
    assert_set("{\"optimizer\":\"adam\",\"z\":0}", "optimizer.learning_rate=0.01",
               "{\"optimizer\":{\"type\":\"adam\",\"learning_rate\":0.01},\"z\":0}");
    assert_set("{\"m\":[\"accuracy\"]}", "m[0].k=3", "{\"m\":[{\"type\":\"accuracy\",\"k\":3}]}");
}

static void test_what_is_not_json_is_a_text(void **state)
{
    (void)state;
    assert_set("{}", "a=adam", "{\"a\":\"adam\"}");
    assert_set("{}", "a=\"adam\"", "{\"a\":\"adam\"}");
    assert_set("{}", "a=", "{\"a\":\"\"}");
    assert_set("{}", "a=x=y", "{\"a\":\"x=y\"}");
    assert_set("{}", "a=01", "{\"a\":\"01\"}");
    assert_set("{}", "a=/* x */1", "{\"a\":\"/* x */1\"}");
    assert_set("{}", "a=../data/x.gz", "{\"a\":\"../data/x.gz\"}");
}

static void test_what_cannot_be_meant_is_refused(void **state)
{
    static const char path[] = "expected a path such as model.layers[0].units";

    (void)state;
    assert_refused("{}", "a", "--set", "expected PATH=JSON, got \"a\"");
    assert_refused("{}", "=1", "--set", "expected PATH=JSON, got \"=1\"");
    assert_refused("{}", "a..b=1", "--set a..b", path);
    assert_refused("{}", "a.=1", "--set a.", path);
    assert_refused("{}", "[0]=1", "--set [0]", path);
    assert_refused("{}", "a[=1", "--set a[", path);
    assert_refused("{}", "a[]=1", "--set a[]", path);
    assert_refused("{}", "a[-1]=1", "--set a[-1]", path);
    assert_refused("{}", "a[99999999999999999999]=1", "--set a[99999999999999999999]", path);
    assert_refused("{}", "a[4294967296]=1", "--set a[4294967296]", path);
    assert_refused("{}", "a[0]b=1", "--set a[0]b", path);
    assert_refused("{\"a\":[{}]}", "a[0]bc=1", "--set a[0]bc", path);
    assert_refused("{}", "a]=1", "--set a]", path);
    assert_refused("{}", "a]b=1", "--set a]b", path);
    assert_refused("{\"l\":[1,2]}", "l[2]=1", "--set l[2]", "l has 2 elements, so there is no [2]");
    assert_refused("{}", "l[0]=1", "--set l[0]", "there is no list \"l\"");
    assert_refused("{\"a\":{}}", "a[0]=1", "--set a[0]",
                   "expected a to be a list, got an empty object");
    assert_refused("{\"a\":{\"b\":[1]}}", "a.b.c=1", "--set a.b.c",
                   "expected a.b to be an object, got a list");
    assert_refused("{\"a\":3}", "a.b=1", "--set a.b", "expected a to be an object, got 3");
    assert_refused("[1]", "a=1", "--set a", "expected the document to be an object, got a list");
}

static void test_broken_json_is_no_text(void **state)
{
    (void)state;
    assert_refused("{}", "a={\"b\":1", "--set a",
                   "expected \",\" or \"}\", got the end of the document");
    assert_refused("{}", "a=[1,]", "--set a",
                   "expected a value, got \"]\"; remove the comma before it");
    assert_refused("{}", "a=\"x", "--set a", "the text is never closed by a double quote");
    assert_refused("{}", "a={\"b\":1,\"b\":2}", "--set a", "repeated key \"b\"");
    assert_refused("{}", "a=\xff", "--set a", "expected UTF-8 text, got the byte 0xff at offset 0");
}

static void test_a_path_has_at_most_64_steps(void **state)
{
    nn_err err = {0};
    char text[160];
    parsed p;

    (void)state;
    for (int i = 0; i < 65; i++)
        memcpy(text + 2 * i, "a.", 2);
    strcpy(text + 129, "=1");
    parsed_open(&p, "{}");
    assert_int_equal(nn_doc_set(p.doc, text, &err), NN_EUSAGE);
    assert_string_equal(err.msg, "the path has too many steps");
    assert_ok(nn_doc_set(p.doc, text + 2, &err), err);
    parsed_close(&p);
}

static void test_faults_of_a_set_value_name_the_option(void **state)
{
    nn_err err = {0};
    parsed p;

    (void)state;
    parsed_open(&p, "{\"optimizer\": \"adam\",\n \"x\": [0, 1]}");
    const nn_node root = nn_doc_root(p.doc);

    assert_ok(nn_doc_set(p.doc, "optimizer.rate=[7]", &err), err);
    assert_ok(nn_doc_set(p.doc, "x[1]=2", &err), err);
    nn_node_fault(nn_node_get(nn_node_get(root, "optimizer"), "rate"), NULL, "bad");
    nn_node_fault(nn_node_first(nn_node_get(nn_node_get(root, "optimizer"), "rate")), NULL, "bad");
    nn_node_fault(nn_node_get(root, "optimizer"), NULL, "bad");
    nn_node_fault(nn_node_get(nn_node_get(root, "optimizer"), "type"), NULL, "bad");
    nn_node_fault(nn_node_at(nn_node_get(root, "x"), 1), NULL, "bad");
    nn_node_fault(nn_node_at(nn_node_get(root, "x"), 0), NULL, "bad");
    nn_node_fault(nn_node_get(root, "x"), NULL, "bad");
    assert_string_equal(parsed_line(&p, 0), "--set optimizer.rate: bad");
    assert_string_equal(parsed_line(&p, 1), "--set optimizer.rate: optimizer.rate[0]: bad");
    assert_string_equal(parsed_line(&p, 2), "--set optimizer.rate: optimizer: bad");
    assert_string_equal(parsed_line(&p, 3), "a.json:1:15: optimizer.type: bad");
    assert_string_equal(parsed_line(&p, 4), "--set x[1]: bad");
    assert_string_equal(parsed_line(&p, 5), "a.json:2:8: x[0]: bad");
    assert_string_equal(parsed_line(&p, 6), "a.json:2:7: x: bad");
    parsed_close(&p);
}

static void test_numbers_of_a_set_value_are_shown_as_given(void **state)
{
    char shown[NN_SHOWN];
    nn_err err = {0};
    parsed p;

    (void)state;
    parsed_open(&p, "{\"a\": 12345}");
    assert_ok(nn_doc_set(p.doc, "a=1e999", &err), err);
    assert_string_equal(nn_node_show(nn_node_get(nn_doc_root(p.doc), "a"), shown), "1e999");
    assert_ok(nn_doc_set(p.doc, "a=0.50", &err), err);
    assert_string_equal(nn_node_show(nn_node_get(nn_doc_root(p.doc), "a"), shown), "0.50");
    parsed_close(&p);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_are_replaced_and_added),
        cmocka_unit_test(test_objects_on_the_way_are_made),
        cmocka_unit_test(test_a_name_on_the_way_becomes_the_type_of_an_object),
        cmocka_unit_test(test_what_is_not_json_is_a_text),
        cmocka_unit_test(test_what_cannot_be_meant_is_refused),
        cmocka_unit_test(test_broken_json_is_no_text),
        cmocka_unit_test(test_a_path_has_at_most_64_steps),
        cmocka_unit_test(test_faults_of_a_set_value_name_the_option),
        cmocka_unit_test(test_numbers_of_a_set_value_are_shown_as_given),
    };

    return nn_test_main(argc, argv, tests);
}
