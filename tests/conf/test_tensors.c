/* safetensors: the format's own examples, what is refused in which words, and what is written. */
#include "support/nn_test.h"

#include <math.h>

#include "base/file.h"
#include "base/mem.h"
#include "conf/tensors.h"
#include "support/nn_temp.h"

/* A file in memory: length, header, data. */
typedef struct image {
    unsigned char *bytes;
    size_t len;
} image;

static image make_image(const char *header, const void *data, size_t data_len)
{
    const size_t len = strlen(header);
    image i = {nn_alloc(1, 8 + len + data_len), 8 + len + data_len};

    for (int b = 0; b < 8; b++)
        i.bytes[b] = (unsigned char)((uint64_t)len >> 8 * b);
    memcpy(i.bytes + 8, header, len);
    memcpy(i.bytes + 8 + len, data, data_len);
    return i;
}

static void assert_refused_bytes(const void *bytes, size_t len, const char *msg)
{
    nn_tensors *t = NULL;
    nn_err err = {0};

    assert_int_equal(nn_tensors_parse(&t, "m", bytes, len, &err), NN_EMODEL);
    assert_null(t);
    assert_string_equal(err.where, "m");
    assert_string_equal(err.msg, msg);
}

/* The header with `zeros` bytes of data. */
static void assert_refused(const char *header, size_t zeros, const char *msg)
{
    static const char data[256];
    const image i = make_image(header, data, zeros);

    assert_refused_bytes(i.bytes, i.len, msg);
    nn_free(i.bytes);
}

static nn_tensors *parse(const char *header, const void *data, size_t len)
{
    const image i = make_image(header, data, len);
    nn_tensors *t = NULL;
    nn_err err = {0};

    assert_ok(nn_tensors_parse(&t, "m", i.bytes, i.len, &err), err);
    nn_free(i.bytes);
    return t;
}

static void test_the_examples_of_the_format_are_read(void **state)
{
    static const unsigned char w[] =
        "\x38\0\0\0\0\0\0\0{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}  "
        "\0\0\x80\x3f\0\0\0\x40";
    static const char zeros[16];
    float values[2];
    nn_err err = {0};
    nn_tensors *t =
        parse("{\"test\":{\"dtype\":\"I32\",\"shape\":[2,2],\"data_offsets\":[0,16]}}", zeros, 16);

    (void)state;
    assert_int_equal(nn_tensors_count(t), 1);
    assert_int_equal(nn_tensors_at(t, 0)->rank, 2);
    assert_int_equal(nn_tensors_at(t, 0)->count, 4);
    nn_tensors_free(t);
    t = parse("{}\r \t\n", "", 0);
    assert_int_equal(nn_tensors_count(t), 0);
    nn_tensors_free(t);
    assert_ok(nn_tensors_parse(&t, "m", w, sizeof(w) - 1, &err), err);
    nn_tensor_read_f32(nn_tensors_find(t, "w"), values);
    assert_true(values[0] == 1 && values[1] == 2);
    assert_null(nn_tensors_find(t, "v"));
    assert_null(nn_tensors_meta(t, "format"));
    nn_tensors_free(t);
    assert_refused("{\"test\":{\"dtype\":\"I32\",\"shape\":[2,2],\"data_offsets\":[0, 4]}}", 16,
                   "tensor \"test\": expected 16 bytes of data by its shape, got 4");
    assert_refused("{\"test\":{\"dtype\":\"I32\",\"shape\":[2,18446744073709551614],"
                   "\"data_offsets\":[0,16]}}",
                   16,
                   "tensor \"test\": shape: expected integers from 0 to below 2^53, got "
                   "18446744073709551614");
}

