/* Where records end in bytes that begin with one: line feeds outside quotes, found without parsing.
 */
#ifndef NN_DATA_CSV_CUT_H
#define NN_DATA_CSV_CUT_H

#include <stddef.h>
#include <stdint.h>

/*
 * The end (behind its line feed) of the first record that ends at or behind `least`, where `from`
 * is the beginning of a record; 0 when there is none. What is no CSV may be cut anywhere behind its
 * first fault.
 */
size_t nn_csv_cut(const char *bytes, size_t len, size_t from, size_t least);
/* The end of the last whole record; 0 when there is none. */
size_t nn_csv_cut_last(const char *bytes, size_t len);
uint64_t nn_csv_count_lines(const char *bytes, size_t len);

#endif
