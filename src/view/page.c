/* The frame of a report and its list of sections. */
#include "view/page.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "view/format.h"
#include "view/style.h"

#define NN_SECTION(name) extern const nn_section nn_section_##name;
#include "view/sections.def"
#undef NN_SECTION

static const nn_section *const sections[] = {
#define NN_SECTION(name) &nn_section_##name,
#include "view/sections.def"
#undef NN_SECTION
    NULL};

void nn_page_head(nn_page *p, const char *title)
{
    nn_buf *out = &p->out;

    nn_buf_put(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                    "style-src 'unsafe-inline'; img-src data:\">\n"
                    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                    "<meta name=\"color-scheme\" content=\"light dark\">\n"
                    "<meta name=\"generator\" content=\"nnctl " NN_VERSION "\">\n<title>");
    nn_markup_text(out, title);
    nn_buf_put(out, "</title>\n<style>");
    nn_style_page(out);
    nn_buf_put(out, "</style>\n</head>\n<body>\n<main>\n");
}

void nn_page_tail(nn_page *p)
{
    char now[NN_STAMP_TEXT];

    nn_buf_printf(&p->out, "<footer>nnctl " NN_VERSION ", page made %s</footer>\n",
                  nn_clock_iso(now));
    nn_buf_put(&p->out, "</main>\n</body>\n</html>\n");
}

void nn_page_free(nn_page *p)
{
    for (size_t i = 0; i < p->plates; i++)
        nn_buf_free(&p->plate[i].svg);
    nn_free(p->plate);
    nn_buf_free(&p->out);
}

void nn_page_figure(nn_page *p, const char *caption, const char *remark)
{
    nn_buf_put(&p->out, "<figure><figcaption>");
    nn_markup_text(&p->out, caption);
    if (remark != NULL) {
        nn_buf_put(&p->out, " <small>");
        nn_markup_text(&p->out, remark);
        nn_buf_put(&p->out, "</small>");
    }
    nn_buf_put(&p->out, "</figcaption>\n");
}

void nn_page_figure_end(nn_page *p)
{
    nn_buf_put(&p->out, "</figure>\n");
}

/* Names may come from a log: only what is harmless in a file name stays. */
static void name_plate(nn_plate *plate, const char *name)
{
    size_t i = 0;

    for (; name[i] != '\0' && i + 1 < sizeof plate->name; i++) {
        const char c = name[i];
        const bool plain =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';

        plate->name[i] = (char)(plain ? c : '-');
    }
    plate->name[i] = '\0';
}

/* Two metrics cannot be told apart when their names became the same: the first one stays. */
static bool has_plate(const nn_page *p, const char *name)
{
    for (size_t i = 0; i < p->plates; i++)
        if (strcmp(p->plate[i].name, name) == 0)
            return true;
    return false;
}

nn_code nn_page_plate(nn_page *p, size_t from, const char *name, nn_err *err)
{
    nn_plate plate = {.name = ""};

    NN_TRY(nn_buf_check(&p->out, err));
    name_plate(&plate, name);
    if (!p->keeps_plates || plate.name[0] == '\0' || has_plate(p, plate.name))
        return NN_OK;
    NN_TRY(nn_grow(&p->plate, &p->room, p->plates + 1, sizeof *p->plate, err));
    nn_style_alone(&plate.svg, p->out.data + from, p->out.len - from);
    p->plate[p->plates++] = plate;
    return nn_buf_check(&plate.svg, err);
}

void nn_page_stat(nn_page *p, const char *class, const char *term, const char *value,
                  const char *remark)
{
    nn_buf *out = &p->out;

    nn_buf_printf(out, "<div%s%s%s><dt>", class != NULL ? " class=\"" : "",
                  class != NULL ? class : "", class != NULL ? "\"" : "");
    nn_markup_text(out, term);
    nn_buf_put(out, "</dt><dd>");
    nn_markup_text(out, value);
    if (remark != NULL && *remark != '\0') {
        nn_buf_put(out, "<small>");
        nn_markup_text(out, remark);
        nn_buf_put(out, "</small>");
    }
    nn_buf_put(out, "</dd></div>\n");
}

const char *nn_page_range(char *dst, const nn_interval *i)
{
    char low[NN_FORMAT_TEXT], high[NN_FORMAT_TEXT];

    *dst = '\0';
    if (isfinite(i->low) && isfinite(i->high))
        (void)snprintf(dst, NN_PAGE_RANGE, "%s to %s", nn_format_short(low, i->low),
                       nn_format_short(high, i->high));
    return dst;
}

static void put_navigation(nn_page *p, const nn_dossier *d)
{
    nn_buf_put(&p->out, "<nav aria-label=\"Sections\">");
    for (int i = 1; sections[i] != NULL; i++)
        if (sections[i]->applies(d))
            nn_buf_printf(&p->out, "<a href=\"#%s\">%s</a>\n", sections[i]->id, sections[i]->title);
    nn_buf_put(&p->out, "</nav>\n");
}

static nn_code put_section(nn_page *p, const nn_dossier *d, const nn_section *s, nn_err *err)
{
    nn_buf_printf(&p->out, "<section id=\"%s\">\n<h2>%s</h2>\n", s->id, s->title);
    NN_TRY(s->write(p, d, err));
    nn_buf_put(&p->out, "</section>\n");
    return NN_OK;
}

nn_code nn_page_of_run(nn_page *p, const nn_dossier *d, nn_err *err)
{
    const char *name = nn_dossier_text(d, "name");

    nn_page_head(p, *name != '\0' ? name : d->run);
    NN_TRY(sections[0]->write(p, d, err));
    put_navigation(p, d);
    for (int i = 1; sections[i] != NULL; i++)
        if (sections[i]->applies(d))
            NN_TRY(put_section(p, d, sections[i], err));
    nn_page_tail(p);
    return nn_buf_check(&p->out, err);
}
