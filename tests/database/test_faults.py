"""What is wrong with the database decides between 503 and 500, and the operator is told; nothing of a row is logged."""

import sqlite3
import time
from pathlib import Path

import pytest
from sqlalchemy import event, insert, make_url, text

from crm.database.connections import transaction
from crm.database.faults import Fault
from crm.database.query import Query
from crm.extensions import db
from crm.models import Industry, User
from crm.models.types import now
from tests.support.client import ApiClient
from tests.support.factories import create_token, create_user
from tests.support.faults import SECRET, check_unavailable, failing, reported, session
from tests.support.stores import ON_POSTGRESQL, ON_SQLITE

STATES = {
    "08006": Fault.AWAY,
    "25006": Fault.READ_ONLY,
    "25P03": Fault.AWAY,
    "25P04": Fault.SLOW,
    "40001": Fault.CONFLICT,
    "40P01": Fault.CONFLICT,
    "42501": Fault.RIGHTS,
    "42703": Fault.SCHEMA,
    "42P01": Fault.SCHEMA,
    "53100": Fault.DISK,
    "53200": Fault.BUSY,
    "53300": Fault.BUSY,
    "55P03": Fault.LOCKED,
    "57014": Fault.SLOW,
    "57P01": Fault.AWAY,
    "57P02": Fault.AWAY,
    "57P03": Fault.AWAY,
    "57P05": Fault.AWAY,
    "58030": Fault.DISK,
    "XX001": Fault.NOT_USABLE,
}
OF_THE_PROGRAM = ["0A000", "22P02", "23505", "42601", "P0001", "XX000"]


