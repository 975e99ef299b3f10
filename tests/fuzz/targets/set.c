/* --set: each line of the input is one, applied to a config. */
#include "../fuzz.h"

#include "base/text.h"
#include "run/config.h"

enum { MOST_SETS = 16 };

static const char config[] =
    "{\"data\": {\"train\": {\"inline\": {\"x\": [[0, 1], [1, 0]], \"y\": [0, 1]}}},\n"
    " \"optimizer\": \"sgd\", \"validation\": 0,\n"
    " \"model\": {\"layers\": [{\"type\": \"Dense\", \"units\": 3, \"activation\": \"relu\"},\n"
    "                      {\"type\": \"Dense\", \"units\": 2}]}}\n";

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const uint64_t live = nn_mem_read().live;
    char *const text = fuzz_text(bytes, len);
    const char *sets[MOST_SETS];
    int count = 0;
    nn_config *c = NULL;
    nn_buf out = {0};
    nn_err err = {0};

    for (char *line = text; line != NULL && count < MOST_SETS; count++) {
        char *const end = strchr(line, '\n');

        sets[count] = line;
        if (end != NULL)
            *end = '\0';
        line = end != NULL ? end + 1 : NULL;
    }
    const nn_config_source source = {"config.json", "",   config, sizeof config - 1,
                                     NN_ECONFIG,    sets, count};
    const nn_code rc = nn_config_read(&c, &source, &err);
    if (rc == NN_OK)
        nn_node_write(nn_doc_root(c->doc), &out);
    FUZZ_CHECK(!out.failed);
    nn_buf_free(&out);
    nn_config_free(c);
    free(text);
    fuzz_settled(rc, &err, live);
    return 0;
}
