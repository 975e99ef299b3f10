/*
 * The bytes of TensorBoard's event files: records of a length, the data and a masked CRC-32C of
 * each, the data being an Event of protocol buffers with a wall time, a step and named values.
 */
#ifndef NN_RUN_EVENT_RECORD_H
#define NN_RUN_EVENT_RECORD_H

#include "base/text.h"

/* The record that a file begins with. */
void nn_event_put_version(nn_buf *out, double wall_time);

/* An event is begun, given values, and ended. Starts zeroed; its buffer is the caller's to free. */
typedef struct nn_event {
    nn_buf summary;
} nn_event;
void nn_event_add(nn_event *e, const char *tag, double value); /* as float32 */
/* Adds the record to `out` and empties the event. */
void nn_event_put(nn_buf *out, nn_event *e, double wall_time, uint64_t step);

/*
 * How many of a file's first bytes are whole, undamaged records of steps before this one. 0 when it
 * does not begin as these files do.
 */
size_t nn_event_keep(const char *bytes, size_t len, uint64_t step);

#endif
