# Compiler and linker flags, carried by the interface target nn_options.
include(CheckCCompilerFlag)
include(CheckCSourceCompiles)
include(CheckLinkerFlag)
add_library(nn_options INTERFACE)
target_compile_definitions(nn_options INTERFACE _XOPEN_SOURCE=700 _FILE_OFFSET_BITS=64
                           NN_VERSION="${PROJECT_VERSION}")
if(APPLE)
  target_compile_definitions(nn_options INTERFACE _DARWIN_C_SOURCE)
endif()
# No -ffast-math: NaN and Inf must be noticed. -fno-math-errno only lets sqrt be one instruction.
target_compile_options(nn_options INTERFACE -Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes
  -Wmissing-prototypes -Wpointer-arith -Wwrite-strings -Wcast-qual -Wundef -fno-math-errno
  -fno-trapping-math -fvisibility=hidden)
if(NN_WERROR)
  target_compile_options(nn_options INTERFACE -Werror)
endif()
if(NN_DOUBLE)
  target_compile_definitions(nn_options INTERFACE NN_DOUBLE)
endif()

if(NN_SANITIZE)
  target_compile_options(nn_options INTERFACE -fsanitize=${NN_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all -O1)
  target_link_options(nn_options INTERFACE -fsanitize=${NN_SANITIZE})
elseif(NN_COVERAGE)
  target_compile_options(nn_options INTERFACE --coverage -O0)
  target_link_options(nn_options INTERFACE --coverage)
else()
  # Hardening: files from strangers are this program's daily bread.
  target_compile_options(nn_options INTERFACE $<$<CONFIG:Release>:-O2> -fstack-protector-strong)
  foreach(flag -fstack-clash-protection -fcf-protection)
    string(MAKE_C_IDENTIFIER have${flag} have)
    check_c_compiler_flag(${flag} ${have})
    if(${have})
      target_compile_options(nn_options INTERFACE ${flag})
    endif()
  endforeach()
  # Level 3 where compiler and C library know it; where they do not, they say so.
  set(CMAKE_REQUIRED_FLAGS "-O2 -Werror -D_FORTIFY_SOURCE=3")
  check_c_source_compiles("
    #include <string.h>
    int main(void) { char text[4]; memset(text, 0, sizeof text); return text[0]; }" nn_fortifies_3)
  unset(CMAKE_REQUIRED_FLAGS)
  set(nn_fortify 2)
  if(nn_fortifies_3)
    set(nn_fortify 3)
  endif()
  target_compile_definitions(nn_options INTERFACE $<$<CONFIG:Release>:_FORTIFY_SOURCE=${nn_fortify}>)
  set(CMAKE_REQUIRED_LINK_OPTIONS -Wl,-z,relro,-z,now)
  check_c_compiler_flag("" nn_links_relro)
  unset(CMAKE_REQUIRED_LINK_OPTIONS)
  if(NOT APPLE)
    target_link_options(nn_options INTERFACE -pie -Wl,-z,relro,-z,now,--as-needed
      $<$<CONFIG:Release>:-Wl,--gc-sections>) # with debug info the linker trips over cloned functions
    target_compile_options(nn_options INTERFACE -ffunction-sections -fdata-sections)
  endif()
endif()
