/* nnctl report: a page to look at of one run, or of several. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "cli/session.h"
#include "run/rundir.h"
#include "view/page.h"

typedef struct conf {
    const char *out;
    const char *svg;
    int split; /* index in split_words */
    bool force;
} conf;

static const char *const split_words[] = {"auto", "train", "validation", "test", NULL};

enum { MOST_RUNS = 64 };

/* ---- the runs ---- */

typedef struct runs {
    nn_dossier *list[MOST_RUNS];
    int count;
} runs;

static nn_code open_run(runs *r, const nn_session *s, const char *what, nn_err *err)
{
    const conf *c = s->conf;
    char *latest = NULL;
    nn_code rc = NN_OK;

    if (strcmp(what, "@latest") == 0)
        rc = nn_rundir_latest(&latest, s->runs, err);
    if (rc == NN_OK)
        rc = nn_dossier_open(&r->list[r->count], latest != NULL ? latest : what,
                             c->split == 0 ? NULL : split_words[c->split], nn_session_threads(s),
                             err);
    r->count += rc == NN_OK;
    nn_free(latest);
    return rc;
}

static nn_code open_runs(runs *r, const nn_session *s, nn_err *err)
{
    if (s->words.count > MOST_RUNS)
        return nn_err_set(err, NN_EUSAGE, "report", "expected at most %d runs, got %d", MOST_RUNS,
                          s->words.count);
    for (int i = 0; i < s->words.count; i++) {
        NN_TRY(open_run(r, s, nn_session_word(s, i), err));
        if (*r->list[i]->gap != '\0')
            nn_session_warn(s, "%s: %s", r->list[i]->run, r->list[i]->gap);
    }
    return NN_OK;
}

/* ---- writing ---- */

/* One run's page belongs into its directory; a comparison's into the current one. */
static nn_code page_path(char **path, const runs *r, const conf *c, nn_err *err)
{
    if (c->out != NULL)
        *path = nn_strdup(c->out);
    else
        *path = r->count == 1 ? nn_path_join(r->list[0]->run, "report.html")
                              : nn_strdup("comparison.html");
    return *path != NULL ? NN_OK : nn_err_memory(err, "a path", 0);
}

/* What a run itself makes is replaced without asking; a file of other things is not. */
static nn_exists how_to_write(const runs *r, const conf *c)
{
    return c->force || (c->out == NULL && r->count == 1) ? NN_REPLACE_EXISTING : NN_REFUSE_EXISTING;
}

/* A page that was made while the data was there tells more than one without. */
static nn_code check_loss(const runs *r, const conf *c, const char *path, nn_err *err)
{
    if (c->out != NULL || c->force || r->count > 1 || *r->list[0]->gap == '\0' ||
        !nn_path_exists(path))
        return NN_OK;
    return nn_err_set(err, NN_EFILE, path,
                      "is kept: a new page would lack a part (see above); give --force to replace "
                      "it, or -o FILE");
}

/* No page may take the place of another file of a run. */
static nn_code check_apart(const runs *r, const char *path, nn_err *err)
{
    for (int i = 0; i < r->count; i++)
        for (int k = 0; nn_run_files[k] != NULL; k++) {
            char *file = nn_path_join(r->list[i]->run, nn_run_files[k]);
            const bool same = file != NULL && strcmp(nn_run_files[k], "report.html") != 0 &&
                              nn_path_is_same(file, path);

            nn_free(file);
            if (file == NULL)
                return nn_err_memory(err, "a path", 0);
            if (same)
                return nn_err_set(err, NN_EUSAGE, path, "this file is an input as well");
        }
    return NN_OK;
}

/* On disk, but under its name only when all that belongs to it is there as well. */
static nn_code prepare(nn_out **out, const char *path, const nn_buf *text, nn_exists exists,
                       nn_err *err)
{
    NN_TRY(nn_out_open(out, path, exists, err));
    NN_TRY(nn_out_write(*out, text->data, text->len, err));
    return nn_out_finish(*out, err);
}

static nn_code prepare_plates(nn_out **out, const conf *c, const nn_page *p, nn_err *err)
{
    if (c->svg == NULL)
        return NN_OK;
    NN_TRY(nn_dir_make_all(c->svg, err));
    for (size_t i = 0; i < p->plates; i++) {
        char name[sizeof p->plate[i].name + 8];
        char *path;

        (void)snprintf(name, sizeof name, "%s.svg", p->plate[i].name);
        if ((path = nn_path_join(c->svg, name)) == NULL)
            return nn_err_memory(err, "a path", 0);
        const nn_code rc = prepare(&out[i], path, &p->plate[i].svg,
                                   c->force ? NN_REPLACE_EXISTING : NN_REFUSE_EXISTING, err);
        nn_free(path);
        NN_TRY(rc);
    }
    return NN_OK;
}

