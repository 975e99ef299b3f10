# Networks from JSON, as the tests of nn make them.
target_sources(test_lanes PRIVATE ${CMAKE_SOURCE_DIR}/tests/nn/support/net.c)
