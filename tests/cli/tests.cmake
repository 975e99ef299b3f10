# A ctest per transcript, and the committed files that nnctl itself makes. After a change of a table:
# cmake --build build/dev --target reference
file(GLOB cases CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/cli/cases/*.case)
if(NOT EXISTS /dev/full)
  list(FILTER cases EXCLUDE REGEX "/full.case")
endif()
find_program(PYTHON3 python3)
if(NOT PYTHON3)
  list(FILTER cases EXCLUDE REGEX "/json.case")
endif()
find_program(BASH_SHELL bash)
if(NOT BASH_SHELL)
  list(FILTER cases EXCLUDE REGEX "/completion.case")
endif()
foreach(case ${cases})
  get_filename_component(name ${case} NAME_WE)
  add_test(NAME cli.${name} COMMAND sh ${CMAKE_SOURCE_DIR}/tests/cli/run.sh
                                    $<TARGET_FILE:nnctl> ${CMAKE_SOURCE_DIR} ${case})
endforeach()

# The rows of bad input, one case a format (tests/badinput/README.md); the files are made by Python.
if(PYTHON3)
  file(GLOB cases CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/badinput/*.case)
  foreach(case ${cases})
    get_filename_component(name ${case} NAME_WE)
    add_test(NAME badinput.${name} COMMAND sh ${CMAKE_SOURCE_DIR}/tests/cli/run.sh
                                          $<TARGET_FILE:nnctl> ${CMAKE_SOURCE_DIR} ${case})
  endforeach()
  set(each 5) # of the sequences, one of so many
  if(NN_SANITIZE)
    set(each 16)
  endif()
  add_test(NAME badinput.hostile COMMAND ${PYTHON3} ${CMAKE_SOURCE_DIR}/tests/badinput/hostile.py
                                         $<TARGET_FILE:nnctl> ${each})
endif()

if(PYTHON3)
  add_test(NAME cli.foreign_readers COMMAND ${PYTHON3} ${CMAKE_SOURCE_DIR}/tests/cli/foreign_readers.py
                                            $<TARGET_FILE:nnctl> ${CMAKE_SOURCE_DIR})
  add_test(NAME cli.event_files COMMAND ${PYTHON3} ${CMAKE_SOURCE_DIR}/tests/cli/event_files.py
                                        $<TARGET_FILE:nnctl> ${CMAKE_SOURCE_DIR})
  add_test(NAME cli.live_line COMMAND ${PYTHON3} ${CMAKE_SOURCE_DIR}/tests/cli/live_line.py
                                      $<TARGET_FILE:nnctl> ${CMAKE_SOURCE_DIR})
  if(NOT NN_SANITIZE) # which take memory of their own
    add_test(NAME cli.planned_memory COMMAND ${PYTHON3} ${CMAKE_SOURCE_DIR}/tests/cli/planned_memory.py
                                             $<TARGET_FILE:nnctl> ${CMAKE_SOURCE_DIR})
  endif()
endif()

if(PYTHON3)
  add_test(NAME cli.explain_reference COMMAND ${PYTHON3} ${CMAKE_SOURCE_DIR}/tests/cli/explain_reference.py
                                              $<TARGET_FILE:nnctl>)
  add_test(NAME cli.report_pages COMMAND ${PYTHON3} ${CMAKE_SOURCE_DIR}/tests/cli/report_pages.py
                                         $<TARGET_FILE:nnctl>)
  # Alone a minute; skipped where there is no Chromium.
  add_test(NAME cli.report_browser COMMAND ${PYTHON3} ${CMAKE_SOURCE_DIR}/tests/cli/report_browser.py
                                           $<TARGET_FILE:nnctl> ${CMAKE_SOURCE_DIR})
  set_tests_properties(cli.report_browser PROPERTIES SKIP_RETURN_CODE 77)
endif()

add_test(NAME cli.schema_is_current COMMAND sh -c "\"$0\" help --schema | diff \"$1\" -"
         $<TARGET_FILE:nnctl> ${CMAKE_SOURCE_DIR}/configs/nnctl.schema.json)
add_test(NAME cli.reference_is_current COMMAND sh -c "\"$0\" help config | diff \"$1\" -"
         $<TARGET_FILE:nnctl> ${CMAKE_SOURCE_DIR}/configs/README.md)
foreach(shell bash zsh fish) # those that are there read the script made for them
  find_program(SHELL_${shell} ${shell})
  if(SHELL_${shell})
    add_test(NAME cli.completion_parses_in_${shell}
             COMMAND sh -c "\"$0\" completion $2 | \"$1\" -n" $<TARGET_FILE:nnctl> ${SHELL_${shell}} ${shell})
  endif()
endforeach()
find_program(MANDOC mandoc)
if(MANDOC)
  add_test(NAME cli.manual_is_clean COMMAND sh -c "\"$0\" help --man | \"$1\" -T lint"
           $<TARGET_FILE:nnctl> ${MANDOC})
endif()
add_custom_target(reference
  COMMAND nnctl help --schema > ${CMAKE_SOURCE_DIR}/configs/nnctl.schema.json
  COMMAND nnctl help config > ${CMAKE_SOURCE_DIR}/configs/README.md
  COMMENT "Writing configs/nnctl.schema.json and configs/README.md" VERBATIM)