static void test_a_length_that_cannot_be_is_refused(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *msg;
    } table[] = {
        {"", 0, "expected a safetensors file of at least 8 bytes, got 0"},
        {"\2\0\0\0\0\0\0", 7, "expected a safetensors file of at least 8 bytes, got 7"},
        {"\0\0\0\0\0\0\0\0", 8, "expected a header of at least 2 bytes, got 0"},
        {"\1\0\0\0\0\0\0\0{", 9, "expected a header of at least 2 bytes, got 1"},
        {"\2\0\0\0\0\0\0\0{", 9, "expected a header of 2 bytes, got only 1"},
        {"\0\0\0\0\0\0\0\x80{}", 10,
         "expected a header of at most 16777216 bytes, got 9223372036854775808"},
        {"\xff\xff\xff\xff\xff\xff\xff\xff{}", 10,
         "expected a header of at most 16777216 bytes, got 18446744073709551615"},
        {"\1\0\0\1\0\0\0\0{}", 10, "expected a header of at most 16777216 bytes, got 16777217"},
        {"\0\0\0\1\0\0\0\0{}", 10, "expected a header of 16777216 bytes, got only 2"},
        {"\2\0\0\0\0\0\0\0[]", 10, "expected the header to begin with {, got the byte 0x5b"},
        {"\3\0\0\0\0\0\0\0 {}", 11, "expected the header to begin with {, got the byte 0x20"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        assert_refused_bytes(table[i].bytes, table[i].len, table[i].msg);
}

static void test_headers_end_at_16_mebibytes(void **state)
{
    const size_t most = 16 << 20;
    char *header = nn_alloc(1, most + 2);

    (void)state;
    memset(header, ' ', most);
    memcpy(header, "{}", 2);
    nn_tensors_free(parse(header, "", 0));
    header[most] = ' ';
    assert_refused(header, 0, "expected a header of at most 16777216 bytes, got 16777217");
    nn_free(header);
}

static void test_other_formats_are_named(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
    } table[] = {
        {"PK\3\4\x14\0\0\0\0\0archive/data.pkl", 26},
        {"\x89HDF\r\n\x1a\n\0\0\0\0", 12},
        {"GGUF\3\0\0\0\0\0\0\0\0\0", 14},
        {"\x93NUMPY\1\0v\0{'descr'", 18},
        {"\x1f\x8b\x08\0\0\0\0\0\0\3", 10},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        nn_tensors *t = NULL;
        nn_err err = {0};

        assert_int_equal(nn_tensors_parse(&t, "m", table[i].bytes, table[i].len, &err), NN_EMODEL);
        if (strncmp(err.msg, "expected a safetensors file, got ", 33) != 0)
            fail_msg("format %zu: %s", i, err.msg);
    }
}

