/* make_tables DIR: writes the bundled tables. */
#include <stdio.h>

#include "base/file.h"
#include "base/mem.h"

#include "table.h"

static nn_code write_table(const char *dir, const char *name, void (*make)(nn_buf *out),
                           nn_err *err)
{
    char *path = nn_path_join(dir, name);
    nn_buf text = {0};
    nn_code rc = path == NULL ? nn_err_memory(err, "a path", 0) : NN_OK;

    make(&text);
    if (rc == NN_OK)
        rc = nn_buf_check(&text, err);
    if (rc == NN_OK)
        rc = nn_file_write(path, text.data, text.len, NN_REPLACE_EXISTING, err);
    nn_buf_free(&text);
    nn_free(path);
    return rc;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*make)(nn_buf *out);
    } tables[] = {{"spirals.csv", nn_table_spirals}, {"binary.csv", nn_table_binary},
                  {"houses.csv", nn_table_houses},   {"hourly.csv", nn_table_hourly},
                  {"tales.txt", nn_table_tales},     {"reviews.csv", nn_table_reviews}};
    nn_err err = {0};

    if (argc != 2) {
        fputs("usage: make_tables DIR\n", stderr);
        return 2;
    }
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        if (write_table(argv[1], tables[i].name, tables[i].make, &err) != NN_OK) {
            fprintf(stderr, "make_tables: error: %s: %s\n", err.where, err.msg);
            return 1;
        }
    }
    return 0;
}
