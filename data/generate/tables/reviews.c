/*
 * Opinions of guests, good or bad. Single words do not tell: "not" turns what follows, "but" takes
 * back what came before, and things that are good when small are bad when large.
 */
#include "table.h"

enum { REVIEWS = 2400 };

static const char *const good[] = {"friendly", "clean", "quiet", "lovely",
                                   "warm",     "fresh", "bright"};
static const char *const bad[] = {"rude", "dirty", "loud", "awful", "cold", "stale", "dark"};
static const char *const things[] = {"the room",    "the breakfast", "the staff", "our bed",
                                     "the kitchen", "the garden",    "the view"};
static const char *const verbs[] = {"was", "seemed", "is"};
static const char *const very[] = {"", "very ", "really ", "quite "};
static const char *const start[] = {"", "well, ", "we found that ", "after three nights "};

/* Something is said of a thing; with "not" in the words of the other side. */
static void put_clause(nn_buf *out, nn_dice *d, bool is_good)
{
    const bool turned = nn_draw(d, 3) == 0;

    nn_buf_printf(out, "%s %s ", NN_PICK(d, things), NN_PICK(d, verbs));
    if (turned)
        nn_buf_printf(out, "not %s", is_good ? NN_PICK(d, bad) : NN_PICK(d, good));
    else
        nn_buf_printf(out, "%s%s", NN_PICK(d, very), is_good ? NN_PICK(d, good) : NN_PICK(d, bad));
}

void nn_table_reviews(nn_buf *out)
{
    nn_buf_put(out, "text,label,split\n");
    for (int i = 0; i < REVIEWS; i++) {
        nn_dice d = {.rng = nn_table_row(NN_TABLE_REVIEWS, (uint64_t)i)};
        const bool is_good = nn_draw(&d, 2) == 0;

        nn_buf_printf(out, "\"%s", NN_PICK(&d, start));
        switch (nn_draw(&d, 3)) {
        case 0: /* what comes after "but" counts */
            put_clause(out, &d, !is_good);
            nn_buf_put(out, " , but ");
            put_clause(out, &d, is_good);
            break;
        case 1:
            put_clause(out, &d, is_good);
            nn_buf_put(out, " and ");
            put_clause(out, &d, is_good);
            break;
        default:
            put_clause(out, &d, is_good);
        }
        nn_buf_printf(out, "\",%s,%s\n", is_good ? "good" : "bad", nn_table_split(i));
    }
}