/* Each with 8 bytes of data. */
static const char *const broken_header[][2] = {
    {"{\"a\":", "byte 13, in the header: expected a value, got the end of the document"},
    {"{}x", "byte 10, in the header: expected the end of the document, got \"x\""},
    {"{}\n// c", "byte 11, in the header: comments are not allowed here"},
    {"{\"\xff\":1}", "byte 10, in the header: expected UTF-8 text, got the byte 0xff at offset 2"},
    {"{\"w\":{},\n \"w\":{}}",
     "byte 18, in the header: repeated key \"w\", first at line 1, column 2"},
    {"{\"__metadata__\":{},\"__metadata__\":{}}",
     "byte 27, in the header: repeated key \"__metadata__\", first at line 1, column 2"},
    {"{\"__metadata__\":[]}", "__metadata__: expected an object, got an empty list"},
    {"{\"__metadata__\":{\"a\":1}}", "__metadata__: \"a\": expected text, got 1"},
    {"{\"w\":1}", "tensor \"w\": expected an object, got 1"},
    {"{\"w\":{\"shape\":[],\"data_offsets\":[0,8]}}", "tensor \"w\": \"dtype\" is missing"},
    {"{\"w\":{\"dtype\":\"F64\",\"data_offsets\":[0,8]}}", "tensor \"w\": \"shape\" is missing"},
    {"{\"w\":{\"dtype\":\"F64\",\"shape\":[]}}", "tensor \"w\": \"data_offsets\" is missing"},
    {"{\"w\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[0,8],\"x\":1}}",
     "tensor \"w\": unknown key \"x\""},
    {"{\"w\":{\"dtype\":\"F8_E4M3\",\"shape\":[],\"data_offsets\":[0,8]}}",
     "tensor \"w\": dtype: expected F32, F64, F16, BF16, U8, I32, I64 or U64, got \"F8_E4M3\""},
    {"{\"w\":{\"dtype\":\"f32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
     "tensor \"w\": dtype: expected F32, F64, F16, BF16, U8, I32, I64 or U64, got \"f32\""},
    {"{\"w\":{\"dtype\":32,\"shape\":[2],\"data_offsets\":[0,8]}}",
     "tensor \"w\": dtype: expected F32, F64, F16, BF16, U8, I32, I64 or U64, got 32"},
    {"{\"w\":{\"dtype\":\"F32\",\"shape\":2,\"data_offsets\":[0,8]}}",
     "tensor \"w\": shape: expected a list, got 2"},
    {"{\"w\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}",
     "tensor \"w\": shape: expected integers from 0 to below 2^53, got -2"},
    {"{\"w\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,8]}}",
     "tensor \"w\": shape: expected integers from 0 to below 2^53, got 1.5"},
    {"{\"w\":{\"dtype\":\"F32\",\"shape\":[1e999],\"data_offsets\":[0,8]}}",
     "tensor \"w\": shape: expected integers from 0 to below 2^53, got 1e999"},
    {"{\"w\":{\"dtype\":\"F32\",\"shape\":[\"2\"],\"data_offsets\":[0,8]}}",
     "tensor \"w\": shape: expected integers from 0 to below 2^53, got \"2\""},
    {"{\"w\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296,1,1],\"data_offsets\":[0,8]}}",
     "tensor \"w\": the number of its elements overflows"},
    {"{\"w\":{\"dtype\":\"F32\",\"shape\":[4294967296,1073741824],\"data_offsets\":[0,8]}}",
     "tensor \"w\": the number of its bytes overflows"},
    {"{\"w\":{\"dtype\":\"U8\",\"shape\":[1,1,1,1,1,1,1,1,8],\"data_offsets\":[0,8]}}",
     "tensor \"w\": shape: expected at most 8 dimensions, got 9"},
    {"{\"w\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":{}}}",
     "tensor \"w\": data_offsets: expected two integers, got an empty object"},
    {"{\"w\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[0]}}",
     "tensor \"w\": data_offsets: expected two integers, got 1 values"},
    {"{\"w\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[0,8,8]}}",
     "tensor \"w\": data_offsets: expected two integers, got 3 values"},
    {"{\"w\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[-8,0]}}",
     "tensor \"w\": data_offsets: expected integers from 0 to below 2^53, got -8"},
    {"{\"w\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[0,9007199254740993]}}",
     "tensor \"w\": data_offsets: expected integers from 0 to below 2^53, got "
     "9007199254740993"},
    {"{\"w\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[8,0]}}",
     "tensor \"w\": data_offsets: the data ends at 0 before it begins at 8"},
    {"{\"w\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[8,16]}}",
     "tensor \"w\": data_offsets: its data ends at 16, the file's at 8"},
    {"{\"w\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,8]}}",
     "tensor \"w\": expected 4 bytes of data by its shape, got 8"},
    {"{\"w\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[4,8]}}",
     "tensor \"w\": its data begins at 4, which leaves a hole from 0"},
    {"{\"v\":{\"dtype\":\"U8\",\"shape\":[5],\"data_offsets\":[0,5]},"
     "\"w\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[4,8]}}",
     "tensor \"w\": its data begins at 4, inside other data up to 5"},
    {"{\"v\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[0,8]},"
     "\"w\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[4,8]}}",
     "tensor \"w\": its data begins at 4, inside other data up to 8"},
    {"{\"v\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[0,8]},"
     "\"w\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[4,4]}}",
     "tensor \"w\": its data begins at 4, inside other data up to 8"},
    {"{\"w\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}",
     "expected the file to end after the last tensor, got 4 more bytes"},
    {"{}", "expected the file to end after the last tensor, got 8 more bytes"},
};

static void test_a_header_that_breaks_a_rule_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(broken_header) / sizeof(broken_header[0]); i++)
        assert_refused(broken_header[i][0], 8, broken_header[i][1]);
}

static void test_padding_is_white_space(void **state)
{
    const image zeros = make_image("{}  ", "", 0);

    (void)state;
    zeros.bytes[11] = '\0';
    assert_refused_bytes(zeros.bytes, zeros.len,
                         "byte 11, in the header: expected text, got the byte 0x00");
    nn_free(zeros.bytes);
}

