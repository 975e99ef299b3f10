/* The strict JSON reader: what it refuses, in which words and where; what it keeps. */
#include "support/nn_test.h"

#include "base/mem.h"
#include "conf/json.h"
#include "conf/support/parsed.h"

static void assert_refused(const char *text, size_t len, const char *line)
{
    parsed p;

    parsed_open_n(&p, text, len);
    if (p.doc != NULL)
        fail_msg("accepted: %.60s", text);
    assert_int_equal(p.code, NN_ECONFIG);
    assert_int_equal(p.err.code, NN_ECONFIG);
    assert_string_equal(parsed_line(&p, 0), line);
    assert_int_equal(p.problems.count, 1);
    parsed_close(&p);
}

/* The text becomes this JSON. */
static void assert_read(const char *text, const char *json)
{
    parsed p;

    parsed_open(&p, text);
    if (p.doc == NULL)
        fail_msg("refused: %.60s: %s", text, p.err.msg);
    assert_string_equal(parsed_json(&p), json);
    assert_int_equal(p.problems.count, 0);
    parsed_close(&p);
}

static const char *const broken_text[][2] = {
    {"", "a.json:1:1: expected a value, got the end of the document"},
    {" \n ", "a.json:2:2: expected a value, got the end of the document"},
    {"{} x", "a.json:1:4: expected the end of the document, got \"x\""},
    {"{}}", "a.json:1:3: expected the end of the document, got \"}\""},
    {"{}\n{}", "a.json:2:1: expected the end of the document, got \"{\""},
    {"[1,]", "a.json:1:4: expected a value, got \"]\"; remove the comma before it"},
    {"{\"a\":1,}",
     "a.json:1:8: expected a key in double quotes, got \"}\"; remove the comma before it"},
    {"[,1]", "a.json:1:2: expected a value, got \",\""},
    {"['a']", "a.json:1:2: expected a value, got \"'\"; use double quotes"},
    {"{'a':1}", "a.json:1:2: expected a key in double quotes, got \"'\"; use double quotes"},
    {"{a:1}", "a.json:1:2: expected a key in double quotes, got \"a\""},
    {"{\"a\" 1}", "a.json:1:6: expected \":\" after the key, got \"1\""},
    {"{\"a\":1 \"b\":2}", "a.json:1:8: expected \",\" or \"}\", got \"\"\"; put a comma before it"},
    {"[1 2]", "a.json:1:4: expected \",\" or \"]\", got \"2\"; put a comma before it"},
    {"# c\n[1]", "a.json:1:1: expected a value, got \"#\"; a comment begins with //"},
    {"[1 # c\n]", "a.json:1:4: expected \",\" or \"]\", got \"#\"; a comment begins with //"},
    {"{# c\n}", "a.json:1:2: expected a key in double quotes, got \"#\"; a comment begins with //"},
    {"{\"a\" # c\n: 1}", "a.json:1:6: expected \":\" after the key, got \"#\"; a comment begins "
                         "with //"},
    {"[1", "a.json:1:3: expected \",\" or \"]\", got the end of the document"},
    {"[True]", "a.json:1:2: expected a value, got \"True\"; only true, false and null stand "
               "without double quotes"},
    {"NaN", "a.json:1:1: expected a value, got \"NaN\"; only true, false and null stand "
            "without double quotes"},
    {"nulls", "a.json:1:1: expected a value, got \"nulls\"; only true, false and null stand "
              "without double quotes"},
    {"[01]", "a.json:1:2: expected a number without leading zeros, got \"01\""},
    {"[-01]", "a.json:1:2: expected a number without leading zeros, got \"-\""},
    {"[1.]", "a.json:1:4: expected a digit, got \"]\""},
    {"[1.e5]", "a.json:1:4: expected a digit, got \"e5\""},
    {"[1e]", "a.json:1:4: expected a digit, got \"]\""},
    {"[1e+]", "a.json:1:5: expected a digit, got \"]\""},
    {"[-]", "a.json:1:3: expected a digit, got \"]\""},
    {"[.5]", "a.json:1:2: expected a value, got \".\"; a number begins with a digit or a minus "
             "sign"},
    {"[+1]", "a.json:1:2: expected a value, got \"+\"; a number begins with a digit or a minus "
             "sign"},
    {"[0x10]", "a.json:1:3: expected \",\" or \"]\", got \"x10\""},
    {"[\"a\nb\"]", "a.json:1:4: expected an escape such as \\n in a text, got the control byte "
                   "0x0a; is a closing double quote missing?"},
    {"[\"\x1f\"]", "a.json:1:3: expected an escape such as \\n in a text, got the control byte "
                   "0x1f; is a closing double quote missing?"},
    {"[\"abc", "a.json:1:2: the text is never closed by a double quote"},
    {"[\"abc\\", "a.json:1:7: expected one of \" \\ / b f n r t u after a backslash, got the "
                 "end of the document; a backslash itself is written \\\\"},
    {"[\"\\q\"]", "a.json:1:4: expected one of \" \\ / b f n r t u after a backslash, got "
                  "\"q\"; a backslash itself is written \\\\"},
    {"[\"\\u0000\"]", "a.json:1:3: expected a text without \\u0000"},
    {"[\"\\uZZZZ\"]", "a.json:1:3: expected four hexadecimal digits after \\u"},
    {"[\"\\u12\"]", "a.json:1:3: expected four hexadecimal digits after \\u"},
    {"[\"\\ud800\"]", "a.json:1:3: expected a pair of surrogates, got a lone \\ud800; a "
                      "character beyond \\uffff is written as two of them"},
    {"[\"\\ud800\\u0041\"]", "a.json:1:3: expected a pair of surrogates, got a lone \\ud800; a "
                             "character beyond \\uffff is written as two of them"},
    {"[\"\\ud800\\ue000\"]", "a.json:1:3: expected a pair of surrogates, got a lone \\ud800; a "
                             "character beyond \\uffff is written as two of them"},
    {"[\"\\udc00\\udc00\"]", "a.json:1:3: expected a pair of surrogates, got a lone \\udc00; a "
                             "character beyond \\uffff is written as two of them"},
    {"[\"\\udc00\\ud800\"]", "a.json:1:3: expected a pair of surrogates, got a lone \\udc00; a "
                             "character beyond \\uffff is written as two of them"},
    {"\n[\"\xc3\x28\"]", "a.json:2:3: expected UTF-8 text, got the byte 0xc3 at offset 3"},
    {"\xff\xfe{\0", "a.json:1:1: expected UTF-8 text, got UTF-16 or UTF-32; convert it with "
                    "iconv"},
    {"\xfe\xff", "a.json:1:1: expected UTF-8 text, got UTF-16 or UTF-32; convert it with iconv"},
    {"/* {}", "a.json:1:1: the comment is never closed"},
    {"{} /x", "a.json:1:4: expected the end of the document, got \"/\"; a comment begins with //"},
    {"[\"\x1b[31m", "a.json:1:3: expected an escape such as \\n in a text, got the control "
                    "byte 0x1b; is a closing double quote missing?"},
    {"\x1b[31m", "a.json:1:1: expected a value, got \"\\x1b\""},
};

