#!/bin/sh
# As many schedulers as workers, room for four million processes, and heaps that begin with 64 words
# rather than 233. What ERL_FLAGS says comes on top.
workers=$(nproc)
previous=
for argument; do
  if [ "$previous" = --workers ]; then workers=$argument; fi
  previous=$argument
done
export ERL_CRASH_DUMP_SECONDS=0 # none
exec erl +S "$workers:$workers" +P 4194304 +hms 64 -noinput -pa "$(dirname "$0")" -run bench main -extra "$@"
