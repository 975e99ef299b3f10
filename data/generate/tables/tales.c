/* Small tales for a language model to learn: a grammar with people, places, things and what befalls
 * them. */
#include "table.h"

enum { TALES = 700 };

typedef struct person {
    const char *name, *he, *his;
} person;

static const person people[] = {{"Anna", "she", "her"},  {"Bruno", "he", "his"},
                                {"Clara", "she", "her"}, {"David", "he", "his"},
                                {"Emma", "she", "her"},  {"Felix", "he", "his"},
                                {"Greta", "she", "her"}, {"Henry", "he", "his"}};
static const char *const trades[] = {"baker", "miller", "fisher", "gardener", "smith", "weaver"};
static const char *const places[] = {"the river",  "the old mill", "the market",
                                     "the forest", "the harbour",  "the hill"};
static const char *const ones[] = {"fox",  "key",   "lantern", "letter",
                                   "boat", "apple", "bell",    "goose"};
static const char *const manys[] = {"foxes", "keys",   "lanterns", "letters",
                                    "boats", "apples", "bells",    "geese"};
static const char *const looks[] = {"small", "golden", "strange", "heavy", "silver", "wet"};
static const char *const numbers[] = {"two", "three", "four", "five", "six", "seven"};
static const char *const weather[] = {"it rained", "the sun was low", "snow fell", "the wind rose"};
static const char *const moods[] = {"glad", "tired", "silent", "proud", "afraid"};

/* "a golden key", "an old ..." never comes: no word of the lists needs "an" but apple. */
static void put_one(nn_buf *out, nn_dice *d, size_t thing)
{
    if (nn_draw(d, 2) == 0)
        nn_buf_printf(out, "a %s %s", NN_PICK(d, looks), ones[thing]);
    else
        nn_buf_printf(out, "%s %s", ones[thing][0] == 'a' ? "an" : "a", ones[thing]);
}

static void put_beginning(nn_buf *out, nn_dice *d, const person *p, const char *place)
{
    const char *const trade = NN_PICK(d, trades);

    switch (nn_draw(d, 3)) {
    case 0:
        nn_buf_printf(out, "%s the %s lived near %s. ", p->name, trade, place);
        break;
    case 1:
        nn_buf_printf(out, "One morning %s the %s went to %s. ", p->name, trade, place);
        break;
    default:
        nn_buf_printf(out, "When %s, %s the %s walked to %s. ", NN_PICK(d, weather), p->name, trade,
                      place);
    }
}

static void put_find(nn_buf *out, nn_dice *d, const person *p, size_t thing)
{
    nn_buf_printf(out, "There %s found ", p->he);
    if (nn_draw(d, 2) == 0) {
        put_one(out, d, thing);
        nn_buf_printf(out, " and took it home. ");
    } else {
        nn_buf_printf(out, "%s %s and took them home. ", NN_PICK(d, numbers), manys[thing]);
    }
}

static void put_meeting(nn_buf *out, nn_dice *d, const person *p, const person *other)
{
    nn_buf_printf(out, "On %s way %s met %s, who asked: \"Where did you find %s?\" ", p->his, p->he,
                  other->name, nn_draw(d, 2) == 0 ? "that" : "so much");
    if (nn_draw(d, 2) == 0)
        nn_buf_printf(out, "%s was %s and said nothing. ", p->name, NN_PICK(d, moods));
    else
        nn_buf_printf(out, "\"At %s,\" said %s, and %s was %s. ", NN_PICK(d, places), p->name,
                      other->name, NN_PICK(d, moods));
}

static void put_end(nn_buf *out, nn_dice *d, const person *p, const person *other)
{
    switch (nn_draw(d, 3)) {
    case 0:
        nn_buf_printf(out, "So %s gave half to %s, and both were %s.\n", p->name, other->name,
                      NN_PICK(d, moods));
        break;
    case 1:
        nn_buf_printf(out, "That night %s, and %s slept in %s bed.\n", NN_PICK(d, weather), p->he,
                      p->his);
        break;
    default:
        nn_buf_printf(out, "Nobody in the town has seen %s since.\n",
                      nn_draw(d, 2) == 0 ? "it" : "them");
    }
}

void nn_table_tales(nn_buf *out)
{
    for (int i = 0; i < TALES; i++) {
        nn_dice d = {.rng = nn_table_row(NN_TABLE_TALES, (uint64_t)i)};
        const size_t who = nn_draw(&d, NN_COUNT(people));
        const person *const p = &people[who];
        const person *const other =
            &people[(who + 1 + nn_draw(&d, NN_COUNT(people) - 1)) % NN_COUNT(people)];

        put_beginning(out, &d, p, NN_PICK(&d, places));
        put_find(out, &d, p, nn_draw(&d, NN_COUNT(ones)));
        if (nn_draw(&d, 3) > 0)
            put_meeting(out, &d, p, other);
        put_end(out, &d, p, other);
    }
}
