/* Drawings of graphs. */
#include "support/nn_test.h"

#include "nn/support/net.h"
#include "view/dot.h"
#include "view/lanes.h"

#define ONE(name, input)                                                                           \
    "{\"type\":\"Dense\",\"units\":3,\"name\":\"" name "\",\"inputs\":[\"" input "\"]}"
#define SUM(name, inputs) "{\"type\":\"Add\",\"name\":\"" name "\",\"inputs\":[" inputs "]}"

static void expect_rows(const char *layers, bool unicode, const char *rows)
{
    nn_err err = {0};
    nn_buf out = {0};
    nn_lanes *lanes = NULL;
    net t;

    assert_ok(net_read(&t, layers, nn_shape_1(3), NULL, &err), err);
    assert_ok(nn_lanes_new(&lanes, t.graph, unicode, &err), err);
    for (int i = 0; i < t.graph->count; i++) {
        nn_lanes_put(lanes, &out);
        nn_buf_char(&out, '\n');
    }
    assert_string_equal(out.data, rows);
    nn_buf_free(&out);
    nn_lanes_free(lanes);
    net_free(&t);
}

static void test_a_branch_opens_a_lane_and_closes_it(void **state)
{
    static const char layers[] =
        "[" ONE("a", "input") "," ONE("b", "a") "," SUM("c", "\"a\",\"b\"") "]";

    (void)state;
    expect_rows(layers, false, "*\n+-*\n*-'\n");
    expect_rows(layers, true, "\u25cf\n\u251c\u2500\u25cf\n\u25cf\u2500\u256f\n");
}

/* The input is needed to the very end; `d` takes both of the others, of which one goes on. */
static void test_lines_cross_lanes_that_they_do_not_belong_to(void **state)
{
    static const char layers[] = "[" ONE("a", "input") "," ONE("b", "input") "," ONE(
        "c", "input") "," SUM("d", "\"a\",\"c\"") "," SUM("e", "\"b\",\"c\",\"d\",\"input\"") "]";

    (void)state;
    expect_rows(layers, false,
                "+-*\n"
                "+-|-*\n"
                "+-|-|-*\n"
                "| *-|-+\n"
                "*-+-+-'\n");
}

static void test_a_lane_is_used_again(void **state)
{
    static const char layers[] = "[" ONE("a", "input") "," SUM("b", "\"input\",\"a\"") "," ONE(
        "c", "b") "," SUM("d", "\"b\",\"c\"") "]";

    (void)state;
    expect_rows(layers, false, "+-*\n*-'\n+-*\n*-'\n");
}

static void test_graphviz_gets_every_arrow(void **state)
{
    static const char layers[] =
        "[" ONE("first", "input") "," SUM("add", "\"first\",\"first\"") "]";
    nn_err err = {0};
    nn_buf out = {0};
    net t;

    (void)state;
    assert_ok(net_read(&t, layers, nn_shape_1(3), NULL, &err), err);
    nn_dot_put(&out, t.graph);
    assert_string_equal(out.data, "digraph network {\n"
                                  "  node [shape=box, style=rounded, fontname=\"sans-serif\"];\n"
                                  "  input [shape=plaintext, label=\"input [3]\"];\n"
                                  "  n0 [label=\"first\\nDense [3]\"];\n"
                                  "  n1 [label=\"add\\nAdd [3]\"];\n"
                                  "  input -> n0;\n"
                                  "  n0 -> n1;\n"
                                  "  n0 -> n1;\n"
                                  "}\n");
    nn_buf_free(&out);
    net_free(&t);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_branch_opens_a_lane_and_closes_it),
        cmocka_unit_test(test_lines_cross_lanes_that_they_do_not_belong_to),
        cmocka_unit_test(test_a_lane_is_used_again),
        cmocka_unit_test(test_graphviz_gets_every_arrow),
    };

    return nn_test_main(argc, argv, tests);
}
