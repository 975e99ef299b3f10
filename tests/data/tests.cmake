# An independent reader of CSV beside ours, where there is Python.
add_executable(dump_csv ${CMAKE_SOURCE_DIR}/tests/data/dump_csv.c)
target_link_libraries(dump_csv PRIVATE nn_data)
find_program(NN_PYTHON python3)
if(NN_PYTHON)
  set(tables 10000)
  if(NN_SANITIZE)
    set(tables 2000)
  endif()
  add_test(NAME data.random_csv COMMAND ${NN_PYTHON} ${CMAKE_SOURCE_DIR}/tests/data/random_csv.py
                                        $<TARGET_FILE:dump_csv> ${tables})
endif()
