/* Finding the control groups of this process. */
#include "base/cgroup.h"

#include <stdio.h>
#include <string.h>

enum { LINE_SIZE = 512, PATH_SIZE = 1024 };

/* The group `root`/`group`, then each one above it, down to `root` itself. */
static void walk_up(const char *root, const char *group, void (*see)(void *, const char *),
                    void *context)
{
    char dir[PATH_SIZE];
    const size_t len = strlen(root);

    if (snprintf(dir, sizeof dir, "%s%s", root, group) >= (int)sizeof dir)
        return;
    for (;;) {
        char *slash;

        see(context, dir);
        slash = strrchr(dir, '/');
        if (slash == NULL || (size_t)(slash - dir) < len)
            return;
        *slash = '\0';
    }
}

/* Is the controller in the list, "cpu,cpuacct"? */
static int is_named(const char *list, const char *controller)
{
    const size_t len = strlen(controller);

    for (const char *at = list; at != NULL; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, controller, len) == 0 && (at[len] == '\0' || at[len] == ','))
            return 1;
    }
    return 0;
}

/* Lines of /proc/self/cgroup are "id:controllers:/group"; version 2 has no controllers in it. */
void nn_cgroup_walk(const char *controller, void (*see)(void *context, const char *dir),
                    void *context)
{
    char line[LINE_SIZE], root[64];
    FILE *f = fopen("/proc/self/cgroup", "re");

    while (f != NULL && fgets(line, sizeof line, f) != NULL) {
        char *list = strchr(line, ':');
        char *group = list != NULL ? strchr(list + 1, ':') : NULL;

        if (group == NULL)
            continue;
        *group++ = '\0';
        group[strcspn(group, "\n")] = '\0';
        (void)snprintf(root, sizeof root, "/sys/fs/cgroup/%s", controller);
        if (list[1] == '\0')
            walk_up("/sys/fs/cgroup", group, see, context);
        else if (is_named(list + 1, controller))
            walk_up(root, group, see, context);
    }
    if (f != NULL)
        (void)fclose(f); /* only read */
}
