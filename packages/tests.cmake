# The suites, one test each for the outer ctest.  TINCTURE_SUITE in the
# environment takes some of them (a regular expression of these names),
# TINCTURE_PATTERN a part of each, TINCTURE_BROWSER one browser.

# tn_suite(NAME COMMAND...)
function(tn_suite name)
  add_test(NAME ${name} COMMAND ${ARGN}
    WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
  # A hang guard: the longest take a quiet machine a quarter of an hour.
  set_tests_properties(${name} PROPERTIES TIMEOUT 10800)
endfunction()

tn_suite(tidy ${TN_PYTHON} tests/tidy.py)
tn_suite(tidy-itself ${TN_PYTHON} tests/tidy_test.py)
tn_suite(packages ${TN_PYTHON} -m unittest discover -s tests/packages)
tn_suite(unit ${TN_DRIVER} ctest unit)
tn_suite(oom ${TN_DRIVER} ctest oom)
tn_suite(golden-itself ${TN_DRIVER} ctest golden)
tn_suite(golden-native ${TN_DRIVER} golden native)
tn_suite(fuzz ${TN_DRIVER} ctest fuzz)
tn_suite(conformance-itself ${TN_DRIVER} node tests/conformance)
tn_suite(pack ${TN_PYTHON} -m unittest discover -s tests/pack)

if(NOT TINCTURE_PART STREQUAL "native")
  tn_suite(golden-wasm ${TN_DRIVER} golden wasm)
  tn_suite(golden-wasm-plain ${TN_DRIVER} golden wasm-plain)
  tn_suite(golden-restored ${TN_DRIVER} golden restored)
  tn_suite(restored ${TN_DRIVER} node tests/restored)
  tn_suite(wasm ${TN_DRIVER} node --suspend tests/wasm)
  tn_suite(science ${TN_DRIVER} node --suspend tests/science)
  tn_suite(page-units ${TN_DRIVER} node plugin/test)
  tn_suite(browser ${TN_DRIVER} node tests/browser)
  tn_suite(iodide ${TN_DRIVER} node tests/iodide)
  tn_suite(conformance ${TN_DRIVER} conformance -- --ci)
endif()
