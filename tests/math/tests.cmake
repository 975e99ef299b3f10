# Run by hand: cmake --build build/release --target bench_gemm && build/release/bench_gemm; likewise bench_pool
add_executable(bench_gemm EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/tests/math/bench_gemm.c)
target_link_libraries(bench_gemm PRIVATE nn_math ${BLAS_LIBRARY})
add_executable(bench_pool EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/tests/math/bench_pool.c)
target_link_libraries(bench_pool PRIVATE nn_math)
