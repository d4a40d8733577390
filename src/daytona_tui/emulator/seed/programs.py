"""Programs that run in the demonstration sandboxes: plain shell, so that any machine can run them; they write logs."""

from __future__ import annotations

AGENT = r"""#!/bin/sh
# An agent at work: thinks, calls tools, stumbles, goes on.
say() { printf '%s %-5s step %3d  %s\n' "$(date +%H:%M:%S)" "$1" "$step" "$2"; }
act() {
  case $(( $1 % 12 )) in
    0) say INFO  'plan: read the failing test before touching the code' ;;
    1) say INFO  'tool bash: git status --short' ;;
    2) say INFO  'observation: M src/merge.py, ?? notes.md' ;;
    3) say INFO  'tool bash: python -m pytest -x tests/test_merge.py' ;;
    4) say ERROR 'exit code 1: AssertionError: expected 3 conflicts, found 4' >&2 ;;
    5) say INFO  'thought: the rename is counted twice, look at detect_renames()' ;;
    6) say INFO  'tool edit: src/merge.py lines 41-58' ;;
    7) say WARN  'model answered 429, waiting 2 s (attempt 1 of 5)' >&2 ;;
    8) say INFO  'tokens: 48,213 in, 1,904 out, 0.31 USD so far' ;;
    9) say INFO  'tool bash: python -m pytest -q' ;;
    10) say INFO 'observation: 41 passed in 3.20s' ;;
    11) say INFO 'checkpoint: trajectory.json written' ;;
  esac
}
step=1; turn=0
while [ "$turn" -lt 26 ]; do act "$turn"; turn=$((turn + 1)); [ $((turn % 4)) -eq 0 ] && step=$((step + 1)); done
while :; do
  sleep 1
  act "$turn"; turn=$((turn + 1)); [ $((turn % 4)) -eq 0 ] && step=$((step + 1))
done
"""

TESTS = """#!/bin/sh
# A test runner with colours, over and over.
run=1
while :; do
  printf '\\033[1m===== test session starts (run %d) =====\\033[0m\\n' "$run"
  number=0
  for name in test_parse test_rename test_conflict test_rebase test_binary test_symlink test_unicode test_empty; do
    number=$((number + 1))
    if [ $(( (number + run) % 9 )) -eq 0 ]; then
      printf 'tests/test_merge.py::%-16s \\033[31mFAILED\\033[0m [%3d%%]\\n' "$name" $((number * 100 / 8))
    else
      printf 'tests/test_merge.py::%-16s \\033[32mPASSED\\033[0m [%3d%%]\\n' "$name" $((number * 100 / 8))
    fi
    sleep 0.7
  done
  printf '\\033[33m8 tests in 5.61s\\033[0m\\n\\n'
  run=$((run + 1)); sleep 4
done
"""

TRAINING = """#!/bin/sh
# A training loop with a falling loss.
step=0
while :; do
  step=$((step + 10))
  printf '%s epoch %d step %5d/9000  loss %d.%03d  lr 2.0e-05  12.%d it/s  mem 61.%d GiB\\n' \\
    "$(date +%H:%M:%S)" $((step / 3000 + 1)) "$step" $((1 + 900 / (step + 300))) $(( (90000 / (step + 120)) % 1000 )) \\
    $((step % 7)) $((step % 9))
  [ $((step % 500)) -eq 0 ] && printf '%s checkpoint saved to outputs/checkpoint-%d\\n' "$(date +%H:%M:%S)" "$step"
  [ "$step" -gt 300 ] && sleep 2
done
"""

CRAWLER = """#!/bin/sh
# A crawler that meets the usual web.
page=0
while :; do
  page=$((page + 1))
  case $((page % 9)) in
    4) printf '%s WARN  301 /docs/v1/%d -> /docs/v2/%d\\n' "$(date +%H:%M:%S)" "$page" "$page" >&2 ;;
    7) printf '%s ERROR 503 /docs/search?page=%d, again in 10 s\\n' "$(date +%H:%M:%S)" "$page" >&2 ;;
    *) printf '%s INFO  200 /docs/page-%04d.html  %d bytes, %d links\\n' "$(date +%H:%M:%S)" "$page" \\
         $((4000 + page * 37 % 9000)) $((page * 7 % 60)) ;;
  esac
  [ "$page" -gt 20 ] && sleep 3
done
"""

SHOP = """#!/bin/sh
# A development server's access log.
printf 'ready in 412 ms on port 3000\\n'
visit=0
while :; do
  visit=$((visit + 1))
  printf '%s GET /products/%d 200 in %d ms\\n' "$(date +%H:%M:%S)" $((visit * 13 % 90)) $((visit * 7 % 40 + 3))
  [ $((visit % 11)) -eq 0 ] && printf '%s POST /cart 422 in 9 ms: the quantity is 0\\n' "$(date +%H:%M:%S)" >&2
  [ "$visit" -gt 15 ] && sleep 2
done
"""

HEARTBEAT = """#!/bin/sh
# What a runner leaves on when its owner was killed: it waits for work that does not come.
beat=0
while :; do
  beat=$((beat + 1))
  printf '%s waiting for the next command (idle %d min)\\n' "$(date +%H:%M:%S)" $((beat * 5))
  [ "$beat" -gt 12 ] && sleep 15
done
"""
