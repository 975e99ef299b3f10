/* nnctl generate: a language model goes on with a text. */
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "cli/session.h"
#include "run/generate.h"

enum { LENGTH = 200 };

typedef struct conf {
    const char *prompt;
    const char *temperature;
    int64_t length;
    int64_t top_k;
    uint64_t seed;
} conf;

/* Where the text goes: at once to stdout, or kept for JSON. */
typedef struct sink {
    nn_session *s;
    nn_buf text;    /* --json: all of it; a terminal: bytes of a character that is not complete */
    bool terminal;  /* what would drive it is made visible */
    bool ends_line; /* the last byte was a line feed */
} sink;

/* How many bytes of `text` can be shown now: an unfinished character waits for its rest. */
static size_t complete(const char *text, size_t len)
{
    size_t back = 0;

    while (back < 3 && back < len && ((unsigned char)text[len - 1 - back] & 0xC0) == 0x80)
        back++;
    if (back == len || (unsigned char)text[len - 1 - back] < 0xC0)
        return len;
    const unsigned char lead = (unsigned char)text[len - 1 - back];
    const size_t need = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;

    return back + 1 < need ? len - 1 - back : len;
}

static nn_code write_out(sink *k, const char *bytes, size_t len, nn_err *err)
{
    if (len > 0)
        k->ends_line = bytes[len - 1] == '\n';
    return nn_fd_write(STDOUT_FILENO, "stdout", bytes, len, err);
}

/* Line feeds and tabs stay, everything else that a terminal would obey is shown. */
static nn_code show(sink *k, size_t len, nn_err *err)
{
    nn_buf shown = {0};
    nn_code rc;

    nn_buf_show(&shown, k->text.data, len);
    if ((rc = nn_buf_check(&shown, err)) == NN_OK && len > 0)
        rc = write_out(k, shown.data, shown.len, err);
    nn_buf_free(&shown);
    memmove(k->text.data, k->text.data + len, k->text.len - len);
    k->text.len -= len;
    return rc;
}

static nn_code take(void *context, const char *bytes, size_t len, nn_err *err)
{
    sink *k = context;

    if (!k->s->common.json && !k->terminal)
        return write_out(k, bytes, len, err);
    nn_buf_add(&k->text, bytes, len);
    NN_TRY(nn_buf_check(&k->text, err));
    return k->s->common.json || k->text.len == 0
               ? NN_OK
               : show(k, complete(k->text.data, k->text.len), err);
}

static nn_code read_temperature(const conf *c, double *temperature, nn_err *err)
{
    char shown[NN_SHOWN];
    const char *text = c->temperature;

    *temperature = 1;
    if (text == NULL)
        return NN_OK;
    if (nn_parse_double(text, strlen(text), temperature) == NN_NUMBER_OK && *temperature >= 0 &&
        *temperature <= 100)
        return NN_OK;
    return nn_err_set(err, NN_EUSAGE, "generate",
                      "--temperature: expected a number from 0 to 100, got \"%s\"",
                      nn_text_show(shown, sizeof shown, text, strlen(text), 40));
}

static void put_json(sink *k, const nn_generate_options *o, const nn_generated *done)
{
    const size_t prompt = done->prompt_tokens > 0 ? strlen(o->prompt) : 0;
    nn_buf *out = &k->s->out;

    nn_buf_put(out, "{\"prompt\":");
    nn_buf_json(out, o->prompt);
    nn_buf_put(out, ",\"text\":");
    nn_buf_json_n(out, k->text.data + prompt, k->text.len - prompt);
    nn_buf_printf(out,
                  ",\"tokens\":%llu,\"seed\":%llu,\"temperature\":", (unsigned long long)o->length,
                  (unsigned long long)o->seed);
    nn_buf_double(out, o->temperature);
    nn_buf_printf(out, ",\"top_k\":%d,\"unknown\":%zu}\n", o->top_k, done->unknown);
}