static void test_empty_tensors_and_scalars_are_read(void **state)
{
    static const unsigned char data[] = {7};
    nn_tensors *t = parse("{\"b\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1]},"
                          "\"c\":{\"dtype\":\"F64\",\"shape\":[3,0],\"data_offsets\":[1,1]},"
                          "\"a\":{\"dtype\":\"I64\",\"shape\":[0],\"data_offsets\":[0,0]}}",
                          data, 1);

    (void)state;
    assert_int_equal(nn_tensors_count(t), 3);
    assert_string_equal(nn_tensors_at(t, 0)->name, "a");
    assert_string_equal(nn_tensors_at(t, 1)->name, "b");
    assert_int_equal(nn_tensors_find(t, "c")->count, 0);
    assert_true(nn_tensor_value(nn_tensors_find(t, "b"), 0) == 7);
    nn_tensors_free(t);
}

static void test_every_type_is_read_at_any_alignment(void **state)
{
    /* One byte first, so that nothing after it is aligned. */
    static const unsigned char data[] =
        "\xff"                                     /* u: 255 */
        "\x00\x3c\x01\x00\xff\xfb\x00\xfc\x01\x7c" /* h: 1, 2^-24, -65504, -inf, nan */
        "\xc0\x3f\x80\xff"                         /* b: 1.5, -inf */
        "\xfe\xff\xff\xff"                         /* i: -2 */
        "\x00\x00\x20\xc0"                         /* f: -2.5 */
        "\x9a\x99\x99\x99\x99\x99\xb9\x3f"         /* d: 0.1 */
        "\xff\xff\xff\xff\xff\xff\xff\xff"         /* l: -1 */
        "\x00\x00\x00\x00\x00\x00\x00\x80";        /* q: 2^63 */
    double h[5];
    float h32[5];
    nn_tensors *t = parse("{\"u\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
                          "\"h\":{\"dtype\":\"F16\",\"shape\":[5],\"data_offsets\":[1,11]},"
                          "\"b\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[11,15]},"
                          "\"i\":{\"dtype\":\"I32\",\"shape\":[1],\"data_offsets\":[15,19]},"
                          "\"f\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[19,23]},"
                          "\"d\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[23,31]},"
                          "\"l\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[31,39]},"
                          "\"q\":{\"dtype\":\"U64\",\"shape\":[1],\"data_offsets\":[39,47]}}",
                          data, 47);

    (void)state;
    assert_true(nn_tensor_value(nn_tensors_find(t, "u"), 0) == 255);
    nn_tensor_read_f64(nn_tensors_find(t, "h"), h);
    nn_tensor_read_f32(nn_tensors_find(t, "h"), h32);
    assert_true(h[0] == 1 && h[1] == ldexp(1, -24) && h[2] == -65504 && h[3] == -INFINITY);
    assert_true(isnan(h[4]) && isnan(h32[4]) && h32[2] == -65504);
    assert_true(nn_tensor_value(nn_tensors_find(t, "b"), 0) == 1.5);
    assert_true(nn_tensor_value(nn_tensors_find(t, "b"), 1) == -INFINITY);
    assert_true(nn_tensor_value(nn_tensors_find(t, "i"), 0) == -2);
    assert_true(nn_tensor_value(nn_tensors_find(t, "f"), 0) == -2.5);
    assert_true(nn_tensor_value(nn_tensors_find(t, "d"), 0) == 0.1);
    assert_true(nn_tensor_value(nn_tensors_find(t, "l"), 0) == -1);
    assert_true(nn_tensor_value(nn_tensors_find(t, "q"), 0) == 9223372036854775808.0);
    nn_tensors_free(t);
}

static void test_names_end_at_1024_bytes(void **state)
{
    char header[1200];
    char name[1026];

    (void)state;
    memset(name, 'n', sizeof(name));
    name[1025] = '\0';
    (void)snprintf(header, sizeof(header),
                   "{\"%s\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}", name + 1);
    nn_tensors_free(parse(header, "", 0));
    (void)snprintf(header, sizeof(header),
                   "{\"%s\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}", name);
    assert_refused(header, 0,
                   "tensor \"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"
                   "nnnnnnnnnnnnnnnn...\": expected a name of at most 1024 bytes, got 1025");
}

/* A header of this many empty tensors. */
static char *many(int count)
{
    static const char entry[] =
        "\"%05x\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}%c";
    char *header = nn_alloc((size_t)count + 1, sizeof(entry) + 4);
    size_t len = 1;

    header[0] = '{';
    for (int i = 0; i < count; i++)
        len += (size_t)sprintf(header + len, entry, (unsigned)i, i == count - 1 ? '}' : ',');
    return header;
}

