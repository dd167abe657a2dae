"""Where the past is kept as JSON, and so may tell of a person: the journal, kept answers, messages to webhooks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, bindparam, or_, select, text

from crm.access.scope import in_team
from crm.database.functions import holds, place_in_bytes
from crm.database.query import Query
from crm.http.etags import record_tag, version_in
from crm.models import Change, KeptAnswer, Webhook, WebhookDelivery
from crm.personal.overwriting import overwrite

Columns = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """A table with such JSON: the rows that hold the person's id, what they are called, and how one is rewritten."""

    noun: str
    naming: Query
    rewriting: Query
    rewritten: Callable[[Columns, str], Columns]
    """Returns the columns of a row that may change, as they are without the person of an id."""

    def rows(self, person_id: str) -> list[Columns]:
        """Return the rows that name a person, in their order."""
        return self.naming.records(person=person_id, person_id=person_id)

    def overwrite(self, person_id: str) -> int:
        """Have them not tell who the person is, and return how many did."""
        new = [(row, {**row, **self.rewritten(row, person_id)}) for row in self.rows(person_id)]
        differing = [after for before, after in new if after != before]
        self.rewriting.execute_each(differing)
        return len(differing)


def _change(row: Columns, person_id: str) -> Columns:
    if row["changed"] is None:
        return {}
    is_own = row["record_id"] == person_id
    return {"changed": overwrite(row["changed"], person_id, is_own_change=is_own).decode()}


def _answer(row: Columns, person_id: str) -> Columns:
    """Return another body, and the tag that goes with it where the tag is of the body."""
    body = overwrite(row["body"], person_id)
    version = version_in(row["etag"] or "")
    is_of_body = version is not None and row["etag"] == record_tag(version, row["body"])
    return {"body": body, "etag": record_tag(version, body) if version and is_of_body else row["etag"]}


def _message(row: Columns, person_id: str) -> Columns:
    return {"data": overwrite(row["data"], person_id).decode()}


_PERSON = bindparam("person", type_=String)
_CHANGE = Change.__table__
_ANSWER = KeptAnswer.__table__
_MESSAGE = WebhookDelivery.__table__

CHANGES = Place(
    "change",
    Query(
        select(_CHANGE)
        .where(*in_team(Change), or_(Change.record_id == bindparam("person_id"), holds(Change.changed, _PERSON)))
        .order_by(Change.sequence)
    ),
    Query(text("UPDATE changes SET changed = :changed WHERE team_id = :team_id AND sequence = :sequence")),
    _change,
)
ANSWERS = Place(
    "kept answer",
    Query(
        select(_ANSWER)
        .where(place_in_bytes(KeptAnswer.body, _PERSON) > 0)
        .order_by(KeptAnswer.created_at, *_ANSWER.primary_key)
    ),
    Query(
        text(
            "UPDATE kept_answers SET body = :body, etag = :etag"
            " WHERE user_id = :user_id AND team_id = :team_id AND key = :key"
        )
    ),
    _answer,
)
MESSAGES = Place(
    "webhook message",
    Query(
        select(_MESSAGE, Webhook.url)
        .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
        .where(holds(WebhookDelivery.data, _PERSON))
        .order_by(WebhookDelivery.id)
    ),
    Query(text("UPDATE webhook_deliveries SET data = :data WHERE id = :id")),
    _message,
)
PLACES = (CHANGES, ANSWERS, MESSAGES)
