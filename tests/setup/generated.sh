# A generator makes bundled data again, byte for byte. Arguments: the generator, the data folder, a pattern of names,
# how many files it has.
set -eu
maker=$1
data=$2
pattern=$3
expected=$4
again=$(mktemp -d)
trap 'rm -rf "$again"' EXIT

"$maker" "$again"
n=0
for file in "$data"/$pattern; do
    cmp "$file" "$again/${file##*/}"
    n=$((n + 1))
done
[ "$n" = "$expected" ] || { echo "expected $expected files, got $n" >&2; exit 1; }