static void test_files_end_at_65536_tensors(void **state)
{
    char *header = many(65536);

    (void)state;
    nn_tensors_free(parse(header, "", 0));
    nn_free(header);
    header = many(65537);
    assert_refused(header, 0, "expected at most 65536 tensors, got more");
    nn_free(header);
}

/* Names are found in a sorted index, so looking up every tensor takes no time. */
static void test_tensors_are_found_among_many(void **state)
{
    char *header = many(10000);
    nn_tensors *t = parse(header, "", 0);
    char name[8];

    (void)state;
    for (unsigned i = 0; i < 10000; i++) {
        (void)snprintf(name, sizeof(name), "%05x", i);
        assert_string_equal(nn_tensors_find(t, name)->name, name);
    }
    assert_null(nn_tensors_find(t, "02710"));
    nn_tensors_free(t);
    nn_free(header);
}

static const float kernel[] = {1, -2.5F, 3, 4, 5, 6};
static const double moment[] = {0.1, 0.2};
static const uint8_t flags[] = {1, 2, 3};
static const nn_tensor saved[] = {
    {.name = "b/flags",
     .dtype = NN_U8,
     .rank = 1,
     .dim = {3},
     .count = 3,
     .data = flags,
     .bytes = 3},
    {.name = "dense/kernel",
     .dtype = NN_F32,
     .rank = 2,
     .dim = {2, 3},
     .count = 6,
     .data = kernel,
     .bytes = sizeof(kernel)},
    {.name = "a", .dtype = NN_F32, .rank = 1, .dim = {2}, .count = 2, .data = kernel, .bytes = 8},
    {.name = "m", .dtype = NN_F64, .rank = 1, .dim = {2}, .count = 2, .data = moment, .bytes = 16},
};
static const nn_meta meta[] = {{"format", "nnctl"}, {"config", "{\"a\":\"\xc3\xa9\\n\"}"}};

/* The file that saving `saved` makes. */
static image save_image(void)
{
    char *dir = nn_temp_dir();
    char *path = nn_path_join(dir, "m.safetensors");
    image i = {0};
    char *bytes = NULL;
    nn_err err = {0};

    assert_ok(nn_tensors_save(path, saved, 4, meta, 2, false, &err), err);
    assert_ok(nn_file_read(&bytes, &i.len, path, 1 << 20, &err), err);
    i.bytes = (unsigned char *)bytes;
    nn_free(path);
    nn_temp_remove(dir);
    return i;
}

static void test_the_bytes_of_a_saved_file(void **state)
{
    static const char header[] =
        "{\"__metadata__\":{\"format\":\"nnctl\",\"config\":\"{\\\"a\\\":\\\"\xc3\xa9\\\\n\\\"}\","
        "\"crc32\":\"????????\"},"
        "\"m\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[0,16]},"
        "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[16,24]},"
        "\"dense/kernel\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[24,48]},"
        "\"b/flags\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[48,51]}}";
    const size_t padded = (sizeof(header) - 1 + 7) / 8 * 8;
    image i = save_image();
    char *crc = strstr((char *)i.bytes + 8, "crc32\":\"");

    (void)state;
    assert_non_null(crc);
    memset(crc + 8, '?', 8);
    assert_int_equal(i.len, 8 + padded + 51);
    assert_int_equal(i.bytes[0] + 256 * i.bytes[1], padded);
    assert_memory_equal(i.bytes + 2, "\0\0\0\0\0\0", 6);
    assert_memory_equal(i.bytes + 8, header, sizeof(header) - 1);
    for (size_t k = sizeof(header) - 1; k < padded; k++)
        assert_int_equal(i.bytes[8 + k], ' ');
    assert_memory_equal(i.bytes + 8 + padded + 24, kernel, sizeof(kernel));
    nn_free(i.bytes);
}

/* The definition in conf/tensors.h, computed bit by bit. */
static uint32_t slow_crc(const unsigned char *bytes, size_t len)
{
    uint32_t crc = 0xffffffff;

    for (size_t i = 0; i < len; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xedb88320 : 0);
    }
    return ~crc;
}

