# quickstart on machines of several kinds, acted by fake tools. Argument: the script.
set -eu
script=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# fake NAME LINE...: a tool that notes its call in the file "calls", then does what the lines say.
fake()
{
    name=$1
    shift
    {
        echo '#!/bin/sh'
        echo "echo $name \"\$@\" >> '$dir/calls'"
        printf '%s\n' "$@"
    } > "$dir/bin/$name"
    chmod +x "$dir/bin/$name"
}

# A machine with all tools, and a cmake whose build gives a build/nnctl.
machine()
{
    rm -rf "${dir:?}/bin" "${dir:?}/home" "$dir/calls"
    mkdir "$dir/bin" "$dir/home"
    cp "$script" "$dir/home/quickstart"
    for tool in sh cat chmod cp dirname env getconf grep mkdir rm tail; do
        ln -s "$(command -v $tool)" "$dir/bin/$tool"
    done
    fake nnctl
    for tool in cc make ctest apt-get sudo; do
        fake $tool
    done
    fake id 'echo 0'
    fake cmake 'case $1 in' '-S) echo CMOCKA_LIBRARY:FILEPATH=/lib/libcmocka.so > build/CMakeCache.txt ;;' \
        "--build) cp '$dir/bin/nnctl' build/nnctl ;;" 'esac'
    : > "$dir/calls"
}

# run STATUS ARGUMENTS...: quickstart ends with this status.
run()
{
    want=$1
    shift
    status=0
    (PATH=$dir/bin && export PATH && cd / && sh "$dir/home/quickstart" "$@") > "$dir/out" 2>&1 ||
        status=$?
    [ "$status" = "$want" ] || fail "expected status $want, got $status"
}

fail()
{
    printf '%s: %s\n--- output\n' "$case" "$1" >&2
    cat "$dir/out" >&2
    echo '--- calls' >&2
    cat "$dir/calls" >&2
    exit 1
}

called()
{
    grep -q -e "$1" "$dir/calls" || fail "never called: $1"
}

never_called()
{
    ! grep -q -e "$1" "$dir/calls" || fail "called: $1"
}

says()
{
    grep -qF -e "$1" "$dir/out" || fail "did not say: $1"
}

case='a machine that has everything'
machine
run 0
never_called '^apt-get'
called '^nnctl train configs/digits-mlp.json$'
called '^nnctl predict @latest data/digits-test-images-idx3-ubyte.gz'

case='no CMake, and a package server that fails once'
machine
mv "$dir/bin/cmake" "$dir/cmake"
fake apt-get "[ \$1 = install ] || exit 0" \
    "[ -e '$dir/home/again' ] || { : > '$dir/home/again'; exit 100; }" \
    "cp '$dir/cmake' '$dir/bin/cmake'"
run 0
called '^apt-get install .*cmake .*libopenblas-dev libcjson-dev zlib1g-dev'
never_called '^sudo'
called '^nnctl train'

case='no libraries, and not root'
machine
fake id 'echo 1000'
fake sudo '"$@"'
fake apt-get "echo yes > '$dir/home/installed'"
fake cmake "[ -e '$dir/home/installed' ] || { echo 'nnctl needs libraries that were not found'; exit 1; }" \
    "[ \$1 != --build ] || cp '$dir/bin/nnctl' build/nnctl"
run 0
called '^sudo env DEBIAN_FRONTEND=noninteractive apt-get install'
called '^nnctl train'

case='no libraries, no root, no sudo'
machine
fake id 'echo 1000'
rm "$dir/bin/sudo"
fake cmake "echo 'nnctl needs libraries that were not found'" 'exit 1'
run 1
says 'only root may install it: run ./quickstart as root once'
never_called '^apt-get'

case='a configuration that fails for a reason of its own'
machine
fake cmake "echo 'The C compiler identification is GNU'" "echo 'no space left'" 'exit 1'
run 1
never_called '^apt-get'
says 'no space left'
says 'quickstart: error: CMake could not configure the build (the whole log: build/quickstart.log)'

case='a build that fails'
machine
fake cmake '[ $1 = -S ] || { echo "graph.c:7: error"; exit 2; }'
run 1
says 'graph.c:7: error'
says 'quickstart: error: the build failed'
never_called '^nnctl'

case='a training that fails'
machine
fake nnctl 'exit 4'
run 1
says 'quickstart: error: training ended with status 4'

case='tests, without cmocka'
machine
fake cmake 'value=/lib/libcmocka.so' \
    "[ -e '$dir/home/installed' ] || value=CMOCKA_LIBRARY-NOTFOUND" \
    '[ $1 != -S ] || echo "CMOCKA_LIBRARY:FILEPATH=$value" > build/CMakeCache.txt'
fake apt-get "echo yes > '$dir/home/installed'"
run 0 test
called '^apt-get install .*libcmocka-dev'
called '^ctest --output-on-failure'
never_called '^nnctl'

case='tests that fail'
machine
fake ctest 'exit 8'
run 1 test
says 'quickstart: error: some tests failed'

case='an unknown word'
machine
run 2 tests
says 'usage: ./quickstart [test]'
