"""The webhooks of the request's team: listed, made, changed, removed (beyond, section 19)."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import orjson
from sqlalchemy import BigInteger, Connection, bindparam, func, insert, select, update
from werkzeug.exceptions import NotFound

from crm.access.adoption import may_write, refuse_write
from crm.access.scope import in_team, team_key
from crm.changes.journal import JOURNAL
from crm.database.connections import transaction
from crm.database.locks import lock_table
from crm.database.projection import Json
from crm.database.query import Query
from crm.http.errors import ValidationFailed
from crm.models import Counter, Webhook
from crm.models.types import is_uuid, new_external_id, now
from crm.webhooks.bodies import make_body
from crm.webhooks.cancelling import cancel_pending
from crm.webhooks.outbox import catch_up
from crm.webhooks.secrets import add_secret, remove_secrets, replace_secret
from crm.webhooks.wanted import with_patterns

MAX_WEBHOOKS = 20
TOO_MANY = f"A team cannot have more than {MAX_WEBHOOKS} webhooks."

_TABLE = Webhook.__table__
_COLUMNS = tuple(column.name for column in _TABLE.c if not column.primary_key)
_LIVE = (*in_team(Webhook), Webhook.deleted_at.is_(None))
_KEY = Webhook.external_id == bindparam("key", type_=_TABLE.c.external_id.type)
_ALL = Query(select(_TABLE).where(*_LIVE).order_by(Webhook.id.desc()))
_ONE = Query(select(_TABLE).where(*_LIVE, _KEY))
_LOCKED = Query(select(_TABLE).where(*_LIVE, _KEY).with_for_update())
_COUNT = Query(select(func.count()).select_from(_TABLE).where(*_LIVE))
_LAST = Query(
    select(Counter.last_number)
    .where(Counter.team_id == bindparam("team", type_=BigInteger), Counter.resource == JOURNAL)
    .with_for_update(read=True)
)
_ADDITION = Query(insert(_TABLE).returning(Webhook.id), _COLUMNS)
_SHOWN = ("url", "description", "active", "disabled_reason", "include_record", "created_at", "updated_at")
_CHANGED = ("url", "types", "description", "active", "disabled_reason", "include_record")
_BESIDE = ("position", "failing_since", "deleted_at", "updated_at")
_CHANGE = Query(update(_TABLE).where(Webhook.id == bindparam("row_id", type_=BigInteger)), (*_CHANGED, *_BESIDE))

Columns = dict[str, Any]


@contextmanager
def writing() -> Iterator[Connection]:
    """Have the block be one transaction in which the application may write. Raises ServiceUnavailable."""
    with transaction() as connection:
        if not connection.scalar(select(may_write())):
            refuse_write()
        yield connection


def find_webhook(external_id: str) -> Columns:
    """Return a webhook of the team by its columns. Raises NotFound."""
    return _found(_ONE, external_id)


def lock_webhook(external_id: str) -> Columns:
    """Return the same, locked until the transaction ends. Raises NotFound."""
    return _found(_LOCKED, external_id)


def _found(query: Query, external_id: str) -> Columns:
    row = query.record(key=external_id.lower()) if is_uuid(external_id) else None
    if row is None:
        raise NotFound
    return row


class Subscriptions:
    """The webhooks of an application in which there are these types of changes."""

    def __init__(self, types: Collection[str]):
        self.types = with_patterns(frozenset(types))

    @cached_property
    def _bodies(self) -> Any:
        return make_body(self.types)

    @cached_property
    def creation(self) -> Any:
        """How the body of a new webhook is read."""
        return self._bodies()

    @cached_property
    def change(self) -> Any:
        """How the body of a change is read."""
        return self._bodies.for_update()

    def all(self) -> list[Json]:
        """Return the JSON of all of them, the newest first."""
        return [_shown(row) for row in _ALL.records()]

    def show(self, external_id: str) -> Json:
        """Return the JSON of one. Raises NotFound."""
        return _shown(find_webhook(external_id))

    def create(self, body: Json) -> Json:
        """Add a webhook and return its JSON with its secret. Raises ValidationFailed."""
        values = _kept(self.creation.read(body))
        made: Columns = {**dict.fromkeys(_COLUMNS), "external_id": new_external_id(), "team_id": team_key()}
        with writing() as connection:
            lock_table(connection, _TABLE.name, "SHARE ROW EXCLUSIVE")
            if _COUNT.rows()[0][0] >= MAX_WEBHOOKS:
                raise ValidationFailed({"url": [TOO_MANY]})
            moment = now()
            row = {**made, **values, "created_at": moment, "updated_at": moment, "position": _last_change()}
            ((row_id,),) = _ADDITION.rows(**row)
            secret = add_secret(row_id)
            return {**self.show(made["external_id"]), "secret": secret}

    def update(self, external_id: str, body: Json) -> Json:
        """Change a webhook and return its JSON. Raises ValidationFailed, NotFound."""
        values = _kept(self.change.read(body))
        with writing():
            row = lock_webhook(external_id)
            changed = {**row, **values}
            if row["active"] and changed["active"] and changed["types"] != row["types"]:
                catch_up(row["id"], row["team_id"], row["position"], _last_change())
                changed["position"] = max(row["position"], _last_change())
            if values.get("active"):
                changed |= {"disabled_reason": None, "failing_since": None}
            if row["active"] and not changed["active"]:
                cancel_pending(row["id"])
            if changed != row:
                if changed["active"] and not row["active"]:
                    changed["position"] = _last_change()
                _set(changed)
            return self.show(external_id)

    def delete(self, external_id: str) -> None:
        """Remove a webhook. Its deliveries are not shown any more, its secrets are gone. Raises NotFound."""
        with writing():
            row = lock_webhook(external_id)
            cancel_pending(row["id"])
            remove_secrets(row["id"])
            _set({**row, "active": False, "deleted_at": now()})

    def rotate_secret(self, external_id: str) -> Json:
        """Give a webhook a new secret and return its JSON with that. Raises NotFound."""
        with writing():
            row = lock_webhook(external_id)
            return {**_shown(row), "secret": replace_secret(row["id"])}


def _last_change() -> int:
    """Return the sequence of the team's last change, and have those that come wait until the transaction ends."""
    row = _LAST.row(team=team_key())
    return int(row[0]) if row else 0


def _kept(values: Columns) -> Columns:
    """Return the values of a body as they are kept."""
    return {**values, "types": orjson.dumps(values["types"]).decode()} if "types" in values else values


def _set(row: Columns) -> None:
    moment = now()
    _CHANGE.execute(row_id=row["id"], **{name: row[name] for name in (*_CHANGED, *_BESIDE)} | {"updated_at": moment})


def _shown(row: Columns) -> Json:
    told = {name: row[name] for name in _SHOWN}
    return {"id": row["external_id"], "url": told.pop("url"), "types": orjson.Fragment(row["types"]), **told}
