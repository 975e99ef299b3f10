/* What this machine and this process's limits allow, and who it is, for the run record. */
#ifndef NN_BASE_MACHINE_H
#define NN_BASE_MACHINE_H

#include <stddef.h>
#include <stdint.h>

/* Bytes this process may still take: available memory, cgroup limit, RLIMIT_AS; UINT64_MAX:
 * unknown. */
uint64_t nn_machine_memory(void);
/* The most memory this process has held so far, in bytes; 0: unknown. */
uint64_t nn_machine_peak(void);
/* Bytes that can still be written on the file system of `path`; UINT64_MAX: unknown. */
uint64_t nn_machine_disk(const char *path);
/* The host's name; returned. */
const char *nn_machine_host(char *dst, size_t size);

#endif