static void test_broken_text_is_refused_in_words_that_say_where(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(broken_text) / sizeof(broken_text[0]); i++)
        assert_refused(broken_text[i][0], strlen(broken_text[i][0]), broken_text[i][1]);
}

static void test_zero_bytes_never_hide_what_follows(void **state)
{
    static const char in_comment[] = "{} // \0\n garbage";
    static const char utf16[] = "{\0}\0";

    (void)state;
    assert_refused(in_comment, sizeof(in_comment) - 1,
                   "a.json:1:7: expected text, got the byte 0x00");
    assert_refused(utf16, sizeof(utf16) - 1,
                   "a.json:1:1: expected UTF-8 text, got UTF-16 or "
                   "UTF-32; convert it with iconv");
}

static void test_repeated_keys_are_all_named_with_both_places(void **state)
{
    parsed p;

    (void)state;
    parsed_open(&p,
                "{\"m\": {\"b\": 1, \"a\": 2,\n  \"b\": 3, \"\\u0062\": 4}, \"B\": 1, \"m\": 2}");
    assert_null(p.doc);
    assert_int_equal(p.code, NN_ECONFIG);
    assert_string_equal(parsed_line(&p, 0),
                        "a.json:2:33: repeated key \"m\", first at line 1, column 2");
    assert_string_equal(parsed_line(&p, 1),
                        "a.json:2:3: m: repeated key \"b\", first at line 1, column 8");
    assert_string_equal(parsed_line(&p, 2),
                        "a.json:2:11: m: repeated key \"b\", first at line 1, column 8");
    assert_int_equal(p.problems.count, 3);
    assert_string_equal(p.err.where, "a.json:2:33");
    assert_string_equal(p.err.msg, "repeated key \"m\", first at line 1, column 2");
    parsed_close(&p);
}

