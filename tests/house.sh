# Refuses what breaks the order of the house: includes, foreign headers, first lines, long functions, unsafe calls.
# Argument: the root of the source tree. Prints a line per fault and ends with 1 when there is one.
set -eu
cd "$1"
find src include tests data \( -name '*.[ch]' -o -name '*.def' -o -name '*.cmake' -o -name '*.sh' \) \
    -exec awk '
function fault(text)
{
    printf "%s:%d: %s\n", FILENAME, FNR, text
    faults++
}

# The floor of a path such as src/nn/graph.c, include/nn/graph.h or tests/nn/test_graph.c.
function floor_of(path,  part)
{
    split(path, part, "/")
    return part[2] in level ? part[2] : ""
}

# May this file include that header of somebody else? Tests may: they make the broken files.
function may_include(header)
{
    if (FILENAME ~ /^tests\//)
        return 1
    if (header == "cblas.h")
        return FILENAME ~ /^src\/math\/gemm[^\/]*\.c$/
    if (header == "zlib.h")
        return FILENAME ~ /^src\/base\/(gz|deflate)\.c$/
    if (header ~ /(^|\/)cJSON\.h$/)
        return FILENAME ~ /^src\/conf\//
    return 1
}

BEGIN {
    level["base"] = 1
    level["math"] = level["conf"] = 2
    level["nn"] = level["data"] = 3
    level["run"] = 4
    level["view"] = 5
    level["cli"] = 6
}

FNR == 1 {
    here = floor_of(FILENAME)
    mark = FILENAME ~ /\.(c|h|def)$/ ? "/*" : "#"
    if (index($0, mark) != 1)
        fault("the first line does not say what the file is")
    files++
    opened = 0
}

# What writes without a bound, runs what a file may name, or depends on the locale.
FILENAME ~ /^(src|include)\// &&
/(^|[^A-Za-z0-9_>.])(strcpy|strcat|sprintf|vsprintf|gets|alloca|strtok|atoi|atof|system|popen|execv[pe]*|execl[pe]*|mktemp|tmpnam|setlocale)\(/ {
    fault("calls what is not called here: " $0)
}

/^[ \t]*#[ \t]*include[ \t]/ && FILENAME ~ /\.(c|h|def)$/ {
    header = $0
    sub(/^[ \t]*#[ \t]*include[ \t]*[<"]/, "", header)
    sub(/[>"].*/, "", header)
    there = header
    sub(/^\.\.\/src\//, "", there) # a test of what a floor keeps to itself
    sub(/\/.*/, "", there)
    if (header ~ /\.\./ && FILENAME !~ /^tests\//)
        fault("includes by a path upward: " header)
    if (here != "" && there in level && header ~ /\// && there != here && level[there] >= level[here])
        fault("the floor " here " includes " header)
    if (!may_include(header))
        fault("includes " header ", which has its own place")
}

FILENAME ~ /\.[ch]$/ && /^\{/ { opened = FNR }
FILENAME ~ /\.[ch]$/ && /^\}/ && opened {
    len = FNR - opened + 1
    if (len > 60)
        fault("a function of " len " lines; the most is 60")
    opened = 0
}

END {
    printf "%d files, %d faults\n", files, faults
    exit (faults > 0)
}' {} +
