# Runs a transcript and compares what nnctl does with what stands there.
# Arguments: nnctl, the source tree, FILE.case; with --update the file is rewritten instead.
#
# In a transcript, "  $ " begins a command, "  > " goes on with it, and the indented lines below are its
# output: stdout as it is, stderr behind "! ", and a status other than 0 as "[status]". All else is prose.
# Commands run in a fresh directory with a copy of tests/cli/data; what varies is shown as <...>.
set -u
nnctl=$1
source=$2
case=$3
update=${4-}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/bin" "$dir/work"
ln -s "$nnctl" "$dir/bin/nnctl"
cp -R "$source/tests/cli/data/." "$dir/work"
PATH=$dir/bin:$PATH
NNCTL_THREADS=2
TERM=dumb
export PATH NNCTL_THREADS TERM source
unset NNCTL_RUNS NO_COLOR
cd "$dir/work" || exit 1

# Only these two for a whole transcript: a process for each command is what most of the time would go to.
mark=$(printf '\002')

# Puts what the commands said in its place; prose, commands and statuses are marked.
assemble()
{
    awk -v mark="$mark" '
        function show(file, before, line)
        {
            while ((getline line < file) > 0)
                print before line
            close(file)
        }
        /^run / { show("../out." $2, "  "); show("../err." $2, "  ! "); if ($3 != 0) print mark "  [" $3 "]"; next }
        { print mark substr($0, 2) }'
}

# Times, stamps, sizes of memory, and the scores of a training, which may differ in their last digits.
normalize()
{
    LC_ALL=C sed -E -e "/^$mark/{s///;b" -e '}' -e 's/[0-9]{8}-[0-9]{6}(-[0-9]+)?/<stamp>/g' \
        -e 's/ [0-9.]+ m?s( |,|$)/ <time>\1/g' \
        -e '/training memory/s/ [0-9.]+ (bytes|[KMG]iB)/ <size>/' \
        -e 's/([0-9]\.[0-9]{6})[0-9]+/\1/g' \
        -e 's/[0-9.]+ (bytes|[KMG]iB) of memory/<size> of memory/' \
        -e '/of memory \(/s/ [0-9.]+ (bytes|[KMG]iB)/ <size>/g' \
        -e 's/only [0-9]+ MiB are to be had/only <size> are to be had/' \
        -e '/^  (! )?(epoch|last|test) /s/ -?[0-9][0-9.]*(e[-+][0-9]+)?( |$)/ <n>\2/g' \
        -e '/^  (! )?(epoch|last|test) /s/ -?[0-9][0-9.]*(e[-+][0-9]+)?( |$)/ <n>\2/g' \
        -e '/"event":"(epoch|end)"/s/:-?[0-9]+\.[0-9]+(e[-+][0-9]+)?/:<n>/g' \
        -e 's/"memory_bytes":[0-9]+/"memory_bytes":<n>/' \
        -e "s|$source|<source>|g"
}

# Of what stands in the transcript, a line goes on behind a blank.
run()
{
    count=$((count + 1))
    (eval "$1") > "../out.$count" 2> "../err.$count" < /dev/null
    echo "run $count $?"
}

replay()
{
    count=0
    command=
    while IFS= read -r line || [ -n "$line" ]; do
        case $line in
        '  > '*)
            command="$command
${line#  > }"
            printf ' %s\n' "$line"
            continue ;;
        esac
        if [ -n "$command" ]; then
            run "$command"
            command=
        fi
        case $line in
        '  $ '*)
            command=${line#  \$ }
            printf ' %s\n' "$line" ;;
        '  '*) ;;
        *) printf ' %s\n' "$line" ;;
        esac
    done
    [ -z "$command" ] || run "$command"
}

replay < "$case" > ../replayed
assemble < ../replayed | normalize > ../actual
if [ "$update" = --update ]; then
    cp ../actual "$case"
else
    diff -u "$case" ../actual
fi
