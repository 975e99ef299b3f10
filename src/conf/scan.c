/* The strict JSON scanner: grammar, UTF-8 and limits, and where every value stands. */
#include "scan.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

static nn_code fault(nn_scan *s, size_t at, const char *hint, const char *fmt, ...) NN_PRINTF(4, 5);

static nn_code fault(nn_scan *s, size_t at, const char *hint, const char *fmt, ...)
{
    va_list ap;

    s->fault_at = at;
    s->hint = hint;
    va_start(ap, fmt);
    (void)vsnprintf(s->message, sizeof(s->message), fmt, ap);
    va_end(ap);
    return NN_ECONFIG;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* What stands at `at`, for "got %s": a whole word, one character, or the end. dst: NN_SHOWN. */
static const char *show(const nn_scan *s, size_t at, char *dst)
{
    size_t len = 0;

    if (at >= s->len)
        return "the end of the document";
    while (at + len < s->len && is_word(s->text[at + len]))
        len++;
    if (len == 0)
        len = (size_t)nn_utf8_len(s->text + at, s->len - at);
    dst[0] = '"';
    (void)nn_text_show(dst + 1, NN_SHOWN - 2, s->text + at, len, 40);
    len = strlen(dst);
    memcpy(dst + len, "\"", 2);
    return dst;
}

static nn_code unexpected(nn_scan *s, size_t at, const char *hint, const char *wanted)
{
    char got[NN_SHOWN];

    if (hint == NULL && s->comments && (s->text[at] == '#' || s->text[at] == '/'))
        hint = "a comment begins with //";
    return fault(s, at, hint, "expected %s, got %s", wanted, show(s, at, got));
}

/* The character at the cursor; NUL at the end. */
static char peek(const nn_scan *s)
{
    return s->text[s->at];
}

/* Overwrites a comment with spaces, so that offsets hold. */
static nn_code blank_comment(nn_scan *s)
{
    const size_t begin = s->at;
    const char *close = s->text[begin + 1] == '/' ? strchr(s->text + begin, '\n')
                                                  : strstr(s->text + begin + 2, "*/");
    size_t end = s->len;

    if (close != NULL)
        end = (size_t)(close - s->text) + (*close == '*' ? 2 : 0);
    else if (s->text[begin + 1] == '*')
        return fault(s, begin, NULL, "the comment is never closed");
    memset(s->text + begin, ' ', end - begin);
    s->at = end;
    return NN_OK;
}

static nn_code skip_space(nn_scan *s)
{
    for (;;) {
        const char c = peek(s);

        if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            s->at++;
        } else if (c == '/' && (s->text[s->at + 1] == '/' || s->text[s->at + 1] == '*')) {
            if (!s->comments)
                return fault(s, s->at, NULL, "comments are not allowed here");
            NN_TRY(blank_comment(s));
        } else {
            return NN_OK;
        }
    }
}

/* Four hexadecimal digits at the cursor, or -1. */
static int hex4(const nn_scan *s)
{
    int value = 0;

    for (size_t i = 0; i < 4; i++) {
        const char c = s->text[s->at + i];

        if (is_digit(c))
            value = value * 16 + (c - '0');
        else if (c >= 'a' && c <= 'f')
            value = value * 16 + (c - 'a' + 10);
        else if (c >= 'A' && c <= 'F')
            value = value * 16 + (c - 'A' + 10);
        else
            return -1;
    }
    return value;
}

/* After "\u". A NUL would cut the text short in C; a lone surrogate is no character. */
static nn_code scan_unicode(nn_scan *s)
{
    const size_t begin = s->at - 2;
    const int unit = hex4(s);

    if (unit < 0)
        return fault(s, begin, NULL, "expected four hexadecimal digits after \\u");
    if (unit == 0)
        return fault(s, begin, NULL, "expected a text without \\u0000");
    s->at += 4;
    if (unit < 0xd800 || unit > 0xdfff)
        return NN_OK;
    if (unit <= 0xdbff && s->text[s->at] == '\\' && s->text[s->at + 1] == 'u') {
        s->at += 2;
        const int low = hex4(s);

        if (low >= 0xdc00 && low <= 0xdfff) {
            s->at += 4;
            return NN_OK;
        }
    }
    return fault(s, begin, "a character beyond \\uffff is written as two of them",
                 "expected a pair of surrogates, got a lone \\u%04x", (unsigned)unit);
}

