# An installation is complete and its examples work where they stand. Arguments: cmake, the build directory.
set -eu
to=$(mktemp -d)
trap 'rm -rf "$to"' EXIT

"$1" --install "$2" --prefix "$to" > "$to/log"
for file in bin/nnctl share/man/man1/nnctl.1 share/bash-completion/completions/nnctl \
    share/zsh/site-functions/_nnctl share/fish/vendor_completions.d/nnctl.fish \
    share/nnctl/configs/nnctl.schema.json share/doc/nnctl/README.md; do
    [ -s "$to/$file" ] || { echo "not installed, or empty: $file" >&2; exit 1; }
done
if [ -n "$(find "$to" -name 'make_digits*' -o -name '*.[cah]')" ]; then
    echo "the generator or a library was installed" >&2
    exit 1
fi
for config in digits-mlp xor hand-set; do
    "$to/bin/nnctl" check "$to/share/nnctl/configs/$config.json"
done