static void test_sound_text_keeps_its_values(void **state)
{
    (void)state;
    assert_read("null", "null");
    assert_read("\xef\xbb\xbf [true , false]\r\n", "[true,false]");
    assert_read("{ \"a\" : { } , \"A\" : [ ] }", "{\"a\":{},\"A\":[]}");
    assert_read("[0,-0,-0.5,1e3,1E-3,2.50,9007199254740993]",
                "[0,-0,-0.5,1e3,1E-3,2.50,9007199254740993]");
    assert_read("\"\\u0041\\n\\ud83d\\ude00 \xc3\xa9\\/\"", "\"A\\n\xf0\x9f\x98\x80 \xc3\xa9/\"");
    assert_read("// c\n{/* \"a\":1, */ \"b\":\"// no /* comment */\"} // end",
                "{\"b\":\"// no /* comment */\"}");
    assert_read("[[1],[2,[3]],{\"x\":[4]}]", "[[1],[2,[3]],{\"x\":[4]}]");
}

static void test_comments_are_refused_where_they_are_not_allowed(void **state)
{
    const nn_json_source source = {"m", NN_EMODEL, false};
    nn_problems problems = {0};
    nn_err err = {0};
    nn_doc *doc = NULL;

    (void)state;
    assert_int_equal(nn_doc_parse(&doc, &source, "{} // x", 7, &problems, &err), NN_EMODEL);
    assert_null(doc);
    assert_string_equal(err.where, "m:1:4");
    assert_string_equal(err.msg, "comments are not allowed here");
    nn_problems_free(&problems);
}

static void test_every_prefix_is_refused(void **state)
{
    static const char text[] = "{\"a\": [1.5e-3, true, null, \"\\u00e9\\n\"], \"b\": {\"c\": {}}}";

    (void)state;
    for (size_t len = 0; len < sizeof(text) - 1; len++) {
        /* A block of its own, so that a sanitizer sees a read beyond the end. */
        char *prefix = nn_alloc(1, len + 1);
        parsed p;

        memcpy(prefix, text, len);
        parsed_open_n(&p, prefix, len);
        assert_null(p.doc);
        assert_int_equal(p.code, NN_ECONFIG);
        parsed_close(&p);
        nn_free(prefix);
    }
}

static void test_every_value_has_its_place_and_path(void **state)
{
    static const char text[] = "// head\n{\n  \"model\": {\"layers\": [ /* \n */ {}, {\"units\":\n"
                               "\t\"ten\"}]},\n  \"\xc3\xa9\": 1, \"z\": 2\n}";
    char path[NN_PATH_TEXT];
    parsed p;

    (void)state;
    parsed_open(&p, text);
    const nn_node root = nn_doc_root(p.doc);
    const nn_node layers = nn_node_get(nn_node_get(root, "model"), "layers");
    nn_place at = nn_node_place(nn_node_get(nn_node_at(layers, 1), "units"), path, sizeof(path));

    assert_string_equal(at.file, "a.json");
    assert_int_equal(at.line, 5);
    assert_int_equal(at.column, 2);
    assert_string_equal(at.path, "model.layers[1].units");
    at = nn_node_place(root, path, sizeof(path));
    assert_int_equal(at.line, 2);
    assert_int_equal(at.column, 1);
    assert_string_equal(at.path, "");
    at = nn_node_place(nn_node_at(layers, 0), path, sizeof(path));
    assert_int_equal(at.line, 4);
    assert_int_equal(at.column, 5);
    at = nn_node_place(nn_node_get(root, "z"), path, sizeof(path));
    assert_int_equal(at.column, 17); /* in bytes */
    parsed_close(&p);
}

