"""The deliverer: it looks at the journal, takes lanes, has threads send what is due, and notes what came of it.

Only this thread uses the database; those that send use the network alone, so a slow receiver holds no connection.
"""

import queue
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from flask import Flask

from crm.database.faults import Fault, database_errors, fault_of, report
from crm.webhooks.guard import Guard
from crm.webhooks.lanes import LEASE_SECONDS, Lane, Waiting, note, take, waiting
from crm.webhooks.messages import Records, messages_of
from crm.webhooks.outbox import Outbox
from crm.webhooks.schedule import SCHEDULE, Schedule, Tried, milliseconds
from crm.webhooks.secrets import secrets_in_force
from crm.webhooks.sending import CALL_SECONDS, Message, Sender

THREADS = 24
FOR_FAILING = THREADS // 2
"""How many threads webhooks whose last try has failed may take: they may be slow to fail, and others go on."""
POLL_SECONDS = 0.25
"""How often the journal is looked at."""
FRESH_SECONDS = 0.1
"""How old a record may be that is sent; what a lane has not sent by then is read again."""
FAULT_SECONDS = 2.0
_MARGIN = round(1000 * (LEASE_SECONDS - CALL_SECONDS - 1))  # milliseconds in which a try may begin

Done = tuple[Lane, Sequence[Tried]]


def deliver(
    app: Flask,
    records: Records,
    stop: threading.Event,
    *,
    once: bool = False,
    schedule: Schedule = SCHEDULE,
) -> None:
    """Deliver until `stop` is set, or with `once` what is due now. Tries that are under way then are waited for.

    `records` shows the records of a resource; it is called in the team whose they are.
    """
    guard = Guard(app.config["WEBHOOKS_ALLOW_NETWORKS"])
    with ThreadPoolExecutor(THREADS, "deliver") as pool:
        _Deliverer(app, records, stop, schedule, Sender(guard), pool).run(once)


@dataclass
class _Deliverer:
    app: Flask
    records: Records
    stop: threading.Event
    schedule: Schedule
    sender: Sender
    pool: ThreadPoolExecutor
    outbox: Outbox = field(default_factory=Outbox)
    busy: dict[int, bool] = field(default_factory=dict)
    """The webhooks whose lanes are under way, and whether they were failing."""
    finished: "queue.SimpleQueue[Done]" = field(default_factory=queue.SimpleQueue)
    unnoted: list[Done] = field(default_factory=list)
    last: int = 0
    """The webhook that was taken last: the next round begins after it."""
    look_at: float = 0
    """When the journal is looked at next."""

    def run(self, once: bool) -> None:
        """Deliver until there is an end to it. With `once` it is one, too, if the database is away."""
        with self.app.app_context():
            errors = database_errors()
        while True:
            has_more = False
            try:
                has_more = self._turn()
            except errors as error:
                self._face(error, once)
            is_over = self.stop.is_set() or (once and not has_more)
            if is_over and not (self.busy or self.unnoted):
                return
            self._wait(0 if has_more else POLL_SECONDS)

    def _turn(self) -> bool:
        """Do once all that there is to do, and tell whether there is more to do at once."""
        with self.app.app_context():
            self._note_finished()
            return not self.stop.is_set() and self._go_on()

    def _go_on(self) -> bool:
        has_more = False
        if time.monotonic() >= self.look_at:
            has_more = self.outbox.look()
            self.look_at = 0 if has_more else time.monotonic() + POLL_SECONDS
        chosen = {each.webhook_id: each.is_failing for each in self._choose(waiting())}
        if chosen:
            self._send(take([*chosen]), chosen)
        return has_more

    def _choose(self, found: Sequence[Waiting]) -> list[Waiting]:
        """Return the webhooks to take now: in turn, and of the failing ones not so many that others have to wait."""
        in_turn = sorted(found, key=lambda each: (each.is_failing, each.webhook_id <= self.last, each.webhook_id))
        free = THREADS - len(self.busy)
        for_failing = FOR_FAILING - sum(self.busy.values())
        sound = [each for each in in_turn if not each.is_failing][:free]
        failing = [each for each in in_turn if each.is_failing][: max(0, min(free - len(sound), for_failing))]
        if chosen := sound + failing:
            self.last = chosen[-1].webhook_id
        return chosen

    def _send(self, lanes: Sequence[Lane], are_failing: dict[int, bool]) -> None:
        secrets = secrets_in_force([lane.webhook_id for lane in lanes])
        for lane in lanes:
            messages = messages_of(lane, self.records)
            self.busy[lane.webhook_id] = are_failing[lane.webhook_id]
            fresh_until = time.monotonic() + FRESH_SECONDS
            self.pool.submit(self._run_lane, lane, messages, secrets[lane.webhook_id], fresh_until)

    def _run_lane(self, lane: Lane, messages: Sequence[Message], secrets: Sequence[bytes], fresh_until: float) -> None:
        """Send messages one after the other: the first in any case, others while their records are fresh."""
        tries: list[Tried] = []
        try:
            for message in messages:
                if tries and (self.stop.is_set() or time.monotonic() > fresh_until):
                    break
                if milliseconds() > lane.leased_until - LEASE_SECONDS * 1000 + _MARGIN:
                    break
                tries.append(self.sender.send(message, lane.url, secrets))
        finally:
            self.finished.put((lane, tries))

    def _note_finished(self) -> None:
        if self.unnoted:
            note(self.unnoted, self.schedule)
            for lane, _ in self.unnoted:
                self.busy.pop(lane.webhook_id, None)
            self.unnoted = []

    def _wait(self, seconds: float) -> None:
        """Wait for lanes to finish, for so long at most; then take all that have."""
        try:
            self.unnoted.append(self.finished.get(timeout=seconds) if seconds else self.finished.get_nowait())
            while True:
                self.unnoted.append(self.finished.get_nowait())
        except queue.Empty:
            return

    def _face(self, error: Exception, once: bool) -> None:
        """Go on where the database is away or busy, a little later: what was not noted is noted then."""
        with self.app.app_context():
            fault = fault_of(error)
            if fault is None or once:
                raise error
            if fault not in (Fault.CONFLICT, Fault.LOCKED):
                report(fault, error)
        self.stop.wait(FAULT_SECONDS)
