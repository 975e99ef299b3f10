/* Numbers, sizes and durations as people read them. Every dst holds NN_FORMAT_TEXT bytes; returned.
 */
#ifndef NN_VIEW_FORMAT_H
#define NN_VIEW_FORMAT_H

#include <stdint.h>

enum { NN_FORMAT_TEXT = 48 };

const char *nn_format_count(char *dst, uint64_t n);       /* 101,770 */
const char *nn_format_bytes(char *dst, uint64_t bytes);   /* "512 bytes", "1.3 MiB" */
const char *nn_format_seconds(char *dst, double seconds); /* "3.1 ms", "0.21 s", "1m05s", "2h03m" */
/* Losses and metrics: four decimals while that says enough, 1.234e-05 beyond; "n/a" for NaN. */
const char *nn_format_score(char *dst, double value);
/* The same where there is little room: four significant digits, "28,203" beyond 9999. */
const char *nn_format_short(char *dst, double value);
/* Settings such as a learning rate: four significant digits, no trailing zeros. */
const char *nn_format_rate(char *dst, double value);

#endif
