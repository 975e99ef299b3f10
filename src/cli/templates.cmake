# Carries the starter configs of src/cli/templates/ inside the program, as the table of cli/template.h.
file(GLOB templates CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/cli/templates/*.json)
set(arrays "")
set(rows "")
foreach(file ${templates})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  get_filename_component(name ${file} NAME_WE)
  string(MAKE_C_IDENTIFIER ${name} array)
  file(READ ${file} hex HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
  string(APPEND arrays "static const unsigned char ${array}[] = {${bytes}};\n")
  string(APPEND rows "    {\"${name}\", ${array}, sizeof ${array}},\n")
endforeach()
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/templates.c @ONLY CONTENT
"/* Made from src/cli/templates/ by src/cli/templates.cmake. */
#include \"cli/template.h\"

@arrays@
const nn_template nn_templates[] = {
@rows@    {NULL, NULL, 0},
};
")
target_sources(nn_cli PRIVATE ${CMAKE_BINARY_DIR}/templates.c)