/* The end of a text is the end of a line. */
static nn_code finish(sink *k, const nn_generate_options *o, const nn_generated *done, nn_err *err)
{
    if (k->s->common.json)
        put_json(k, o, done);
    else if (k->terminal && k->text.len > 0)
        NN_TRY(show(k, k->text.len, err));
    if (!k->s->common.json && !k->ends_line)
        NN_TRY(write_out(k, "\n", 1, err));
    if (done->unknown > 0)
        nn_session_warn(k->s, "%zu of the prompt's %zu tokens are not in the model's vocabulary",
                        done->unknown, done->prompt_tokens);
    return NN_OK;
}

static nn_code generate(sink *k, const nn_model *m, const nn_generate_options *o, nn_err *err)
{
    nn_generated done = {0};
    nn_pool *pool = NULL;
    nn_code rc = nn_pool_new(&pool, nn_session_threads(k->s), err);

    if (rc == NN_OK)
        rc = nn_generate(m, pool, o, &done, take, k, err);
    if (rc == NN_OK)
        rc = finish(k, o, &done, err);
    nn_pool_free(pool);
    nn_buf_free(&k->text);
    return rc;
}

static nn_code run(nn_session *s, nn_err *err)
{
    const conf *c = s->conf;
    nn_generate_options o = {.prompt = c->prompt == NULL ? "" : c->prompt,
                             .length = c->length == 0 ? LENGTH : (uint64_t)c->length,
                             .top_k = (int)c->top_k,
                             .seed = c->seed};
    sink k = {.s = s, .terminal = isatty(STDOUT_FILENO) == 1};
    nn_model *m = NULL;
    nn_code rc;

    NN_TRY(read_temperature(c, &o.temperature, err));
    rc = nn_model_open(&m, nn_session_word(s, 0), s->runs, NULL, 0, err);
    if (rc == NN_OK)
        rc = generate(&k, m, &o, err);
    nn_model_free(m);
    return rc;
}

#define AT(member) offsetof(conf, member)

static const nn_option options[] = {
    {.name = "prompt",
     .letter = 'p',
     .value = "TEXT",
     .read = nn_read_text,
     .at = AT(prompt),
     .help = "what the text begins with; without it, the beginning of a line"},
    {.name = "length",
     .letter = 'n',
     .value = "N",
     .read = nn_read_int,
     .at = AT(length),
     .least = 1,
     .most = 1000000000,
     .help = "tokens to go on with, 200 by default"},
    {.name = "temperature",
     .letter = 't',
     .value = "T",
     .read = nn_read_text,
     .at = AT(temperature),
     .help = "0: always the likeliest token; 1, the default: as likely as the model has it"},
    {.name = "top-k",
     .value = "K",
     .read = nn_read_int,
     .at = AT(top_k),
     .least = 1,
     .most = 65536,
     .help = "draw from the K likeliest tokens only"},
    {.name = "seed",
     .value = "S",
     .read = nn_read_seed,
     .at = AT(seed),
     .help = "another text for another seed, 0 by default; the same for the same"},
    {.name = NULL},
};

static const nn_argument arguments[] = {
    {"MODEL", false, NN_COMPLETE_MODEL, "a run directory, model file or @latest, of plain text"},
    {NULL, false, NN_COMPLETE_NOTHING, NULL},
};

static const nn_example examples[] = {
    {"nnctl generate @latest --prompt \"One morning\"", "200 more characters"},
    {"nnctl generate @latest -n 1000 -t 0.7 --seed 3", "a long text, less bold than the model"},
    {"nnctl generate @latest -p \"Anna\" -t 0 --json", "the likeliest text, for a script"},
    {NULL, NULL},
};

const nn_command nn_command_generate = {
    .name = "generate",
    .summary = "go on with a text, token by token",
    .text = "Goes on with a text by a model that was trained on plain text: the next token is\n"
            "drawn by the probabilities that the model gives, and so on. The text comes as it\n"
            "is made, the prompt first. Equal options give equal texts, at any number of\n"
            "threads. Every token takes the same time: what the network remembers is kept.",
    .arguments = arguments,
    .options = options,
    .conf_size = sizeof(conf),
    .examples = examples,
    .run = run,
};
