# Runs PROGRAM with ARGUMENTS and compares what it prints with the file EXPECTED.

execute_process(
  COMMAND "${PROGRAM}" ${ARGUMENTS}
  OUTPUT_VARIABLE printed
  RESULT_VARIABLE result
  ERROR_VARIABLE complaint)
file(READ "${EXPECTED}" expected)

if(NOT result EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} ended with ${result}:\n${printed}${complaint}")
endif()
if(NOT printed STREQUAL expected)
  message(FATAL_ERROR "expected (${EXPECTED}):\n${expected}\nprinted:\n${printed}${complaint}")
endif()
