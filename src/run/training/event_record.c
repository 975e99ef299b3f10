/* Records of TensorBoard event files: writing, and finding where a cut has to be made. */
#include "run/event_record.h"

#include <string.h>

/* Of Event: */
enum { WALL_TIME = 1, STEP = 2, FILE_VERSION = 3, SUMMARY = 5 };
/* Of Summary, and of its values: */
enum { VALUE = 1, TAG = 1, SIMPLE_VALUE = 2 };
/* How a field is stored. */
enum { VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5 };

enum { HEAD = 12, TAIL = 4 }; /* of a record: the length and its checksum; the data's */

/* CRC-32C (Castagnoli), bit by bit: there is little to sum up. Masked as the format has it. */
static uint32_t checksum(const char *bytes, size_t len)
{
    uint32_t crc = 0xffffffff;

    for (size_t i = 0; i < len; i++) {
        crc ^= (unsigned char)bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0x82f63b78 : crc >> 1;
    }
    crc = ~crc;
    return (crc >> 15 | crc << 17) + 0xa282ead8;
}

static void put_little(nn_buf *out, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        nn_buf_char(out, (char)(value >> 8 * i & 0xff));
}

static uint64_t get_little(const char *from, int bytes)
{
    uint64_t value = 0;

    for (int i = 0; i < bytes; i++)
        value |= (uint64_t)(unsigned char)from[i] << 8 * i;
    return value;
}

static void put_varint(nn_buf *out, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        nn_buf_char(out, (char)(value | 0x80));
    nn_buf_char(out, (char)value);
}

static void put_key(nn_buf *out, int field, int kind)
{
    put_varint(out, (uint64_t)(field << 3 | kind));
}

static void put_bytes(nn_buf *out, int field, const char *bytes, size_t len)
{
    put_key(out, field, BYTES);
    put_varint(out, len);
    nn_buf_add(out, bytes, len);
}

static void put_wall_time(nn_buf *out, double seconds)
{
    uint64_t bits;

    memcpy(&bits, &seconds, sizeof bits);
    put_key(out, WALL_TIME, FIXED64);
    put_little(out, bits, 8);
}

static void put_record(nn_buf *out, const nn_buf *data)
{
    char length[8];

    for (int i = 0; i < 8; i++)
        length[i] = (char)((uint64_t)data->len >> 8 * i & 0xff);
    out->failed |= data->failed;
    nn_buf_add(out, length, sizeof length);
    put_little(out, checksum(length, sizeof length), 4);
    nn_buf_add(out, data->data, data->len);
    put_little(out, checksum(data->data, data->len), 4);
}

void nn_event_put_version(nn_buf *out, double wall_time)
{
    static const char version[] = "brain.Event:2";
    nn_buf data = {0};

    put_wall_time(&data, wall_time);
    put_bytes(&data, FILE_VERSION, version, sizeof version - 1);
    put_record(out, &data);
    nn_buf_free(&data);
}

void nn_event_add(nn_event *e, const char *tag, double value)
{
    const float narrow = (float)value;
    nn_buf one = {0};
    uint32_t bits;

    memcpy(&bits, &narrow, sizeof bits);
    put_bytes(&one, TAG, tag, strlen(tag));
    put_key(&one, SIMPLE_VALUE, FIXED32);
    put_little(&one, bits, 4);
    e->summary.failed |= one.failed;
    put_bytes(&e->summary, VALUE, one.data, one.len);
    nn_buf_free(&one);
}

void nn_event_put(nn_buf *out, nn_event *e, double wall_time, uint64_t step)
{
    nn_buf data = {0};

    put_wall_time(&data, wall_time);
    put_key(&data, STEP, VARINT);
    put_varint(&data, step);
    data.failed |= e->summary.failed;
    put_bytes(&data, SUMMARY, e->summary.data, e->summary.len);
    put_record(out, &data);
    nn_buf_free(&data);
    nn_buf_clear(&e->summary);
}

/* The step of an event as it is written above: behind the wall time. 0 when it has none. */
static uint64_t step_of(const char *data, size_t len)
{
    uint64_t step = 0;
    size_t at = 9;

    if (len <= at || data[at] != (STEP << 3 | VARINT))
        return 0;
    for (int shift = 0; ++at < len && shift < 64; shift += 7) {
        step |= (uint64_t)(data[at] & 0x7f) << shift;
        if ((data[at] & 0x80) == 0)
            return step;
    }
    return UINT64_MAX; /* cut in the middle: not to be kept */
}

/* Bytes of the undamaged record at the beginning; 0 when there is none. */
static size_t record_size(const char *bytes, size_t len)
{
    if (len < HEAD + TAIL || get_little(bytes + 8, 4) != checksum(bytes, 8))
        return 0;
    const uint64_t data = get_little(bytes, 8);
    if (data > len - HEAD - TAIL)
        return 0;
    const bool is_whole =
        get_little(bytes + HEAD + data, 4) == checksum(bytes + HEAD, (size_t)data);
    return is_whole ? HEAD + (size_t)data + TAIL : 0;
}

size_t nn_event_keep(const char *bytes, size_t len, uint64_t step)
{
    size_t at = 0, size;

    while ((size = record_size(bytes + at, len - at)) > 0) {
        if (at > 0 && step_of(bytes + at + HEAD, size - HEAD - TAIL) >= step)
            break;
        at += size;
    }
    return at;
}
