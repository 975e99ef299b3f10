# The race against other programs, by hand and never in ctest: cmake --build build --target bench
find_program(PYTHON3 python3)
if(PYTHON3)
  add_custom_target(bench
    COMMAND ${PYTHON3} ${CMAKE_SOURCE_DIR}/tests/bench/bench.py --nnctl $<TARGET_FILE:nnctl>
            --json ${CMAKE_BINARY_DIR}/bench.json --markdown ${CMAKE_BINARY_DIR}/bench.md
    DEPENDS nnctl USES_TERMINAL VERBATIM)
endif()
