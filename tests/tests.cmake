# A test program per tests/<floor>/test_*.c, linked to that floor and what stands below it; one ctest each.
# One test alone: build/dev/test_gz '*truncated*'
enable_testing()
find_path(CMOCKA_INCLUDE cmocka.h)
find_library(CMOCKA_LIBRARY cmocka)
if(NOT CMOCKA_INCLUDE OR NOT CMOCKA_LIBRARY)
  message(STATUS "cmocka not found: the tests are not built (apt-get install libcmocka-dev, "
                 "dnf install libcmocka-devel, brew install cmocka)")
  return()
endif()
nn_library(nn_cmocka ${CMOCKA_INCLUDE} ${CMOCKA_LIBRARY})

foreach(floor base conf math nn data run view cli)
  file(GLOB programs CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${floor}/test_*.c)
  file(GLOB helpers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${floor}/support/*.c)
  foreach(program ${programs})
    get_filename_component(name ${program} NAME_WE)
    add_executable(${name} ${program} ${helpers})
    target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
    target_compile_definitions(${name} PRIVATE NN_TESTS="${CMAKE_SOURCE_DIR}/tests"
                               NN_SOURCE="${CMAKE_SOURCE_DIR}")
    target_compile_options(${name} PRIVATE -Wno-missing-prototypes)
    target_link_libraries(${name} PRIVATE nn_${floor} nn_cmocka)
    add_test(NAME ${floor}.${name} COMMAND ${name})
  endforeach()
  if(EXISTS ${CMAKE_SOURCE_DIR}/tests/${floor}/tests.cmake)
    include(${CMAKE_SOURCE_DIR}/tests/${floor}/tests.cmake)
  endif()
endforeach()