static nn_code scan_escape(nn_scan *s)
{
    const char c = s->text[s->at + 1];

    if (s->at + 1 >= s->len || strchr("\"\\/bfnrtu", c) == NULL)
        return unexpected(s, s->at + 1, "a backslash itself is written \\\\",
                          "one of \" \\ / b f n r t u after a backslash");
    s->at += 2;
    return c == 'u' ? scan_unicode(s) : NN_OK;
}

static nn_code scan_text(nn_scan *s)
{
    const size_t begin = s->at++;

    for (;;) {
        const unsigned char c = (unsigned char)peek(s);

        if (s->at >= s->len)
            return fault(s, begin, NULL, "the text is never closed by a double quote");
        if (s->at - begin - 1 > s->max_text)
            return fault(s, begin, NULL, "expected a text of at most %zu bytes", s->max_text);
        if (c == '"')
            break;
        if (c < 0x20)
            return fault(s, s->at, "is a closing double quote missing?",
                         "expected an escape such as \\n in a text, got the control byte 0x%02x",
                         c);
        if (c == '\\')
            NN_TRY(scan_escape(s));
        else
            s->at++;
    }
    s->at++;
    return NN_OK;
}

size_t nn_scan_number_len(const char *text, size_t at)
{
    size_t len = 0;

    while (is_digit(text[at + len]) || (text[at + len] != '\0' && strchr("+-.eE", text[at + len])))
        len++;
    return len;
}

static nn_code scan_digits(nn_scan *s)
{
    if (!is_digit(peek(s)))
        return unexpected(s, s->at, NULL, "a digit");
    while (is_digit(peek(s)))
        s->at++;
    return NN_OK;
}

static nn_code scan_number(nn_scan *s)
{
    const size_t begin = s->at;

    if (peek(s) == '-')
        s->at++;
    if (peek(s) == '0' && is_digit(s->text[s->at + 1]))
        return unexpected(s, begin, NULL, "a number without leading zeros");
    NN_TRY(scan_digits(s));
    if (peek(s) == '.') {
        s->at++;
        NN_TRY(scan_digits(s));
    }
    if (peek(s) == 'e' || peek(s) == 'E') {
        s->at++;
        if (peek(s) == '+' || peek(s) == '-')
            s->at++;
        NN_TRY(scan_digits(s));
    }
    if (s->at - begin > NN_JSON_MAX_NUMBER)
        return fault(s, begin, NULL, "expected a number of at most %d characters, got %zu",
                     NN_JSON_MAX_NUMBER, s->at - begin);
    return NN_OK;
}

static nn_code scan_word(nn_scan *s)
{
    static const char *const words[] = {"true", "false", "null"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        const size_t len = strlen(words[i]);

        if (strncmp(s->text + s->at, words[i], len) == 0 && !is_word(s->text[s->at + len])) {
            s->at += len;
            return NN_OK;
        }
    }
    return unexpected(s, s->at, "only true, false and null stand without double quotes", "a value");
}

/* A value cannot begin here: says why, for the slips that people make. */
static nn_code no_value(nn_scan *s, bool after_comma)
{
    const char c = peek(s);
    const char *hint = NULL;

    if (c == '\'')
        hint = "use double quotes";
    else if (after_comma && (c == ']' || c == '}'))
        hint = "remove the comma before it";
    else if (c == '.' || c == '+')
        hint = "a number begins with a digit or a minus sign";
    return unexpected(s, s->at, hint, "a value");
}

static nn_code scan_value(nn_scan *s, int parent, int position, size_t key);

/* After an element: true in *more when a comma came, and the cursor stands on what follows. */
static nn_code scan_separator(nn_scan *s, char close, bool *more)
{
    NN_TRY(skip_space(s));
    *more = peek(s) == ',';
    if (!*more && peek(s) != close) {
        const bool next = peek(s) != '\0' && strchr("\"[{-0123456789", peek(s)) != NULL;

        return unexpected(s, s->at, next ? "put a comma before it" : NULL,
                          close == ']' ? "\",\" or \"]\"" : "\",\" or \"}\"");
    }
    s->at++;
    return *more ? skip_space(s) : NN_OK;
}

