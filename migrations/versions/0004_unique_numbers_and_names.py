"""Numbers and the names of look-up rows are unique in their team; what is there twice gets a new number, or is merged.

What has to be changed for that is named on stderr.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import click
import sqlalchemy as sa
from alembic import op

from crm.models import types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NUMBERS = {"invoices": "invoice_id", "orders": "order_id", "quotes": "quote_id", "deals": "deal_id", "leads": "lead_id"}
"""Each before those that it refers to: the order in which they are locked, as whoever writes one does."""
UNIQUE_WITHIN: dict[str, tuple[str, ...]] = {
    "pipelines": ("resource",),  # before the stages, which move with them
    "pipeline_stages": ("pipeline_id",),
    "labels": (),
    "lead_sources": (),
    "product_categories": (),
    "tax_rates": (),
    "organization_types": (),
    "industries": (),
    "timezones": (),
}
LIVE = "deleted_at IS NULL"
DEFAULT = f'"default" AND {LIVE}'
FIRST_NUMBER = 1001


def upgrade() -> None:
    """Apply the change."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":  # nobody writes what would clash after it was looked for
        connection.execute(sa.text(f"LOCK TABLE counters, {', '.join([*NUMBERS, *UNIQUE_WITHIN])} IN EXCLUSIVE MODE"))
    for table, column in NUMBERS.items():
        _renumber(connection, _reflect(table), column)
        _make_unique(table, column)
    for table in UNIQUE_WITHIN:
        op.add_column(table, sa.Column("folded_name", sa.Text(), nullable=True))
    _keep_one_default(connection, _reflect("tax_rates"))
    for table, columns in UNIQUE_WITHIN.items():
        _merge_equal(connection, _reflect(table), columns)
        _make_unique(table, *columns, "folded_name", among=LIVE)
    _make_unique("tax_rates", "default", among=DEFAULT)


def downgrade() -> None:
    """Take it back. What was merged or numbered anew stays so."""
    _drop_unique("tax_rates", "default")
    for table, columns in UNIQUE_WITHIN.items():
        _drop_unique(table, *columns, "folded_name")
        op.drop_column(table, "folded_name")
    for table, column in NUMBERS.items():
        _drop_unique(table, column)


def _make_unique(table: str, *columns: str, among: str = "") -> None:
    """Make the indexes of rows that are unique in their team, and of those without one."""
    also = f" AND {among}" if among else ""
    for names, condition in (("team_id", *columns), "team_id IS NOT NULL"), (columns, "team_id IS NULL"):
        where = sa.text(condition + also)
        name = "_".join(("uq", table, *names))
        op.create_index(name, table, list(names), unique=True, postgresql_where=where, sqlite_where=where)


def _drop_unique(table: str, *columns: str) -> None:
    for names in ("team_id", *columns), columns:
        op.drop_index("_".join(("uq", table, *names)), table_name=table)


# Numbers


def _renumber(connection: sa.Connection, table: sa.Table, column: str) -> None:
    """Give every record whose number an earlier one of its team has the next number of the team."""
    same = {"partition_by": [table.c.team_id, table.c[column]], "order_by": table.c.id}
    places = sa.select(table.c.id, table.c.team_id, table.c[column], sa.func.row_number().over(**same).label("place"))
    ranked = places.subquery()
    later = sa.select(*ranked.c).where(ranked.c.place > 1).order_by(ranked.c.id)
    for row_id, team_id, number, _ in connection.execute(later).all():
        new = f"{number[0]}{_next_number(connection, table, column, team_id)}"
        changes = {column: new, "updated_at": datetime.now(UTC)}
        connection.execute(sa.update(table).where(table.c.id == row_id).values(changes))
        click.echo(f"{table.name}: the second {number} of team {team_id or 'none'} is {new} now.", err=True)


def _next_number(connection: sa.Connection, table: sa.Table, column: str, team_id: int | None) -> int:
    """Count a number as given and return it: one more than any that the counter or a record has."""
    counters = _reflect("counters")
    counter = sa.and_(counters.c.team_id == (team_id or 0), counters.c.resource == table.name)
    given = connection.scalar(sa.select(counters.c.last_number).where(counter))
    digits = sa.cast(sa.func.substr(table.c[column], 2, type_=sa.String), sa.BigInteger)
    highest = connection.scalar(sa.select(sa.func.max(digits)).where(table.c.team_id.is_not_distinct_from(team_id)))
    number = int(max(given or FIRST_NUMBER - 1, highest)) + 1
    connection.execute(sa.update(counters).where(counter).values(last_number=number))
    return number


