/* Draws a digit: choose a glyph, bend its points, sweep a round nib along them, add dirt. */
#include "pen.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum {
    STEPS = 8,     /* straight pieces per span of a curve */
    GREY_STEP = 8, /* grey values are multiples of it, which halves the size of the files */
    FAINTEST = 16  /* less ink than this is paper */
};

/*
 * The numbers drawn so far from one image's random stream. No expression draws two whose order C
 * leaves to the compiler.
 */
typedef struct dice {
    const nn_rng *rng;
    uint64_t thrown;
} dice;

typedef struct point {
    double x, y;
} point;

/* How this image is written: a map of the plane, and a nib. Lengths are in pixels. */
typedef struct hand {
    double xx, xy, yx, yy; /* rotation, shear and scale */
    double x, y;           /* where the middle of the glyph goes */
    double bow_x, bow_y;   /* curvature of lines that should be straight */
    double jitter;         /* of every point */
    double radius, swell;  /* of the nib at the start of a stroke, and its change to the end */
    double soft;           /* width of the grey rim */
} hand;

/* Ink on the paper, 0 to 1, by pixel. */
typedef struct paper {
    double ink[NN_PEN_PIXELS];
} paper;

static double uniform(dice *d, double low, double high)
{
    uint32_t word[4];

    nn_rng_block(d->rng, d->thrown++, word);
    return low + (high - low) * (word[0] / 4294967296.0);
}

/* Mean 0, deviation 1, nearly normal: the sum of four uniform numbers needs no logarithm. */
static double bell(dice *d)
{
    uint32_t word[4];

    nn_rng_block(d->rng, d->thrown++, word);
    return (((double)word[0] + word[1] + word[2] + word[3]) / 4294967296.0 - 2) * 1.7320508;
}

static bool chance(dice *d, double probability)
{
    return uniform(d, 0, 1) < probability;
}

static double clamp(double value, double low, double high)
{
    return value < low ? low : value > high ? high : value;
}

static const nn_glyph *choose_glyph(int digit, dice *d)
{
    const nn_glyph *glyph = nn_glyphs;
    double left;
    int shares = 0;

    for (int i = 0; i < nn_n_glyphs; i++)
        shares += nn_glyphs[i].digit == digit ? nn_glyphs[i].share : 0;
    left = uniform(d, 0, shares);
    for (int i = 0; i < nn_n_glyphs; i++) {
        if (nn_glyphs[i].digit != digit)
            continue;
        glyph = &nn_glyphs[i];
        left -= glyph->share;
        if (left < 0)
            break;
    }
    return glyph;
}

static hand choose_hand(dice *d)
{
    /* The tangent of half the angle gives sine and cosine without a library. */
    const double tangent = clamp(bell(d) * 0.07, -0.18, 0.18);
    const double cosine = (1 - tangent * tangent) / (1 + tangent * tangent);
    const double sine = 2 * tangent / (1 + tangent * tangent);
    const double shear = -0.12 + 0.20 * bell(d); /* most hands lean to the right */
    const double tall = uniform(d, 0.42, 0.54), wide = tall * uniform(d, 0.75, 1.15);
    hand h;

    h.xx = cosine * wide;
    h.xy = (cosine * shear - sine) * tall;
    h.yx = sine * wide;
    h.yy = (sine * shear + cosine) * tall;
    h.x = NN_PEN_SIDE / 2.0 - 0.5 + clamp(1.4 * bell(d), -4, 4);
    h.y = NN_PEN_SIDE / 2.0 - 0.5 + clamp(1.4 * bell(d), -4, 4);
    h.bow_x = 0.004 * bell(d);
    h.bow_y = 0.004 * bell(d);
    h.jitter = uniform(d, 0.3, 1.4);
    h.radius = uniform(d, 0.6, 1.75);
    h.swell = h.radius * uniform(d, -0.4, 0.4);
    h.soft = uniform(d, 0.8, 1.8);
    return h;
}

static point place(const uint8_t at[2], const hand *h, dice *d)
{
    const double x = at[0] - NN_GLYPH_WIDTH / 2.0 + h->jitter * bell(d);
    const double y = at[1] - NN_GLYPH_HEIGHT / 2.0 + h->jitter * bell(d);
    const double bent_x = x + h->bow_x * y * y, bent_y = y + h->bow_y * x * x;

    return (point){h->x + h->xx * bent_x + h->xy * bent_y, h->y + h->yx * bent_x + h->yy * bent_y};
}