static void test_the_checksum_is_what_the_header_file_says(void **state)
{
    image i = save_image();
    char *digits = strstr((char *)i.bytes + 8, "crc32\":\"");
    char kept[9] = {0};
    char right[9];

    (void)state;
    assert_non_null(digits);
    memcpy(kept, digits + 8, 8);
    memset(digits + 8, '0', 8);
    (void)snprintf(right, sizeof(right), "%08x", (unsigned)slow_crc(i.bytes + 8, i.len - 8));
    assert_string_equal(kept, right);
    nn_free(i.bytes);
}

static void test_what_was_saved_is_loaded(void **state)
{
    char *dir = nn_temp_dir();
    char *path = nn_path_join(dir, "m.safetensors");
    nn_tensors *t = NULL;
    nn_err err = {0};
    double m[2];

    (void)state;
    assert_ok(nn_tensors_save(path, saved, 4, meta, 2, false, &err), err);
    assert_ok(nn_tensors_save(path, saved, 4, meta, 2, false, &err), err); /* replaces */
    assert_ok(nn_tensors_load(&t, path, &err), err);
    assert_ok(nn_tensors_check_crc(t, true, &err), err);
    assert_int_equal(nn_tensors_count(t), 4);
    assert_string_equal(nn_tensors_meta(t, "format"), "nnctl");
    assert_string_equal(nn_tensors_meta(t, "config"), meta[1].value);
    assert_null(nn_tensors_meta(t, "classes"));
    assert_memory_equal(nn_tensors_find(t, "dense/kernel")->data, kernel, sizeof(kernel));
    nn_tensor_read_f64(nn_tensors_find(t, "m"), m);
    assert_memory_equal(m, moment, sizeof(m));
    nn_tensors_free(t);
    nn_free(path);
    nn_temp_remove(dir);
}

static void test_files_that_are_none_are_refused(void **state)
{
    char *dir = nn_temp_dir();
    char *path = nn_path_join(dir, "none");
    nn_tensors *t = NULL;
    nn_err err = {0};

    (void)state;
    assert_int_equal(nn_tensors_load(&t, path, &err), NN_EFILE);
    assert_null(t);
    assert_int_equal(nn_tensors_load(&t, dir, &err), NN_EFILE);
    assert_ok(nn_file_write(path, "\5\0\0\0\0\0\0\0{}", 10, NN_REFUSE_EXISTING, &err), err);
    assert_int_equal(nn_tensors_load(&t, path, &err), NN_EMODEL);
    assert_string_equal(err.where, path);
    assert_string_equal(err.msg, "expected a header of 5 bytes, got only 2");
    nn_free(path);
    nn_temp_remove(dir);
}

static void test_values_that_are_not_finite_are_not_written(void **state)
{
    static const float bad[] = {1, NAN, INFINITY};
    const nn_tensor w = {
        .name = "w", .dtype = NN_F32, .rank = 1, .dim = {3}, .count = 3, .data = bad, .bytes = 12};
    char *dir = nn_temp_dir();
    char *path = nn_path_join(dir, "m");
    nn_err err = {0};

    (void)state;
    assert_int_equal(nn_tensors_save(path, &w, 1, NULL, 0, false, &err), NN_EDIVERGED);
    assert_string_equal(err.msg,
                        "not written: tensor \"w\" holds 2 values that are NaN or infinite");
    assert_false(nn_path_exists(path));
    assert_ok(nn_tensors_save(path, &w, 1, NULL, 0, true, &err), err);
    assert_true(nn_path_exists(path));
    nn_free(path);
    nn_temp_remove(dir);
}

/* Refused when read, or at the latest when the checksum is looked at. */
static bool is_refused(const unsigned char *bytes, size_t len)
{
    nn_tensors *t = NULL;
    nn_err err = {0};
    nn_code rc = nn_tensors_parse(&t, "m", bytes, len, &err);

    if (rc == NN_OK)
        rc = nn_tensors_check_crc(t, true, &err);
    nn_tensors_free(t);
    assert_true(rc == NN_OK || rc == NN_EMODEL);
    return rc != NN_OK;
}

static void test_every_prefix_is_refused(void **state)
{
    const image i = save_image();

    (void)state;
    for (size_t len = 0; len < i.len; len++) {
        unsigned char *prefix = nn_alloc(1, len + 1);

        memcpy(prefix, i.bytes, len);
        if (!is_refused(prefix, len))
            fail_msg("accepted: %zu of %zu bytes", len, i.len);
        nn_free(prefix);
    }
    nn_free(i.bytes);
}