# Look-up rows


def _keep_one_default(connection: sa.Connection, rates: sa.Table) -> None:
    """Leave each team, and all of them together, the default tax rate that counted: the first."""
    first: dict[int | None, int] = {}
    defaults = sa.select(rates).where(sa.text(DEFAULT)).order_by(rates.c.id)
    for rate in connection.execute(defaults).all():
        if first.setdefault(rate.team_id, rate.id) != rate.id:
            connection.execute(sa.update(rates).where(rates.c.id == rate.id).values(default=False))
            click.echo(f"tax_rates: {rate.name} ({rate.id}) is no longer the default one, which was another.", err=True)


def _merge_equal(connection: sa.Connection, table: sa.Table, columns: Sequence[str]) -> None:
    """Fold all names, and merge live rows whose names are equal then into the first of them.

    Tax rates that are called the same but are not the same are told apart by a number.
    """
    kept: dict[tuple[Any, ...], Any] = {}
    for row in connection.execute(sa.select(table).order_by(table.c.id)).all():
        values = {"name": row.name, "folded_name": row.name.lower()}
        key = (row.team_id, *(getattr(row, column) for column in columns))
        if row.deleted_at is None:
            first = kept.setdefault((*key, values["folded_name"]), row)
            if first is not row and not _merge(connection, table, first, row):
                values = next(new for new in _other_names(row.name) if (*key, new["folded_name"]) not in kept)
                kept[*key, values["folded_name"]] = row
                click.echo(f"{table.name}: {row.name} ({row.id}) is called {values['name']} now.", err=True)
        connection.execute(sa.update(table).where(table.c.id == row.id).values(values))


def _other_names(name: str) -> Iterator[dict[str, str]]:
    for number in range(2, 1_000_000):
        ending = f" ({number})"
        other = name[: 255 - len(ending)] + ending
        yield {"name": other, "folded_name": other.lower()}


def _merge(connection: sa.Connection, table: sa.Table, first: Any, row: Any) -> bool:
    """Have all that refers to a row refer to the first one like it, and delete it; tell whether they are the same."""
    if table.name == "tax_rates":
        if row.rate != first.rate:
            return False
        if row.default:
            connection.execute(sa.update(table).where(table.c.id == row.id).values(default=False))
            connection.execute(sa.update(table).where(table.c.id == first.id).values(default=True))
    for referring, column in _references(connection, table.name):
        _move(connection, referring, column, row.id, first.id)
    connection.execute(sa.update(table).where(table.c.id == row.id).values(deleted_at=datetime.now(UTC)))
    click.echo(f"{table.name}: {row.name} ({row.id}) was merged into {first.name} ({first.id}).", err=True)
    return True


def _references(connection: sa.Connection, table: str) -> Iterator[tuple[sa.Table, str]]:
    """Return each table and column that refers to a table, by its foreign keys."""
    inspector = sa.inspect(connection)
    for name in inspector.get_table_names():
        for key in inspector.get_foreign_keys(name):
            if key["referred_table"] == table:
                yield _reflect(name), key["constrained_columns"][0]


def _move(connection: sa.Connection, table: sa.Table, column: str, old: int, new: int) -> None:
    """Let rows refer to another row; where the column is part of the key, those that already do stay alone."""
    refers = table.c[column] == old
    if others := [key for key in table.primary_key if key.name != column and column in table.primary_key.columns]:
        twin = table.alias()
        same = (twin.c[key.name] == key for key in others)
        there = sa.exists().where(twin.c[column] == new, *same)
        connection.execute(sa.delete(table).where(refers, there))
    connection.execute(sa.update(table).where(refers).values({column: new}))


def _reflect(name: str) -> sa.Table:
    """Return a table as it is at this point, its times of the type that both stores read alike."""
    metadata = sa.MetaData()
    columns = {column["name"] for column in sa.inspect(op.get_bind()).get_columns(name)}
    times = [sa.Column(time, types.Timestamp()) for time in ("updated_at", "deleted_at") if time in columns]
    return sa.Table(name, metadata, *times, autoload_with=op.get_bind(), resolve_fks=False)