static void test_a_long_path_is_cut_and_its_keys_are_shown_safely(void **state)
{
    char path[16];
    parsed p;

    (void)state;
    parsed_open(&p, "{\"a\\u001b\": {\"bcdefghijklmnopqrstuvw\": {\"x\": 1}}}");
    const nn_node a = nn_node_first(nn_doc_root(p.doc));
    const nn_node x = nn_node_first(nn_node_first(a));

    assert_string_equal(nn_node_path(a, path, sizeof(path)), "a\\x1b");
    assert_string_equal(nn_node_path(x, path, sizeof(path)), "a\\x1b.bcdefghij");
    parsed_close(&p);
}

static void test_walking_finds_each_value_by_its_type(void **state)
{
    char shown[NN_SHOWN];
    parsed p;

    (void)state;
    parsed_open(&p,
                "{\"n\":1.50,\"t\":\"x\\ny\",\"b\":true,\"z\":null,\"a\":[7,8],\"e\":[],\"o\":{}}");
    const nn_node root = nn_doc_root(p.doc);
    const nn_node none = nn_node_get(root, "N");
    const nn_node a = nn_node_get(root, "a");

    assert_int_equal(nn_node_count(root), 7);
    assert_int_equal(nn_node_type(none), NN_JSON_NONE);
    assert_true(nn_node_number(nn_node_get(root, "n")) == 1.5);
    assert_true(nn_node_number(nn_node_get(root, "t")) == 0);
    assert_string_equal(nn_node_text(nn_node_get(root, "t")), "x\ny");
    assert_string_equal(nn_node_text(none), "");
    assert_true(nn_node_bool(nn_node_get(root, "b")));
    assert_true(nn_node_is(nn_node_get(root, "z"), NN_JSON_NULL));
    assert_true(nn_node_number(nn_node_at(a, 1)) == 8);
    assert_int_equal(nn_node_type(nn_node_at(a, 2)), NN_JSON_NONE);
    assert_int_equal(nn_node_type(nn_node_get(a, "0")), NN_JSON_NONE);
    assert_string_equal(nn_node_key(nn_node_next(nn_node_first(root))), "t");
    assert_string_equal(nn_node_show(nn_node_get(root, "n"), shown), "1.50");
    assert_string_equal(nn_node_show(nn_node_get(root, "t"), shown), "\"x\\x0ay\"");
    assert_string_equal(nn_node_show(nn_node_get(root, "b"), shown), "true");
    assert_string_equal(nn_node_show(nn_node_get(root, "z"), shown), "null");
    assert_string_equal(nn_node_show(a, shown), "a list");
    assert_string_equal(nn_node_show(nn_node_get(root, "e"), shown), "an empty list");
    assert_string_equal(nn_node_show(nn_node_get(root, "o"), shown), "an empty object");
    assert_string_equal(nn_node_show(root, shown), "an object");
    assert_string_equal(nn_node_show(none, shown), "nothing");
    parsed_close(&p);
}

/* `open` times "[", one number, as many "]". */
static void assert_depth(int open, const char *line)
{
    char text[256];

    memset(text, '[', (size_t)open);
    text[open] = '1';
    memset(text + open + 1, ']', (size_t)open);
    text[2 * open + 1] = '\0';
    if (line != NULL)
        assert_refused(text, strlen(text), line);
    else
        assert_read(text, text);
}

static void test_nesting_ends_at_64_levels(void **state)
{
    (void)state;
    assert_depth(63, NULL);
    assert_depth(64, NULL);
    assert_depth(65, "a.json:1:65: expected at most 64 levels of nesting");
}

/* A text of this many bytes. */
static bool reads_text(size_t len)
{
    char *text = nn_alloc(1, len + 3);
    parsed p;
    bool ok = false;

    memset(text, 'x', len + 2);
    text[0] = text[len + 1] = '"';
    parsed_open(&p, text);
    ok = p.doc != NULL;
    if (!ok)
        assert_string_equal(p.err.msg, "expected a text of at most 65536 bytes");
    parsed_close(&p);
    nn_free(text);
    return ok;
}

static void test_texts_end_at_65536_bytes(void **state)
{
    (void)state;
    assert_true(reads_text(65535));
    assert_true(reads_text(65536));
    assert_false(reads_text(65537));
}

