/* Formats that are told by their first bytes and are not read here. */
#include "data/foreign.h"

#include <string.h>

const char *nn_foreign_name(const void *head, size_t len)
{
    static const struct {
        const char *magic;
        size_t len;
        const char *name;
    } known[] = {{"PK\x03\x04", 4, "a zip archive (or a spreadsheet, or .npz)"},
                 {"BZh", 3, "bzip2 data"},
                 {"\3757zXZ", 5, "xz data"},
                 {"\x28\xB5\x2F\xFD", 4, "zstd data"},
                 {"\x78\x01", 2, "zlib data"},
                 {"\x78\x9C", 2, "zlib data"},
                 {"\x78\xDA", 2, "zlib data"},
                 {"\x89PNG", 4, "a PNG picture"},
                 {"\x89HDF", 4, "an HDF5 file"}};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (len >= known[i].len && memcmp(head, known[i].magic, known[i].len) == 0)
            return known[i].name;
    return NULL;
}
