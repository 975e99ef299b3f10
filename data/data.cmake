# The generator of the bundled digits. It is built with everything else, so that the test can run it, but not installed.
file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/data/generate/*.c)
add_executable(make_digits ${sources})
target_link_libraries(make_digits PRIVATE nn_base)
# A fused multiply-add rounds once where the written arithmetic rounds twice: the bytes would depend on the CPU.
target_compile_options(make_digits PRIVATE -ffp-contract=off)
