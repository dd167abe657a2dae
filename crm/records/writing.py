"""The one door for writes: records are created, changed, deleted and restored here, and nowhere else.

A write takes two steps. First a body is read and its references resolved, all faults at once, before anything is
locked: `crm.schemas` does that. Then the values are written here, in the caller's transaction: the row, what belongs to
it in other tables, the counters, the version, and the change in the journal. Both take many records as well as one.

What is there is locked before anything is decided: the records (`lock`), then the look-up rows that they take, then
their counter, then own keys that come and go, and at the commit the counter of the journal.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from crm.access import acting
from crm.changes import journal
from crm.changes.journal import Noted
from crm.database.projection import NOTHING_MORE, Included, Json
from crm.models.types import now
from crm.records.comparing import differences, differing_columns
from crm.records.counters import count_created, count_live
from crm.records.following import NO_RULE, Rule
from crm.records.locking import Locked, Locks
from crm.records.rows import Rows
from crm.records.search_text import searched_fields
from crm.records.table import RecordTable
from crm.records.taken import TakenLookups
from crm.schemas.base import RecordSchema
from crm.schemas.collections.base import Collection

Values = Mapping[str, Any]
"""A record as its schema has read it: columns, and collections, by the names of its fields."""


def _whole(differing: Json) -> Json:
    return differing


class Writer:
    """Writes the records that are shown by `rows` and read by `schema`, within the caller's transaction.

    What follows from their changes, the `rule` says.
    """

    def __init__(self, rows: Rows, schema: RecordSchema, rule: Rule = NO_RULE):
        self.rows = rows
        self.model = rows.model
        self.schema = schema
        self.rule = rule
        self.lock = Locks(rows.model)
        self._taken = TakenLookups(schema)
        self._table = RecordTable(rows.model, searched_fields(schema))
        self._collections = {name: field for name, field in schema.fields.items() if isinstance(field, Collection)}

    def create(self, many: Sequence[Values]) -> list[int]:
        """Add records to the team that is worked in, numbered as they stand, and return their row ids.

        Raises Overtaken if a look-up row that one of them takes has been deleted meanwhile.
        """
        self._taken.hold(many)
        number = count_created(acting.team_id(), self.model.__tablename__, len(many))
        moment = now()
        added = self._table.add(many, number, moment)
        self._write_collections(dict(zip(added, many, strict=True)), new=True)
        journal.note(
            Noted(self.model, journal.CREATED, row["external_id"], row["team_id"], row["version"], moment)
            for row in added.values()
        )
        return [*added]

    def update(
        self,
        records: Sequence[Locked],
        changes: Mapping[int, Values],
        word: str = journal.UPDATED,
        include: Included = NOTHING_MORE,
        *,
        anyway: bool = False,
        told: Callable[[Json], Json] = _whole,
    ) -> list[Json]:
        """Change locked records, by their row ids, and return the JSON of all of them as they are then.

        A record whose values are all its own already stays as it is, and no change is noted; but `anyway` it counts as
        changed, since more has happened to it than its values tell. `told` returns what the journal is told of what
        differs. Raises Overtaken if one is not as it was when its values were judged, or if a look-up row that it takes
        has been deleted meanwhile.
        """
        changes, words = self._with_what_follows(records, changes)
        row_ids, projection = [record.row_id for record in records], self.rows.projection
        compared = include | (projection.on_request & {name for values in changes.values() for name in values})
        rows = dict(zip(row_ids, self.rows.fetch(row_ids), strict=True))
        before = after = dict(zip(row_ids, projection.records([*rows.values()], include=compared), strict=True))
        vanished = self._taken.vanished(records, changes)
        columns = {record.row_id: differing_columns(record, changes[record.row_id]) for record in records}
        collections = self._write_collections(changes, new=False)
        names = {row_id: {*columns[row_id], *collections[row_id]} - vanished[row_id] for row_id in row_ids}
        if changed := [record for record in records if anyway or names[record.row_id]]:
            new = {key: {name: value for name, value in changes[key].items() if name in names[key]} for key in row_ids}
            written = self._table.change(changed, lambda record: new[record.row_id], before)
            after = self.rows.read_again(rows, before, written, set().union(*names.values()), compared)
            affected = {key: projection.affected_by(names[key]) for key in row_ids}
            differing = {key: told(differences(before[key], after[key], affected[key])) for key in row_ids}
            self._note(word, changed, differing, words)
        return [{name: record[name] for name in record if name not in compared - include} for record in after.values()]

    def _with_what_follows(
        self, records: Sequence[Locked], changes: Mapping[int, Values]
    ) -> tuple[dict[int, Values], dict[int, str]]:
        """Return changes with what follows from them, and the words of those of which more is to be said.

        Raises Overtaken for what no longer is as it was when the values were judged.
        """
        for record in records:
            self.schema.require_as_judged(record.columns, changes[record.row_id])
        self._taken.hold_for(changes)
        following = self.rule.follow(records, changes)
        more = {row_id: {**changes[row_id], **each.values} for row_id, each in following.items()}
        return {**changes, **more}, {row_id: each.word for row_id, each in following.items() if each.word}

    def delete(self, records: Sequence[Locked]) -> None:
        """Soft-delete locked records, which are live.

        They are counted before they release anything: who makes a record has the counter when it waits for a key.
        """
        self._table.change(records, lambda record: {"deleted_at": record.moment})
        self._count_live(records, -1)
        for field in self._collections.values():
            field.release([record.row_id for record in records])
        self._note(journal.DELETED, records)

    def restore(self, records: Sequence[Locked]) -> None:
        """Bring locked records back; a live one stays as it is."""
        deleted = [record for record in records if not record.is_live]
        self._table.change(deleted, lambda record: {"deleted_at": None})
        self._count_live(deleted, 1)
        self._note(journal.RESTORED, deleted)

    def _write_collections(self, values_of: Mapping[int, Values], *, new: bool) -> dict[int, set[str]]:
        """Write what belongs to records but stands in other tables, as far as it is given.

        Returns for each record the names of the collections that are others now.
        """
        touched: dict[int, set[str]] = defaultdict(set)
        for name, field in self._collections.items():
            if given := {row_id: values[name] for row_id, values in values_of.items() if name in values}:
                for row_id in field.write(given, new=new):
                    touched[row_id].add(name)
        return touched

    def _count_live(self, records: Iterable[Locked], more: int) -> None:
        """Count so many live records more for each of them in its team, or less if `more` is negative."""
        for team_id, how_many in Counter(record.columns["team_id"] for record in records).items():
            count_live(team_id, self.model.__tablename__, more * how_many)

    def _note(
        self,
        word: str,
        records: Iterable[Locked],
        differing: Mapping[int, Json] | None = None,
        words: Mapping[int, str] = MappingProxyType({}),
    ) -> None:
        """Note changes of records that have just been written, with what differs, and with words of some of them."""
        journal.note(
            Noted(
                self.model,
                words.get(record.row_id, word),
                record.columns["external_id"],
                record.columns["team_id"],
                record.version + 1,
                record.moment,
                differing[record.row_id] if differing else None,
            )
            for record in records
        )
