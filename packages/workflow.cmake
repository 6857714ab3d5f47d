# The outer build: what is made, in which order, and which tests there are.
#
# Each step is one command of packages/build.py, which does nothing when
# nothing changed.  A step's output is short; the logs are in the cache.

set(TINCTURE_PART "" CACHE STRING "native: only what the fast loop needs")

find_program(TN_PYTHON python3 REQUIRED)
set(TN_DRIVER ${TN_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/packages/build.py)

# tn_step(NAME COMMENT COMMAND... [AFTER STEP...])
function(tn_step name comment)
  cmake_parse_arguments(PARSE_ARGV 2 step "" "" "AFTER")
  add_custom_target(${name}
    COMMAND ${TN_DRIVER} ${step_UNPARSED_ARGUMENTS}
    WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}
    COMMENT "${comment}"
    VERBATIM
    USES_TERMINAL)
  if(step_AFTER)
    add_dependencies(${name} ${step_AFTER})
  endif()
endfunction()

tn_step(toolchain "The toolchain" toolchain)
tn_step(native_packages "Packages for this machine"
  recipes --target native AFTER toolchain)
tn_step(san "Native kernel and tests, with sanitizers"
  inner san AFTER native_packages)
tn_step(rel "The command" inner rel tincture tn-image
  AFTER native_packages)
add_custom_target(fast DEPENDS san rel)

if(NOT TINCTURE_PART STREQUAL "native")
  tn_step(wasm_packages "Packages for WebAssembly"
    recipes --target wasm AFTER toolchain)
  tn_step(wasm "The WebAssembly kernel" inner wasm AFTER wasm_packages)
  tn_step(data_packages "Data for the examples"
    recipes --target data AFTER toolchain)
  tn_step(page "The page" page)
  tn_step(browsers "Browsers" browsers)
  tn_step(dist "build/dist" dist AFTER rel wasm page)
  tn_step(report "The examples' reports" report
    AFTER dist data_packages browsers san)
  tn_step(conformance "Upstream's own tests" conformance AFTER dist browsers)
  tn_step(bench "How long a reader waits" bench AFTER report)
  add_custom_target(for_tests DEPENDS report san browsers)
endif()

include(packages/tests.cmake)
