/*
 * Options as tables. A row drives parsing, --help, completion and the manual page.
 */
#ifndef NN_CLI_OPTION_H
#define NN_CLI_OPTION_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a shell offers for an argument or an option's value. */
typedef enum nn_complete {
    NN_COMPLETE_NOTHING,
    NN_COMPLETE_WORDS, /* the row's words */
    NN_COMPLETE_FILE,
    NN_COMPLETE_DIRECTORY,
    NN_COMPLETE_MODEL,    /* files, and @latest */
    NN_COMPLETE_KEY,      /* keys of a config, for --set */
    NN_COMPLETE_TOPIC,    /* commands, and what else `help` explains */
    NN_COMPLETE_TEMPLATE, /* what `init` knows */
    NN_COMPLETE_SHELL
} nn_complete;

enum { NN_THREADS_AUTO = -1 };

typedef struct nn_option nn_option;

/* Turns text into the value at `at`. On a fault only err->msg matters: "expected ..., got ...". */
typedef nn_code nn_option_reader(const nn_option *o, const char *text, void *at, nn_err *err);

struct nn_option {
    const char *name;  /* the long one, without dashes */
    char letter;       /* 0: none */
    const char *value; /* "N"; NULL: a flag, which sets a bool */
    nn_option_reader *read;
    size_t at;                /* offsetof in the struct that the table fills */
    int64_t least, most;      /* nn_read_int: the range */
    const char *const *words; /* nn_read_word: ends with NULL */
    /*
     * The config key that this option stands for: the value is checked by `read`, then applied as
     * "--set KEY=VALUE", so that resolved.json shows it. `at` is not used. Texts are put in quotes.
     */
    const char *set;
    bool is_text;
    nn_complete complete;
    const char *help; /* one line */
};

nn_option_reader nn_read_text;     /* const char *: the argument itself */
nn_option_reader nn_read_int;      /* int64_t */
nn_option_reader nn_read_seed;     /* uint64_t */
nn_option_reader nn_read_word;     /* int: index in words */
nn_option_reader nn_read_seconds;  /* double: 90, 30s, 30m, 2h, 1d */
nn_option_reader nn_read_threads;  /* int: 1 to NN_MAX_THREADS, or NN_THREADS_AUTO */
nn_option_reader nn_read_batch;    /* nothing: checks a number, or "full" */
nn_option_reader nn_read_run_name; /* nothing: checks the form */
nn_option_reader nn_read_each;     /* nn_texts: collects, for options that may be repeated */

/* Copies of texts, in the order given. Starts zeroed. */
typedef struct nn_texts {
    char **list;
    size_t capacity;
    int count;
} nn_texts;
NN_MUST_CHECK nn_code nn_texts_add(nn_texts *texts, const char *text, nn_err *err);
void nn_texts_free(nn_texts *texts);

/* A table (ends with a row without name; may be NULL) with the struct that it fills. */
typedef struct nn_option_set {
    const nn_option *rows;
    void *into;
} nn_option_set;

typedef struct nn_parse {
    const nn_option_set *set; /* [sets], searched in order */
    int sets;
    nn_texts *assignments; /* where rows with `set` go */
    const char *where;     /* the command's name, for messages; NULL before it is known */
    bool stops_at_word;    /* the first argument that is no option ends the parsing */
} nn_parse;

/*
 * Reads argv[0..argc) in the GNU manner: --long=value, --long value, -ovalue, -o value, -abc, `--`.
 * What is no option goes to `words` in order. *used counts the arguments read. Faults are
 * NN_EUSAGE.
 */
NN_MUST_CHECK nn_code nn_options_parse(const nn_parse *p, int argc, char *const *argv,
                                       nn_texts *words, int *used, nn_err *err);

#endif
