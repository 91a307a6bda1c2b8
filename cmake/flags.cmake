# Flags that every target is built with.
add_compile_options(
  -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith
  -Wformat=2 -Wvla -Wundef -fno-common)
add_compile_definitions(_GNU_SOURCE LABCTL_VERSION="${PROJECT_VERSION}")
include_directories(${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/controller
                    ${PROJECT_SOURCE_DIR}/nodes)

if(LABCTL_WERROR)
  add_compile_options(-Werror)
endif()

if(LABCTL_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

if(LABCTL_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
else()
  add_compile_options(-fstack-protector-strong)
  add_compile_definitions($<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=2>)
  add_link_options(-Wl,-z,relro,-z,now)
endif()
