# Optimisation of the number-crunching floors: NN_HOT's clones, and the tile kernel compiled once per
# instruction set; src/math/isa.c chooses when the program runs.
include(CheckCSourceCompiles)

# Fused multiply-add is wanted (ISO mode switches it off), and -O3 for the vectoriser at full strength.
set(nn_hot_flags -ffp-contract=fast)
if(NOT NN_COVERAGE AND NOT NN_SANITIZE)
  list(APPEND nn_hot_flags $<$<NOT:$<CONFIG:Debug>>:-O3>)
endif()

# The clones are picked by the dynamic loader, before a sanitizer's run-time library is up. Clang 14 takes
# the attribute as well, but names the result so that other files do not find it.
if(CMAKE_C_COMPILER_ID STREQUAL "GNU" AND NOT NN_SANITIZE)
  check_c_source_compiles("
    __attribute__((target_clones(\"arch=x86-64-v4\", \"arch=x86-64-v3\", \"default\")))
    void scale(float *x, int n) { for (int i = 0; i < n; i++) x[i] *= 3; }
    int main(void) { float x[4] = {1, 2, 3, 4}; scale(x, 4); return x[0] != 3; }" nn_have_clones)
  if(nn_have_clones)
    target_compile_definitions(nn_math PUBLIC NN_CLONES)
  endif()
endif()

set(nn_isa_sources)
foreach(name tile pack sparse conv_kernel)
  list(APPEND nn_isa_sources ${CMAKE_SOURCE_DIR}/src/math/${name}.c)
endforeach()

check_c_source_compiles("
  #if !defined(__x86_64__)
  #error not x86-64
  #endif
  int main(void) { return __builtin_cpu_supports(\"avx512vl\"); }" nn_have_x86)
if(nn_have_x86)
  # Half-width vectors are the compiler's choice for AVX-512 otherwise.
  list(APPEND nn_hot_flags -mprefer-vector-width=512)
  foreach(isa avx512 avx2)
    add_library(nn_tile_${isa} OBJECT ${nn_isa_sources})
    target_link_libraries(nn_tile_${isa} PRIVATE nn_options)
    target_include_directories(nn_tile_${isa} PRIVATE ${CMAKE_SOURCE_DIR}/include)
    target_compile_definitions(nn_tile_${isa} PRIVATE NN_ISA=${isa})
    target_sources(nn_math PRIVATE $<TARGET_OBJECTS:nn_tile_${isa}>)
  endforeach()
  target_compile_options(nn_tile_avx512 PRIVATE -mavx512f -mavx512vl -mavx512dq -mavx512bw -mfma)
  target_compile_options(nn_tile_avx2 PRIVATE -mavx2 -mfma)
  target_compile_definitions(nn_math PRIVATE NN_X86_TILES)
endif()

foreach(floor math nn)
  get_target_property(sources nn_${floor} SOURCES)
  list(FILTER sources EXCLUDE REGEX TARGET_OBJECTS)
  set_property(SOURCE ${sources} APPEND PROPERTY COMPILE_OPTIONS ${nn_hot_flags})
endforeach()
# The kernels keep their sums in registers only when they are optimised, also in debugging builds.
if(NOT NN_COVERAGE)
  set_property(SOURCE ${nn_isa_sources} APPEND PROPERTY COMPILE_OPTIONS -O3)
endif()
