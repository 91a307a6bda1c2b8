# Libraries, and the Python that can import Mininet.
find_package(PkgConfig REQUIRED)
pkg_check_modules(CJSON REQUIRED IMPORTED_TARGET libcjson)
pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET libcrypto)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp)

# Several Pythons may be installed, and the first on PATH need not be the one that has
# Mininet: Debian's package belongs to /usr/bin/python3. Ask each.
function(labctl_find_python)
  set(candidates)
  if(LABCTL_PYTHON)
    list(APPEND candidates ${LABCTL_PYTHON})
  else()
    find_program(first_python NAMES python3 NO_CACHE)
    list(APPEND candidates /usr/bin/python3 ${first_python} /usr/local/bin/python3)
    list(REMOVE_DUPLICATES candidates)
  endif()
  foreach(candidate IN LISTS candidates)
    execute_process(COMMAND ${candidate} -I -c "import mininet.net, mininet.cli"
                    RESULT_VARIABLE failed OUTPUT_QUIET ERROR_QUIET)
    if(failed STREQUAL "0")
      set(Python3_EXECUTABLE ${candidate} CACHE FILEPATH "The Python that imports Mininet" FORCE)
      return()
    endif()
  endforeach()
  list(JOIN candidates ", " tried)
  message(FATAL_ERROR
    "No Python can `import mininet` (tried: ${tried}).\n"
    "Install Debian's package `mininet` (scripts/install-packages does), "
    "or name a Python that has it: cmake -DLABCTL_PYTHON=/path/to/python3")
endfunction()

if(NOT Python3_EXECUTABLE)
  labctl_find_python()
endif()
find_package(Python3 3.10 REQUIRED COMPONENTS Interpreter Development.Embed)
message(STATUS "Python with Mininet: ${Python3_EXECUTABLE} (${Python3_VERSION})")

execute_process(COMMAND ${Python3_EXECUTABLE} -I -c "import mininet.net as n; print(n.VERSION)"
                OUTPUT_VARIABLE mininet_version OUTPUT_STRIP_TRAILING_WHITESPACE)
add_compile_definitions(LABCTL_PYTHON_VERSION="${Python3_VERSION}"
                        LABCTL_MININET_VERSION="${mininet_version}")