/* Presses a nib from a to b, with the radii at both ends. */
static void press(paper *p, point a, point b, double radius_a, double radius_b, double soft)
{
    const double reach = (radius_a > radius_b ? radius_a : radius_b) + soft;
    const double dx = b.x - a.x, dy = b.y - a.y, square = dx * dx + dy * dy;
    const int last = NN_PEN_SIDE - 1;
    const int left = (int)clamp((a.x < b.x ? a.x : b.x) - reach, 0, last);
    const int right = (int)clamp((a.x > b.x ? a.x : b.x) + reach, 0, last);
    const int top = (int)clamp((a.y < b.y ? a.y : b.y) - reach, 0, last);
    const int bottom = (int)clamp((a.y > b.y ? a.y : b.y) + reach, 0, last);

    for (int y = top; y <= bottom; y++) {
        for (int x = left; x <= right; x++) {
            const double along = (x - a.x) * dx + (y - a.y) * dy;
            const double t = square > 0 ? clamp(along / square, 0, 1) : 0;
            const double off_x = x - a.x - t * dx, off_y = y - a.y - t * dy;
            const double off = sqrt(off_x * off_x + off_y * off_y);
            const double radius = radius_a + t * (radius_b - radius_a);
            const double ink = clamp(0.5 + (radius - off) / soft, 0, 1);
            double *at = &p->ink[y * NN_PEN_SIDE + x];

            *at = ink > *at ? ink : *at;
        }
    }
}

/* The Catmull-Rom curve from b to c, t from 0 to 1. */
static double curve(double a, double b, double c, double d, double t)
{
    const double slope_b = 0.5 * (c - a), slope_c = 0.5 * (d - b), rise = c - b;

    return b + t * (slope_b +
                    t * (3 * rise - 2 * slope_b - slope_c + t * (slope_b + slope_c - 2 * rise)));
}

static void draw_stroke(paper *p, const point *at, int n, const hand *h, dice *d)
{
    const int spans = n - 1, pieces = spans * STEPS;
    /* Now and then the ink fails for a moment. */
    const int gap = chance(d, 0.12) ? (int)uniform(d, 0, pieces) : -STEPS;
    point from = at[0];

    for (int i = 1; i <= pieces; i++) {
        const int k = (i - 1) / STEPS;
        const double t = (i - k * STEPS) / (double)STEPS;
        const point *b = at + k, *c = at + k + 1, *a = k > 0 ? b - 1 : b,
                    *e = k + 2 < n ? c + 1 : c;
        const point to = {curve(a->x, b->x, c->x, e->x, t), curve(a->y, b->y, c->y, e->y, t)};

        if (i < gap || i > gap + 3)
            press(p, from, to, h->radius + h->swell * (i - 1) / pieces,
                  h->radius + h->swell * i / pieces, h->soft);
        from = to;
    }
}

static void draw_glyph(paper *p, const nn_glyph *glyph, const hand *h, dice *d)
{
    point at[NN_GLYPH_POINTS];
    int n = 0;

    for (int i = 0; i < NN_GLYPH_POINTS; i++) {
        const uint8_t *here = glyph->point[i];

        if (here[0] != 0) {
            /* Both halves of a corner must land on the same spot. */
            at[n] =
                n > 0 && memcmp(here, glyph->point[i - 1], 2) == 0 ? at[n - 1] : place(here, h, d);
            n++;
        }
        if (n > 0 && (here[0] == 0 || i == NN_GLYPH_POINTS - 1)) {
            draw_stroke(p, at, n, h, d);
            n = 0;
        }
    }
}

/* A stray line, as from the neighbouring digit or the ruled sheet. */
static void scratch(paper *p, dice *d)
{
    point a, b;
    double radius;

    a.x = uniform(d, 0, NN_PEN_SIDE);
    a.y = uniform(d, 0, NN_PEN_SIDE);
    b.x = a.x + uniform(d, -8, 8);
    b.y = a.y + uniform(d, -8, 8);
    radius = uniform(d, 0.2, 0.8);
    press(p, a, b, radius, radius, 1);
}

void nn_pen_draw(uint8_t image[NN_PEN_PIXELS], int digit, const nn_rng *rng)
{
    dice d = {rng, 0};
    paper p = {{0}};
    const hand h = choose_hand(&d);
    const double black = uniform(&d, 150, 255), grain = uniform(&d, 0, 0.35);
    int specks;

    draw_glyph(&p, choose_glyph(digit, &d), &h, &d);
    if (chance(&d, 0.3))
        scratch(&p, &d);
    for (int i = 0; i < NN_PEN_PIXELS; i++) {
        const double ink = p.ink[i] > 0 ? p.ink[i] * black * (1 - uniform(&d, 0, grain)) : 0;
        const int grey = (int)ink / GREY_STEP * GREY_STEP;

        image[i] = (uint8_t)(grey < FAINTEST ? 0 : grey);
    }
    specks = (int)uniform(&d, 0, 6);
    for (int i = 0; i < specks; i++) {
        const int at = (int)uniform(&d, 0, NN_PEN_PIXELS);

        image[at] = (uint8_t)((int)uniform(&d, 5, 30) * GREY_STEP);
    }
}