static void tell(nn_session *s, const nn_page *p, const char *path)
{
    const conf *c = s->conf;

    if (s->common.json) {
        nn_buf_put(&s->out, "{\"report\":");
        nn_buf_json(&s->out, path);
        nn_buf_printf(&s->out, ",\"bytes\":%zu", p->out.len);
        if (c->svg != NULL) {
            nn_buf_printf(&s->out, ",\"plots\":%zu,\"svg\":", p->plates);
            nn_buf_json(&s->out, c->svg);
        }
        nn_buf_put(&s->out, "}\n");
        return;
    }
    nn_buf_printf(&s->out, "%s\n", path);
    if (c->svg != NULL)
        nn_buf_printf(&s->out, "%zu plots in %s\n", p->plates, c->svg);
}

/* The page, and then the plates. */
static nn_code prepare_all(nn_out **out, nn_session *s, const runs *r, const nn_page *p,
                           nn_err *err)
{
    const conf *c = s->conf;
    char *path = NULL;
    nn_code rc;

    if (c->out != NULL && strcmp(c->out, "-") == 0) {
        NN_TRY(prepare_plates(out + 1, c, p, err));
        return nn_fd_write(STDOUT_FILENO, "stdout", p->out.data, p->out.len, err);
    }
    NN_TRY(page_path(&path, r, c, err));
    if ((rc = check_apart(r, path, err)) == NN_OK && (rc = check_loss(r, c, path, err)) == NN_OK &&
        (rc = prepare(out, path, &p->out, how_to_write(r, c), err)) == NN_OK &&
        (rc = prepare_plates(out + 1, c, p, err)) == NN_OK) {
        tell(s, p, path);
        rc = nn_session_reserve(s, NULL, err);
    }
    nn_free(path);
    return rc;
}

static nn_code write_page(nn_session *s, const runs *r, const nn_page *p, nn_err *err)
{
    const conf *c = s->conf;
    const bool makes_directory = c->svg != NULL && !nn_path_exists(c->svg);
    const size_t count = 1 + p->plates;
    nn_out **out = nn_alloc(count, sizeof *out);

    if (out == NULL)
        return nn_err_memory(err, "the output files", 0);
    nn_code rc = prepare_all(out, s, r, p, err);
    if (rc == NN_OK && (rc = nn_out_commit_all(out, count, err)) != NN_OK)
        nn_buf_clear(&s->out);
    for (size_t i = 0; i < count; i++)
        nn_out_abort(out[i]);
    if (rc != NN_OK && makes_directory)
        (void)rmdir(c->svg); /* it was for nothing; unless somebody uses it already */
    nn_free(out);
    return rc;
}

static nn_code run(nn_session *s, nn_err *err)
{
    const conf *c = s->conf;
    nn_page page = {.keeps_plates = c->svg != NULL};
    runs r = {.count = 0};
    nn_code rc = open_runs(&r, s, err);

    if (rc == NN_OK)
        rc = r.count == 1 ? nn_page_of_run(&page, r.list[0], err)
                          : nn_page_of_runs(&page, (const nn_dossier *const *)r.list, r.count, err);
    if (rc == NN_OK)
        rc = write_page(s, &r, &page, err);
    nn_page_free(&page);
    for (int i = 0; i < r.count; i++)
        nn_dossier_free(r.list[i]);
    return rc;
}

#define AT(member) offsetof(conf, member)

static const nn_option options[] = {
    {.name = "out",
     .letter = 'o',
     .value = "FILE",
     .read = nn_read_text,
     .at = AT(out),
     .complete = NN_COMPLETE_FILE,
     .help = "write the page to FILE; - is stdout"},
    {.name = "svg",
     .value = "DIR",
     .read = nn_read_text,
     .at = AT(svg),
     .complete = NN_COMPLETE_DIRECTORY,
     .help = "each plot as an SVG file in DIR as well"},
    {.name = "split",
     .value = "SPLIT",
     .read = nn_read_word,
     .at = AT(split),
     .words = split_words,
     .complete = NN_COMPLETE_WORDS,
     .help = "judge on train, validation or test; auto takes test, else validation, else train"},
    {.name = "force", .at = AT(force), .help = "replace files that exist"},
    {.name = NULL},
};

static const nn_argument arguments[] = {
    {"RUN...", false, NN_COMPLETE_MODEL, "run directories, or @latest"},
    {NULL, false, NN_COMPLETE_NOTHING, NULL},
};

static const nn_example examples[] = {
    {"nnctl report @latest", "makes the newest run's report.html again"},
    {"nnctl report runs/digits-mlp/2026*", "lays runs side by side in comparison.html"},
    {"nnctl report @latest --svg plots", "every plot as a file, for a paper"},
    {"nnctl report @latest --split train -o train.html", "the same model on the training rows"},
    {NULL, NULL},
};

const nn_command nn_command_report = {
    .name = "report",
    .summary = "make a page to look at, of one run or several",
    .text = "Makes one HTML page that needs nothing else: scores with intervals, curves,\n"
            "confusion, the worst samples, calibration, what the layers look like, config,\n"
            "data and machine. `train` leaves the same in its run directory. Of several\n"
            "runs it makes a comparison: curves over each other and what differs in their\n"
            "configs. Intervals hold the score in 95 of 100 draws of the rows.",
    .arguments = arguments,
    .options = options,
    .conf_size = sizeof(conf),
    .examples = examples,
    .run = run,
};
