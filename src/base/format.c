/* The names of formats that people mistake for others, by their first bytes. */
#include "base/gz.h"

#include <string.h>

typedef struct magic {
    size_t at, len;
    const char *bytes;
    const char *name;
} magic;

static const magic table[] = {
    {0, 2, "\x1F\x8B", "gzip data"},
    {0, 3, "BZh", "bzip2 data"},
    {0, 6, "\3757zXZ\0", "xz data"},
    {0, 4, "\x28\xB5\x2F\xFD", "Zstandard data"},
    {0, 4, "\x04\x22\x4D\x18", "LZ4 data"},
    {0, 6, "7z\xBC\xAF\x27\x1C", "a 7-Zip archive"},
    {0, 8, "\x89PNG\r\n\x1A\n", "a PNG image"},
    {0, 3, "\xFF\xD8\xFF", "a JPEG image"},
    {0, 4, "GIF8", "a GIF image"},
    {0, 5, "%PDF-", "a PDF document"},
    {0, 8, "\x89HDF\r\n\x1A\n", "an HDF5 file (.h5)"},
    {0, 4, "GGUF", "a GGUF file"},
    {4, 4, "TFL3", "a TensorFlow Lite file"},
    {0, 6, "\x93NUMPY", "a NumPy array (.npy)"},
    {0, 14, "\x80\x02\x8A\x0A\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19", "a PyTorch file (.pt)"},
    {0, 4, "PAR1", "a Parquet file"},
};

static bool starts(const unsigned char *s, size_t len, size_t at, const char *bytes, size_t size)
{
    return at + size <= len && memcmp(s + at, bytes, size) == 0;
}

/* A zip archive is known by the name of its first entry, of which the head may hold only a part. */
static const char *guess_zip(const unsigned char *head, size_t len)
{
    enum { NAME_LEN = 26, NAME = 30 };
    const size_t named = len > NAME ? head[NAME_LEN] | (size_t)head[NAME_LEN + 1] << 8 : 0;
    const size_t end = NAME + named < len ? NAME + named : len;

    for (size_t at = NAME; at < end; at++) {
        if (starts(head, end, at, ".npy", 4))
            return "a NumPy archive (.npz)";
        if (starts(head, end, at, "/data.pkl", 9) || starts(head, end, at, "/.format_ver", 12))
            return "a PyTorch file (.pt)";
    }
    if (starts(head, end, NAME, "[Content_Types].xml", 19) ||
        starts(head, end, NAME, "docProps/", 9))
        return "an Office document (.xlsx): save its sheet as CSV";
    return starts(head, end, NAME, "metadata.json", 13) ? "a Keras file (.keras)" : "a zip archive";
}

/* A protobuf that begins with ir_version and then the producer's name, the graph or an opset. */
static bool is_onnx(const unsigned char *head, size_t len)
{
    return len >= 4 && head[0] == 0x08 && head[1] >= 1 && head[1] < 32 &&
           (head[2] == 0x12 || head[2] == 0x3A || head[2] == 0x42);
}

static bool is_text(const unsigned char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((s[i] < ' ' && strchr("\t\r\n", s[i]) == NULL) || s[i] >= 0x7F)
            return false;
    return true;
}

/*
 * Two bytes with a check sum over them, the compression method being deflate. "x^" is such a pair,
 * and the beginning of a column called x^2.
 */
static bool is_zlib(const unsigned char *head, size_t len)
{
    return len >= 2 && head[0] == 0x78 && (head[0] * 256 + head[1]) % 31 == 0 &&
           (head[1] & 0x20) == 0 && !is_text(head, len);
}

const char *nn_format_guess(const unsigned char *head, size_t len)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (starts(head, len, table[i].at, table[i].bytes, table[i].len))
            return table[i].name;
    if (starts(head, len, 0, "PK\x03\x04", 4) || starts(head, len, 0, "PK\x05\x06", 4))
        return guess_zip(head, len);
    if (is_onnx(head, len))
        return "an ONNX file";
    return is_zlib(head, len) ? "zlib data" : NULL;
}
