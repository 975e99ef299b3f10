/* The data files, and what identifies them. */
#include "view/page.h"

#include "view/format.h"

static nn_node files_of(const nn_dossier *d)
{
    return nn_node_get(nn_doc_root(d->record), "data");
}

static bool applies(const nn_dossier *d)
{
    return nn_node_count(files_of(d)) > 0;
}

static nn_code write(nn_page *p, const nn_dossier *d, nn_err *err)
{
    char text[NN_FORMAT_TEXT];
    nn_buf *out = &p->out;

    (void)err;
    nn_buf_put(out, "<div class=\"scroll\"><table><thead><tr><th>split</th><th>file</th>"
                    "<th class=\"n\">size</th><th>SHA-256</th></tr></thead><tbody>\n");
    for (nn_node f = nn_node_first(files_of(d)); f.item != NULL; f = nn_node_next(f)) {
        const double bytes = nn_node_number(nn_node_get(f, "bytes"));

        nn_buf_put(out, "<tr>");
        nn_markup_cell(out, "td", NULL, nn_node_text(nn_node_get(f, "split")));
        nn_markup_cell(out, "td", "wrap", nn_node_text(nn_node_get(f, "path")));
        nn_markup_cell(out, "td", "n",
                       nn_format_bytes(text, bytes > 0 && bytes < 1e18 ? (uint64_t)bytes : 0));
        nn_markup_cell(out, "td", "hash", nn_node_text(nn_node_get(f, "sha256")));
        nn_buf_put(out, "</tr>\n");
    }
    nn_buf_put(out, "</tbody></table></div>\n");
    return NN_OK;
}

const nn_section nn_section_data = {"data", "Data", applies, write};
