/* Finding a column by name or place. */
#include "data/csv_place.h"

#include <string.h>

#include "base/text.h"

static nn_code refuse(const char *word, const char *near, const char *path, nn_err *err)
{
    char shown[NN_SHOWN], name[NN_SHOWN];

    nn_text_show(shown, sizeof shown, word, strlen(word), 40);
    if (near == NULL || !nn_text_is_near(word, nn_text_distance(word, near)))
        return nn_err_set(err, NN_EUSAGE, path, "there is no column \"%s\"", shown);
    return nn_err_set(err, NN_EUSAGE, path, "there is no column \"%s\"; did you mean \"%s\"?",
                      shown, nn_text_show(name, sizeof name, near, strlen(near), 40));
}

nn_code nn_csv_place(int *column, const nn_csv *csv, const char *word, const char *path,
                     nn_err *err)
{
    const char *const *names = nn_csv_names(csv);
    const int columns = nn_csv_columns(csv);
    const char *near = NULL;
    uint64_t place;

    for (int i = 0; names != NULL && i < columns; i++) {
        if (strcmp(names[i], word) == 0) {
            *column = i;
            return NN_OK;
        }
        if (near == NULL || nn_text_distance(word, names[i]) < nn_text_distance(word, near))
            near = names[i];
    }
    if (!nn_parse_u64(word, strlen(word), &place) || place >= (uint64_t)columns)
        return refuse(word, near, path, err);
    *column = (int)place;
    return NN_OK;
}

nn_code nn_csv_expect(nn_csv_conf *conf, nn_words *known, const char *word, nn_err *err)
{
    uint64_t place;
    int id;

    if (word == NULL || nn_parse_u64(word, strlen(word), &place))
        return NN_OK; /* a place is no name, wherever it stands */
    conf->known = known;
    return nn_words_add(known, word, strlen(word), &id, NULL, err);
}
