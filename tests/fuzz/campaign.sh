#!/bin/sh
# Fuzzes: campaign.sh BUILD WORK SECONDS [TARGET...] runs each target for so long and goes on where an earlier
# call stopped. New inputs gather in WORK/<target>, findings in WORK/found, a line a target in WORK/log; the
# committed corpus is read, not changed. "campaign.sh --merge BUILD WORK [TARGET...]" makes it anew, minimised.
set -u
here=$(cd "$(dirname "$0")" && pwd)
merge=no
[ "$1" != --merge ] || { merge=yes; shift; }
build=$1 work=$2 seconds=0
shift 2
[ $merge = yes ] || { seconds=$1; shift; }
[ $# -gt 0 ] || set -- $(ls "$here/targets" | sed 's/\.c$//')
mkdir -p "$work/found"
ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1
export ASAN_OPTIONS
for target; do
    mkdir -p "$work/$target" "$here/corpus/$target"
    dict=
    [ ! -e "$here/dict/$target.dict" ] || dict=-dict=$here/dict/$target.dict
    if [ $merge = yes ]; then
        rm -rf "$work/merged"
        mkdir "$work/merged"
        most=2048
        [ "$target" != state ] || most=8192 # the least that a state says is longer
        "$build/fuzz_$target" -set_cover_merge=1 -max_len=$most -timeout=20 "$work/merged" "$here/corpus/$target" "$work/$target" \
            2> "$work/merge.log" || exit 1
        rm -rf "${here:?}/corpus/$target"
        mv "$work/merged" "$here/corpus/$target"
        echo "$target: $(ls "$here/corpus/$target" | wc -l) inputs"
        continue
    fi
    "$build/fuzz_$target" -max_total_time="$seconds" -timeout=20 -max_len=8192 -rss_limit_mb=1500 \
        -print_final_stats=1 -artifact_prefix="$work/found/$target-" $dict "$work/$target" "$here/corpus/$target" \
        > "$work/last.log" 2>&1
    status=$?
    [ $status = 0 ] || cp "$work/last.log" "$work/found/$target-$(date +%s).log"
    sed -n 's/^stat::number_of_executed_units: *//p' "$work/last.log" |
        sed "s/^/$target $seconds s, status $status, runs /" >> "$work/log"
done
