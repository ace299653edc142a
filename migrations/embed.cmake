# migrations/embed.cmake: writes the steps of both schemas into one C file, so that the binary carries them.
#
# cmake -D TO=FILE.c -D FROM=migrations -P embed.cmake     by the build, whenever a step changed (CMakeLists.txt)
#
# Texts go in as escapes of every byte: no character of SQL means anything to the compiler then.

function(embed kind ret_code)
  set(code "const struct schema_text schema_${kind}[] = {\n")
  file(GLOB steps ${FROM}/${kind}/*.sql)
  foreach(step IN LISTS steps) # sorted by CMake
    get_filename_component(name ${step} NAME_WE)
    if(NOT name MATCHES "^([0-9][0-9][0-9][0-9])_[a-z0-9_]+$")
      message(FATAL_ERROR "${step}: steps are named NNNN_name.sql")
    endif()
    string(REGEX REPLACE "^0+" "" number ${CMAKE_MATCH_1})
    file(READ ${step} bytes HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" bytes "${bytes}")
    string(REPLACE "\\x0a" "\\x0a\"\n     \"" bytes "${bytes}") # a line of SQL is a line of C
    string(APPEND code "    {${number}, \"${name}\",\n     \"${bytes}\"},\n")
  endforeach()
  string(APPEND code "    {0, 0, 0},\n};\n")
  set(${ret_code} "${code}" PARENT_SCOPE)
endfunction()

embed(sqlite sqlite)
embed(postgres postgres)
file(WRITE ${TO} "/* Made by migrations/embed.cmake. */\n#include \"store/schema.h\"\n\n${sqlite}\n${postgres}")
