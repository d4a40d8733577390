"""Small POSIX shell scripts that look at and signal the processes of a sandbox through ``/proc``.

They need nothing but a shell: images without ``ps`` and ``pkill`` are common.
"""

from __future__ import annotations

from collections.abc import Collection

# Sets `found` to the pids below `root`, parents first. The status file is read, and not stat, since a program's name
# is escaped there.
_DESCENDANTS = """\
found=; front=$root; pairs=
for status in /proc/[0-9]*/status; do
  while read -r key value _; do
    case $key in PPid:) pid=${status#/proc/}; pairs="$pairs ${pid%%/*}:$value"; break;; esac
  done < "$status"
done 2>/dev/null
while [ -n "$front" ]; do
  next=
  for pair in $pairs; do
    for parent in $front; do
      [ "${pair#*:}" = "$parent" ] && next="$next ${pair%%:*}"
    done
  done
  found="$found$next"; front=$next
done
"""


def signal_below(root: int, signal: str, spared: Collection[int] = ()) -> str:
    """Return a script that sends ``signal`` to everything below ``root`` but ``spared``; prints how many that is."""
    return f"""root={root}; spared=' {" ".join(map(str, sorted(spared)))} '
{_DESCENDANTS}
count=0
for pid in $found; do
  case $spared in *" $pid "*) continue;; esac
  kill -s {signal} "$pid" 2>/dev/null && count=$((count + 1))
done
echo "$count"
"""


def kill_whole(root: int, spared: Collection[int] = ()) -> str:
    """Return a script that ends ``root`` and everything below it, without letting it start more meanwhile."""
    return f"kill -s STOP {root} 2>/dev/null\n{signal_below(root, 'KILL', spared)}kill -s KILL {root} 2>/dev/null\n:\n"


def look_at(root: int) -> str:
    """Return a script that prints the pids below ``root`` in one line, then its working directory; 1 if it is gone."""
    return f"root={root}\n{_DESCENDANTS}\necho $found\nreadlink /proc/{root}/cwd\n"
