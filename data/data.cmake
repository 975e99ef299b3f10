# The generators of the bundled data. They are built with everything else, so that the tests can run them, but not
# installed.
function(nn_maker name folder)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/data/${folder}/*.c)
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE nn_base)
  # A fused multiply-add rounds once where the written arithmetic rounds twice: the bytes would depend on the CPU.
  target_compile_options(${name} PRIVATE -ffp-contract=off)
endfunction()

nn_maker(make_digits generate)
nn_maker(make_tables generate/tables)
