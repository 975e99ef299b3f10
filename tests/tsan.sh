#!/bin/sh
# Builds with ThreadSanitizer and runs all that has threads: the test programs of the pool and of what uses it, and
# trainings, eval, predict and a live line with the nnctl binary, at three threads. Fails at the first report.
#     tests/tsan.sh [JOBS]
set -eu
cd "$(dirname "$0")/.."
programs="pool gemm exec layers image_layers gz csv table table_read train"
targets=nnctl
for name in $programs; do targets="$targets test_$name"; done
cmake --preset tsan > /dev/null
# shellcheck disable=SC2086
cmake --build build/tsan -j"${1-2}" --target $targets
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
TSAN_OPTIONS="halt_on_error=1:exitcode=66"
export TSAN_OPTIONS
for name in $programs; do
    (cd build/tsan && "./test_$name" > "$dir/out" 2>&1) || { cat "$dir/out"; exit 1; }
    echo "test_$name: clean"
done
nnctl=$PWD/build/tsan/nnctl
run()
{
    what=$1
    shift
    "$@" > "$dir/out" 2>&1 || { cat "$dir/out"; exit 1; }
    echo "$what: clean"
}
run "training of an MLP" "$nnctl" train configs/digits-mlp.json -o "$dir/mlp" --epochs 1 --limit 2000 --threads 3
run "training of a CNN" "$nnctl" train configs/digits-cnn.json -o "$dir/cnn" --epochs 1 --limit 400 --threads 3
run "training on a table" "$nnctl" train configs/houses.json -o "$dir/table" --epochs 2 --threads 3
run "training on texts" "$nnctl" train configs/reviews-lstm.json -o "$dir/text" --epochs 1 --limit 200 --threads 3
run "eval" "$nnctl" eval "$dir/mlp" --threads 3
run "predict" "$nnctl" predict "$dir/cnn" data/digits-test-images-idx3-ubyte.gz --limit 300 --threads 3
if command -v script > /dev/null; then
    run "a live line" script -qec "$nnctl train configs/digits-mlp.json -o $dir/live --epochs 2 --limit 1000 --threads 3" /dev/null
fi
