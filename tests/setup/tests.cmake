# Tests of what stands around the program: the bundled data, the scripts, the rules of the house.
set(generated sh ${CMAKE_SOURCE_DIR}/tests/setup/generated.sh)
add_test(NAME setup.digits COMMAND ${generated} $<TARGET_FILE:make_digits> ${CMAKE_SOURCE_DIR}/data digits-* 4)
add_test(NAME setup.tables COMMAND ${generated} $<TARGET_FILE:make_tables> ${CMAKE_SOURCE_DIR}/data *.csv 5)
add_test(NAME setup.texts COMMAND ${generated} $<TARGET_FILE:make_tables> ${CMAKE_SOURCE_DIR}/data *.txt 1)
add_test(NAME setup.get_mnist COMMAND sh ${CMAKE_SOURCE_DIR}/tests/setup/get_mnist.sh
                                      ${CMAKE_SOURCE_DIR}/data/get-mnist)
add_test(NAME setup.house COMMAND sh ${CMAKE_SOURCE_DIR}/tests/house.sh ${CMAKE_SOURCE_DIR})
add_test(NAME setup.house_finds COMMAND sh ${CMAKE_SOURCE_DIR}/tests/setup/house.sh
                                        ${CMAKE_SOURCE_DIR}/tests/house.sh)
add_test(NAME setup.quickstart COMMAND sh ${CMAKE_SOURCE_DIR}/tests/setup/quickstart.sh
                                       ${CMAKE_SOURCE_DIR}/quickstart)
set(examples whole)
if(NN_SANITIZE)
  set(examples short)
endif()
add_test(NAME setup.examples COMMAND sh ${CMAKE_SOURCE_DIR}/tests/setup/examples.sh
                                     $<TARGET_FILE:nnctl> ${CMAKE_SOURCE_DIR}/configs
                                     ${examples})
add_test(NAME setup.install COMMAND sh ${CMAKE_SOURCE_DIR}/tests/setup/install.sh
                                    ${CMAKE_COMMAND} ${CMAKE_BINARY_DIR})
add_test(NAME setup.same_bytes COMMAND sh ${CMAKE_SOURCE_DIR}/tests/same_bytes.sh $<TARGET_FILE:nnctl>
                                       ${CMAKE_SOURCE_DIR})
find_program(READELF readelf)
find_program(OBJDUMP objdump)
if(READELF AND OBJDUMP AND CMAKE_SYSTEM_NAME STREQUAL "Linux" AND CMAKE_BUILD_TYPE STREQUAL "Release"
   AND NOT NN_SANITIZE AND NOT NN_COVERAGE)
  add_test(NAME setup.hardening COMMAND sh ${CMAKE_SOURCE_DIR}/tests/setup/hardening.sh $<TARGET_FILE:nnctl>)
endif()
