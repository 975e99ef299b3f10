/* Houses and their prices: numbers, words, a yes or no, and fields that nobody filled in. */
#include "table.h"

#include <math.h>

enum { ROWS = 2800 };

/* What a house draws its numbers with. */
enum { AREA, ROOMS, YEAR, DISTANCE, DISTRICT, HEATING, GARDEN, NOISE, GAPS = 100 };

typedef struct house {
    double area; /* square metres */
    int rooms, year;
    double distance; /* to the centre, km */
    int district, heating;
    bool garden;
} house;

static const char *const district[] = {"Altstadt", "Hafen",   "Nordend",
                                       "Seeblick", "Westend", "Am Wald, Ost"};
static const char *const heating[] = {"gas", "oil", "heat pump", "network"};

static int pick(const nn_rng *rng, int what, int below)
{
    return (int)nn_rng_below(rng, 4 * (uint64_t)what, (uint64_t)below);
}

static double between(const nn_rng *rng, int what, double low, double high)
{
    return low + (high - low) * (double)nn_rng_uniform(rng, 4 * (uint64_t)what);
}

static house build(const nn_rng *rng)
{
    house h = {0};

    h.area = 45 + 175 * between(rng, AREA, 0, 1) * between(rng, AREA + 20, 0.4, 1);
    h.rooms = (int)(1 + h.area / 28 + between(rng, ROOMS, 0, 1.5));
    h.year = (int)between(rng, YEAR, 1900, 2024);
    h.district = pick(rng, DISTRICT, 6);
    h.distance = between(rng, DISTANCE, 0.3, 4) + 1.7 * h.district;
    h.heating = h.year > 2005 ? 2 + pick(rng, HEATING, 2) : pick(rng, HEATING, 4);
    h.garden = between(rng, GARDEN, 0, 1) < 0.25 + 0.1 * h.district;
    return h;
}

/* In thousands. Old houses of the old town are dear, other old houses are not. */
static double price(const house *h, const nn_rng *rng)
{
    static const double of_district[] = {1.35, 1.1, 0.85, 1.5, 1.2, 0.75};
    static const double of_heating[] = {0, -12, 24, 8};
    const double age = 2024 - h->year;
    double value = 2.6 * h->area * of_district[h->district];

    value *= h->district == 0 ? 1 + 0.0025 * age : 1 - 0.0028 * age;
    value -= 60 * log(1 + h->distance);
    value += of_heating[h->heating] + (h->garden ? 0.25 * h->area : 0) + 4 * h->rooms;
    return value * (1 + 0.05 * nn_rng_normal(rng, 4 * (uint64_t)NOISE)) + 110;
}

/* Is the field left empty? */
static bool is_gap(const nn_rng *rng, int what, double share)
{
    return between(rng, GAPS + what, 0, 1) < share;
}

void nn_table_houses(nn_buf *out)
{
    nn_buf_put(out, "id,area,rooms,year,distance,district,heating,garden,price,split\n");
    for (int i = 0; i < ROWS; i++) {
        const nn_rng rng = nn_table_row(NN_TABLE_HOUSES, (uint64_t)i);
        const house h = build(&rng);

        nn_buf_printf(out, "H%04d,%.1f,%d,", i + 1, h.area, h.rooms);
        if (!is_gap(&rng, YEAR, 0.07))
            nn_buf_printf(out, "%d", h.year);
        nn_buf_char(out, ',');
        if (is_gap(&rng, DISTANCE, 0.04))
            nn_buf_put(out, "NA,");
        else
            nn_buf_printf(out, "%.2f,", h.distance);
        nn_buf_csv(out, district[h.district]);
        nn_buf_printf(out, ",%s,%s,%.1f,%s\n",
                      is_gap(&rng, HEATING, 0.05) ? "" : heating[h.heating],
                      h.garden ? "yes" : "no", price(&h, &rng), nn_table_split(i));
    }
}
