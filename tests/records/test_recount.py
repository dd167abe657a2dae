"""Kept totals: exact whatever happens, and mended where somebody changed the database by hand."""

import pytest

from crm.extensions import db
from tests.records.test_numbers import NUMBERS
from tests.support.client import CommandLine
from tests.support.factories import NAMES, create_team, create_user


def run_sql(app, statement):
    with app.app_context():
        db.session.execute(db.text(statement))
        db.session.commit()


def counter_of(app, name):
    """Return the last number and the live records that are kept for a resource."""
    statement = "SELECT last_number, live_records FROM counters WHERE resource = :name"
    with app.app_context():
        return tuple(db.session.execute(db.text(statement), {"name": name}).one())


@pytest.mark.parametrize("name", NAMES)
def test_recount_mends_totals_and_numbers_that_are_wrong(app, api, name):
    for _ in range(3):
        record = api.create(name)
    api.delete(f"/{name}/{record['id']}")
    assert CommandLine(app).done("recount") == "0 counters mended.\n"
    run_sql(app, f"UPDATE counters SET live_records = 99, last_number = 900 WHERE resource = '{name}'")
    assert CommandLine(app).done("recount") == f"{name} of team 0: 99 -> 2 records\n1 counters mended.\n"
    assert api.get(f"/{name}").json["meta"]["total"] == 2
    record = api.create(name)
    assert counter_of(app, name) == (1004, 3)
    if name in NUMBERS:
        column, prefix = NUMBERS[name]
        assert record[column] == f"{prefix}1004"


def test_recount_makes_a_counter_that_is_missing(app, api):
    api.create("leads")
    run_sql(app, "DELETE FROM counters")
    CommandLine(app).done("recount")
    assert api.get("/leads").json["meta"]["total"] == 1
    assert api.create("leads")["lead_id"] == "L1002"


def test_recount_empties_the_counter_of_a_team_without_records(team_app):
    team = create_team(team_app, create_user(team_app))
    run_sql(team_app, f"INSERT INTO counters VALUES ({team}, 'leads', 1005, 5)")
    assert f"leads of team {team}: 5 -> 0 records" in CommandLine(team_app).done("recount")


def test_recount_never_lowers_the_last_number(app, api):
    api.create("leads")
    run_sql(app, "UPDATE counters SET last_number = 2000")
    CommandLine(app).done("recount")
    assert api.create("leads")["lead_id"] == "L2001"
