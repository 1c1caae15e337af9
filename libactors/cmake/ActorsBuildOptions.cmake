# How the project's own targets are compiled. Nothing here reaches a user of the library.

# Deprecation is GCC's to report: clang also blames the caller of std::stable_sort for a helper that
# libstdc++ 12 has deprecated and still uses itself.
add_library(actors_warnings INTERFACE)
target_compile_options(
  actors_warnings
  INTERFACE
    -Wall
    -Wextra
    -Wpedantic
    -Wcast-align
    -Wconversion
    -Wextra-semi
    -Wformat=2
    -Wno-sign-conversion
    -Wnon-virtual-dtor
    -Wold-style-cast
    -Woverloaded-virtual
    -Wshadow
    -Wsuggest-override
    -Wundef
    $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-branches;-Wduplicated-cond;-Wlogical-op>
    # GCC 12 sees overlaps, and lengths beyond memory, in concatenated strings (its bug 105651).
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict;-Wno-stringop-overflow;-Wno-array-bounds>
    $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>
    $<$<BOOL:${ACTORS_WERROR}>:-Werror>)

# To look at every pointer before it is used takes two fifths of GCC's time, and Clang far less: so
# Clang does it, beside the thread sanitizer. (Who uses a null pointer ends without it, too.)
set(sanitizers "${ACTORS_SANITIZE}")
set(unsanitized "")
if(ACTORS_SANITIZE STREQUAL "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  string(APPEND sanitizers ",null,alignment")
elseif(ACTORS_SANITIZE MATCHES "undefined" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  set(unsanitized -fno-sanitize=null,alignment)
endif()

add_library(actors_sanitizers INTERFACE)
if(ACTORS_SANITIZE)
  target_compile_options(actors_sanitizers INTERFACE -fsanitize=${sanitizers} ${unsanitized}
                                                     -fno-omit-frame-pointer)
  target_link_options(actors_sanitizers INTERFACE -fsanitize=${sanitizers})
  # What a sanitizer inserts misleads GCC about what is initialised.
  target_compile_options(actors_sanitizers
                         INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
endif()

# The environment of every test. Each finding of a sanitizer ends the program, but for those that
# the suppressions name.
set(tests_dir "${PROJECT_SOURCE_DIR}/tests")
set(ACTORS_TEST_ENVIRONMENT
    "ASAN_OPTIONS=detect_stack_use_after_return=1"
    "UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1:suppressions=${tests_dir}/ubsan.supp"
    "TSAN_OPTIONS=halt_on_error=1:suppressions=${tests_dir}/tsan.supp")

# Compiles `target` the way all our targets are compiled.
function(actors_target_defaults target)
  # BUILD_INTERFACE keeps both out of the installed package.
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:actors_warnings>
                                          $<BUILD_INTERFACE:actors_sanitizers>)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
endfunction()

# Precompiles the given headers for `target`, or, after FROM, uses those of another target. The
# options are what a compiler cache needs to see through it.
function(actors_target_precompile target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "FROM" "")
  if(NOT ACTORS_PRECOMPILE)
    return()
  endif()
  if(arg_FROM)
    target_precompile_headers(${target} REUSE_FROM ${arg_FROM})
  else()
    target_precompile_headers(${target} PRIVATE ${arg_UNPARSED_ARGUMENTS})
  endif()
  target_compile_options(
    ${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>
                      "$<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>")
endfunction()
