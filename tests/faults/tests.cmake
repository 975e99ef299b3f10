# The campaigns against kills and failing system calls in a short form; README.md has the long ones.
# A library that makes calls fail is put in front of the C library, which the thread sanitizer does not bear.
find_program(PYTHON3 python3)
if(PYTHON3 AND CMAKE_SYSTEM_NAME STREQUAL Linux AND NOT NN_SANITIZE MATCHES thread)
  add_library(nn_fault MODULE ${CMAKE_SOURCE_DIR}/tests/faults/fault.c)
  target_link_libraries(nn_fault PRIVATE ${CMAKE_DL_LIBS})
  function(nn_campaign name script)
    add_test(NAME faults.${name} COMMAND ${PYTHON3} ${CMAKE_SOURCE_DIR}/tests/faults/${script}
                                         $<TARGET_FILE:nnctl> $<TARGET_FILE:nn_fault> ${ARGN})
    set_tests_properties(faults.${name} PROPERTIES ENVIRONMENT PYTHONDONTWRITEBYTECODE=1)
  endfunction()
  if(NN_SANITIZE) # a process starts ten times as slowly
    nn_campaign(kills_at_calls kills.py calls 307 mlp)
    nn_campaign(kills_at_random kills.py random 6 2)
    nn_campaign(failing_calls inject.py 211)
    nn_campaign(limits limits.py 16)
  else()
    nn_campaign(kills_at_calls kills.py calls 151 mlp)
    nn_campaign(kills_at_random kills.py random 9 3)
    nn_campaign(failing_calls inject.py 73)
    nn_campaign(limits limits.py 8)
  endif()
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|aarch64|arm64)$") # whose registers wall.c knows
    add_library(nn_wall MODULE ${CMAKE_SOURCE_DIR}/tests/faults/wall.c)
    add_test(NAME faults.wall COMMAND ${PYTHON3} ${CMAKE_SOURCE_DIR}/tests/faults/wall.py
                                      $<TARGET_FILE:nnctl> $<TARGET_FILE:nn_wall>)
    set_tests_properties(faults.wall PROPERTIES SKIP_RETURN_CODE 77 ENVIRONMENT PYTHONDONTWRITEBYTECODE=1)
  endif()
endif()
