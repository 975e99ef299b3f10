# Reports the branch coverage of each floor, and of the readers of files and configs by name.
# Usage: tests/coverage.sh [BUILD]; builds the coverage preset and runs the suite unless BUILD is given.
set -eu
cd "$(dirname "$0")/.."
build=${1:-build/coverage}
jobs=$(getconf _NPROCESSORS_ONLN)

if [ $# -eq 0 ]; then
    cmake --preset coverage > /dev/null
    cmake --build --preset coverage --parallel "$jobs" > /dev/null
    ctest --preset coverage --parallel "$jobs" > /dev/null || echo "some tests failed; their coverage counts all the same"
fi

# gcov says of each source: File 'src/base/gz.c', then "Taken at least once:91.20% of 250".
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
root=$PWD
find "$root/$build" "$build" -name '*.gcda' 2> /dev/null | sort -u > "$scratch/list"
(cd "$scratch" && xargs gcov -b -c -s "$root" -r < list 2> /dev/null) | awk '
function add(name,  taken)
{
    taken = share / 100 * branches
    hit[name] += taken
    all[name] += branches
}
/^File / {
    file = $2
    gsub(/\047/, "", file)
}
/^Taken at least once:/ && file ~ /^src\// {
    split($0, part, /[:% ]+/)
    share = part[5]
    branches = part[7]
    split(file, dir, "/")
    add(dir[2])
    if (file ~ /^src\/(data|conf)\/|^src\/base\/(gz|number|text)\.c|^src\/run\/config\.c/)
        add("loaders and config")
    if (branches > 20 && share < 80)
        low[file] = share
    file = ""
}
END {
    for (name in all)
        printf "%-20s %5.1f %% of %d branches\n", name, 100 * hit[name] / all[name], all[name]
    for (name in low)
        printf "  below 80 %%: %s %s %%\n", name, low[name]
}' | sort
