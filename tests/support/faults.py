"""Makes a database refuse, and tells what came of it: a trigger of PostgreSQL that fails with a state, and checks."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from crm.database.faults import Fault

SECRET = "Ms. Nobody-Is-To-Know"


@contextmanager
def session(url: str) -> Iterator[psycopg.Connection[Any]]:
    """Give a connection to a database that is none of the application's, in autocommit mode."""
    with psycopg.connect(make_url(url).render_as_string(hide_password=False), autocommit=True) as connection:
        yield connection


@contextmanager
def failing(
    url: str, table: str, sqlstate: str, times: int = 1_000_000, of: str = "INSERT"
) -> Iterator[psycopg.Connection[Any]]:
    """Have so many INSERTs into a table, or UPDATEs, fail with an SQLSTATE, and with a detail that quotes SECRET.

    Gives a connection on which `SELECT last_value FROM refusals` tells how many were tried.
    """
    refuse = sql.SQL(
        "CREATE SEQUENCE refusals; CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF nextval('refusals') <= {times} THEN"
        " RAISE EXCEPTION 'refused' USING ERRCODE = {sqlstate}, DETAIL = {detail}; END IF; RETURN NEW; END $$;"
        " CREATE TRIGGER refuse BEFORE {of} ON {table} FOR EACH ROW EXECUTE FUNCTION refuse()"
    ).format(
        times=times,
        sqlstate=sqlstate,
        detail=f"Failing row contains ({SECRET}).",
        of=sql.SQL(of),
        table=sql.Identifier(table),
    )
    with session(url) as connection:
        connection.execute(refuse)
        try:
            yield connection
        finally:
            connection.execute("DROP FUNCTION refuse CASCADE; DROP SEQUENCE refusals")


def reported(caplog: Any) -> list[Fault]:
    """Return the faults that the operator was told of, in order."""
    told = [record.getMessage() for record in caplog.records if record.name == "crm.database.faults"]
    return [next(fault for fault in Fault if message.startswith(fault.value)) for message in told]


def check_unavailable(answer: Any) -> None:
    """Check that an answer is the 503 of a database that cannot be used."""
    assert answer.status_code == 503, answer.text
    assert answer.json["message"] == "The service is temporarily unavailable. Please try again shortly."
    assert int(answer.headers["Retry-After"]) >= 1
