# The script house.sh finds each kind of fault, and none in sound files. Argument: the script.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/src/nn" "$dir/src/math" "$dir/src/base" "$dir/src/conf" "$dir/include/data" \
    "$dir/tests/nn" "$dir/data"

# put FILE LINE...: writes a file that says what it is, then the lines.
put()
{
    file=$dir/$1
    shift
    printf '%s\n' '/* A file. */' "$@" > "$file"
}

put src/nn/sound.c '#include "nn/graph.h"' '#include "base/err.h"' '#include <string.h>'
put src/math/gemm_blas.c '#include <cblas.h>'
put src/conf/json.c '#include <cjson/cJSON.h>'
put src/base/gz.c '#include <zlib.h>'
put tests/nn/test_sound.c '#include "support/nn_test.h"' '#include <zlib.h>'
put tests/nn/test_own.c '#include "../src/nn/layout.h"'
if ! sh "$1" "$dir" > "$dir/out"; then
    echo "expected no fault, got:" >&2
    cat "$dir/out" >&2
    exit 1
fi

put src/nn/up.c '#include "run/train.h"'
put include/data/side.h '#  include "nn/graph.h"'
put src/math/side.c '#include "conf/json.h"'
put tests/nn/test_up.c '#include "cli/commands.h"'
put tests/nn/test_other.c '#include "../src/cli/parse.h"'
put src/nn/dots.c '#include "../math/pool.h"'
put src/math/vec.c '#include <cblas.h>'
put src/nn/json.c '#include <cjson/cJSON.h>'
put src/base/crc.c '#include <zlib.h>'
put src/base/copy.c 'strcpy(to, from);' 'nn_strcpy(to, from);' 's = mktemp(name);' 'snprintf(to, 9, from);'
printf '#include <math.h>\n' > "$dir/src/base/bare.c"
awk 'BEGIN {
    print "/* One function of 60 lines and one of 61. */"
    for (n = 58; n <= 59; n++) {
        print "int f" n "(void)\n{"
        for (i = 0; i < n; i++)
            print "    step();"
        print "}"
    }
}' > "$dir/src/base/long.c"

cat > "$dir/expected" <<'END'
include/data/side.h:2: the floor data includes nn/graph.h
src/base/bare.c:1: the first line does not say what the file is
src/base/copy.c:2: calls what is not called here: strcpy(to, from);
src/base/copy.c:4: calls what is not called here: s = mktemp(name);
src/base/crc.c:2: includes zlib.h, which has its own place
src/base/long.c:124: a function of 61 lines; the most is 60
src/math/side.c:2: the floor math includes conf/json.h
src/math/vec.c:2: includes cblas.h, which has its own place
src/nn/dots.c:2: includes by a path upward: ../math/pool.h
src/nn/json.c:2: includes cjson/cJSON.h, which has its own place
src/nn/up.c:2: the floor nn includes run/train.h
tests/nn/test_other.c:2: the floor nn includes ../src/cli/parse.h
tests/nn/test_up.c:2: the floor nn includes cli/commands.h
END
if sh "$1" "$dir" > "$dir/out"; then
    echo "house.sh ended well in spite of faults" >&2
    exit 1
fi
grep -v ' faults$' "$dir/out" | LC_ALL=C sort > "$dir/found"
diff "$dir/expected" "$dir/found"
