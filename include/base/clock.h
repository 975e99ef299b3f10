/* Time: durations from the monotonic clock, names of moments from the wall clock. */
#ifndef NN_BASE_CLOCK_H
#define NN_BASE_CLOCK_H

double nn_clock_now(void); /* seconds since some fixed moment; never runs backwards */

enum { NN_STAMP_TEXT = 32 };
const char *nn_clock_stamp(char *dst); /* local time as 20261120-110438, for run directories */
const char *nn_clock_iso(char *dst);   /* UTC as 2026-11-20T11:04:38Z */

#endif
