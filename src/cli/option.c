/* Values of options: text into numbers, words, times. */
#include "cli/option.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "math/pool.h"
#include "run/config.h"

/* The text as messages show it. */
static nn_code refuse(nn_err *err, const char *expected, const char *text)
{
    char shown[NN_SHOWN];

    return nn_err_set(err, NN_EUSAGE, NULL, "expected %s, got \"%s\"", expected,
                      nn_text_show(shown, sizeof shown, text, strlen(text), 40));
}

nn_code nn_read_text(const nn_option *o, const char *text, void *at, nn_err *err)
{
    (void)o;
    (void)err;
    *(const char **)at = text;
    return NN_OK;
}

nn_code nn_read_each(const nn_option *o, const char *text, void *at, nn_err *err)
{
    (void)o;
    return nn_texts_add(at, text, err);
}

nn_code nn_read_int(const nn_option *o, const char *text, void *at, nn_err *err)
{
    char expected[96];
    int64_t value;

    if (nn_parse_i64(text, strlen(text), &value) && value >= o->least && value <= o->most) {
        *(int64_t *)at = value;
        return NN_OK;
    }
    snprintf(expected, sizeof expected, "a whole number from %" PRId64 " to %" PRId64, o->least,
             o->most);
    return refuse(err, expected, text);
}

nn_code nn_read_seed(const nn_option *o, const char *text, void *at, nn_err *err)
{
    (void)o;
    if (nn_parse_u64(text, strlen(text), at))
        return NN_OK;
    return refuse(err, "a whole number from 0 to 18446744073709551615", text);
}

nn_code nn_read_batch(const nn_option *o, const char *text, void *at, nn_err *err)
{
    if (strcmp(text, "full") == 0)
        return NN_OK;
    if (nn_read_int(o, text, at, err) == NN_OK)
        return NN_OK;
    return refuse(err, "a whole number from 1 to 1048576, or full", text);
}

nn_code nn_read_run_name(const nn_option *o, const char *text, void *at, nn_err *err)
{
    (void)o;
    (void)at;
    return nn_is_run_name(text) ? NN_OK : refuse(err, NN_RUN_NAME_FORM, text);
}

nn_code nn_read_word(const nn_option *o, const char *text, void *at, nn_err *err)
{
    char expected[128] = "";

    for (int i = 0; o->words[i] != NULL; i++) {
        const size_t len = strlen(expected);
        if (strcmp(text, o->words[i]) == 0) {
            *(int *)at = i;
            return NN_OK;
        }
        snprintf(expected + len, sizeof expected - len, "%s%s",
                 i == 0 ? "" : (o->words[i + 1] == NULL ? " or " : ", "), o->words[i]);
    }
    return refuse(err, expected, text);
}

nn_code nn_read_threads(const nn_option *o, const char *text, void *at, nn_err *err)
{
    int64_t value;

    (void)o;
    if (strcmp(text, "auto") == 0) {
        *(int *)at = NN_THREADS_AUTO;
        return NN_OK;
    }
    if (nn_parse_i64(text, strlen(text), &value) && value >= 1 && value <= NN_MAX_THREADS) {
        *(int *)at = (int)value;
        return NN_OK;
    }
    return refuse(err, "a whole number from 1 to 256, or auto", text);
}
_Static_assert(NN_MAX_THREADS == 256, "nn_read_threads: the message says 256");

nn_code nn_read_seconds(const nn_option *o, const char *text, void *at, nn_err *err)
{
    (void)o;
    if (!nn_parse_seconds(text, strlen(text), at))
        return refuse(err, "a time such as 90s, 30m, 2h or 1d", text);
    return NN_OK;
}

nn_code nn_texts_add(nn_texts *texts, const char *text, nn_err *err)
{
    NN_TRY(nn_grow(&texts->list, &texts->capacity, (size_t)texts->count + 1, sizeof texts->list[0],
                   err));
    texts->list[texts->count] = nn_strdup(text);
    if (texts->list[texts->count] == NULL)
        return nn_err_memory(err, "an argument", strlen(text));
    texts->count++;
    return NN_OK;
}

void nn_texts_free(nn_texts *texts)
{
    for (int i = 0; i < texts->count; i++)
        nn_free(texts->list[i]);
    nn_free(texts->list);
    memset(texts, 0, sizeof *texts);
}
