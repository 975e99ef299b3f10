/* Members of a family chosen as a config would, and whether a table of cases misses one. */
#include "support/nn_test.h"

#include "nn/support/choose.h"

static void read_choice(nn_chosen *out, const nn_family *family, const char *json)
{
    const nn_json_source source = {"case", NN_ECONFIG, false};
    nn_err err = {0};

    memset(out, 0, sizeof *out);
    assert_ok(nn_doc_parse(&out->doc, &source, json, strlen(json), &out->problems, &err), err);
    nn_choice_read(family, nn_doc_root(out->doc), &out->choice);
}

void nn_test_choose(nn_chosen *out, const nn_family *family, const char *json)
{
    nn_err err = {0};

    read_choice(out, family, json);
    assert_ok(nn_problems_check(&out->problems, &err), err);
}

void nn_test_unchoose(nn_chosen *chosen)
{
    nn_doc_free(chosen->doc);
    nn_problems_free(&chosen->problems);
}

void nn_test_refuse(const nn_family *family, const char *json, const char *message)
{
    nn_chosen chosen;
    nn_err err = {0};

    read_choice(&chosen, family, json);
    assert_int_equal(nn_problems_check(&chosen.problems, &err), NN_ECONFIG);
    assert_string_equal(err.msg, message);
    nn_test_unchoose(&chosen);
}

void nn_test_covers(const nn_family *family, const char *const *cases, size_t count, size_t stride)
{
    for (const nn_kind *const *kind = family->kinds; *kind != NULL; kind++) {
        bool met = false;

        for (size_t i = 0; i < count && !met; i++) {
            nn_chosen chosen;

            nn_test_choose(&chosen, family,
                           *(const char *const *)((const char *)cases + i * stride));
            met = chosen.choice.kind == *kind;
            nn_test_unchoose(&chosen);
        }
        if (!met)
            fail_msg("the %s \"%s\" has no case", family->noun, (*kind)->name);
    }
}
