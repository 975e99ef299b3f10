#!/bin/sh
# The same config, seed and data give the same model and metrics, byte for byte, whatever the threads, the
# environment and the load. Arguments: nnctl, the source tree; with --long, more rows and every combination.
set -eu
nnctl=$(realpath "$1")
source=$(cd "$2" && pwd)
long=${3-}
dir=$(mktemp -d)
trap 'kill $load 2> /dev/null || true; rm -rf "$dir"' EXIT
load=
rows=64
counts="2 7 16"
loaded=mlp
if [ "$long" = --long ]; then
    rows=2000
    counts="2 3 4 7 16"
    loaded="mlp cnn rnn attention"
fi
unset NNCTL_THREADS NNCTL_RUNS

config()
{
    cat > "$dir/$1.json" <<END
{"name": "$1", "seed": 5, "validation": 0.25, "model": {"layers": [$2 {"type": "Dense", "units": 10, "activation": "softmax"}]},
 "data": {"train": {"x": "$source/data/digits-train-images-idx3-ubyte.gz", "y": "$source/data/digits-train-labels-idx1-ubyte.gz"} $3},
 "training": {"epochs": 2, "batch_size": 24}}
END
}

config mlp '{"type": "Flatten"}, {"type": "Dense", "units": 128, "activation": "relu"}, {"type": "Dropout", "rate": 0.3},' ''
config cnn '{"type": "Conv2D", "filters": 9, "kernel_size": 3}, {"type": "BatchNormalization"},
    {"type": "Activation", "activation": "relu"}, {"type": "MaxPooling2D"}, {"type": "Flatten"},' \
    ', "shape": [28, 28, 1], "augment": {"shift": 0.1, "rotate": 10, "zoom": 0.1, "noise": 0.1}'
config rnn '{"type": "LSTM", "units": 20, "return_sequences": true}, {"type": "GRU", "units": 12},' ''
config attention '{"type": "MultiHeadAttention", "num_heads": 2, "key_dim": 7}, {"type": "LayerNormalization"},
    {"type": "Dropout", "rate": 0.1}, {"type": "GlobalAveragePooling1D"},' ''

# compare WHAT CONFIG COMMAND...: trains in a new directory and holds it against the first run of that config
compare()
{
    what=$1
    name=$2
    shift 2
    rm -rf "$dir/run"
    "$@" train "$dir/$name.json" -q --limit $rows -o "$dir/run" > /dev/null
    [ -d "$dir/$name" ] || mv "$dir/run" "$dir/$name"
    [ -d "$dir/run" ] || return 0
    for file in model.safetensors last.safetensors metrics.jsonl; do
        cmp "$dir/$name/$file" "$dir/run/$file" || { echo "$name: other bytes $what"; exit 1; }
    done
}

for name in mlp cnn rnn attention; do
    compare first $name env NNCTL_THREADS=1 "$nnctl"
    for threads in $counts; do
        compare "with $threads threads" $name env NNCTL_THREADS=$threads "$nnctl"
    done
    compare "with OPENBLAS_NUM_THREADS" $name env OPENBLAS_NUM_THREADS=7 OMP_NUM_THREADS=3 "$nnctl"
    if [ "$long" = --long ]; then
        compare "with OPENBLAS_CORETYPE" $name env OPENBLAS_CORETYPE=Haswell OMP_NUM_THREADS=1 "$nnctl"
        compare "with OMP settings" $name env OMP_DYNAMIC=true GOTO_NUM_THREADS=2 MALLOC_PERTURB_=85 "$nnctl"
    fi
    if command -v taskset > /dev/null; then
        compare "on one core" $name env NNCTL_THREADS=4 taskset -c 0 "$nnctl"
    fi
done

# The same beside programs that take every core.
for i in 1 2 3 4; do
    sh -c 'while :; do :; done' &
    load="$load $!"
done
for name in $loaded; do
    compare "under load" $name env NNCTL_THREADS=2 "$nnctl"
done
