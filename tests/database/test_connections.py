"""A request reads and writes on one connection: reads see its own transaction, and transactions nest."""

from contextlib import closing

import pytest
from sqlalchemy import bindparam, insert, select

from crm.database.connections import snapshot, transaction
from crm.database.query import Query
from crm.extensions import db
from crm.models import Industry, Lead

ADD = Query(insert(Industry.__table__), ("name",))
NAMES = Query(select(Industry.name).where(Industry.name.like("Test %")).order_by(Industry.name))
FIND = Query(select(Industry.name, Industry.id.label("row_id")).where(Industry.name == bindparam("name")))


@pytest.fixture
def context(app):
    with app.app_context():
        yield


def add(name):
    ADD.execute(name=f"Test {name}")


def names():
    return [row[0].removeprefix("Test ") for row in NAMES.rows()]


def names_elsewhere():
    """What another connection sees."""
    with closing(db.engine.raw_connection()) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT name FROM industries WHERE name LIKE 'Test %' ORDER BY name")
        return [name.removeprefix("Test ") for (name,) in cursor.fetchall()]


def test_a_transaction_sees_what_it_has_written_and_others_see_it_after_the_commit(context):
    with transaction():
        add("a")
        assert (names(), names_elsewhere()) == (["a"], [])
    assert (names(), names_elsewhere()) == (["a"], ["a"])


def test_an_inner_transaction_joins_the_outer_one(context):
    with transaction() as outer:
        add("a")
        with transaction() as inner:
            add("b")
            assert inner is outer
        assert (names(), names_elsewhere()) == (["a", "b"], [])
    assert names_elsewhere() == ["a", "b"]


def test_an_error_rolls_back_all_that_was_written_in_the_transaction(context):
    def fail():
        with transaction():
            add("a")
            with transaction():
                add("b")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert names() == names_elsewhere() == []
    with transaction():
        add("c")
    assert names_elsewhere() == ["c"]


def test_a_snapshot_in_a_transaction_sees_what_it_has_written(context):
    with transaction():
        add("a")
        with snapshot():
            assert names() == ["a"]
        add("b")
    assert names_elsewhere() == ["a", "b"]


def test_a_request_holds_one_connection_whatever_it_does(context):
    before = db.engine.pool.checkedout()
    names()
    with transaction():
        names()
        with transaction():
            add("a")
        with snapshot():
            names()
        assert db.engine.pool.checkedout() == before + 1
    names()
    assert db.engine.pool.checkedout() == before + 1


def test_a_query_runs_for_each_of_many_values(context):
    adding = Query(insert(Industry.__table__).returning(Industry.id), ("name",))
    with transaction():
        ADD.execute_each([{"name": f"Test {name}"} for name in "ab"])
        ids = [row[0] for row in adding.row_of_each([{"name": f"Test {name}"} for name in "dc"])]
    assert names() == ["a", "b", "c", "d"]
    assert [FIND.record(name=f"Test {name}")["row_id"] for name in "dc"] == ids
    ADD.execute_each([])
    assert names() == ["a", "b", "c", "d"]


def test_typed_rows_are_the_same_on_every_store(api):
    lead = api.create("leads", title="A lead", expected_close="2026-03-04T05:06:07+01:00", amount="10.5")
    query = Query(select(Lead.external_id, Lead.expected_close, Lead.amount, Lead.title).where(Lead.title == "A lead"))
    with api.app.app_context():
        ((external_id, expected_close, amount, title),) = query.typed_rows()
        record = query.record()
    assert (external_id, amount, title) == (lead["id"], 1050, "A lead")
    assert expected_close.isoformat() == "2026-03-04T04:06:07+00:00"
    assert record == {"external_id": external_id, "expected_close": expected_close, "amount": 1050, "title": title}


def test_a_record_by_names_is_none_where_there_is_no_row(context):
    assert FIND.record(name="Test nobody") is None
