# get-mnist refuses wrong files and leaves nothing behind. Argument: the script.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cp "$1" "$dir/get-mnist"
mkdir "$dir/wrong"
n=0

# refused STATUS TEXT ARGUMENTS...: get-mnist ends with the status, says the text, and writes nothing.
refused()
{
    want=$1 text=$2
    shift 2
    status=0
    sh "$dir/get-mnist" "$@" > "$dir/out" 2> "$dir/err" || status=$?
    if [ "$status" != "$want" ] || ! grep -qF -e "$text" "$dir/err"; then
        echo "get-mnist $*: expected status $want and '$text', got $status and:" >&2
        cat "$dir/err" >&2
        exit 1
    fi
    if [ -e "$dir/mnist" ]; then
        echo "get-mnist $*: left $(ls -A "$dir/mnist")" >&2
        exit 1
    fi
    n=$((n + 1))
}

refused 2 'unknown argument: --form' --form "$dir/wrong"
refused 2 '--from needs a folder' --from
refused 1 'no such folder' --from "$dir/missing"
refused 1 'has neither train-images-idx3-ubyte.gz nor train-images-idx3-ubyte' --from "$dir/wrong"

echo 'not the images' > "$dir/wrong/train-images-idx3-ubyte"
refused 1 'not the MNIST file (SHA-256 of the unpacked bytes: expected ba891046' --from "$dir/wrong"
echo 'not even gzip' > "$dir/wrong/train-images-idx3-ubyte.gz"
refused 1 'train-images-idx3-ubyte.gz: not the MNIST file' --from "$dir/wrong"

# What stood there before stays, when the new files are refused.
mkdir "$dir/mnist"
echo 'mine' > "$dir/mnist/train-images-idx3-ubyte.gz"
if sh "$dir/get-mnist" --from "$dir/wrong" 2> "$dir/err"; then
    echo "get-mnist --from wrong: expected a failure" >&2
    exit 1
fi
[ "$(ls -A "$dir/mnist")" = train-images-idx3-ubyte.gz ]
[ "$(cat "$dir/mnist/train-images-idx3-ubyte.gz")" = mine ]

sh "$dir/get-mnist" --help | grep -q '^usage: data/get-mnist'
echo "$n refusals as expected"
