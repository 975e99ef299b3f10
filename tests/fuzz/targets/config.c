/*
 * Configs: the JSON and its tables; when the samples stand in it, the data and the network as well,
 * and resolved.json, which must read back to itself.
 */
#include "../fuzz.h"

#include "base/text.h"
#include "run/setup.h"

enum { MOST_BYTES = 1 << 16, MOST_WEIGHTS = 1 << 20 };

static nn_code read_config(nn_config **out, const char *text, size_t len, nn_err *err)
{
    const nn_config_source source = {"config.json", "", text, len, NN_ECONFIG, NULL, 0};

    return nn_config_read(out, &source, err);
}

/* Writes the setup and makes one again from that text; both are the caller's. */
static nn_setup *resolve(const nn_setup *s, nn_config **config, nn_buf *text)
{
    const nn_setup_options options = {.depth = NN_SETUP_DATA, .threads = 1};
    nn_setup *again = NULL;
    nn_err err = {0};

    nn_setup_write(s, text);
    FUZZ_CHECK(nn_buf_check(text, &err) == NN_OK);
    FUZZ_CHECK(read_config(config, text->data, text->len, &err) == NN_OK);
    FUZZ_CHECK(nn_setup_new(&again, *config, &options, &err) == NN_OK);
    return again;
}

/* What is written of a setup is a config again, which once resolved is written the same. */
static void check_resolved(const nn_setup *s)
{
    nn_buf text[3] = {{0}, {0}, {0}};
    nn_config *config[2] = {NULL, NULL};
    nn_setup *const once = resolve(s, &config[0], &text[0]);
    nn_setup *const twice = resolve(once, &config[1], &text[1]);

    nn_setup_write(twice, &text[2]);
    FUZZ_CHECK(text[1].len == text[2].len && memcmp(text[1].data, text[2].data, text[1].len) == 0);
    nn_setup_free(once);
    nn_setup_free(twice);
    for (int i = 0; i < 3; i++)
        nn_buf_free(&text[i]);
    for (int i = 0; i < 2; i++)
        nn_config_free(config[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const nn_setup_options options = {.depth = NN_SETUP_DATA, .threads = 1};
    const uint64_t live = nn_mem_read().live;
    char *const text = fuzz_text(bytes, len);
    nn_config *c = NULL;
    nn_setup *s = NULL;
    nn_err err = {0};
    nn_code rc = read_config(&c, text, len, &err);

    if (rc == NN_OK && len <= MOST_BYTES && fuzz_is_inline(c)) {
        rc = nn_setup_new(&s, c, &options, &err);
        if (rc == NN_OK && s->graph->weights_len <= MOST_WEIGHTS)
            check_resolved(s);
    }
    if (rc == NN_OK)
        fuzz_say(text, len);
    for (size_t i = 0; c != NULL && i < c->problems.count; i++) {
        char line[NN_MSG_SIZE];

        nn_problem_text(&c->problems.list[i], line, sizeof line);
        FUZZ_CHECK(line[0] != '\0' && nn_utf8_check(line, strlen(line)) == strlen(line));
    }
    nn_setup_free(s);
    nn_config_free(c);
    free(text);
    fuzz_settled(rc, &err, live);
    return 0;
}
