/* Text: a growing buffer, escaping of outside bytes, strict numbers, the nearest name. */
#ifndef NN_BASE_TEXT_H
#define NN_BASE_TEXT_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A growing, NUL-terminated text. Starts zeroed. A failed allocation sets `failed`, later calls do
 * nothing, and nn_buf_check reports it once at the end. Release with nn_buf_free.
 */
typedef struct nn_buf {
    char *data; /* NULL while empty */
    size_t len;
    size_t capacity;
    bool failed;
} nn_buf;

void nn_buf_reserve(nn_buf *buf, size_t more); /* adding so many bytes will not fail */
void nn_buf_put(nn_buf *buf, const char *text);
void nn_buf_add(nn_buf *buf, const char *bytes, size_t len);
void nn_buf_char(nn_buf *buf, char c);
/* Bytes from outside as a terminal may show them; line feeds and tabs stay what they are. */
void nn_buf_show(nn_buf *buf, const char *text, size_t len);
void nn_buf_printf(nn_buf *buf, const char *fmt, ...) NN_PRINTF(2, 3);
void nn_buf_printfv(nn_buf *buf, const char *fmt, va_list ap);
void nn_buf_json(nn_buf *buf, const char *text);               /* "quoted", escaped for JSON */
void nn_buf_json_n(nn_buf *buf, const char *text, size_t len); /* invalid UTF-8 becomes U+FFFD */
enum { NN_JSON_GROWTH = 6 };                   /* bytes at most that JSON makes of one */
void nn_buf_double(nn_buf *buf, double value); /* shortest that reads back; NaN: null */
void nn_buf_float(nn_buf *buf, float value);
void nn_buf_csv(nn_buf *buf, const char *text); /* quoted when CSV needs it */
void nn_buf_clear(nn_buf *buf);                 /* keeps the memory */
void nn_buf_free(nn_buf *buf);
NN_MUST_CHECK nn_code nn_buf_check(const nn_buf *buf, nn_err *err);

/*
 * Bytes from outside as they may be shown: C0, DEL, C1, bidi controls and invalid UTF-8 become \xNN
 * or \u{NNNN}; more than `most` characters end in "...". Returns dst, always terminated.
 */
char *nn_text_show(char *dst, size_t size, const char *bytes, size_t len, size_t most);
enum { NN_SHOWN = 256 }; /* a roomy dst for most <= 40 */

/* Length of the valid UTF-8 sequence at s (1 to 4), or 0. */
int nn_utf8_len(const char *s, size_t len);
/* Offset of the first byte that is not UTF-8, or len when all is well. */
size_t nn_utf8_check(const char *s, size_t len);
/*
 * The character of a valid sequence when it moves the cursor, reorders or breaks the line, or
 * cannot be seen; else 0, as for a NUL.
 */
unsigned nn_utf8_unsafe(const char *s, int len);

/* The name nearest to `word`, or NULL when none is near. `names` ends with NULL. */
const char *nn_text_nearest(const char *word, const char *const *names);
/* Edit distance with transpositions, ignoring case; for callers whose names stand in no array. */
int nn_text_distance(const char *a, const char *b);
/* Is a word at this distance worth a "did you mean"? */
bool nn_text_is_near(const char *word, int distance);

typedef enum nn_number { NN_NUMBER_OK, NN_NUMBER_BAD, NN_NUMBER_HUGE, NN_NUMBER_TINY } nn_number;

/*
 * A decimal number by its grammar: [+-] digits [. digits] [e [+-] digits], where one side of the
 * point may be empty; nothing around it, no nan, inf or hexadecimal; independent of the locale.
 * HUGE: too large, *out untouched (as when BAD); TINY: not zero, but read as 0.
 */
nn_number nn_parse_double(const char *s, size_t len, double *out);
/*
 * The short way for the usual number: reads one that begins at s, with this character as its
 * decimal point, and gives the place behind it. NULL when nothing does or when it takes the long
 * way to be exact; *out may then be anything it was.
 */
const char *nn_scan_double(const char *s, const char *end, char point, double *out);
/* Whole decimal text as an integer; false on anything else or on overflow. */
bool nn_parse_i64(const char *s, size_t len, int64_t *out);
/* A time as a number of seconds with a unit or without: 90, 0.5s, 30m, 2h, 1d; above 0. */
bool nn_parse_seconds(const char *s, size_t len, double *out);
bool nn_parse_u64(const char *s, size_t len, uint64_t *out);

/* Shortest text that reads back to the same value. dst holds NN_NUMBER_TEXT bytes. */
enum { NN_NUMBER_TEXT = 32 };
char *nn_format_double(char *dst, double value);
char *nn_format_float(char *dst, float value);

#endif
