/* UTF-8, and bytes from outside as they may be shown. */
#include "base/text.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* The character of a valid sequence of `len` bytes. */
static uint32_t decode(const unsigned char *s, int len)
{
    static const unsigned char mask[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    uint32_t c = s[0] & mask[len];

    for (int i = 1; i < len; i++)
        c = c << 6 | (s[i] & 0x3FU);
    return c;
}

int nn_utf8_len(const char *s, size_t len)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *const u = (const unsigned char *)s;
    int want;

    if (len == 0)
        return 0;
    if (u[0] < 0x80)
        return 1;
    want = u[0] >= 0xC0 && u[0] < 0xE0 ? 2 : u[0] >= 0xE0 && u[0] < 0xF0 ? 3 : 4;
    if (u[0] < 0xC0 || u[0] >= 0xF8 || (size_t)want > len)
        return 0;
    for (int i = 1; i < want; i++)
        if ((u[i] & 0xC0) != 0x80)
            return 0;
    /* Not overlong, no surrogate, within Unicode. */
    const uint32_t c = decode(u, want);
    return c < least[want] || (c >= 0xD800 && c < 0xE000) || c > 0x10FFFF ? 0 : want;
}

size_t nn_utf8_check(const char *s, size_t len)
{
    size_t i = 0;

    while (i < len) {
        const int step = nn_utf8_len(s + i, len - i);

        if (step == 0)
            break;
        i += (size_t)step;
    }
    return i;
}

/* Characters that move the cursor, reorder the line, break it, or cannot be seen at all. */
static bool is_unsafe(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C || (c >= 0x200B && c <= 0x200F) ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF;
}

unsigned nn_utf8_unsafe(const char *s, int len)
{
    const uint32_t c = decode((const unsigned char *)s, len);

    return is_unsafe(c) ? (unsigned)c : 0;
}

/* Writes one character as it is shown, without a NUL; returns how many bytes that takes. */
static size_t show_char(char out[16], const char *s, int len)
{
    const unsigned char *const u = (const unsigned char *)s;
    const uint32_t c = len == 0 ? *u : decode(u, len);

    if (len <= 1 && (len == 0 || is_unsafe(c)))
        return (size_t)snprintf(out, 16, "\\x%02x", (unsigned)c);
    if (is_unsafe(c))
        return (size_t)snprintf(out, 16, "\\u{%04x}", (unsigned)c);
    memcpy(out, s, (size_t)len);
    return (size_t)len;
}

char *nn_text_show(char *dst, size_t size, const char *bytes, size_t len, size_t most)
{
    size_t used = 0, safe = 0, i = 0, shown = 0; /* safe: the last place where "..." still fits */

    assert(size >= 4);
    while (i < len) {
        const int step = nn_utf8_len(bytes + i, len - i);
        char one[16];
        const size_t width = show_char(one, bytes + i, step);

        if (used + 3 < size)
            safe = used;
        if (shown == most || used + width >= size)
            break;
        memcpy(dst + used, one, width);
        used += width;
        shown++;
        i += step == 0 ? 1 : (size_t)step;
    }
    dst[used] = '\0';
    if (i < len)
        memcpy(dst + safe, "...", 4);
    return dst;
}

void nn_buf_show(nn_buf *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len;) {
        const int step = nn_utf8_len(text + i, len - i);
        char one[16];

        if (text[i] == '\n' || text[i] == '\t')
            nn_buf_char(out, text[i]);
        else
            nn_buf_add(out, one, show_char(one, text + i, step));
        i += step == 0 ? 1 : (size_t)step;
    }
}
