# Sourced by ./parley: runs the test programs one after another and adds up what they say.

passed=0 failed=0 skipped=0
broken=()

# count NAME EXIT-CODE PASSED FAILED SKIPPED: a program that failed without a failed test has crashed, and that is a failure.
count() {
  if [ "$2" != 0 ]; then broken+=("$1 (exit code $2)"); fi
  local red=${4:-0}
  if [ "$2" != 0 ] && [ "$red" = 0 ]; then red=1; fi
  passed=$((passed + ${3:-0})) failed=$((failed + red)) skipped=$((skipped + ${5:-0}))
}

# run_program NAME PROGRAM ARGUMENTS…: a test program of Microsoft.Testing.Platform. Its exit code counts before its words.
run_program() {
  local name=$1 program=$2 report=$root/artifacts/test/$1.json code=0
  shift 2
  rm -f "$report"
  say "== $name"
  # Nothing in a test runs long enough to pay for being instrumented first: without it a tenth less of the processor.
  DOTNET_TieredPGO=0 timeout --kill-after=10 1200 "$root/tests/$name/bin/Release/net10.0/$program" --no-ansi --no-progress --minimum-expected-tests 1 \
    --results-directory "$root/artifacts/test" --report-ctrf --report-ctrf-filename "$name.json" "$@" </dev/null || code=$?
  read_report "$name" "$code" "$report"
}

# run_npm NAME WORKSPACE REPORT-ARGUMENTS…: Vitest or Playwright, which write a JSON report.
run_npm() {
  local name=$1 workspace=$2 report=$root/artifacts/test/$1.json code=0
  shift 2
  rm -f "$report"
  say "== $name"
  (cd "$root" && PLAYWRIGHT_JSON_OUTPUT_NAME=$report timeout --kill-after=10 1200 npm test --silent -w "$workspace" -- "$@") </dev/null || code=$?
  read_report "$name" "$code" "$report"
}

# read_report NAME EXIT-CODE REPORT: what failed is said again when all have run, where it is not lost in the middle of a log.
read_report() {
  local numbers
  numbers=$(node "$root/tests/report.mjs" "$3" 2>>"$root/artifacts/test/failures.txt") || numbers='0 0 0'
  # shellcheck disable=SC2086
  count "$1" "$2" $numbers
}

run_tests() {
  local only=all
  while [ $# -gt 0 ]; do
    case $1 in
      --only) only=${2-}; shift 2 || die "--only needs unit, integration or e2e" ;;
      --only=*) only=${1#*=}; shift ;;
      *) die "unknown option '$1': ./parley test [--only unit|integration|e2e]" ;;
    esac
  done
  case $only in all | unit | integration | e2e) ;; *) die "--only must be unit, integration or e2e, not '$only'" ;; esac

  build
  mkdir -p "$root/artifacts/test"
  rm -f "$root/artifacts/test/failures.txt"
  if [ "$only" != e2e ]; then
    say "Building the tests"
    (cd "$root" && dotnet_build Parley.slnx -m:2) || die "building the tests failed"
  fi
  if [ "$only" = all ] || [ "$only" = unit ]; then
    local package name
    for package in "$root"/web/*/package.json; do
      grep -q '"test"' "$package" 2>/dev/null || continue
      name=$(basename "$(dirname "$package")")
      run_npm "web-$name" "web/$name" --reporter=default --reporter=json --outputFile.json="$root/artifacts/test/web-$name.json"
    done
    run_program unit Parley.Tests.Unit
    run_program architecture Parley.Tests.Architecture
  fi
  if [ "$only" = all ] || [ "$only" = integration ]; then
    need_package /usr/lib/postgresql/15/bin/postgres postgresql-15 "tests against a server of your own" || say "SKIPPED ALOUD: tests against PostgreSQL 15"
    # Many wait for a process or a clock: one thread more than there are cores.
    run_program integration Parley.Tests.Integration --max-threads "$(($(nproc) + 1))"
  fi
  if [ "$only" = all ] || [ "$only" = e2e ]; then run_e2e; fi

  cat "$root/artifacts/test/failures.txt" >&2 2>/dev/null || true
  local program
  for program in ${broken[@]+"${broken[@]}"}; do say "FAILED: $program"; done
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" = 0 ]
}

run_e2e() {
  if [ ! -f "$root/e2e/package.json" ]; then say "SKIPPED ALOUD: there are no end-to-end tests"; return; fi
  if ! need_package chromium chromium "end-to-end tests in a real browser"; then skipped=$((skipped + 1)); return; fi
  (publish >/dev/null) || { count publish 1; return; }
  export PARLEY_ARCHIVE; PARLEY_ARCHIVE=$(echo "$root"/artifacts/parley-*.tar.gz)
  run_npm e2e e2e --reporter=list,json
}
