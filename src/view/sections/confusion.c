/* The confusion matrix, and in words what is taken for what most often. */
#include "view/page.h"

#include <math.h>

#include "base/mem.h"
#include "view/format.h"
#include "view/sample.h"

enum { MOST_CELLS = 40 /* classes, each cell a shape */, MOST_DRAWN = 600, PAIRS = 10 };

static bool applies(const nn_dossier *d)
{
    return d->findings != NULL && d->findings->confusion != NULL;
}

/* Names of all classes; numbers get their text from `number`, [classes]. */
static nn_code name_classes(const nn_prep *prep, int classes, const char ***name,
                            char (**number)[NN_NUMBER_TEXT], nn_err *err)
{
    *name = nn_alloc((size_t)classes, sizeof **name);
    *number = nn_alloc((size_t)classes, sizeof **number);
    if (*name == NULL || *number == NULL)
        return nn_err_memory(err, "the names of classes", 0);
    for (int k = 0; k < classes; k++)
        (*name)[k] = nn_prep_label(prep, k, (*number)[k]);
    return NN_OK;
}

static nn_code put_matrix(nn_page *p, const nn_dossier *d, const char *const *name, nn_err *err)
{
    const nn_confusion c = {.about = "Confusion matrix: a row per true class, a column per "
                                     "predicted one",
                            .count = d->findings->confusion,
                            .classes = d->findings->scores.classes,
                            .name = name};

    nn_page_figure(p, "True against predicted class", NULL);
    const size_t from = p->out.len;
    nn_plot_confusion(&p->out, &c);
    NN_TRY(nn_page_plate(p, from, "confusion", err));
    nn_page_figure_end(p);
    return NN_OK;
}

/* Of many classes a cell is a pixel: blue on the diagonal, orange beside it. */
static nn_code put_picture(nn_page *p, const nn_dossier *d, nn_err *err)
{
    const size_t *count = d->findings->confusion;
    const int classes = d->findings->scores.classes;
    uint8_t *rgb = nn_alloc((size_t)classes * (size_t)classes, 3);

    if (rgb == NULL)
        return nn_err_memory(err, "a picture", 0);
    for (int i = 0; i < classes; i++) {
        const size_t *row = count + (size_t)i * (size_t)classes;
        size_t sum = 0;

        for (int k = 0; k < classes; k++)
            sum += row[k];
        for (int k = 0; k < classes; k++)
            nn_signed_color((i == k ? 1 : -1) * sqrt((double)row[k] / (double)(sum > 0 ? sum : 1)),
                            rgb + 3 * ((size_t)i * (size_t)classes + (size_t)k));
    }
    nn_page_figure(p, "True against predicted class", "a true class in each row");
    const nn_code rc = nn_markup_picture(&p->out, rgb, classes, classes, 3, "sheet", err);
    nn_page_figure_end(p);
    nn_free(rgb);
    return rc;
}

typedef struct pair {
    int truth, said;
    size_t count;
} pair;

static int find_pairs(const size_t *confusion, int classes, pair *best)
{
    int found = 0;

    for (int i = 0; i < classes; i++)
        for (int k = 0; k < classes; k++) {
            const pair fresh = {i, k, confusion[(size_t)i * (size_t)classes + (size_t)k]};
            int at = found;

            if (i == k || fresh.count == 0 ||
                (found == PAIRS && fresh.count <= best[PAIRS - 1].count))
                continue;
            at -= found == PAIRS;
            for (; at > 0 && best[at - 1].count < fresh.count; at--)
                best[at] = best[at - 1];
            best[at] = fresh;
            found += found < PAIRS;
        }
    return found;
}

static void put_pairs(nn_page *p, const nn_dossier *d, const char *const *name)
{
    const nn_findings *f = d->findings;
    const int classes = f->scores.classes;
    pair best[PAIRS];
    const int found = find_pairs(f->confusion, classes, best);
    char text[NN_FORMAT_TEXT];

    if (found == 0)
        return;
    nn_buf_put(&p->out, "<figure><figcaption>Taken for each other most often</figcaption>\n"
                        "<table><thead><tr><th>true</th><th>predicted</th><th class=\"n\">rows"
                        "</th><th class=\"n\">of the class</th></tr></thead><tbody>\n");
    for (int i = 0; i < found; i++) {
        size_t sum = 0;

        for (int k = 0; k < classes; k++)
            sum += f->confusion[(size_t)best[i].truth * (size_t)classes + (size_t)k];
        nn_buf_put(&p->out, "<tr>");
        nn_markup_cell(&p->out, "td", "wrap", name[best[i].truth]);
        nn_markup_cell(&p->out, "td", "wrap", name[best[i].said]);
        nn_markup_cell(&p->out, "td", "n", nn_format_count(text, best[i].count));
        nn_buf_printf(&p->out, "<td class=\"n\">%.1f %%</td></tr>\n",
                      100 * (double)best[i].count / (double)sum);
    }
    nn_buf_put(&p->out, "</tbody></table></figure>\n");
}

static nn_code write(nn_page *p, const nn_dossier *d, nn_err *err)
{
    const int classes = d->findings->scores.classes;
    char(*number)[NN_NUMBER_TEXT] = NULL;
    const char **name = NULL;
    nn_code rc = name_classes(d->prep, classes, &name, &number, err);

    nn_buf_printf(&p->out,
                  "<p class=\"note\">On the %s rows. A row of the matrix is a true class, a column "
                  "what it was taken for; shades are shares of the row.</p>\n"
                  "<div class=\"grid wide\">\n",
                  d->split);
    if (rc == NN_OK && classes <= MOST_CELLS)
        rc = put_matrix(p, d, name, err);
    else if (rc == NN_OK && classes <= MOST_DRAWN)
        rc = put_picture(p, d, err);
    if (rc == NN_OK)
        put_pairs(p, d, name);
    nn_buf_put(&p->out, "</div>\n");
    nn_free(name);
    nn_free(number);
    return rc;
}

const nn_section nn_section_confusion = {"confusion", "Confusion", applies, write};
