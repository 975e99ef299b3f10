/* Control groups, which limit what a process may take of the machine. Linux; elsewhere there are
 * none. */
#ifndef NN_BASE_CGROUP_H
#define NN_BASE_CGROUP_H

/*
 * Calls `see` with the directory of the group that this process is in, and with those above it,
 * since each one's limits bind: of version 2, and of version 1 for a controller ("cpu", "memory").
 */
void nn_cgroup_walk(const char *controller, void (*see)(void *context, const char *dir),
                    void *context);

#endif
