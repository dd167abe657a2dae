"""`flask crm export`: which columns and rows, and how values stand in cells."""

import csv
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from crm.models import Label, Lead, LeadSource, User
from crm.models.types import now
from crm.transfer import exporting
from tests.support.client import ApiClient, CommandLine, Teams, statements
from tests.support.factories import DETAILS, KINDS, NAMES, alter, create_lookup, create_user, full

LEAD_COLUMNS = (
    "id lead_id title description amount expected_close lead_source_id pipeline_stage_id labels user_owner_id currency"
    " person_id organization_id converted_at lead_source pipeline_stage person organization owner version created_at"
    " updated_at external_keys.erp"
)


def rows_of(text: str) -> list[dict[str, str]]:
    return [*csv.DictReader(io.StringIO(text, newline=""))]


def exported(shell: CommandLine, resource: str, *options: Any) -> list[dict[str, str]]:
    return rows_of(shell.done("export", resource, *options))


def test_a_record_stands_in_a_row(api: ApiClient, shell: CommandLine) -> None:
    owner = create_user(api.app, email="ada@example.com", name="Ada")
    person = api.create("people", first_name="Grace", last_name="Hopper")
    labels = [row["id"] for row in api.get("/labels").json["data"] if row["name"] in ("Hot", "Cold")]
    source = next(row["id"] for row in api.get("/lead-sources").json["data"] if row["name"] == "Referral")
    lead = api.create(
        "leads",
        title="=1+1",
        amount="1500.5",
        expected_close="2027-01-31T17:00:00+01:00",
        person_id=person["id"],
        lead_source_id=source,
        labels=labels,
        user_owner_id=owner,
        external_keys={"erp": "42"},
    )
    (row,) = exported(shell, "leads")
    assert " ".join(row) == LEAD_COLUMNS
    shown = {name: cell for name, cell in row.items() if cell}
    assert shown == {
        "id": lead["id"],
        "lead_id": "L1001",
        "title": "'=1+1",
        "amount": "1500.50",
        "expected_close": "2027-01-31T16:00:00+00:00",
        "lead_source_id": "Referral",
        "labels": "Cold; Hot",
        "user_owner_id": "ada@example.com",
        "currency": "USD",
        "person_id": person["id"],
        "lead_source": "Referral",
        "person": "Grace Hopper",
        "owner": "Ada",
        "version": "1",
        "created_at": lead["created_at"],
        "updated_at": lead["updated_at"],
        "external_keys.erp": "42",
    }


@pytest.mark.parametrize("resource", NAMES)
def test_every_field_that_is_taken_is_a_column_but_lines_and_contact_details(
    api: ApiClient, shell: CommandLine, resource: str
) -> None:
    api.create(resource, **full(api, resource))
    (row,) = exported(shell, resource)
    taken = KINDS[resource].schema().load_fields.keys() - {"line_items", "external_keys", "default_price", *DETAILS}
    assert not row.keys() & {"line_items", *DETAILS}
    assert taken <= row.keys()
    assert {name for name in taken if not row[name]} == set()


def test_values_stand_as_they_are_read(api: ApiClient, shell: CommandLine) -> None:
    api.create("people", birthday="1985-04-12")
    api.create("organizations", annual_revenue="9999999999999.99", total_money_raised=0, number_of_employees=7)
    api.create("products", active=False, tax_rate="19.5", unit_price="0.1", currency="EUR")
    api.create("products", tax_rate=20)
    assert exported(shell, "people")[0]["birthday"] == "1985-04-12"
    (organization,) = exported(shell, "organizations")
    names = ("annual_revenue", "total_money_raised", "number_of_employees")
    assert [organization[name] for name in names] == ["9999999999999.99", "0.00", "7"]
    names = ("active", "tax_rate", "unit_price", "currency")
    assert [[product[name] for name in names] for product in exported(shell, "products")] == [
        ["false", "19.5", "0.10", "EUR"],
        ["true", "20", "", ""],
    ]


def test_an_id_stands_where_a_name_is_not_enough(api: ApiClient, app: Flask, shell: CommandLine) -> None:
    twice = create_lookup(app, LeadSource, name="Twice")
    several = create_lookup(app, Label, name="One; two")
    api.create("leads", lead_source_id=twice, labels=[several])
    alter(app, LeadSource, twice, name="WEBSITE", folded_name=None)
    (row,) = exported(shell, "leads")
    assert (row["lead_source_id"], row["lead_source"], row["labels"]) == (twice, "WEBSITE", several)


def test_what_cannot_be_referred_to_any_more_is_blank(api: ApiClient, app: Flask, shell: CommandLine) -> None:
    owner, source = create_user(app, name="Ada"), create_lookup(app, LeadSource)
    person = api.create("people")
    api.create("leads", user_owner_id=owner, lead_source_id=source, person_id=person["id"])
    alter(app, User, owner, crm_access=False)
    alter(app, LeadSource, source, deleted_at=now())
    api.delete(f"/people/{person['id']}")
    (row,) = exported(shell, "leads")
    assert [row[name] for name in ("user_owner_id", "lead_source_id", "person_id", "owner")] == ["", "", "", "Ada"]


def test_what_is_deleted_is_left_out_and_the_order_is_that_of_creation(
    api: ApiClient, app: Flask, shell: CommandLine
) -> None:
    made = [api.create("leads", title=title)["id"] for title in "CAB"]
    api.delete(f"/leads/{made[1]}")
    alter(app, Lead, made[2], created_at=now() - timedelta(days=9))
    assert [row["title"] for row in exported(shell, "leads")] == ["C", "B"]


def test_without_records_there_is_a_header(shell: CommandLine) -> None:
    assert shell.done("export", "people").startswith("id,title,first_name,")
    assert exported(shell, "people") == []


def test_a_file_is_written_and_replaced(api: ApiClient, shell: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("x" * 10_000)
    api.create("leads", title='Zoë\nand ; , "others"')
    assert shell.done("export", "leads", path) == "Exported leads: 1.\n"
    with path.open(encoding="utf-8", newline="") as file:
        text = file.read()
    assert rows_of(text)[0]["title"] == 'Zoë\nand ; , "others"'
    assert text.encode() == shell.run("export", "leads").stdout_bytes


def test_a_file_that_cannot_be_written_is_a_usage_error(shell: CommandLine, tmp_path: Path) -> None:
    assert shell.run("export", "leads", tmp_path).exit_code == 2


def test_pages_follow_one_another_and_queries_do_not_grow_with_rows(
    api: ApiClient, app: Flask, shell: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        api.create("leads", title=str(number), labels=[create_lookup(app, Label)])
    whole = exported(shell, "leads")
    with statements(app) as one_page:
        shell.done("export", "leads")
    monkeypatch.setattr(exporting, "PAGE", 3)
    with statements(app) as three_pages:
        assert exported(shell, "leads") == whole
    assert [row["title"] for row in whole] == [*"0123456"]
    assert len(three_pages) - len(one_page) < 2 * 4


def test_a_team_exports_its_own(teams: Teams) -> None:
    shell = CommandLine(teams.app)
    for client, title in ((teams.ours, "Ours"), (teams.theirs, "Theirs")):
        client.create("leads", title=title, external_keys={title.lower(): "1"})
    (ours,) = exported(shell, "leads", "--team", teams.a)
    (theirs,) = exported(shell, "leads", "--team", teams.b)
    assert (ours["title"], theirs["title"]) == ("Ours", "Theirs")
    assert ("external_keys.theirs" in ours, "external_keys.ours" in theirs) == (False, False)
    assert "--team ID" in shell.refused("export", "leads")