static nn_code scan_array(nn_scan *s, int self)
{
    bool more = true;

    s->at++;
    NN_TRY(skip_space(s));
    if (peek(s) == ']') {
        s->at++;
        return NN_OK;
    }
    for (int i = 0; more; i++) {
        if (i > 0 && peek(s) == ']')
            return no_value(s, true);
        NN_TRY(scan_value(s, self, i, s->at));
        NN_TRY(scan_separator(s, ']', &more));
    }
    return NN_OK;
}

static nn_code scan_key(nn_scan *s, bool after_comma)
{
    const char *hint = NULL;

    if (peek(s) != '"') {
        if (peek(s) == '\'')
            hint = "use double quotes";
        else if (after_comma && peek(s) == '}')
            hint = "remove the comma before it";
        return unexpected(s, s->at, hint, "a key in double quotes");
    }
    NN_TRY(scan_text(s));
    NN_TRY(skip_space(s));
    if (peek(s) != ':')
        return unexpected(s, s->at, NULL, "\":\" after the key");
    s->at++;
    return skip_space(s);
}

static nn_code scan_object(nn_scan *s, int self)
{
    bool more = true;

    s->at++;
    NN_TRY(skip_space(s));
    if (peek(s) == '}') {
        s->at++;
        return NN_OK;
    }
    for (int i = 0; more; i++) {
        const size_t key = s->at;

        NN_TRY(scan_key(s, i > 0));
        NN_TRY(scan_value(s, self, i, key));
        NN_TRY(scan_separator(s, '}', &more));
    }
    return NN_OK;
}

/* An array or an object; the depth is bounded, so recursion is. */
static nn_code scan_nest(nn_scan *s, int self)
{
    if (s->depth == NN_JSON_MAX_DEPTH)
        return fault(s, s->at, NULL, "expected at most %d levels of nesting", NN_JSON_MAX_DEPTH);
    s->depth++;
    NN_TRY(peek(s) == '[' ? scan_array(s, self) : scan_object(s, self));
    s->depth--;
    return NN_OK;
}

static nn_code scan_value(nn_scan *s, int parent, int position, size_t key)
{
    const char c = peek(s);
    const int self = (int)s->count;

    if (s->count == NN_JSON_MAX_VALUES)
        return fault(s, s->at, "keep large data in files of their own",
                     "expected at most %d values", NN_JSON_MAX_VALUES);
    NN_TRY(nn_grow(&s->spots, &s->capacity, s->count + 1, sizeof(*s->spots), s->err));
    s->spots[s->count++] = (nn_spot){NULL, (uint32_t)s->at, (uint32_t)key, parent, position, 0};
    if (c == '"')
        return scan_text(s);
    if (c == '[' || c == '{')
        return scan_nest(s, self);
    if (c == '-' || is_digit(c))
        return scan_number(s);
    if (is_word(c))
        return scan_word(s);
    return no_value(s, false);
}

/* Two bytes tell UTF-16 and UTF-32, with a byte order mark or by the zeros of ASCII text. */
static bool is_utf16(const char *text, size_t len)
{
    const unsigned char a = len >= 2 ? (unsigned char)text[0] : 1;
    const unsigned char b = len >= 2 ? (unsigned char)text[1] : 1;

    return (a == 0xff && b == 0xfe) || (a == 0xfe && b == 0xff) || a == 0 || b == 0;
}

nn_code nn_scan_run(nn_scan *s, nn_err *err)
{
    const size_t valid = nn_utf8_check(s->text, s->len);
    const char *nul = memchr(s->text, '\0', s->len);

    s->err = err;
    if (is_utf16(s->text, s->len))
        return fault(s, 0, "convert it with iconv", "expected UTF-8 text, got UTF-16 or UTF-32");
    if (valid < s->len)
        return fault(s, valid, NULL, "expected UTF-8 text, got the byte 0x%02x at offset %zu",
                     (unsigned char)s->text[valid], valid);
    if (nul != NULL)
        return fault(s, (size_t)(nul - s->text), NULL, "expected text, got the byte 0x00");
    NN_TRY(skip_space(s));
    NN_TRY(scan_value(s, -1, 0, s->at));
    NN_TRY(skip_space(s));
    if (s->at < s->len)
        return unexpected(s, s->at, NULL, "the end of the document");
    return NN_OK;
}