static void test_numbers_end_at_63_characters(void **state)
{
    char text[65];

    (void)state;
    memset(text, '1', 64);
    text[64] = '\0';
    assert_refused(text, 64, "a.json:1:1: expected a number of at most 63 characters, got 64");
    assert_read(text + 1, text + 1);
    assert_read(text + 2, text + 2);
}

/* A list of zeros that is this many values in all. */
static void assert_values(size_t values, const char *msg)
{
    char *text = nn_alloc(values, 2);
    parsed p;

    memset(text, '0', 2 * values - 1);
    for (size_t i = 0; i < 2 * values - 1; i += 2)
        text[i] = ',';
    text[0] = '[';
    text[2 * values - 2] = ']';
    parsed_open(&p, text);
    assert_string_equal(p.err.msg, msg);
    parsed_close(&p);
    nn_free(text);
}

static void test_documents_end_at_1048576_values(void **state)
{
    (void)state;
    assert_values(1048576, "");
    assert_values(1048577,
                  "expected at most 1048576 values; keep large data in files of their own");
}

static void test_documents_end_at_16_mebibytes(void **state)
{
    const size_t most = 16 << 20;
    char *text = nn_alloc(1, most + 1);
    parsed p;

    (void)state;
    memset(text, ' ', most + 1);
    text[0] = '1';
    parsed_open_n(&p, text, most);
    assert_non_null(p.doc);
    parsed_close(&p);
    parsed_open_n(&p, text, most + 1);
    assert_null(p.doc);
    assert_int_equal(p.code, NN_ELIMIT);
    assert_string_equal(p.err.where, "a.json");
    assert_string_equal(p.err.msg, "expected at most 16777216 bytes of JSON, got 16777217");
    parsed_close(&p);
    nn_free(text);
}

static void test_faults_of_a_hostile_document_stay_a_list_that_can_be_read(void **state)
{
    parsed p;

    (void)state;
    parsed_open(&p, "[1]");
    for (int i = 0; i < 2000; i++) {
        nn_node_warn(nn_doc_root(p.doc), NULL, "warning %d", i);
        nn_node_fault(nn_doc_root(p.doc), NULL, "fault %d", i);
    }
    assert_int_equal(p.problems.count, 2000);
    assert_int_equal(nn_problems_errors(&p.problems), 1000);
    parsed_close(&p);
}

static void test_faults_carry_place_path_hint_and_code(void **state)
{
    parsed p;

    (void)state;
    parsed_open(&p, "{\"a\": [0,\n 5]}");
    nn_node_fault(nn_node_at(nn_node_get(nn_doc_root(p.doc), "a"), 1), "try 4", "not %d", 5);
    assert_string_equal(parsed_line(&p, 0), "a.json:2:2: a[1]: not 5; try 4");
    assert_int_equal(p.problems.list[0].code, NN_ECONFIG);
    assert_int_equal(p.problems.list[0].severity, NN_ERROR);
    nn_node_fault((nn_node){p.doc, NULL}, NULL, "nowhere");
    assert_string_equal(parsed_line(&p, 1), "a.json: nowhere");
    parsed_close(&p);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_broken_text_is_refused_in_words_that_say_where),
        cmocka_unit_test(test_zero_bytes_never_hide_what_follows),
        cmocka_unit_test(test_repeated_keys_are_all_named_with_both_places),
        cmocka_unit_test(test_sound_text_keeps_its_values),
        cmocka_unit_test(test_comments_are_refused_where_they_are_not_allowed),
        cmocka_unit_test(test_every_prefix_is_refused),
        cmocka_unit_test(test_every_value_has_its_place_and_path),
        cmocka_unit_test(test_a_long_path_is_cut_and_its_keys_are_shown_safely),
        cmocka_unit_test(test_walking_finds_each_value_by_its_type),
        cmocka_unit_test(test_nesting_ends_at_64_levels),
        cmocka_unit_test(test_texts_end_at_65536_bytes),
        cmocka_unit_test(test_numbers_end_at_63_characters),
        cmocka_unit_test(test_documents_end_at_1048576_values),
        cmocka_unit_test(test_documents_end_at_16_mebibytes),
        cmocka_unit_test(test_faults_of_a_hostile_document_stay_a_list_that_can_be_read),
        cmocka_unit_test(test_faults_carry_place_path_hint_and_code),
    };

    return nn_test_main(argc, argv, tests);
}
