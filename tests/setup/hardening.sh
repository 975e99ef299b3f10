# The program is built as a reader of files from strangers should be. Argument: nnctl. Linux, with readelf and objdump.
set -eu
nnctl=$1
bad=0
fault()
{
    echo "$1" >&2
    bad=1
}
headers=$(readelf -hldW "$nnctl")
imports=$(readelf --dyn-syms -W "$nnctl" | sed -n 's/.* UND \([A-Za-z0-9_]*\).*/\1/p')
case $headers in *'Type:'*DYN*) ;; *) fault "is not position-independent" ;; esac
case $headers in *GNU_RELRO*) ;; *) fault "tables of the linker stay writable" ;; esac
case $headers in *BIND_NOW*) ;; *) fault "functions are bound lazily" ;; esac
echo "$headers" | grep -q 'GNU_STACK.* RW ' || fault "the stack is executable"
! echo "$headers" | grep -q 'LOAD.* RWE ' || fault "a segment is writable and executable"
echo "$imports" | grep -qx __stack_chk_fail || fault "no stack protector"
echo "$imports" | grep -q '^__[a-z]*_chk$' || fault "no checked string functions (_FORTIFY_SOURCE)"
for function in system popen execve execv execvp execl socket connect bind \
    strcpy strcat sprintf gets setlocale mktemp tmpnam; do
    ! echo "$imports" | grep -qx "$function" || fault "imports $function"
done
if readelf -h "$nnctl" | grep -q X86-64; then
    objdump -d --no-show-raw-insn "$nnctl" --disassemble=main | grep -q endbr64 || fault "no control-flow marks"
    # A frame larger than a page is touched page by page (-fstack-clash-protection).
    objdump -d --no-show-raw-insn "$nnctl" | grep -q 'orq  *\$0x0,(%rsp)\|orq  *\$0x0,0xff8(%rsp)' || fault "no stack probes"
fi
exit $bad
