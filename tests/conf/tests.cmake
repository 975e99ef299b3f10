# Independent readers of JSON and safetensors beside ours, where there is Python.
add_executable(dump_conf ${CMAKE_SOURCE_DIR}/tests/conf/dump.c)
target_link_libraries(dump_conf PRIVATE nn_conf)
find_program(NN_PYTHON python3)
if(NN_PYTHON)
  add_test(NAME conf.compare COMMAND ${NN_PYTHON} ${CMAKE_SOURCE_DIR}/tests/conf/compare.py
                                     $<TARGET_FILE:dump_conf> 5000)
endif()
