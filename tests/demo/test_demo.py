"""The sample data: a believable year of a company, the same every time, and right in its numbers and references."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update

from crm.blueprints import RESOURCES
from crm.demo import DEMOS, create_demo
from crm.extensions import db
from crm.models import Counter, Invoice, Label, Membership, Order, Quote
from crm.models.document import ONE
from crm.models.invoice import invoice_line_items
from crm.models.order import order_line_items
from crm.models.quote import quote_line_items
from tests.support.client import ApiClient, CommandLine, make_teams, statements
from tests.support.databases import clean
from tests.support.factories import create_team, create_user

TODAY = datetime(2025, 3, 1, tzinfo=UTC)
LEADS = 60
NAMES = [model.__tablename__ for model in DEMOS]
LINES = {Quote: quote_line_items, Order: order_line_items, Invoice: invoice_line_items}
LINE_COLUMNS = ("position", "product_id", "quantity", "unit_price", "amount", "tax_rate", "tax_amount")


def make(app: Flask, leads: int = LEADS, **arguments: Any) -> dict[str, int]:
    """Add sample data that ends at TODAY."""
    with app.app_context():
        return create_demo(leads, today=TODAY, **arguments)


def read_all(api: ApiClient) -> dict[str, list[dict[str, Any]]]:
    """Return every record of every resource, the oldest first, and check the totals of the lists."""
    answers = {name: api.get(f"/{name}?per_page=100&sort=created_at").json for name in NAMES}
    for answer in answers.values():
        assert answer["meta"]["total"] == len(answer["data"]) > 0
    return {name: answer["data"] for name, answer in answers.items()}


def rows(app: Flask, *columns: Any, where: Any = True) -> list[Any]:
    with app.app_context():
        return [*db.session.execute(select(*columns).where(where))]


def lines_of(app: Flask, model: Any, record_id: int) -> list[Any]:
    table = LINES[model]
    with app.app_context():
        statement = select(*(table.c[name] for name in LINE_COLUMNS)).where(table.c.record_id == record_id)
        return [*db.session.execute(statement.order_by(table.c.position))]


def test_every_resource_has_sample_data() -> None:
    assert {resource.model for resource in RESOURCES} == set(DEMOS)


def test_lists_hold_what_was_made(app: Flask, api: ApiClient) -> None:
    counts = make(app)
    assert counts["leads"] == LEADS
    assert {name: len(records) for name, records in read_all(api).items()} == counts


@pytest.mark.parametrize("leads", [1, 2])
def test_one_lead_is_enough_for_all_resources(app: Flask, leads: int) -> None:
    assert {name for name, made in make(app, leads).items() if made} == set(NAMES)


def test_same_seed_gives_same_data(app: Flask) -> None:
    def data(seed: int) -> dict[str, list[dict[str, Any]]]:
        clean(app)
        api = ApiClient(app, create_user(app))
        make(app, seed=seed)
        records = read_all(api)
        for record in (record for group in records.values() for record in group):
            assert record.pop("owner")["name"] == "Jane Doe"
        return records

    first = data(1)
    assert data(1) == first
    assert data(2) != first


def test_second_run_adds_another_company(app: Flask, api: ApiClient) -> None:
    first = make(app, 20)
    second = make(app, 20)
    records = read_all(api)
    for name in NAMES:
        assert len(records[name]) == first[name] + second[name]
        assert len({record["id"] for record in records[name]}) == len(records[name])
    assert len({record["name"] for record in records["organizations"]}) > first["organizations"]


def test_every_record_can_be_shown(app: Flask, api: ApiClient) -> None:
    make(app, 20)
    for name, records in read_all(api).items():
        for record in records:
            assert api.get(f"/{name}/{record['id']}").json == {"data": record}


@pytest.mark.parametrize("resource", [kind for kind in RESOURCES if kind.model.number], ids=lambda kind: kind.__name__)
def test_numbers_go_on(app: Flask, api: ApiClient, resource: Any) -> None:
    column, prefix = resource.model.number
    name = resource.model.__tablename__
    assert api.create(name)[column] == f"{prefix}1001"
    count = make(app, 10)[name]
    made = [record[column] for record in api.get(f"/{name}?per_page=100&sort=created_at").json["data"]][:count]
    assert made == [f"{prefix}{1002 + place}" for place in range(count)]
    assert api.create(name)[column] == f"{prefix}{1002 + count}"


def test_year_ends_today(app: Flask, api: ApiClient) -> None:
    make(app)
    for records in read_all(api).values():
        for record in records:
            created, updated = (datetime.fromisoformat(record[name]) for name in ("created_at", "updated_at"))
            assert TODAY - timedelta(days=365) <= created <= updated <= TODAY


def test_totals_are_the_sums_of_lines(app: Flask) -> None:
    make(app)
    for model in LINES:
        for record_id, subtotal, tax, total in rows(app, model.id, model.subtotal, model.tax, model.total):
            lines = lines_of(app, model, record_id)
            assert lines
            assert all(line.amount * ONE == line.quantity * line.unit_price for line in lines)
            assert subtotal == sum(line.amount for line in lines)
            by_rate: dict[int, int] = defaultdict(int)
            for line in lines:
                by_rate[line.tax_rate] += line.amount
            assert tax == sum((amount * rate + 500_000) // 1_000_000 for rate, amount in by_rate.items())
            assert total == subtotal + tax


def test_totals_stay_as_they_are_when_they_are_worked_out_again(app: Flask, api: ApiClient) -> None:
    make(app, 20)
    for name in ("quotes", "orders", "invoices"):
        for document in read_all(api)[name]:
            assert document["compute_totals"] is True
            assert api.put(f"/{name}/{document['id']}", {"compute_totals": True}).json["data"] == document


def test_lines_cost_and_are_taxed_as_the_api_would_have_it(app: Flask, api: ApiClient) -> None:
    make(app, 10)
    for quote in read_all(api)["quotes"]:
        for line in quote["line_items"]:
            (price,) = (
                price for price in api.get(f"/products/{line['product_id']}").json["data"]["prices"] if price["default"]
            )
            assert (price["currency"], price["unit_price"]) == (quote["currency"], line["unit_price"])
        (line, *_) = quote["line_items"]
        sent = {name: str(line[name]) for name in ("product_id", "quantity", "unit_price", "amount")}
        same = api.create("quotes", line_items=[sent])["line_items"][0]
        assert (same["tax_rate"], same["tax_amount"]) == (line["tax_rate"], line["tax_amount"])


def test_documents_of_a_sale_agree(app: Flask) -> None:
    make(app)
    pairs = [
        *((Quote, Order, *ids) for ids in rows(app, Order.quote_id, Order.id)),
        *((Order, Invoice, *ids) for ids in rows(app, Invoice.order_id, Invoice.id)),
    ]
    assert pairs
    for before, after, before_id, after_id in pairs:
        assert lines_of(app, before, before_id) == lines_of(app, after, after_id)
        names = ("total", "person_id", "organization_id", "user_owner_id", "currency")
        ((first,), (second,)) = (
            rows(app, *(getattr(model, name) for name in names), where=model.id == record_id)
            for model, record_id in ((before, before_id), (after, after_id))
        )
        assert first == second


def test_stages_tell_what_happened(app: Flask, api: ApiClient) -> None:
    make(app)
    records = read_all(api)
    for lead in records["leads"]:
        assert (lead["pipeline_stage"]["name"] == "Converted") == bool(lead["converted_at"])
    assert {deal["lead"]["id"] for deal in records["deals"]} == {
        lead["id"] for lead in records["leads"] if lead["converted_at"]
    }
    for deal in records["deals"]:
        assert (deal["pipeline_stage"]["name"] in ("Won", "Lost")) == bool(deal["closed_at"])
        assert deal["status"] == (deal["pipeline_stage"]["name"].lower() if deal["closed_at"] else "open")
    assert {deal["status"] for deal in records["deals"]} == {"open", "won", "lost"}
    won = {deal["id"] for deal in records["deals"] if deal["status"] == "won"}
    assert {quote["deal"]["id"] for quote in records["quotes"] if quote["accepted_at"]} == won
    for quote in records["quotes"]:
        assert (quote["pipeline_stage"]["name"] == "Accepted") == bool(quote["accepted_at"])
        assert (quote["pipeline_stage"]["name"] == "Rejected") == bool(quote["rejected_at"])
    assert {bool(invoice["fully_paid_at"]) for invoice in records["invoices"]} == {True, False}
    for invoice in records["invoices"]:
        assert (invoice["amount_due"] == 0) == bool(invoice["fully_paid_at"])


def test_invoices_are_paid_in_full_or_in_part_or_overdue(app: Flask, api: ApiClient) -> None:
    make(app)
    seen = set()
    for listed in read_all(api)["invoices"]:
        invoice = api.get(f"/invoices/{listed['id']}?include=payments").json["data"]
        payments = invoice["payments"]
        assert invoice["amount_paid"] == sum(payment["amount"] for payment in payments)
        moments = [invoice["created_at"], *(payment["paid_at"] for payment in payments), invoice["updated_at"]]
        assert moments == sorted(moments)
        assert {payment["user"]["id"] for payment in payments} <= {invoice["owner"]["id"]}
        if invoice["fully_paid_at"]:
            assert invoice["fully_paid_at"] == payments[-1]["paid_at"]
        overdue = invoice["due_date"] < datetime.now(UTC).isoformat()
        seen.add((len(payments), bool(invoice["fully_paid_at"]), overdue and not invoice["fully_paid_at"]))
    assert seen >= {(1, True, False), (2, True, False), (1, False, True), (0, False, True)}


def test_a_sale_is_as_the_actions_make_it(app: Flask, api: ApiClient) -> None:
    make(app)
    records = read_all(api)
    sources = {"leads": ("deals", "lead", "convert"), "quotes": ("orders", "quote", "order")}
    sources["orders"] = ("invoices", "order", "invoice")
    for name, (made, relation, action) in sources.items():
        ids = {record[relation]["id"]: record["id"] for record in records[made]}
        for record in records[name]:
            if record["id"] in ids:
                answer = api.post(f"/{name}/{record['id']}/{action}")
                assert answer.status_code == 409
                assert answer.json[f"{made[:-1]}_id"] == ids[record["id"]]


def test_references_stay_in_the_team(team_app: Flask) -> None:
    teams = make_teams(team_app)
    counts = {team_id: make(team_app, 20, team_id=team_id) for team_id in (teams.a, teams.b)}
    members = {teams.ours.user_id, teams.theirs.user_id, teams.both.user_id}
    for client, team_id, stranger in ((teams.ours, teams.a, teams.theirs), (teams.theirs, teams.b, teams.ours)):
        records = read_all(client)
        assert {name: len(group) for name, group in records.items()} == counts[team_id]
        owners = {record["owner"]["id"] for group in records.values() for record in group}
        assert owners == members - {stranger.user_id}
        with team_app.app_context():
            number = db.session.scalar(select(Counter.last_number).filter_by(team_id=team_id, resource="leads"))
        assert number == 1020
    assert [str(key) for key in keys_to_records() if leads_astray(team_app, key)] == []


def keys_to_records() -> list[Any]:
    """Return the columns of records and of their lines that refer to records."""
    tables = {model.__table__ for model in DEMOS}
    keys = [key for table in (*tables, *LINES.values()) for key in table.foreign_keys]
    return [key.parent for key in keys if key.column.table in tables and key.parent.name != "record_id"]


def leads_astray(app: Flask, key: Any) -> int:
    """Return how many rows refer to a record of another team."""
    own, (reference,) = key.table, key.foreign_keys
    target = reference.column.table.alias()
    joined = own.join(target, target.c.id == key)
    if "record_id" in own.c:
        (of_record,) = own.c.record_id.foreign_keys
        own = of_record.column.table.alias()
        joined = joined.join(own, own.c.id == key.table.c.record_id)
    astray = own.c.team_id.is_distinct_from(target.c.team_id)
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(joined).where(astray)) or 0


def test_owners_are_all_who_may_own(app: Flask) -> None:
    users = {create_user(app), create_user(app)}
    create_user(app, crm_access=False)
    make(app)
    for model in DEMOS:
        assert {owner for (owner,) in rows(app, model.user_owner_id)} <= users
    assert {owner for (owner,) in rows(app, Order.user_owner_id)} == users


def test_number_of_statements_does_not_grow_with_rows(app: Flask) -> None:
    with statements(app) as sent:
        counts = make(app, 400)
    # Look-up tables, owners, BEGIN and the seed; for each resource its counter, the look-up rows that it takes, and its
    # rows; then what belongs to them: labels and lines, which name their record, and prices. The changes of a thousand
    # records are written at once.
    belonging = [
        table for table in db.metadata.tables.values() if "record_id" in table.c and table.c.record_id.foreign_keys
    ]
    portions = -(-sum(counts.values()) // 1000)
    noting = portions * (2 if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite") else 1)
    assert len(sent) == (9 + 2) + 3 * len(DEMOS) + len(belonging) + 1 + noting


def test_failed_run_leaves_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_company: Any) -> Any:
        raise RuntimeError

    monkeypatch.setitem(DEMOS, Invoice, fail)
    with pytest.raises(RuntimeError):
        make(app, 10)
    assert not any(rows(app, model.id) for model in (*DEMOS,))
    assert rows(app, Counter.resource) == []


def test_resource_without_sample_data_is_left_out(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(DEMOS, Invoice)
    assert "invoices" not in make(app, 5)


def test_command_says_what_it_added(app: Flask) -> None:
    result = CommandLine(app).run("demo", "--leads", "5")
    assert result.exit_code == 0, result.output
    assert " 5 leads, " in result.stdout
    assert "organizations" in result.stderr


def test_command_needs_a_lead(app: Flask) -> None:
    assert CommandLine(app).run("demo", "--leads", "0").exit_code == 2


def test_command_needs_lookup_rows(app: Flask) -> None:
    with app.app_context():
        db.session.execute(update(Label).values(deleted_at=TODAY))
        db.session.commit()
    message = "Error: Look-up rows are missing (labels): run `flask crm seed`, or add some where they were deleted.\n"
    assert CommandLine(app).refused("demo") == message


def test_command_needs_a_known_team(team_app: Flask) -> None:
    shell, team_id = CommandLine(team_app), create_team(team_app, create_user(team_app))
    assert "--team ID" in shell.refused("demo")
    assert shell.refused("demo", "--team", team_id + 1) == f"Error: There is no team {team_id + 1}.\n"
    assert shell.run("demo", "--leads", 3, "--team", team_id).exit_code == 0


def test_team_without_members_gets_records_without_owner(team_app: Flask) -> None:
    team_id = create_team(team_app, create_user(team_app))
    with team_app.app_context():
        db.session.execute(delete(Membership))
        db.session.commit()
    make(team_app, 3, team_id=team_id)
    assert {owner for (owner,) in rows(team_app, Order.user_owner_id)} == {None}


def test_team_outside_teams_mode_is_refused(app: Flask) -> None:
    assert "teams mode" in CommandLine(app).refused("demo", "--team", 1)


def test_people_and_organizations_have_contact_details_that_the_api_takes(app: Flask, api: ApiClient) -> None:
    make(app, 20)
    kinds = ("emails", "phones", "addresses")
    for name in ("organizations", "people"):
        records = read_all(api)[name]
        assert all(any(record[kind] for record in records) for kind in kinds)
        assert all(email["address"].endswith(".example") for record in records for email in record["emails"])
        for record in records:
            answer = api.put(f"/{name}/{record['id']}", {kind: record[kind] for kind in kinds})
            assert answer.json["data"] == record
