"""Row-level security of PostgreSQL: a second wall between teams, for the case that a statement forgets the team.

A connection says which team it may see (`SETTING`), and the database leaves out all rows of others, as if they were not
there. Policies stand on every table with rows of a team: on those that name it, and on those whose rows belong to such
a row. They are made by each `db upgrade` with CRM_ROW_SECURITY=true, and taken away by each one without.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table, text

from crm.extensions import db

SETTING = "crm.team"
NOBODY, EVERYBODY = "", "all"
"""What a connection says that may see no team's rows, and one that may see all; else it says the team's row id."""

ACCOUNTS = frozenset({"memberships"})
"""Tables that name a team and are read to find out which team a request works in."""
_POLICY = "crm_team"
_KEPT_APART = "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity AND pg_table_is_visible(oid)"
_SEEN = f"(SELECT current_setting('{SETTING}', true))"


@cache
def guarded() -> dict[str, tuple[str, str]]:
    """Return the conditions under which rows of each table are seen, and under which they may be written."""
    models = {mapper.local_table: mapper.class_ for mapper in db.Model.registry.mappers}  # type: ignore[attr-defined]
    conditions: dict[str, tuple[str, str]] = {}
    for table in db.metadata.sorted_tables:  # what rows belong to comes first
        if "team_id" in table.c and table.name not in ACCOUNTS:
            own = f"{_SEEN} IN ('{EVERYBODY}', team_id::text)"
            is_shared = getattr(models.get(table), "shared_without_team", False)
            conditions[table.name] = (f"team_id IS NULL OR {own}" if is_shared else own, own)
        elif whole := next(_wholes(table, conditions), None):
            conditions[table.name] = (whole, whole)
    return conditions


def keep_row_security(connection: Connection, enforced: bool) -> None:
    """Make the policies of all tables that are there, for their owner too, or take them away; within a transaction."""
    if connection.dialect.name != "postgresql":
        return
    for name, (seen, written) in guarded().items():
        if connection.scalar(text("SELECT to_regclass(:name)"), {"name": name}) is None:
            continue  # after a downgrade
        connection.exec_driver_sql(f"DROP POLICY IF EXISTS {_POLICY} ON {name}")
        if enforced:
            connection.exec_driver_sql(f"CREATE POLICY {_POLICY} ON {name} USING ({seen}) WITH CHECK ({written})")
        does, forces = ("ENABLE", "FORCE") if enforced else ("DISABLE", "NO FORCE")
        connection.exec_driver_sql(f"ALTER TABLE {name} {does} ROW LEVEL SECURITY, {forces} ROW LEVEL SECURITY")


def row_security_of(cursor: Any) -> tuple[frozenset[str], bool]:
    """Return the tables for which it is in force, for their owner too, and whether the database's user passes it by."""
    cursor.execute(_KEPT_APART)
    kept_apart = frozenset(name for (name,) in cursor.fetchall())
    cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
    return kept_apart & guarded().keys(), bool(cursor.fetchall()[0][0])


def see_all(connection: Connection) -> None:
    """Have a connection see the rows of all teams."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET {SETTING} = '{EVERYBODY}'")


def _wholes(table: Table, conditions: dict[str, tuple[str, str]]) -> Iterator[str]:
    """Yield the conditions that the row to which a row belongs is seen: it is the first that the table refers to."""
    for column in table.c:
        for key in column.foreign_keys:
            if (whole := key.column.table.name) in conditions:
                yield f"EXISTS (SELECT FROM {whole} WHERE {whole}.id = {table.name}.{column.name})"
