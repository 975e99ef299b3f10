/* The JSON schema and the manual that tables of fields turn into. */
#include "support/nn_test.h"

#include "base/file.h"
#include "base/mem.h"
#include "conf/support/garden.h"
#include "conf/support/parsed.h"

static char *read_expected(const char *name)
{
    char path[512];
    char *text = NULL;
    size_t len = 0;
    nn_err err = {0};

    (void)snprintf(path, sizeof(path), "%s/conf/expected/%s", NN_TESTS, name);
    assert_ok(nn_file_read(&text, &len, path, 1 << 20, &err), err);
    return text;
}

/* As compact JSON; the file stands there in lines. */
static void write_compact(const char *text, nn_buf *out)
{
    parsed p;

    parsed_open(&p, text);
    assert_ok(p.code, p.err);
    nn_node_write(nn_doc_root(p.doc), out);
    parsed_close(&p);
}

static void test_the_schema_of_every_type_of_field(void **state)
{
    char *expected = read_expected("garden.schema.json");
    nn_buf schema = {0};
    nn_buf got = {0};
    nn_buf want = {0};

    (void)state;
    nn_table_schema(&garden_table, "Gardens", &schema);
    write_compact(schema.data, &got);
    write_compact(expected, &want);
    assert_string_equal(got.data, want.data);
    nn_buf_free(&schema);
    nn_buf_free(&got);
    nn_buf_free(&want);
    nn_free(expected);
}

static void assert_refs(nn_node definitions, nn_node n)
{
    static const char start[] = "#/definitions/";
    const nn_node ref = nn_node_get(n, "$ref");

    if (ref.item != NULL) {
        assert_memory_equal(nn_node_text(ref), start, sizeof(start) - 1);
        assert_true(nn_node_is(nn_node_get(definitions, nn_node_text(ref) + sizeof(start) - 1),
                               NN_JSON_OBJECT));
    }
    for (nn_node m = nn_node_first(n); m.item != NULL; m = nn_node_next(m))
        assert_refs(definitions, m);
}

static void test_every_reference_of_the_schema_is_defined(void **state)
{
    nn_buf schema = {0};
    parsed p;

    (void)state;
    nn_table_schema(&garden_table, "Gardens", &schema);
    parsed_open(&p, schema.data);
    assert_ok(p.code, p.err);
    assert_refs(nn_node_get(nn_doc_root(p.doc), "definitions"), nn_doc_root(p.doc));
    assert_int_equal(nn_node_count(nn_node_get(nn_doc_root(p.doc), "definitions")), 3);
    parsed_close(&p);
    nn_buf_free(&schema);
}

static void test_the_manual_of_every_type_of_field(void **state)
{
    char *expected = read_expected("garden.md");
    nn_buf manual = {0};

    (void)state;
    nn_table_manual(&garden_table, &manual);
    assert_string_equal(manual.data, expected);
    nn_buf_free(&manual);
    nn_free(expected);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_schema_of_every_type_of_field),
        cmocka_unit_test(test_every_reference_of_the_schema_is_defined),
        cmocka_unit_test(test_the_manual_of_every_type_of_field),
    };

    return nn_test_main(argc, argv, tests);
}
