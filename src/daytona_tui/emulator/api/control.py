"""What every route of the control plane has at hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web

from daytona_tui.emulator.accounts.quotas import Quotas
from daytona_tui.emulator.accounts.records import LogRecords
from daytona_tui.emulator.accounts.telemetry import Telemetry
from daytona_tui.emulator.accounts.usage import Usage
from daytona_tui.emulator.body.bodies import Bodies
from daytona_tui.emulator.channel.events import EventChannel, toolbox_url
from daytona_tui.emulator.fleet.activity import Activity
from daytona_tui.emulator.fleet.catalogue import Catalogue
from daytona_tui.emulator.fleet.records import Fleet, SandboxRecord
from daytona_tui.emulator.fleet.shapes import sandbox_body
from daytona_tui.emulator.gate.access import Access
from daytona_tui.emulator.gate.audit import Audit
from daytona_tui.emulator.gate.limits import Limits
from daytona_tui.emulator.life.lifecycle import Lifecycle
from daytona_tui.emulator.mishaps.faults import Faults
from daytona_tui.emulator.seed.planting import Truth
from daytona_tui.emulator.ssh.door import SshDoor
from daytona_tui.emulator.state.journal import Journal
from daytona_tui.emulator.workshop.works import Workshop


@dataclass(frozen=True)
class Control:
    """The rooms behind the routes.

    Attributes:
        is_controllable: whether clients may ask for faults and advance the clock.
        lacks: what this server does not know, see ``mishaps.lacking``.
        access: who may come in; by default nobody.
        limits: how often they may ask.
        quotas: what they may use.
        activity: which requests to sandboxes are open.
        audit: what they did.
        usage: what it cost.
        telemetry: what the sandboxes use.
        log_records: what their programs write.
        ssh_address: host and port of the way in by SSH; by default a free one of this machine.
        ssh: that way.
        catalogue: snapshots, volumes, secrets and warm pools.
        truths: what is really the matter with each planted sandbox, by its id.
        workshop: makes them.
    """

    fleet: Fleet
    bodies: Bodies
    lifecycle: Lifecycle
    workshop: Workshop
    faults: Faults
    events: EventChannel
    journal: Journal
    api_key: str
    is_controllable: bool = False
    lacks: frozenset[str] = frozenset()
    access: Access = field(default_factory=Access)
    limits: Limits = field(default_factory=Limits)
    quotas: Quotas = field(default_factory=Quotas)
    activity: Activity = field(default_factory=Activity)
    audit: Audit = field(default_factory=Audit)
    usage: Usage = field(default_factory=Usage)
    telemetry: Telemetry = field(init=False)
    log_records: LogRecords = field(init=False)
    catalogue: Catalogue = field(default_factory=Catalogue)
    truths: Mapping[str, Truth] = field(default_factory=dict)
    ssh_address: tuple[str, int] = ("127.0.0.1", 0)
    ssh: SshDoor = field(init=False)

    def __post_init__(self) -> None:
        """Furnish what follows from the rest."""
        object.__setattr__(self, "telemetry", Telemetry(self.fleet, self.bodies))
        object.__setattr__(self, "log_records", LogRecords(self.fleet))
        self.bodies.heard = self.log_records.note
        host, port = self.ssh_address
        object.__setattr__(self, "ssh", SshDoor(self.fleet, self.bodies, self.activity, host=host, port=port))

    def sandbox_of(self, request: web.Request) -> SandboxRecord:
        """Return the sandbox that the path names by id or name.

        Raises:
            ApiError: 404 when there is none.
        """
        return self.fleet.find(request.match_info["sandbox"])

    def answer(self, request: web.Request, record: SandboxRecord) -> web.Response:
        """Return the full shape of a sandbox as a 200."""
        distortion = self.fleet.distortions.get(record.id)
        return web.json_response(sandbox_body(record, toolbox_url(request), distortion))
