# The generator makes the bundled digits again, byte for byte. Arguments: make_digits, the data folder.
set -eu
make_digits=$1
data=$2
again=$(mktemp -d)
trap 'rm -rf "$again"' EXIT

"$make_digits" "$again"
n=0
for file in "$data"/digits-*; do
    cmp "$file" "$again/${file##*/}"
    n=$((n + 1))
done
[ "$n" = 4 ] || { echo "expected 4 files, got $n" >&2; exit 1; }
