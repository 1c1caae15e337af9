#[[
Finds the C++ Actor Framework, which Debian packages without CMake or pkg-config files.

  find_package(CAF 0.17.6 COMPONENTS core io)

Defines the imported targets CAF::core and CAF::io, and the variables CAF_FOUND and CAF_VERSION.
The search can be led by CMAKE_PREFIX_PATH, by CAF_ROOT, or by setting CAF_INCLUDE_DIR,
CAF_CORE_LIBRARY and CAF_IO_LIBRARY.
]]

find_path(CAF_INCLUDE_DIR NAMES caf/actor_system.hpp)
find_library(CAF_CORE_LIBRARY NAMES caf_core)
find_library(CAF_IO_LIBRARY NAMES caf_io)
mark_as_advanced(CAF_INCLUDE_DIR CAF_CORE_LIBRARY CAF_IO_LIBRARY)

set(CAF_core_FOUND FALSE)
set(CAF_io_FOUND FALSE)
if(CAF_INCLUDE_DIR AND CAF_CORE_LIBRARY)
  set(CAF_core_FOUND TRUE)
  if(CAF_IO_LIBRARY AND EXISTS "${CAF_INCLUDE_DIR}/caf/io/middleman.hpp")
    set(CAF_io_FOUND TRUE)
  endif()
endif()

# CAF_VERSION is one number, 1706 for 0.17.6. Some 1.x releases write it with leading zeros, which
# as text is still decimal.
if(CAF_INCLUDE_DIR)
  file(STRINGS "${CAF_INCLUDE_DIR}/caf/config.hpp" CAF_VERSION
       REGEX "^#define CAF_VERSION [0-9]+$")
  string(REGEX REPLACE "^#define CAF_VERSION 0*" "" CAF_VERSION "${CAF_VERSION}")
  if(CAF_VERSION)
    math(EXPR caf_major "${CAF_VERSION} / 10000")
    math(EXPR caf_minor "${CAF_VERSION} / 100 % 100")
    math(EXPR caf_patch "${CAF_VERSION} % 100")
    set(CAF_VERSION "${caf_major}.${caf_minor}.${caf_patch}")
    unset(caf_major)
    unset(caf_minor)
    unset(caf_patch)
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  CAF
  REQUIRED_VARS CAF_CORE_LIBRARY CAF_INCLUDE_DIR
  VERSION_VAR CAF_VERSION
  HANDLE_VERSION_RANGE HANDLE_COMPONENTS)

# Global, so that a project that adds libactors as a subdirectory can link against it.
if(CAF_core_FOUND AND NOT TARGET CAF::core)
  add_library(CAF::core UNKNOWN IMPORTED GLOBAL)
  set_target_properties(
    CAF::core PROPERTIES IMPORTED_LOCATION "${CAF_CORE_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES
                                                                 "${CAF_INCLUDE_DIR}")
endif()
if(CAF_io_FOUND AND NOT TARGET CAF::io)
  add_library(CAF::io UNKNOWN IMPORTED GLOBAL)
  set_target_properties(CAF::io PROPERTIES IMPORTED_LOCATION "${CAF_IO_LIBRARY}"
                                           INTERFACE_LINK_LIBRARIES CAF::core)
endif()
