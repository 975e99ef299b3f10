/* Texts and their numbers: a hash table with open addressing. */
#include "data/words.h"

#include <string.h>

#include "base/mem.h"

enum { FIRST_SLOTS = 64 };

/* FNV-1a. */
static uint64_t hash_of(const char *text, size_t len)
{
    uint64_t h = 0xcbf29ce484222325u;

    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)text[i]) * 0x100000001b3u;
    return h ^ h >> 32;
}

/* The slot that holds the text, or the free one where it belongs. */
static size_t slot_of(const nn_words *w, const char *text, size_t len)
{
    size_t at = (size_t)hash_of(text, len) & (w->slots - 1);

    while (w->slot[at] >= 0) {
        const char *have = w->text[w->slot[at]];

        if (strncmp(have, text, len) == 0 && have[len] == '\0')
            return at;
        at = (at + 1) & (w->slots - 1);
    }
    return at;
}

int nn_words_find(const nn_words *w, const char *text, size_t len)
{
    return w->slots == 0 ? -1 : w->slot[slot_of(w, text, len)];
}

/* Doubles the table; the texts stay where they are. */
static nn_code spread(nn_words *w, nn_err *err)
{
    const size_t slots = w->slots == 0 ? FIRST_SLOTS : 2 * w->slots;
    int32_t *slot = nn_alloc(slots, sizeof *slot);

    if (slot == NULL)
        return nn_err_memory(err, "a table of names", slots * sizeof *slot);
    for (size_t i = 0; i < slots; i++)
        slot[i] = -1;
    nn_free(w->slot);
    w->slot = slot;
    w->slots = slots;
    for (int i = 0; i < w->count; i++)
        w->slot[slot_of(w, w->text[i], strlen(w->text[i]))] = i;
    return NN_OK;
}

nn_code nn_words_add(nn_words *w, const char *text, size_t len, int *id, bool *fresh, nn_err *err)
{
    size_t at = 0;
    char *copy = NULL;

    if (2 * ((size_t)w->count + 1) > w->slots)
        NN_TRY(spread(w, err));
    at = slot_of(w, text, len);
    *id = w->slot[at];
    if (fresh != NULL)
        *fresh = *id < 0;
    if (*id >= 0)
        return NN_OK;
    NN_TRY(nn_grow(&w->text, &w->text_room, (size_t)w->count + 1, sizeof *w->text, err));
    copy = nn_strndup(text, len);
    if (copy == NULL)
        return nn_err_memory(err, "a name", len);
    w->text[w->count] = copy;
    *id = w->slot[at] = w->count++;
    return NN_OK;
}

void nn_words_free(nn_words *w)
{
    for (int i = 0; i < w->count; i++)
        nn_free(w->text[i]);
    nn_free(w->text);
    nn_free(w->slot);
    memset(w, 0, sizeof *w);
}
