/* A small family and tables that use every type of field, for tests. */
#include "conf/support/garden.h"

static const nn_field rose_fields[] = {
    {.key = "height",
     .type = NN_FIELD_NUM,
     .at = offsetof(rose_conf, height),
     .fallback = "1.5",
     .range = "(0,10]",
     .help = "metres"},
    {.key = "petals",
     .type = NN_FIELD_INT,
     .at = offsetof(rose_conf, petals),
     .fallback = "5",
     .range = "[5,]",
     .help = "of one flower"},
    {.key = NULL},
};
static const nn_kind rose = {"rose", "Has thorns.", rose_fields, sizeof(rose_conf)};

static const nn_field oak_fields[] = {
    {.key = "age", .type = NN_FIELD_INT, .at = 0, .range = "[1,1000]", .help = "years"},
    {.key = NULL},
};
static const nn_kind oak = {"oak", "Grows old.", oak_fields, sizeof(int)};
static const nn_kind moss = {"moss", "Asks for nothing.", NULL, 0};

static const nn_kind *const kinds[] = {&rose, &oak, &moss, NULL};
const nn_family plants = {"plant kind", "What grows.", kinds};

static const nn_field soil_fields[] = {
    {.key = "acid",
     .type = NN_FIELD_NUM,
     .at = offsetof(soil, acid),
     .fallback = "7",
     .range = "[0,14]",
     .help = "pH"},
    {.key = "note",
     .type = NN_FIELD_TEXT,
     .at = offsetof(soil, note),
     .fallback = "null",
     .help = "a | b"},
    {.key = NULL},
};
static const nn_table soil_table = {"soil", "What it grows in.", soil_fields};

static const nn_field row_fields[] = {
    {.key = "label", .type = NN_FIELD_TEXT, .at = 0, .fallback = "null", .help = "on a stick"},
    {.key = NULL},
};
static const nn_table row_table = {"row", "What every plant can say.", row_fields};

static const char *const seasons[] = {"spring", "summer", "autumn", NULL};

#define AT(member) .at = offsetof(garden, member)
static const nn_field fields[] = {
    {.key = "beds", .type = NN_FIELD_INT, AT(beds), .range = "[1,1048576]", .help = "how many"},
    {.key = "depth", .type = NN_FIELD_INT, AT(depth), .fallback = "-3", .help = "any integer"},
    {.key = "seed", .type = NN_FIELD_SEED, AT(seed), .fallback = "0", .help = "for sowing"},
    {.key = "sun",
     .type = NN_FIELD_NUM,
     AT(sun),
     .fallback = "0.5",
     .range = "[0,1)",
     .help = "share of the day"},
    {.key = "rain",
     .type = NN_FIELD_NUM,
     AT(rain),
     .fallback = "null",
     .range = "(0,]",
     .help = "litres"},
    {.key = "fenced", .type = NN_FIELD_BOOL, AT(fenced), .fallback = "true", .help = "closed"},
    {.key = "name", .type = NN_FIELD_TEXT, AT(name), .fallback = "\"plot\"", .help = "a name"},
    {.key = "owner", .type = NN_FIELD_TEXT, AT(owner), .fallback = "null", .help = "a person"},
    {.key = "season",
     .type = NN_FIELD_WORD,
     AT(season),
     .fallback = "\"summer\"",
     .words = seasons,
     .help = "of sowing"},
    {.key = "plant",
     .type = NN_FIELD_CHOICE,
     AT(plant),
     .fallback = "\"rose\"",
     .family = &plants,
     .help = "the main one"},
    {.key = "guest",
     .type = NN_FIELD_CHOICE,
     AT(guest),
     .fallback = "null",
     .family = &plants,
     .help = "another"},
    {.key = "plot", .type = NN_FIELD_SHAPE, AT(plot), .fallback = "[2,3]", .help = "sides"},
    {.key = "path",
     .type = NN_FIELD_SHAPE,
     AT(path),
     .fallback = "null",
     .range = "[-1,9]",
     .help = "steps"},
    {.key = "step",
     .type = NN_FIELD_PAIR,
     AT(step),
     .fallback = "2",
     .range = "[1,7]",
     .help = "length, width"},
    {.key = "gap", .type = NN_FIELD_PAIR, AT(gap), .fallback = "null", .help = "between them"},
    {.key = "soil",
     .type = NN_FIELD_OBJECT,
     AT(soil),
     .fallback = "{}",
     .table = &soil_table,
     .help = "below"},
    {.key = "spare",
     .type = NN_FIELD_OBJECT,
     AT(spare),
     .fallback = "null",
     .table = &soil_table,
     .help = "in bags"},
    {.key = "sign",
     .type = NN_FIELD_NODE,
     AT(sign),
     .fallback = "0.25",
     .form = "{\"type\":\"number\"}",
     .help = "what it says"},
    {.key = "rows",
     .type = NN_FIELD_LIST,
     AT(rows),
     .fallback = "null",
     .family = &plants,
     .common = &row_table,
     .help = "in order"},
    {.key = NULL},
};
const nn_table garden_table = {"garden", "A piece of land.", fields};
