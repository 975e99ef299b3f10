# What `cmake --install` puts where: the program, its man page and completions, the schema and the examples.
install(TARGETS nnctl RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR} OPTIONAL)
install(DIRECTORY configs/ DESTINATION ${CMAKE_INSTALL_DATADIR}/nnctl/configs FILES_MATCHING PATTERN "*.json")
