/* How much one column alone tells of another: guesses from the neighbours. */
#include "tells.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { BINS = 64 };

typedef struct pair {
    double x, y;
} pair;

static int compare(double a, double b)
{
    if (isnan(a) || isnan(b))
        return isnan(a) - isnan(b);
    return (a > b) - (a < b);
}

static int by_x(const void *a, const void *b)
{
    const pair *p = a, *q = b;
    const int order = compare(p->x, q->x);

    return order != 0 ? order : compare(p->y, q->y);
}

static int by_y(const void *a, const void *b)
{
    return compare(((const pair *)a)->y, ((const pair *)b)->y);
}

static bool same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

/* The lengths of the two longest runs of equal y, which are sorted. */
static void longest_runs(const pair *p, size_t n, size_t *first, size_t *second)
{
    *first = *second = 0;
    for (size_t i = 0, end = 0; i < n; i = end) {
        for (end = i; end < n && p[end].y == p[i].y; end++)
            continue;
        const size_t len = end - i;
        if (len > *first) {
            *second = *first;
            *first = len;
        } else if (len > *second) {
            *second = len;
        }
    }
}

/* Rows of a group, sorted by y, that the rest of the group guesses: the most common class. */
static double hits_of_classes(pair *p, size_t n, double common)
{
    size_t first, second;

    if (n == 1)
        return p[0].y == common;
    qsort(p, n, sizeof *p, by_y);
    longest_runs(p, n, &first, &second);
    return first > second ? (double)first : 0; /* without it, its class must still be in front */
}

static double error_of_numbers(const pair *p, size_t n, double mean)
{
    double sum = 0, error = 0;

    if (n == 1)
        return (p[0].y - mean) * (p[0].y - mean);
    for (size_t i = 0; i < n; i++)
        sum += p[i].y;
    for (size_t i = 0; i < n; i++) {
        const double guess = (sum - p[i].y) / (double)(n - 1);
        error += (p[i].y - guess) * (p[i].y - guess);
    }
    return error;
}

/* Where the group that begins at i ends: equal values, and neighbours as long as it is small. */
static size_t group_end(const pair *p, size_t n, size_t i, size_t least)
{
    size_t end = i + 1;

    while (end < n && (same(p[end].x, p[end - 1].x) || (end - i < least && !isnan(p[end].x))))
        end++;
    return end;
}

static double tells_class(pair *p, size_t n, size_t least)
{
    size_t first, second, start = 0;
    double hits = 0;

    qsort(p, n, sizeof *p, by_y); /* to find the most common class */
    longest_runs(p, n, &first, &second);
    if (first == n)
        return NAN;
    while (p[start].y != p[start + first - 1].y)
        start++;
    const double common = p[start].y;
    qsort(p, n, sizeof *p, by_x);
    for (size_t i = 0, end = 0; i < n; i = end) {
        end = group_end(p, n, i, least);
        hits += hits_of_classes(p + i, end - i, common);
    }
    return (hits - (double)first) / (double)(n - first);
}

static double tells_number(pair *p, size_t n, size_t least)
{
    double mean = 0, total = 0, error = 0;

    for (size_t i = 0; i < n; i++)
        mean += p[i].y / (double)n;
    for (size_t i = 0; i < n; i++)
        total += (p[i].y - mean) * (p[i].y - mean);
    if (total <= 0)
        return NAN;
    qsort(p, n, sizeof *p, by_x);
    for (size_t i = 0, end = 0; i < n; i = end) {
        end = group_end(p, n, i, least);
        error += error_of_numbers(p + i, end - i, mean);
    }
    return 1 - error / total;
}

/* The squared correlation: a straight line, which bins blur at its ends. */
static double straightness(const pair *p, size_t n)
{
    double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;

    for (size_t i = 0; i < n; i++) {
        mx += p[i].x / (double)n;
        my += p[i].y / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        xx += (p[i].x - mx) * (p[i].x - mx);
        yy += (p[i].y - my) * (p[i].y - my);
        xy += (p[i].x - mx) * (p[i].y - my);
    }
    return xx > 0 && yy > 0 ? xy * xy / (xx * yy) : 0; /* NaN among them: no line, and not >= */
}

nn_code nn_tells(const double *x, const double *y, size_t n, bool continuous, bool classes,
                 double *out, nn_err *err)
{
    pair *p = nn_alloc(n, sizeof *p);
    size_t count = 0;

    if (p == NULL)
        return nn_err_memory(err, "the comparison of columns", n * sizeof *p);
    for (size_t i = 0; i < n; i++)
        if (!isnan(y[i]))
            p[count++] = (pair){x[i], y[i]};
    const size_t least = continuous && count > 2 * BINS ? count / BINS : continuous ? 2 : 1;
    double tells = NAN;
    if (count > 0 && classes)
        tells = tells_class(p, count, least);
    else if (count > 0)
        tells = tells_number(p, count, least);
    if (count > 0 && !classes && continuous && straightness(p, count) > tells)
        tells = straightness(p, count);
    *out = tells < 0 ? 0 : tells;
    nn_free(p);
    return NN_OK;
}
