/* Proposing a config for a plain text: a small recurrent model that tells what comes next. */
#include "run/propose.h"

#include "base/text.h"

enum { LENGTH = 96, PARTS = 40, FEWEST = 200, MOST_TOKENS = 1024 };

/* Of a short text there are to be some samples in each part. */
static size_t length_for(const nn_text_profile *p)
{
    const size_t length = p->letter.count / PARTS;

    return length > LENGTH ? LENGTH : length > 1 ? length : 1;
}

nn_code nn_propose_text(nn_buf *out, const nn_text_profile *p, const char *path, nn_err *err)
{
    const bool bytes = p->letter.kind == NN_TOKEN_BYTE;
    /* The vocabulary is that of the training rows alone, and cut there it has exactly so many. */
    const size_t all = p->letter.early + NN_TOKEN_FIRST;
    const size_t tokens = all < MOST_TOKENS ? all : MOST_TOKENS;

    if (p->letter.count < FEWEST)
        return nn_err_set(err, NN_EDATA, path, "%zu %s are too few to learn from", p->letter.count,
                          bytes ? "bytes" : "characters");
    nn_buf_printf(out,
                  "// a text of %zu %s, as proposed by nnctl init: goes on with it, by nnctl "
                  "generate\n{\n    \"name\": \"text\",\n    \"seed\": 1,\n    \"data\": {\n"
                  "        \"train\": {\"path\": ",
                  p->letter.count, bytes ? "bytes" : "characters");
    nn_buf_json(out, path);
    nn_buf_printf(out,
                  "},\n        \"format\": \"text\",\n"
                  "        // what comes after each of a sample's %s is to be told\n"
                  "        \"text\": {\"tokens\": \"%s\", \"length\": %zu, \"vocabulary\": %zu}\n"
                  "    },\n    // the last tenth of the text\n    \"validation\": 0.1,\n",
                  bytes ? "bytes" : "characters", nn_token_words[p->letter.kind], length_for(p),
                  tokens);
    nn_buf_printf(out,
                  "    \"model\": {\n        \"layers\": [\n"
                  "            // the different ones, padding and the unknown one\n"
                  "            {\"type\": \"Embedding\", \"input_dim\": %zu, \"output_dim\": 32},\n"
                  "            {\"type\": \"GRU\", \"units\": 128, \"return_sequences\": true},\n"
                  "            {\"type\": \"Dense\", \"units\": %zu, \"activation\": \"softmax\"}\n"
                  "        ]\n    },\n",
                  tokens, tokens);
    nn_buf_put(out,
               "    \"optimizer\": {\"type\": \"adam\", \"learning_rate\": 0.004},\n"
               "    \"schedule\": \"cosine\",\n"
               "    \"training\": {\"epochs\": 12, \"batch_size\": 16, \"clip_norm\": 1}\n}\n");
    return nn_buf_check(out, err);
}
