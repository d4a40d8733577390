"""Which ports of a sandbox programs listen on, and which programs those are. All of it peeks.

The daemon is asked first, which looks at the ports from 3000 to 9999. What listens elsewhere, and which program it is,
the sandbox's own ``/proc`` tells, as far as its processes may be seen; where it does not, the ports stand alone.
"""

from __future__ import annotations

from daytona_tui.domain.ports import Inspector
from daytona_tui.domain.previews import DAEMON_PORTS, LEAST_PORT, MOST_PORT, Listener
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import DaytonaTuiError
from daytona_tui.operations.process_scripts import AS_SH

LOOK_S = 10
"""Seconds that the look for programs may take."""
_MOST_LISTENERS = 500
_LONGEST_PROGRAM = 300

# Listeners and their sockets, then whoever holds one of these; a shell and ``ls`` are all that it takes.
LOOK = (
    AS_SH
    + r"""
sockets=' '
for table in /proc/net/tcp /proc/net/tcp6; do
  while read -r _ local _ state _ _ _ _ _ socket _; do
    [ "$state" = 0A ] && sockets="$sockets$socket:${local##*:} "
  done < "$table"
done 2>/dev/null
pid=; seen=' '
ls -l /proc/[0-9]*/fd/ 2>/dev/null | while read -r line; do
  case $line in
    /proc/*) pid=${line#/proc/}; pid=${pid%%/*} ;;
    *'socket:['*)
      socket=${line##*'socket:['}; socket=${socket%]}
      case $sockets in *" $socket:"*) ;; *) continue ;; esac
      port=${sockets##*" $socket:"}; port=${port%% *}
      case $seen in *" $pid:$port "*) continue ;; esac
      seen="$seen$pid:$port "
      printf '%s %s ' "$port" "$pid"
      tr '\000\n' '  ' < "/proc/$pid/cmdline" 2>/dev/null | cut -c1-300
      echo ;;
  esac
done
"""
)


async def listeners(inspector: Inspector, sandbox_id: SandboxId) -> tuple[Listener, ...]:
    """Return what listens in a started sandbox, by port.

    Raises:
        DaytonaTuiError: the daemon does not tell. That programs cannot be seen is no error.
    """
    ports = await inspector.listening_ports(sandbox_id)
    return joined(ports, await programs(inspector, sandbox_id))


async def programs(inspector: Inspector, sandbox_id: SandboxId) -> tuple[Listener, ...]:
    """Return the listeners whose programs can be seen; none where the look fails."""
    try:
        outcome = await inspector.look(sandbox_id, LOOK, timeout_s=LOOK_S)
    except DaytonaTuiError:
        return ()
    return told(outcome.output)


def told(output: str) -> tuple[Listener, ...]:
    """Return the listeners in what the look printed; a port has its first program, which is the oldest."""
    found: dict[int, Listener] = {}
    for line in output.splitlines():
        port, _, rest = line.partition(" ")
        pid, _, program = rest.partition(" ")
        try:
            number, process = int(port, 16), int(pid)
        except ValueError:
            continue
        if LEAST_PORT <= number <= MOST_PORT and len(found) < _MOST_LISTENERS:
            found.setdefault(number, Listener(number, program.strip()[:_LONGEST_PROGRAM], process))
    return tuple(sorted(found.values(), key=lambda each: each.port))


def joined(ports: tuple[int, ...], seen: tuple[Listener, ...]) -> tuple[Listener, ...]:
    """Return all that listens: what the daemon tells, with the programs that were seen, and what was seen elsewhere."""
    found = {port: Listener(port) for port in ports}
    found.update((each.port, each) for each in seen)
    return tuple(found[port] for port in sorted(found) if port not in DAEMON_PORTS)
