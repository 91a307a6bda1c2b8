# Flags that every target is built with.
include(CheckCCompilerFlag)
include(CheckCSourceCompiles)
include(CheckPIESupported)
check_pie_supported(LANGUAGES C)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

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
  # Hardening, where compiler and processor have it. Not with sanitizers, which do all of it
  # better, and clash with FORTIFY_SOURCE.
  foreach(flag -fstack-protector-strong -fstack-clash-protection -fcf-protection=full
               -mbranch-protection=standard)
    string(MAKE_C_IDENTIFIER "have${flag}" have)
    check_c_compiler_flag("-Werror ${flag}" ${have})
    if(${have})
      add_compile_options(${flag})
    endif()
  endforeach()
  check_c_source_compiles("
    #include <features.h>
    #if !defined __GNUC__ || !__GLIBC_PREREQ(2, 34)
    #error FORTIFY_SOURCE=3 came with glibc 2.34
    #endif
    int main(void) { return 0; }" have_fortify_3)
  set(fortify 2)
  if(have_fortify_3)
    set(fortify 3)
  endif()
  # A distribution's compiler may define it already, to another value.
  add_compile_options($<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE>
                      $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=${fortify}>)
  add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack)
endif()
