/* Escaping, coordinates and pictures for HTML and SVG. */
#include "view/markup.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "view/png.h"

/* The character at s, whose sequence has `len` bytes and is valid. */
static uint32_t decode(const char *s, int len)
{
    const unsigned char *u = (const unsigned char *)s;

    switch (len) {
    case 1:
        return u[0];
    case 2:
        return (uint32_t)(u[0] & 31) << 6 | (u[1] & 63);
    case 3:
        return (uint32_t)(u[0] & 15) << 12 | (uint32_t)(u[1] & 63) << 6 | (u[2] & 63);
    default:
        return (uint32_t)(u[0] & 7) << 18 | (uint32_t)(u[1] & 63) << 12 |
               (uint32_t)(u[2] & 63) << 6 | (u[3] & 63);
    }
}

/* Controls, and what turns the direction of writing around. */
static bool is_dropped(uint32_t c)
{
    if (c == '\n' || c == '\t')
        return false;
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff ||
           c == 0xfffe || c == 0xffff;
}

static const char *entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void nn_markup_text_n(nn_buf *out, const char *text, size_t len, int most)
{
    int shown = 0;

    for (size_t i = 0; i < len;) {
        const int step = nn_utf8_len(text + i, len - i);

        if (step > 0 && is_dropped(decode(text + i, step))) {
            i += (size_t)step;
            continue;
        }
        if (most != NN_MARKUP_ALL && shown++ == most) {
            nn_buf_put(out, "\u2026");
            return;
        }
        if (step == 0)
            nn_buf_put(out, "\ufffd");
        else if (step == 1 && entity(text[i]) != NULL)
            nn_buf_put(out, entity(text[i]));
        else
            nn_buf_add(out, text + i, (size_t)step);
        i += step > 0 ? (size_t)step : 1;
    }
}

void nn_markup_text(nn_buf *out, const char *text)
{
    nn_markup_text_n(out, text, strlen(text), NN_MARKUP_ALL);
}

void nn_markup_cell(nn_buf *out, const char *tag, const char *class, const char *text)
{
    nn_buf_printf(out, class != NULL ? "<%s class=\"%s\">" : "<%s>", tag, class);
    nn_markup_text(out, text);
    nn_buf_printf(out, "</%s>", tag);
}

void nn_markup_number(nn_buf *out, double value)
{
    char text[64];
    int len;

    if (!isfinite(value) || fabs(value) > 1e9)
        value = 0; /* no caller means it, and no picture may break by it */
    len = snprintf(text, sizeof text, "%.2f", value);
    while (text[len - 1] == '0')
        text[--len] = '\0';
    if (text[len - 1] == '.')
        text[--len] = '\0';
    nn_buf_put(out, strcmp(text, "-0") == 0 ? "0" : text);
}

static void put_base64(nn_buf *out, const char *bytes, size_t len)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < len; i += 3) {
        const size_t left = len - i < 3 ? len - i : 3;
        uint32_t word = 0;
        char four[4];

        for (size_t k = 0; k < 3; k++)
            word = word << 8 | (k < left ? (unsigned char)bytes[i + k] : 0U);
        for (size_t k = 0; k < 4; k++)
            four[k] = k <= left ? digit[word >> (18 - 6 * k) & 63] : '=';
        nn_buf_add(out, four, sizeof four);
    }
}

nn_code nn_markup_png_uri(nn_buf *out, const uint8_t *pixel, int height, int width, int channels,
                          nn_err *err)
{
    nn_buf png = {0};
    const nn_code rc = nn_png_write(&png, pixel, height, width, channels, err);

    if (rc == NN_OK) {
        nn_buf_put(out, "data:image/png;base64,");
        put_base64(out, png.data, png.len);
    }
    nn_buf_free(&png);
    return rc;
}

nn_code nn_markup_picture(nn_buf *out, const uint8_t *pixel, int height, int width, int channels,
                          const char *class, nn_err *err)
{
    nn_buf_printf(out, "<img class=\"%s\" width=\"%d\" height=\"%d\" alt=\"\" src=\"", class, width,
                  height);
    NN_TRY(nn_markup_png_uri(out, pixel, height, width, channels, err));
    nn_buf_put(out, "\">");
    return NN_OK;
}
