/* The config, as it was given and with every default filled in. */
#include "view/page.h"

enum { MOST = 64 << 10 };

static bool applies(const nn_dossier *d)
{
    return d->config != NULL;
}

static void put_text(nn_buf *out, const char *title, const char *file, bool open, const char *text,
                     size_t len)
{
    nn_buf_printf(out, "<details%s><summary>%s</summary><pre>", open ? " open" : "", title);
    nn_markup_text_n(out, text, len < MOST ? len : MOST, NN_MARKUP_ALL);
    if (len > MOST)
        nn_buf_printf(out, "\u2026\n(the whole of it is in %s)", file);
    nn_buf_put(out, "</pre></details>\n");
}

static nn_code write(nn_page *p, const nn_dossier *d, nn_err *err)
{
    (void)err;
    put_text(&p->out, "As it was given", "config.json", true, d->config, d->config_len);
    put_text(&p->out, "With every default and override", "resolved.json", false, d->resolved_text,
             d->resolved_len);
    return NN_OK;
}

const nn_section nn_section_config = {"config", "Config", applies, write};