def read_only(url):
    """Return the URL of a database that takes no writes from now on."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return f"sqlite:///file:{parsed.database}?mode=ro&uri=true"
    with session(url) as connection:
        connection.execute(f"ALTER DATABASE {parsed.database} SET default_transaction_read_only TO on")
    return url


def test_a_read_only_database_is_read_and_refuses_writes(serve, database, caplog):
    token = create_token(owner := serve(database), create_user(owner))  # whose first use is to be noted
    api = ApiClient(serve(read_only(database)), Authorization=f"Bearer {token}")
    for _ in range(3):
        assert api.get("/leads").status_code == 200
        assert api.get("/auth/me").status_code == 200
        for answer in (api.post("/leads", {"title": "Lost"}), api.delete("/auth/token")):
            check_unavailable(answer)
    assert reported(caplog) == [Fault.READ_ONLY]


@ON_POSTGRESQL
@pytest.mark.parametrize(("sqlstate", "faults"), [("42501", [Fault.RIGHTS]), ("53100", [Fault.DISK]), ("P0001", [])])
def test_a_note_that_fails_is_logged_and_fails_no_request(serve, database, sqlstate, faults, caplog):
    app = serve(database)
    api = ApiClient(app, create_user(app))
    with failing(database, "tokens", sqlstate, of="UPDATE") as connection:
        assert [api.get("/leads").status_code for _ in range(3)] == [200, 200, 200]
        assert connection.execute("SELECT last_value FROM refusals").fetchone() == (1,)
    assert reported(caplog) == faults
    assert f"(SQLSTATE {sqlstate})" in caplog.text
    assert "UPDATE tokens" in caplog.text
    assert SECRET not in caplog.text


@ON_SQLITE
def test_a_read_only_file_that_was_never_served_is_read(serve, database):
    token = create_token(owner := serve(database), create_user(owner))
    path = Path(make_url(database).database)
    with sqlite3.connect(path, isolation_level=None) as connection:
        connection.execute("VACUUM INTO ?", [f"{path}.copy"])
    connection.close()
    api = ApiClient(serve(read_only(f"{database}.copy")), Authorization=f"Bearer {token}")
    assert api.get("/leads").status_code == 200
    check_unavailable(api.post("/leads", {"title": "Lost"}))


@ON_SQLITE
def test_a_full_disk_is_read_from_and_refuses_writes(serve, database, caplog):
    app = serve(database)
    api = ApiClient(app, create_user(app))
    with app.app_context():
        with transaction() as connection:
            connection.execute(text("CREATE TABLE filler (bytes BLOB)"))
            fill = "INSERT INTO filler VALUES (zeroblob(99999))"
            connection.execute(text(f"CREATE TRIGGER fill AFTER UPDATE ON tokens BEGIN {fill}; END"))
        db.engine.dispose()
        event.listen(db.engine, "connect", lambda connection, _: connection.execute("PRAGMA max_page_count = 1"))
    assert api.get("/leads").status_code == 200
    check_unavailable(api.post("/leads", {"title": "Lost", "description": "x" * 60_000}))
    assert api.get("/leads").json["meta"]["total"] == 0
    assert reported(caplog) == [Fault.DISK]


@ON_POSTGRESQL
@pytest.mark.parametrize(("sqlstate", "fault"), STATES.items())
def test_a_state_of_the_server_is_a_503_that_tells_what_to_do(serve, database_url, sqlstate, fault, caplog):
    app = serve(database_url)
    api = ApiClient(app, create_user(app))
    with failing(database_url, "leads", sqlstate):
        for _ in range(3):
            check_unavailable(api.post("/leads", {"title": SECRET}))
    assert reported(caplog) == [fault]
    assert f"(SQLSTATE {sqlstate})" in caplog.text
    assert "INSERT INTO leads" in caplog.text
    assert SECRET not in caplog.text


@ON_POSTGRESQL
@pytest.mark.parametrize("sqlstate", OF_THE_PROGRAM)
def test_any_other_state_is_a_500_whose_traceback_quotes_no_row(serve, database_url, sqlstate, caplog):
    app = serve(database_url)
    api = ApiClient(app, create_user(app))
    with failing(database_url, "leads", sqlstate):
        assert api.post("/leads", {"title": SECRET}).status_code == 500
    assert reported(caplog) == []
    assert f"(SQLSTATE {sqlstate})" in caplog.text
    assert "INSERT INTO leads" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize("how", ["query", "many", "sqlalchemy"])
def test_a_traceback_tells_the_statement_and_no_values(serve, database, how, caplog):
    app = serve(database)
    values = {"email": SECRET, "name": "", "password_hash": "", "role": "", "crm_access": True, "created_at": now()}
    statement = insert(User.__table__)

    def fail():
        with transaction() as connection:
            if how == "sqlalchemy":
                connection.execute(statement, [values, values])
            else:
                query = Query(statement, tuple(values))
                query.execute_each([values, values]) if how == "many" else [query.execute(**values) for _ in range(2)]
        return ""

    app.add_url_rule("/crm/api/v2/fail", view_func=fail)
    assert ApiClient(app).get("/fail").status_code == 500
    assert "INSERT INTO users" in caplog.text
    assert "uq_users_email" in caplog.text or "users.email" in caplog.text
    assert SECRET not in caplog.text


def test_a_missing_table_is_a_503_that_names_the_command(serve, database, caplog):
    app = serve(database)
    api = ApiClient(app, create_user(app))
    with app.app_context(), transaction() as connection:
        connection.execute(text("ALTER TABLE leads RENAME TO lost"))
    check_unavailable(api.get("/leads?user_owner_id=1"))
    assert reported(caplog) == [Fault.SCHEMA]
    assert "flask db upgrade" in caplog.text


@pytest.mark.parametrize("content", [b"This is no database. " * 500, None], ids=["no database", "no folder"])
@ON_SQLITE
def test_a_file_that_cannot_be_opened_is_a_503(serve, api, tmp_path, content, caplog):
    path = tmp_path / "folder" / "file"
    if content is not None:
        path.parent.mkdir()
        path.write_bytes(content)
    check_unavailable(ApiClient(serve(f"sqlite:///{path}"), **api.headers).get("/leads"))
    assert reported(caplog) == [Fault.NOT_USABLE]


@ON_SQLITE
def test_a_writer_waits_for_a_while_and_readers_not_at_all(serve, database, caplog, monkeypatch):
    monkeypatch.setattr("crm.database.sqlite.LOCK_SECONDS", 0.3)
    app = serve(database)
    api = ApiClient(app, create_user(app))
    with sqlite3.connect(make_url(database).database, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        assert api.get("/leads").status_code == 200  # its first use is to be noted
        assert reported(caplog) == []
        check_unavailable(api.post("/leads", {"title": "Lost"}))
        other.execute("ROLLBACK")
    other.close()
    assert reported(caplog) == [Fault.LOCKED]
    assert api.post("/leads", {"title": "Kept"}).status_code == 201


def test_the_use_of_a_token_is_noted_once_the_way_is_free(serve, database):
    app = serve(database)
    api = ApiClient(app, create_user(app))
    used = Query(text("SELECT last_used_at FROM tokens"))
    with app.app_context():
        assert used.rows() == [(None,)]
    api.get("/leads")
    with app.app_context():
        assert used.rows() != [(None,)]


@ON_POSTGRESQL
def test_a_locked_token_is_used_all_the_same(serve, database, caplog):
    app = serve(database)
    api = ApiClient(app, create_user(app))
    with session(database) as other, other.transaction():
        other.execute("SELECT 1 FROM tokens FOR UPDATE")
        assert api.get("/leads").status_code == 200
    assert reported(caplog) == []


@ON_POSTGRESQL
def test_a_locked_table_of_tokens_holds_no_request_up(serve, database, caplog):
    app = serve(database)
    api = ApiClient(app, create_user(app))
    with session(database) as other, other.transaction():
        other.execute("LOCK TABLE tokens IN SHARE MODE")  # as CREATE INDEX does
        started = time.monotonic()
        assert api.get("/leads").status_code == 200
        assert time.monotonic() - started < 1
    assert reported(caplog) == []
    with app.test_request_context():
        assert Query(text("SHOW lock_timeout")).rows() == [("10s",)]
    api.get("/leads")
    with app.app_context():
        assert Query(text("SELECT last_used_at FROM tokens")).rows() != [(None,)]


@ON_POSTGRESQL
def test_a_connection_that_ends_within_a_transaction_is_a_503_and_is_replaced(serve, database, caplog):
    app = serve(database)
    api = ApiClient(app, create_user(app))
    lead = api.create("leads")
    ending = (
        "CREATE FUNCTION end_it() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$;"
        " CREATE TRIGGER end_it BEFORE UPDATE ON leads FOR EACH ROW EXECUTE FUNCTION end_it()"
    )
    with session(database) as other:
        other.execute(ending)
        check_unavailable(api.put(f"/leads/{lead['id']}", {"title": "Lost"}))
        other.execute("DROP FUNCTION end_it CASCADE")
    assert reported(caplog) == [Fault.AWAY]
    assert api.put(f"/leads/{lead['id']}", {"title": "Kept"}).json["data"]["title"] == "Kept"


@ON_POSTGRESQL
@pytest.mark.parametrize("count", [1, 2, 300])
@pytest.mark.parametrize("sqlstate", ["53100", "P0001"])
def test_of_statements_that_go_together_the_one_that_failed_is_told(serve, database, sqlstate, count, caplog):
    app = serve(database)
    users, add = Query(text("SELECT count(*) FROM users")), Query(insert(Industry.__table__), ("name",))

    def fail():
        with transaction():
            add.execute_each([{"name": SECRET}] * count)

    app.add_url_rule("/crm/api/v2/fail", view_func=fail)
    with failing(database, "industries", sqlstate):
        assert ApiClient(app).get("/fail").status_code == (503 if sqlstate == "53100" else 500)
    assert reported(caplog) == ([Fault.DISK] if sqlstate == "53100" else [])
    assert f"(SQLSTATE {sqlstate})" in caplog.text
    assert "[SQL: INSERT INTO industries" in caplog.text
    assert SECRET not in caplog.text
    with app.app_context():
        assert users.rows() == [(0,)]
