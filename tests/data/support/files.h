/* Files of samples for tests, made in a directory of their own, and configs that name them. */
#ifndef NN_TEST_FILES_H
#define NN_TEST_FILES_H

#include <stddef.h>
#include <stdint.h>

#include "data/source.h"

/* cmocka fixtures: each test works in an empty directory, which goes with all its files. */
int files_setup(void **state);
int files_teardown(void **state);

void write_file(const char *name, const void *from, size_t len);
void write_text(const char *name, const char *text);
/* The same bytes as gzip in one stored block (at most 65535 of them). */
void write_gzip(const char *name, const void *from, size_t len);

/* Bytes put together piece by piece. */
typedef struct blob {
    unsigned char at[70000];
    size_t len;
} blob;
void put(blob *b, const void *from, size_t len);
void put_u8(blob *b, unsigned value);
void put_be(blob *b, uint64_t value, int size);
void put_le(blob *b, uint64_t value, int size);
void put_f32(blob *b, float value); /* big-endian, as IDX has it */
void put_f64(blob *b, double value);

/* The header of an IDX file with these dimensions, into an emptied `b`. */
void put_idx(blob *b, unsigned type, int dims, const uint32_t *dim);
/* The magic, version 1.0 and a dict, padded with one space and a line feed. */
void put_npy(blob *b, const char *dict);

/* A config: its document and what it says. The caller frees with config_free. */
typedef struct config {
    nn_problems problems;
    nn_doc *doc;
    nn_data_conf data;
    nn_load how; /* conf and task as in the data object */
} config;
/* Reads a data object from JSON; it must be without faults. */
void config_read(config *c, const char *json);
void config_free(config *c);
/* Loads `train`; a table is encoded by all of its rows. */
nn_code config_load(nn_dataset **out, config *c, nn_err *err);
/* The same in one go; *err as it came. */
nn_code load_json(nn_dataset **out, const char *json, nn_err *err);

/* Fails the test unless loading fails with exactly this. */
void assert_refused(const char *json, nn_code code, const char *where, const char *msg);

#endif
