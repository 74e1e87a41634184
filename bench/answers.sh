#!/usr/bin/env bash
# Asks the questions of answers.questions.txt of a fresh Parley with railway_docs, and prints each answer as Markdown, for people to read.
#   bench/answers.sh [DATASETS]      the folder that holds railway_docs (default: PARLEY_DATASETS, else ../shared/data)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
docs=${1:-${PARLEY_DATASETS:-$here/../../shared/data}}/railway_docs/md
[ -d "$docs" ] || { echo "There is no $docs: give the folder that holds railway_docs." >&2; exit 1; }
data=$(mktemp -d)
chmod 755 "$data"
port=$((20000 + RANDOM % 20000))
"${PARLEY:-$here/../parley}" up --port "$port" --data "$data/parley" >"$data/log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null || true; rm -rf "$data"' EXIT
for _ in $(seq 600); do grep -q Ready. "$data/log" && break; kill -0 "$server" || { cat "$data/log" >&2; exit 1; }; sleep 0.5; done
run() { "${PARLEY:-$here/../parley}" "$@" --data "$data/parley"; }
# Parley's own guides would answer too.
run sources list --json | node -e 'for (const s of JSON.parse(require("fs").readFileSync(0, "utf8")).sources) console.log(s.id);' | while read -r id; do run sources delete "$id" --yes >&2; done
run import "$docs" --quiet >&2
number=0
while IFS= read -r question; do
  number=$((number + 1))
  run ask "$question" --json | QUESTION=$question NUMBER=$number node -e '
    const a = JSON.parse(require("fs").readFileSync(0, "utf8"));
    console.log(`## ${process.env.NUMBER}. ${process.env.QUESTION}\n\n*${a.outcome}, confidence ${(a.confidence ?? 0).toFixed(2)}*\n\n${a.answer.split("\n").map((l) => "> " + l).join("\n")}\n`);
    for (const c of a.citations) console.log(`- ${c.title}${c.anchor ? " #" + c.anchor : ""}`);
    console.log("");'
done <"$here/answers.questions.txt"
