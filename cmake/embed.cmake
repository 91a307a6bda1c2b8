# Puts files into a C source as one NUL-terminated array:
#   cmake -DOUTPUT=page_js.c -DNAME=page_js "-DINPUTS=a.js;b.js" -P embed.cmake
# Several files become one text, in the order given. Depends on their bytes alone.
set(bytes "")
foreach(input IN LISTS INPUTS)
  file(READ ${input} hex HEX)
  string(APPEND bytes ${hex})
endforeach()
string(REGEX REPLACE "(................................)" "\\1\n" lines ${bytes})
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," body ${lines})
file(WRITE ${OUTPUT} "#include \"report/page/page.h\"\n\nconst char ${NAME}[] = {\n${body}\n'\\0' };\n")