static void test_every_flipped_bit_is_noticed(void **state)
{
    const image i = save_image();

    (void)state;
    assert_false(is_refused(i.bytes, i.len));
    for (size_t bit = 0; bit < 8 * i.len; bit++) {
        i.bytes[bit / 8] ^= (unsigned char)(1U << bit % 8);
        if (!is_refused(i.bytes, i.len))
            fail_msg("accepted: bit %zu of byte %zu", bit % 8, bit / 8);
        i.bytes[bit / 8] ^= (unsigned char)(1U << bit % 8);
    }
    nn_free(i.bytes);
}

static void test_a_missing_or_strange_checksum_is_said(void **state)
{
    nn_tensors *t = parse("{}", "", 0);
    nn_err err = {0};

    (void)state;
    assert_ok(nn_tensors_check_crc(t, false, &err), err);
    assert_int_equal(nn_tensors_check_crc(t, true, &err), NN_EMODEL);
    assert_string_equal(err.msg, "expected \"crc32\" in the metadata, got none");
    nn_tensors_free(t);
    t = parse("{\"__metadata__\":{\"crc32\":\"123\"}}", "", 0);
    assert_int_equal(nn_tensors_check_crc(t, false, &err), NN_EMODEL);
    assert_string_equal(err.msg, "crc32: expected 8 hexadecimal digits");
    nn_tensors_free(t);
    t = parse("{\"__metadata__\":{\"crc32\":\"00000000\"}}", "", 0);
    assert_int_equal(nn_tensors_check_crc(t, false, &err), NN_EMODEL);
    assert_string_equal(err.msg,
                        "the file is damaged: its contents have the checksum 0189ad9d, its "
                        "header says 00000000");
    nn_tensors_free(t);
}

static void test_no_failing_allocation_is_missed(void **state)
{
    const image i = save_image();
    char *dir = nn_temp_dir();
    char *path = nn_path_join(dir, "m");
    nn_code rc = NN_ELIMIT;

    (void)state;
    for (uint64_t n = 1; rc != NN_OK; n++) {
        nn_tensors *t = NULL;
        nn_err err = {0};

        nn_mem_fail_at(n);
        rc = nn_tensors_parse(&t, "m", i.bytes, i.len, &err);
        if (rc == NN_OK)
            rc = nn_tensors_save(path, saved, 4, meta, 2, false, &err);
        nn_mem_fail_at(0);
        assert_true(rc == NN_OK || rc == NN_ELIMIT);
        nn_tensors_free(t);
        assert_int_equal(nn_path_exists(path), rc == NN_OK);
        assert_true(n < 1000);
    }
    nn_free(i.bytes);
    nn_free(path);
    nn_temp_remove(dir);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_examples_of_the_format_are_read),
        cmocka_unit_test(test_a_length_that_cannot_be_is_refused),
        cmocka_unit_test(test_headers_end_at_16_mebibytes),
        cmocka_unit_test(test_other_formats_are_named),
        cmocka_unit_test(test_a_header_that_breaks_a_rule_is_refused),
        cmocka_unit_test(test_padding_is_white_space),
        cmocka_unit_test(test_empty_tensors_and_scalars_are_read),
        cmocka_unit_test(test_every_type_is_read_at_any_alignment),
        cmocka_unit_test(test_names_end_at_1024_bytes),
        cmocka_unit_test(test_files_end_at_65536_tensors),
        cmocka_unit_test(test_tensors_are_found_among_many),
        cmocka_unit_test(test_the_bytes_of_a_saved_file),
        cmocka_unit_test(test_the_checksum_is_what_the_header_file_says),
        cmocka_unit_test(test_what_was_saved_is_loaded),
        cmocka_unit_test(test_files_that_are_none_are_refused),
        cmocka_unit_test(test_values_that_are_not_finite_are_not_written),
        cmocka_unit_test(test_every_prefix_is_refused),
        cmocka_unit_test(test_every_flipped_bit_is_noticed),
        cmocka_unit_test(test_a_missing_or_strange_checksum_is_said),
        cmocka_unit_test(test_no_failing_allocation_is_missed),
    };

    return nn_test_main(argc, argv, tests);
}
