# The package: find_package(libactors CONFIG) gives the same targets as add_subdirectory.

include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/libactors")

install(
  EXPORT libactorsTargets
  NAMESPACE libactors::
  DESTINATION "${package_dir}")

configure_package_config_file(
  "${CMAKE_CURRENT_LIST_DIR}/libactorsConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/libactorsConfig.cmake" INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/libactorsConfigVersion.cmake"
                                 COMPATIBILITY SameMinorVersion)

install(FILES "${PROJECT_BINARY_DIR}/libactorsConfig.cmake"
              "${PROJECT_BINARY_DIR}/libactorsConfigVersion.cmake"
              "${CMAKE_CURRENT_LIST_DIR}/FindCAF.cmake" DESTINATION "${package_dir}")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
