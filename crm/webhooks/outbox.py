"""From the journal to deliveries: each webhook has a position in its team's journal, and what it wants beyond is sent.

The journal is written with each change, so nothing else is in a request's transaction. What no webhook wants is looked
at once, and no row is written for it: how far one has looked is kept in memory, and in the table only now and then.
"""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import BigInteger, String, and_, bindparam, column, or_, select, text

from crm.changes.journal import JOURNAL
from crm.changes.reading import SHOWN, shown
from crm.database.connections import transaction
from crm.database.functions import any_of
from crm.database.given_rows import given_rows
from crm.database.projection import Json
from crm.database.query import Query
from crm.models import Change, Counter, Webhook
from crm.models.types import Timestamp, now
from crm.webhooks.wanted import wanted

WINDOW = 1000
"""How many changes of a team are looked at at once, and how far the position in the table may lag behind."""

_IS_HEARING = (Webhook.active.is_(True), Webhook.deleted_at.is_(None))
_BEHIND = Query(
    select(Webhook.id, Webhook.team_id, Webhook.types, Webhook.position, Counter.last_number)
    .join(Counter, and_(Counter.team_id == Webhook.team_id, Counter.resource == JOURNAL))
    .where(*_IS_HEARING, Counter.last_number > Webhook.position)
    .order_by(Webhook.id)
)
_PATTERNS = given_rows(
    "patterns",
    (
        *(column(name, BigInteger) for name in ("webhook_id", "team_id", "after", "until")),
        *(column(name, String) for name in ("type", "resource")),
    ),
)
_WANTING = Query(
    select(_PATTERNS.c.webhook_id)
    .distinct()
    .join(
        Change,
        and_(
            Change.team_id == _PATTERNS.c.team_id,
            Change.sequence > _PATTERNS.c.after,
            Change.sequence <= _PATTERNS.c.until,
            or_(Change.type == _PATTERNS.c.type, Change.resource == _PATTERNS.c.resource),
        ),
    )
)
_OLDEST = Query(
    select(Change.occurred_at)
    .where(
        Change.team_id == bindparam("team_id", type_=BigInteger),
        Change.sequence > bindparam("after", type_=BigInteger),
        or_(any_of(Change.type, "types"), any_of(Change.resource, "resources")),
    )
    .order_by(Change.sequence)
    .limit(1)
)
_LOCK = Query(
    select(Webhook.position, Webhook.types)
    .where(Webhook.id == bindparam("webhook_id", type_=BigInteger), *_IS_HEARING)
    .with_for_update(skip_locked=True)
)
_CHANGES = Query(
    select(*SHOWN)
    .where(
        Change.team_id == bindparam("team_id", type_=BigInteger),
        Change.sequence > bindparam("after", type_=BigInteger),
        Change.sequence <= bindparam("until", type_=BigInteger),
        or_(any_of(Change.type, "types"), any_of(Change.resource, "resources")),
    )
    .order_by(Change.sequence)
)
_ADVANCE = Query(
    text("UPDATE webhooks SET position = :until WHERE id = :webhook_id AND position < :until AND active"),
)
_ADDITION = Query(
    text(
        "INSERT INTO webhook_deliveries (message_id, webhook_id, type, sequence, resource, record_id, occurred_at,"
        " data, status, attempts, step, extra, due, created_at) VALUES (:message_id, :webhook_id, :type, :sequence,"
        " :resource, :record_id, :occurred_at, :data, 'pending', 0, 0, 0, 0, :created_at)"
    ).bindparams(bindparam("created_at", type_=Timestamp))
)


_MESSAGE_ID = re.compile("msg_[0-9a-f]{32}")


def new_message_id() -> str:
    """Return the random id of a new delivery."""
    return f"msg_{secrets.token_hex(16)}"


def is_message_id(text: str) -> bool:
    """Tell whether a text may be the id of a delivery."""
    return bool(_MESSAGE_ID.fullmatch(text))


class Stretch(NamedTuple):
    """A part of a team's journal that a webhook has not been told of."""

    webhook_id: int
    team_id: int
    types: str
    position: int
    after: int
    until: int
    is_all: bool


@dataclass
class Outbox:
    """Makes deliveries. It remembers how far it has looked for each webhook without finding anything."""

    _looked: dict[int, int] = field(default_factory=dict)

    def look(self) -> bool:
        """Make the deliveries of what has been committed, and tell whether there may be more to make at once."""
        stretches = [*self._stretches()]
        if not stretches:
            return False
        hit = {webhook_id for (webhook_id,) in _WANTING.rows(patterns=[*_patterns(stretches)])}
        for stretch in stretches:
            if stretch.webhook_id in hit:
                make_deliveries(stretch.webhook_id, stretch.team_id, stretch.after, stretch.until)
                continue
            self._looked[stretch.webhook_id] = stretch.until
            if stretch.until - stretch.position >= WINDOW:
                _ADVANCE.execute(webhook_id=stretch.webhook_id, until=stretch.until)
        return not all(stretch.is_all for stretch in stretches)

    def _stretches(self) -> Iterator[Stretch]:
        for webhook_id, team_id, types, position, last in _BEHIND.rows():
            looked = self._looked.get(webhook_id, 0)
            after = max(position, looked) if looked <= last else position  # beyond it: a backup was restored
            if after < last:
                until = min(last, after + WINDOW)
                yield Stretch(webhook_id, team_id, types, position, after, until, until == last)


def _patterns(stretches: list[Stretch]) -> Iterator[Json]:
    """Yield what each webhook wants, as rows."""
    for each in stretches:
        row = {"webhook_id": each.webhook_id, "team_id": each.team_id, "after": each.after, "until": each.until}
        types, resources = wanted(each.types)
        yield from ({**row, "type": name, "resource": None} for name in types)
        yield from ({**row, "type": None, "resource": name} for name in resources)


def make_deliveries(webhook_id: int, team_id: int, after: int, until: int) -> None:
    """Make the deliveries of changes after one and up to another, and let the webhook's position follow.

    Does nothing if another deliverer is at it or has been, or if the webhook hears nothing any more.
    """
    with transaction():
        row = _LOCK.row(webhook_id=webhook_id)
        if row is None or row[0] > after:
            return
        types, resources = wanted(row[1])
        place = {"team_id": team_id, "after": after, "until": until}
        changes = [shown(change) for change in _CHANGES.rows(**place, types=types, resources=resources)]
        moment = now()
        _ADDITION.execute_each([{**_delivery(webhook_id, each), "created_at": moment} for each in changes])
        _ADVANCE.execute(webhook_id=webhook_id, until=until)


def oldest_unmade() -> datetime | None:
    """Return when the oldest change was made of which a webhook is to be told and no delivery was made yet."""
    found: list[datetime] = []
    for _, team_id, types, position, _ in _BEHIND.rows():
        names, resources = wanted(types)
        rows = _OLDEST.typed_rows(team_id=team_id, after=position, types=names, resources=resources)
        found += [moment for (moment,) in rows]
    return min(found, default=None)


def catch_up(webhook_id: int, team_id: int, position: int, last: int) -> None:
    """Make all deliveries of a webhook up to the last change, before it begins to want something else."""
    for after in range(position, last, WINDOW):
        make_deliveries(webhook_id, team_id, after, min(last, after + WINDOW))


def _delivery(webhook_id: int, change: Json) -> dict[str, Any]:
    told = {name: change[name] for name in ("type", "sequence", "resource", "record_id", "occurred_at")}
    return {"message_id": new_message_id(), "webhook_id": webhook_id, **told, "data": orjson.dumps(change).decode()}
