#!/usr/bin/env bash
# What a new user waits for: a fresh clone with an empty HOME, `./parley up` until GET /health/ready answers 200, and a second `up`.
# Prints seconds and the peak of the summed PSS (memory with shared pages counted once) of everything the launcher started, the build included.
# The second start is measured after a kill -9 of the first, its database left running: the slowest of the ways to start again.
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
scratch=$(mktemp -d) && chmod 755 "$scratch"
port=${PORT:-5391}
mkdir "$scratch/home"
git clone -q "$root" "$scratch/parley"
data=$scratch/data

# Everything that belongs to this run: the launcher, its descendants, and the database, which has a session of its own.
members() {
  local all; all=$(ps -eo pid=,ppid=)
  local found=" $1 " more=1 pid parent
  while [ $more = 1 ]; do
    more=0
    while read -r pid parent; do
      if [[ $found == *" $parent "* && $found != *" $pid "* ]]; then found+="$pid "; more=1; fi
    done <<<"$all"
  done
  printf '%s\n' $found
  local database; database=$(head -n 1 "$data"/*/postmaster.pid 2>/dev/null || true)
  [ -z "$database" ] || { echo "$database"; pgrep -P "$database" || true; }
}

# measure LOG: starts `up`, waits for ready, leaves `launcher`, `seconds` and `peak` (KiB).
measure() {
  local started now sum pss pid
  started=$(date +%s%N)
  (cd "$scratch/parley" && HOME=$scratch/home XDG_DATA_HOME='' exec ./parley up --port "$port" --data "$data") >"$1" 2>&1 &
  launcher=$! peak=0
  until curl -fs -o /dev/null "http://127.0.0.1:$port/health/ready"; do
    kill -0 $launcher 2>/dev/null || { cat "$1" >&2; echo "up ended" >&2; exit 1; }
    sum=0
    for pid in $(members $launcher | sort -u); do
      pss=$(sed -n 's/^Pss: *\([0-9]*\) kB/\1/p' "/proc/$pid/smaps_rollup" 2>/dev/null || true)
      sum=$((sum + ${pss:-0}))
    done
    [ $sum -le $peak ] || peak=$sum
    sleep .2
  done
  now=$(date +%s%N)
  seconds=$(awk "BEGIN { printf \"%.1f\", ($now - $started) / 1e9 }")
}

trap 'kill $(members ${launcher:-0} | grep -vx 0) 2>/dev/null; wait 2>/dev/null; sleep 1; rm -rf "$scratch"' EXIT
measure "$scratch/first.log"
echo "fresh clone to ready: $seconds s, peak of the summed PSS $((peak / 1024)) MB"
echo "build servers left: $(members $launcher | xargs -I{} sh -c 'tr "\0" " " </proc/{}/cmdline 2>/dev/null; echo' | grep -cE 'MSBuild.dll|VBCSCompiler' || true)"
kill -9 $launcher; wait $launcher 2>/dev/null || true
measure "$scratch/second.log"
echo "second up after kill -9 of the launcher: $seconds s"
kill -TERM $launcher; wait $launcher 2>/dev/null || true
measure "$scratch/third.log"
echo "third up after an orderly end: $seconds s"
kill -TERM $launcher; wait $launcher 2>/dev/null || true
