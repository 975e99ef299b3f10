/* A thread that draws one line on the terminal, and hands out the place when others write there. */
#include "cli/live.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/thread.h"
#include "cli/terminal.h"
#include "view/blocks.h"

static const double draw_every = 0.1; /* seconds */

struct nn_live {
    pthread_t thread;
    pthread_mutex_t lock; /* over what follows and the terminal */
    pthread_cond_t ends;
    bool ended;
    nn_standing now;
    nn_buf line;           /* kept, so that drawing soon allocates nothing */
    bool stands;           /* the line is on the screen */
    bool unicode;          /* blocks, not ASCII */
    bool erases;           /* the terminal knows how to clear the rest of a line */
    double begin, appears; /* nn_clock_now */
    atomic_bool asks;
};

/* Asked anew for every line: that is all that a resize takes. The last column stays free, or some
 * terminals would wrap. */
static int room(void)
{
    const int columns = nn_terminal_columns(STDERR_FILENO);

    return columns > 1 ? columns - 1 : 1;
}

/* A terminal that went away is no reason to stop. */
static void write_line(const nn_buf *line)
{
    nn_err ignored = {0};

    if (!line->failed && line->len > 0 &&
        nn_fd_write(STDERR_FILENO, "stderr", line->data, line->len, &ignored) != NN_OK)
        return;
}

/*
 * The cursor waits at the left, so that whatever comes next, a shell's prompt after a kill as well,
 * begins there.
 */
static void draw(nn_live *live)
{
    const int width = room();
    size_t begin;

    nn_buf_clear(&live->line);
    nn_buf_put(&live->line, "\r");
    begin = live->line.len;
    nn_standing_put(&live->line, &live->now, width, live->unicode);
    if (live->line.failed)
        return;
    const int shown = nn_text_columns(live->line.data + begin);
    if (live->erases)
        nn_buf_put(&live->line, "\033[K");
    for (int i = shown; !live->erases && i < width; i++)
        nn_buf_char(&live->line, ' ');
    nn_buf_put(&live->line, "\r");
    write_line(&live->line);
    live->stands = true;
}

static void clear(nn_live *live)
{
    if (!live->stands)
        return;
    nn_buf_clear(&live->line);
    nn_buf_put(&live->line, "\r");
    for (int i = room(); !live->erases && i > 0; i--)
        nn_buf_char(&live->line, ' ');
    nn_buf_put(&live->line, live->erases ? "\033[K" : "\r");
    write_line(&live->line);
    live->stands = false;
}

static void wait_a_moment(nn_live *live)
{
    const double until = nn_clock_now() + draw_every;
    const double whole = floor(until);
    const struct timespec moment = {.tv_sec = (time_t)whole,
                                    .tv_nsec = (long)((until - whole) * 1e9)};

    pthread_cond_timedwait(&live->ends, &live->lock, &moment);
}

static void *keep_drawing(void *context)
{
    nn_live *live = context;

    pthread_mutex_lock(&live->lock);
    while (!live->ended) {
        if (nn_clock_now() >= live->appears) {
            live->now.seconds = nn_clock_now() - live->begin;
            draw(live);
            atomic_store(&live->asks, true);
        }
        wait_a_moment(live);
    }
    clear(live);
    pthread_mutex_unlock(&live->lock);
    return NULL;
}

/* On the clock of nn_clock_now, that nobody sets. */
static void init_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

static void release(nn_live *live)
{
    pthread_cond_destroy(&live->ends);
    pthread_mutex_destroy(&live->lock);
    nn_buf_free(&live->line);
    nn_free(live);
}

void nn_live_begin(nn_live *live, const char *label, double after)
{
    if (live == NULL)
        return;
    pthread_mutex_lock(&live->lock);
    live->begin = nn_clock_now();
    live->appears = live->begin + after;
    live->now = (nn_standing){.share = NAN};
    (void)snprintf(live->now.label, sizeof live->now.label, "%s", label);
    pthread_mutex_unlock(&live->lock);
    atomic_store(&live->asks, true); /* where the work begins is what its pace is told from */
}

static nn_live *make(const char *label, double after)
{
    nn_live *live = nn_alloc(1, sizeof *live);

    if (live == NULL)
        return NULL;
    live->erases = !nn_terminal_is_dumb();
    live->unicode = nn_terminal_has_unicode();
    pthread_mutex_init(&live->lock, NULL);
    init_condition(&live->ends);
    nn_live_begin(live, label, after);
    if (nn_thread_start(&live->thread, keep_drawing, live) == 0)
        return live;
    release(live);
    return NULL;
}

void nn_live_start(nn_session *s, const char *label, double after)
{
    if (s->live != NULL)
        nn_live_begin(s->live, label, after);
    else if (!s->common.quiet && nn_terminal_columns(STDERR_FILENO) > 0)
        s->live = make(label, after);
}

void nn_live_stop(nn_session *s)
{
    nn_live *live = s->live;

    if (live == NULL)
        return;
    s->live = NULL;
    pthread_mutex_lock(&live->lock);
    live->ended = true;
    pthread_cond_signal(&live->ends);
    pthread_mutex_unlock(&live->lock);
    pthread_join(live->thread, NULL);
    release(live);
}

bool nn_live_asks(const nn_live *live)
{
    return live != NULL && atomic_load_explicit(&live->asks, memory_order_relaxed);
}

void nn_live_tell(nn_live *live, const nn_standing *now)
{
    if (live == NULL)
        return;
    pthread_mutex_lock(&live->lock);
    live->now = *now;
    pthread_mutex_unlock(&live->lock);
    atomic_store(&live->asks, false);
}

void nn_live_count(nn_live *live, size_t done, size_t total)
{
    if (!nn_live_asks(live) || total == 0)
        return;
    pthread_mutex_lock(&live->lock);
    nn_standing now = live->now;
    const double seconds = nn_clock_now() - live->begin;
    pthread_mutex_unlock(&live->lock);

    now.share = (double)done / (double)total;
    now.rows_per_second = seconds > 0 ? (double)done / seconds : 0;
    now.seconds_left = done > 0 ? seconds * (double)(total - done) / (double)done : 0;
    nn_live_tell(live, &now);
}

void nn_live_hide(nn_live *live)
{
    if (live == NULL)
        return;
    pthread_mutex_lock(&live->lock);
    clear(live);
}

void nn_live_show(nn_live *live)
{
    if (live == NULL)
        return;
    atomic_store(&live->asks, true); /* what it would say next may be over */
    pthread_mutex_unlock(&live->lock);
}
