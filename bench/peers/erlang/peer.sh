#!/bin/sh
# As many schedulers as workers, and room for four million processes. What ERL_FLAGS says comes on top.
workers=$(nproc)
previous=
for argument; do
  if [ "$previous" = --workers ]; then workers=$argument; fi
  previous=$argument
done
export ERL_CRASH_DUMP_SECONDS=0 # none
exec erl +S "$workers:$workers" +P 4194304 -noinput -pa "$(dirname "$0")" -run bench main -extra "$@"
