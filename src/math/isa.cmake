# Kernels compiled once per instruction set; math/isa.c chooses at the start.
