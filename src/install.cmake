# What `cmake --install` puts where: the program, what it prints of itself, the schema and the examples.

# The man page and the completions are printed by the program that was just built, so they cannot be out of date.
set(printed "")
function(nn_printed file)
  add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/${file}
                     COMMAND nnctl ${ARGN} > ${CMAKE_BINARY_DIR}/${file}
                     DEPENDS nnctl COMMENT "Printing ${file}" VERBATIM)
  set(printed ${printed} ${CMAKE_BINARY_DIR}/${file} PARENT_SCOPE)
endfunction()
nn_printed(nnctl.1 help --man)
nn_printed(nnctl.bash completion bash)
nn_printed(_nnctl completion zsh)
nn_printed(nnctl.fish completion fish)
add_custom_target(nnctl_printed ALL DEPENDS ${printed})

install(TARGETS nnctl RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES ${CMAKE_BINARY_DIR}/nnctl.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${CMAKE_BINARY_DIR}/nnctl.bash RENAME nnctl
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${CMAKE_BINARY_DIR}/_nnctl DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${CMAKE_BINARY_DIR}/nnctl.fish
        DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})

# The examples name their data by ../data, so the bundled digits and tables stand beside them.
install(DIRECTORY configs DESTINATION ${CMAKE_INSTALL_DATADIR}/nnctl FILES_MATCHING PATTERN "*.json")
install(DIRECTORY data DESTINATION ${CMAKE_INSTALL_DATADIR}/nnctl FILES_MATCHING PATTERN "digits-*.gz" PATTERN "*.csv"
        PATTERN "generate" EXCLUDE PATTERN "mnist" EXCLUDE)
