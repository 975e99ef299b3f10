/* A town's demand for power, hour by hour: day and week, the weather, and chance that lingers. */
#include "table.h"

#include <math.h>

enum { HOURS = 200 * 24 };

static const int month_days[] = {31, 28, 31, 30, 31, 30, 31};

/* 2023-01-01, a Sunday, and what follows. */
static void put_time(nn_buf *out, int hour)
{
    int month = 0, day = hour / 24;

    for (; day >= month_days[month]; month++)
        day -= month_days[month];
    nn_buf_printf(out, "2023-%02d-%02d %02d:00", month + 1, day + 1, hour % 24);
}

void nn_table_hourly(nn_buf *out)
{
    const double turn = 2 * acos(-1);
    double weather = 0, rest = 0; /* both remember where they were */

    nn_buf_put(out, "time,hour,weekday,temperature,demand\n");
    for (int i = 0; i < HOURS; i++) {
        const nn_rng rng = nn_table_row(NN_TABLE_HOURLY, (uint64_t)i);
        const int hour = i % 24, weekday = (i / 24 + 6) % 7; /* 0: Monday */
        const double day = turn * hour / 24, year = turn * i / (365 * 24);
        double demand = 0, warmth = 0;

        weather = 0.985 * weather + 0.55 * nn_rng_normal(&rng, 0);
        rest = 0.8 * rest + 2.2 * nn_rng_normal(&rng, 4);
        warmth = 9 - 9 * cos(year) - 4 * cos(day - 0.9) + weather;
        demand = 180 - 32 * cos(day - 0.5) - 18 * cos(2 * day + 0.6) - (weekday >= 5 ? 26 : 0) +
                 2.1 * fabs(warmth - 17) + rest;
        put_time(out, i);
        nn_buf_printf(out, ",%d,%d,%.1f,%.1f\n", hour, weekday, warmth, demand);
    }
}
