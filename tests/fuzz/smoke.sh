#!/bin/sh
# The test suite's run of a fuzzer: smoke.sh PROGRAM INPUTS RUNS SCRATCH
#
# INPUTS is its corpus; INPUTS.tar.xz has what long runs found.
#
# The same program and inputs do the same executions each time, on each
# machine: libFuzzer gets them in an order of our own instead of a
# directory's, does not learn from compared values, which addresses are among,
# and has no thread that looks at the memory.  What an execution may take is a
# guard against one that never ends.
set -eu
program=$1 inputs=$2 runs=$3 scratch=$4

rm -rf "$scratch"
mkdir -p "$scratch/kept"
if test -e "$inputs.tar.xz"; then
    tar -xf "$inputs.tar.xz" -C "$scratch/kept"
fi
for directory in "$inputs" "$scratch/kept"; do
    find "$directory" -type f | LC_ALL=C sort
done | tr '\n' ',' > "$scratch/list"

if "$program" -seed=1 -runs="$runs" -seed_inputs="@$scratch/list" \
        -use_cmp=0 -timeout=7200 -rss_limit_mb=0 -malloc_limit_mb=1024 \
        -purge_allocator_interval=-1 \
        -artifact_prefix="$scratch/failed." -verbosity=0 -print_funcs=0 \
        -print_final_stats=1; then
    exit 0
fi
# libFuzzer prints short inputs only.
find "$scratch" -name 'failed.*' | while read -r file; do
    echo "base64 of $file:"
    base64 "$file"
done
exit 1
