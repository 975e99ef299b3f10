/* Where and how it was trained. */
#include "view/page.h"

#include <math.h>
#include <string.h>

#include "view/format.h"

static bool applies(const nn_dossier *d)
{
    (void)d;
    return true;
}

static void put_row(nn_buf *out, const char *key, const char *value)
{
    if (*value == '\0')
        return;
    nn_buf_put(out, "<tr>");
    nn_markup_cell(out, "th", "w", key);
    nn_markup_cell(out, "td", "wrap", value);
    nn_buf_put(out, "</tr>\n");
}

/* As it would be typed again. */
static nn_code put_command(nn_buf *out, const nn_dossier *d, nn_err *err)
{
    const nn_node argv = nn_node_get(nn_doc_root(d->record), "argv");
    nn_buf line = {0};

    for (nn_node a = nn_node_first(argv); a.item != NULL; a = nn_node_next(a)) {
        const char *text = nn_node_text(a);
        const bool plain = *text != '\0' && strpbrk(text, " \t\n'\"\\$`&|;<>()*?[]#~!{}") == NULL;

        nn_buf_put(&line, line.len > 0 ? " " : "");
        nn_buf_put(&line, plain ? "" : "'");
        nn_buf_put(&line, text);
        nn_buf_put(&line, plain ? "" : "'");
    }
    if (line.data != NULL)
        put_row(out, "command", line.data);
    const nn_code rc = nn_buf_check(&line, err);
    nn_buf_free(&line);
    return rc;
}

static void put_bytes(nn_buf *out, const nn_dossier *d, const char *key, const char *title)
{
    const double bytes = nn_dossier_number(d, key);
    char text[NN_FORMAT_TEXT];

    if (bytes > 0 && bytes < 1e18)
        put_row(out, title, nn_format_bytes(text, (uint64_t)bytes));
}

static void put_number(nn_buf *out, const nn_dossier *d, const char *key, const char *title)
{
    const double value = nn_dossier_number(d, key);
    char text[NN_FORMAT_TEXT];

    if (value >= 0 && value < 1e15)
        put_row(out, title, nn_format_count(text, (uint64_t)value));
}

static nn_code write(nn_page *p, const nn_dossier *d, nn_err *err)
{
    const double seconds = nn_dossier_number(d, "seconds");
    char text[NN_FORMAT_TEXT];
    nn_buf *out = &p->out;

    nn_buf_put(out, "<div class=\"scroll\"><table><tbody>\n");
    NN_TRY(put_command(out, d, err));
    put_row(out, "run directory", d->run);
    put_row(out, "status", nn_dossier_text(d, "status"));
    put_number(out, d, "exit_code", "exit status");
    put_row(out, "started", nn_dossier_text(d, "started"));
    put_row(out, "time", isfinite(seconds) ? nn_format_seconds(text, seconds) : "");
    put_row(out, "seed", nn_dossier_text(d, "seed"));
    put_row(out, "host", nn_dossier_text(d, "host"));
    put_row(out, "CPU", nn_dossier_text(d, "cpu"));
    put_row(out, "kernels", nn_dossier_text(d, "kernels"));
    put_row(out, "BLAS", nn_dossier_text(d, "blas"));
    put_number(out, d, "threads", "threads");
    put_bytes(out, d, "planned_memory_bytes", "memory, planned");
    put_bytes(out, d, "peak_memory_bytes", "memory, at most");
    put_row(out, "nnctl", nn_dossier_text(d, "version"));
    nn_buf_put(out, "</tbody></table></div>\n");
    return NN_OK;
}

const nn_section nn_section_machine = {"machine", "Machine and time", applies, write};
