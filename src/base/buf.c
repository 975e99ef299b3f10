/* A growing text that remembers a failed allocation instead of reporting it at every step. */
#include "base/text.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

/* Makes room for `more` bytes and the NUL. */
static bool reserve(nn_buf *buf, size_t more)
{
    nn_err ignored;
    size_t need;

    if (buf->failed)
        return false;
    buf->failed = !nn_add_size(buf->len, more, &need) || !nn_add_size(need, 1, &need) ||
                  nn_grow(&buf->data, &buf->capacity, need, 1, &ignored) != NN_OK;
    return !buf->failed;
}

void nn_buf_reserve(nn_buf *buf, size_t more)
{
    (void)reserve(buf, more);
}

void nn_buf_add(nn_buf *buf, const char *bytes, size_t len)
{
    if (!reserve(buf, len))
        return;
    if (len > 0)
        memcpy(buf->data + buf->len, bytes, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
}

void nn_buf_put(nn_buf *buf, const char *text)
{
    nn_buf_add(buf, text, strlen(text));
}

void nn_buf_char(nn_buf *buf, char c)
{
    nn_buf_add(buf, &c, 1);
}

void nn_buf_printfv(nn_buf *buf, const char *fmt, va_list ap)
{
    va_list again;

    va_copy(again, ap);
    const int len = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    if (len < 0)
        buf->failed = true;
    else if (reserve(buf, (size_t)len))
        buf->len += (size_t)vsnprintf(buf->data + buf->len, (size_t)len + 1, fmt, ap);
}

void nn_buf_printf(nn_buf *buf, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    nn_buf_printfv(buf, fmt, ap);
    va_end(ap);
}

/* One character of a JSON string; `len` is 0 for a byte that is not UTF-8. */
static void json_char(nn_buf *buf, const char *s, int len)
{
    if (len == 0)
        nn_buf_put(buf, "\xEF\xBF\xBD"); /* U+FFFD */
    else if (*s == '"' || *s == '\\')
        nn_buf_printf(buf, "\\%c", *s);
    else if (*s == '\n')
        nn_buf_put(buf, "\\n");
    else if (*s == '\t')
        nn_buf_put(buf, "\\t");
    else if ((unsigned char)*s < 0x20 || nn_utf8_unsafe(s, len) != 0)
        nn_buf_printf(buf, "\\u%04x", nn_utf8_unsafe(s, len));
    else
        nn_buf_add(buf, s, (size_t)len);
}

void nn_buf_json_n(nn_buf *buf, const char *text, size_t len)
{
    nn_buf_char(buf, '"');
    for (size_t i = 0; i < len;) {
        const int step = nn_utf8_len(text + i, len - i);

        json_char(buf, text + i, step);
        i += step == 0 ? 1 : (size_t)step;
    }
    nn_buf_char(buf, '"');
}

void nn_buf_json(nn_buf *buf, const char *text)
{
    nn_buf_json_n(buf, text, strlen(text));
}

void nn_buf_csv(nn_buf *buf, const char *text)
{
    const size_t len = strlen(text);
    /* Spaces at the ends are part of a field, but only quotes show that they are meant. */
    const bool quote =
        strpbrk(text, ",;\t\"\r\n") != NULL || (len > 0 && (*text == ' ' || text[len - 1] == ' '));

    if (!quote) {
        nn_buf_add(buf, text, len);
        return;
    }
    nn_buf_char(buf, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"')
            nn_buf_char(buf, '"');
        nn_buf_char(buf, *text);
    }
    nn_buf_char(buf, '"');
}

void nn_buf_clear(nn_buf *buf)
{
    buf->len = 0;
    if (buf->data != NULL)
        buf->data[0] = '\0';
}

void nn_buf_free(nn_buf *buf)
{
    nn_free(buf->data);
    *buf = (nn_buf){0};
}

nn_code nn_buf_check(const nn_buf *buf, nn_err *err)
{
    return buf->failed ? nn_err_memory(err, "a text", buf->len) : NN_OK;
}
