"""The indexes of a large installation on PostgreSQL: no request reads a table of 20,000 rows from end to end.

The plans are those of the very statements that the application sends while real requests run.
"""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import Boolean, Column, LargeBinary, String, Table, Uuid, bindparam, select

from crm import create_app
from crm.access.scope import alive
from crm.database.query import Query
from crm.extensions import db
from crm.lists.search import has_word, search_values
from crm.models import SOUGHT_DETAILS
from crm.models.base import Record
from crm.models.deal import STATUSES, Deal
from crm.models.types import Timestamp
from crm.webhooks.lanes import waiting
from crm.webhooks.pruning import first_unsent
from tests.support.actions import CASES, path_of, ready
from tests.support.client import ApiClient
from tests.support.databases import LOOKUP_TABLES, SECRET_KEY, seeded_database
from tests.support.factories import DETAILS, KINDS, NAMES, PASSWORD, add_member, create_user, sample
from tests.support.team_model import SCHEMAS, Json, kind_of, name_of, references

ROWS = 20_000
FEW = ROWS // 10
"""How much of a large table a statement may read."""
TEAMS = 3
USERS = 50
"""How many users own the records: the owner filter finds 400 of each resource."""
SEEDED_AT_LEAST = 3
"""How many rows every look-up table has."""
SMALL = {"users": USERS, "memberships": USERS, "teams": TEAMS, "webhooks": USERS}
_SPARED = {*LOOKUP_TABLES, "counters", "pruned_changes", "external_keys"}
FILLED = [table for table in db.metadata.sorted_tables if table.name not in _SPARED]
REFERENCES = [
    (kind.model, column.name)
    for kind in KINDS.values()
    for column in kind.model.__table__.c
    if column.foreign_keys and column.name != "team_id" and not column.index
]
LABELLED = [resource for resource in NAMES if "labels" in SCHEMAS[resource]().load_fields]
LARGE = {table.name for table in FILLED} - {*SMALL} | {"external_keys"}


@pytest.fixture(scope="module", params=["true", "false"], ids=["teams", "no teams"])
def with_teams(request: pytest.FixtureRequest) -> str:
    """Whether there are teams, as the setting has it: nothing is written without one once there is."""
    return request.param


@pytest.fixture(scope="module", params=["postgresql"])
def large_url(request: pytest.FixtureRequest, with_teams: str) -> str:
    """A database with many rows of everything but users, teams and look-up rows."""
    url = seeded_database(request.param)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # foreign keys are not checked one by one
        for table in FILLED:
            connection.execute(rows_of(table))
        connection.execute("UPDATE webhooks SET team_id = 2, types = '[\"*\"]'")
        if with_teams == "false":
            connection.execute("DELETE FROM memberships; DELETE FROM teams; UPDATE users SET current_team_id = NULL")
            for name in ("changes", *(table.name for table in SOUGHT_DETAILS)):
                connection.execute(f"UPDATE {name} SET team_id = 0")
            for name in NAMES:
                connection.execute(f"UPDATE {name} SET team_id = NULL")
        for name in NAMES:
            connection.execute(
                "INSERT INTO external_keys (team_id, resource, source, key, record_id)"
                f" SELECT coalesce(team_id, 0), '{name}', 'erp', 'key ' || id, id FROM {name} WHERE deleted_at IS NULL"
            )
            connection.execute(
                "INSERT INTO counters (team_id, resource, last_number, live_records)"
                f" SELECT coalesce(team_id, 0), '{name}', 99999, count(*) FROM {name}"
                " WHERE deleted_at IS NULL GROUP BY team_id"
            )
        connection.execute(
            "INSERT INTO counters (team_id, resource, last_number, live_records)"
            " SELECT team_id, 'changes', max(sequence), 0 FROM changes GROUP BY team_id"
        )
        connection.execute("ANALYZE")
    return url


@pytest.fixture(scope="module")
def api(large_url: str, with_teams: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiClient]:
    """A client of an application on the large database, with teams and without."""
    settings = {"DATABASE_URL": large_url, "SECRET_KEY": SECRET_KEY, "TEAMS": with_teams}
    settings |= {"RATELIMIT_AUTHENTICATED": "1000000 per minute"}
    app = create_app({f"CRM_{name}": value for name, value in settings.items()}, str(tmp_path_factory.mktemp("app")))
    user = create_user(app)
    if with_teams == "true":
        add_member(app, team_id=1, user_id=user)
    yield ApiClient(app, user)
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """The statements that are sent to PostgreSQL during the test, with their parameters."""
    statements: list[tuple[str, Any]] = []
    execute = psycopg.Cursor.execute

    def record(cursor: Any, sql: Any, parameters: Any = None, **options: Any) -> Any:
        statements.append((str(sql), parameters))
        return execute(cursor, sql, parameters, **options)

    monkeypatch.setattr(psycopg.Cursor, "execute", record)
    return statements


@pytest.mark.parametrize("resource", NAMES)
def test_no_verb_walks_a_large_table(
    api: ApiClient, large_url: str, sent: list[tuple[str, Any]], resource: str
) -> None:
    body = body_of(api, resource)
    sent.clear()

    page = api.get(f"/{resource}").json
    assert page["meta"]["total"] >= ROWS // TEAMS * 0.9
    assert api.get(f"/{resource}?user_owner_id=7").json["meta"]["total"] > 100
    path = f"/{resource}/{page['data'][0]['id']}"
    assert api.get(path).status_code == 200
    created = api.post(f"/{resource}", body)
    assert created.status_code == 201
    assert api.put(path, body).status_code == 200
    if "emails" in body:
        assert api.put(path, {"emails": [], "phones": [{"number": "2"}]}).status_code == 200
    for line in body.get("line_items", ()):
        line["id"] = created.json["data"]["line_items"][0]["id"]
    assert api.put(f"/{resource}/{created.json['data']['id']}", body).status_code == 200
    assert api.get(f"{path}/changes").json["meta"]["total"] > 0
    by_key = f"/{resource}/by/erp/new?include=external_keys"
    assert [api.put(by_key, sample(resource)).status_code for _ in range(2)] == [201, 200]
    for key in ("1", "2", None):
        assert api.put(by_key, {"external_keys": {"other": key}}).status_code == 200
    keys = [{"source": "erp", "key": f"new {n}"} for n in range(20)]
    for verb, items in {
        "upsert": [{"key": key, **sample(resource)} for key in keys],
        "update": [{"id": key} for key in keys],
        "delete": [{"id": key} for key in keys],
    }.items():
        assert api.post(f"/{resource}/batch/{verb}", {"items": items}).status_code == 200
    if number := created.json["data"].get(f"{resource[:-1]}_id"):
        assert api.get(f"/{resource}/{number}").status_code == 200
    assert api.delete(path).status_code == 204
    for name in (name for of, name in CASES if of == resource):
        record = ready(api, resource, name)
        assert api.post(path_of(resource, record, name), CASES[resource, name].body).status_code < 300

    assert walks(large_url, sent) == []


def test_no_payment_walks_a_large_table(api: ApiClient, large_url: str, sent: list[tuple[str, Any]]) -> None:
    invoice = f"/invoices/{api.create('invoices', total=100)['id']}"
    sent.clear()
    payment = api.post(f"{invoice}/payments", {"amount": 60}).json["data"]["id"]
    assert api.put(invoice, {"total": 60}).json["data"]["fully_paid_at"]
    assert len(api.get(f"{invoice}/payments").json["data"]) == 1
    assert len(api.get("/invoices?include=payments").json["data"]) == 25
    assert api.delete(f"{invoice}/payments/{payment}").status_code == 204

    assert walks(large_url, sent) == []


def test_no_key_walks_a_large_table(api: ApiClient, large_url: str, sent: list[tuple[str, Any]]) -> None:
    with psycopg.connect(large_url) as connection:
        connection.execute("UPDATE kept_answers SET created_at = created_at - interval '45 hours'")  # half of them old
    sent.clear()
    for _ in range(2):
        answer = api.post("/leads", {"title": "Once"}, headers={"Idempotency-Key": "new"})
        assert answer.status_code == 201
    assert answer.headers["Idempotent-Replayed"] == "true"

    assert walks(large_url, sent) == []


def test_no_page_of_the_feed_walks_a_large_table(api: ApiClient, large_url: str, sent: list[tuple[str, Any]]) -> None:
    sent.clear()
    first = api.get("/changes?limit=500").json
    assert (len(first["data"]), first["meta"]["has_more"]) == (500, True)
    assert len(api.get(f"/changes?limit=500&after={first['meta']['cursor']}").json["data"]) == 500
    assert api.get("/changes?after=latest").json["data"] == []

    assert walks(large_url, sent) == []


def test_no_webhook_walks_a_large_table(api: ApiClient, large_url: str, sent: list[tuple[str, Any]]) -> None:
    made = api.post("/webhooks", {"url": "https://example.com/", "types": ["deal.won"]}).json["data"]
    path = f"/webhooks/{made['id']}"
    message = api.post(f"{path}/test").json["data"]["id"]
    sent.clear()
    for query in ("", "?status=pending", "?page=2"):
        assert api.get(f"{path}/deliveries{query}").status_code == 200
    assert api.post(f"{path}/deliveries/{message}/redeliver").status_code == 202
    assert api.put(path, {"active": False}).status_code == 200
    assert api.post(f"{path}/rotate-secret").status_code == 200
    with api.app.app_context():
        waiting()
        first_unsent(2)
    assert api.delete(path).status_code == 204

    assert walks(large_url, sent) == []


def test_no_token_walks_a_large_table(api: ApiClient, large_url: str, sent: list[tuple[str, Any]]) -> None:
    assert api.get("/auth/me").status_code == 200
    email = api.get("/auth/me").json["user"]["email"]
    answer = api.post("/auth/token", {"email": email, "password": PASSWORD})
    assert api.delete("/auth/token", headers={"Authorization": f"Bearer {answer.json['token']}"}).status_code == 204

    assert walks(large_url, sent) == []


@pytest.mark.parametrize("resource", NAMES)
def test_no_sort_walks_a_large_table(
    api: ApiClient, large_url: str, sent: list[tuple[str, Any]], resource: str
) -> None:
    sorts = [sign + name for name in (*KINDS[resource].model.sorts, "created_at", "updated_at") for sign in ("", "-")]
    sent.clear()
    for sort in sorts:
        for page in (1, 3):
            assert len(api.get(f"/{resource}?sort={sort}&page={page}").json["data"]) == 25

    assert walks(large_url, sent) == []


@pytest.mark.parametrize(("model", "column"), REFERENCES, ids=str)
def test_the_records_of_a_reference_are_read_from_an_index(
    api: ApiClient, large_url: str, sent: list[tuple[str, Any]], model: type[Record], column: str
) -> None:
    table = model.__table__
    with api.app.app_context():
        newest = (table.c.created_at.desc(), table.c.id.desc())
        few = Query(
            select(table.c.id).where(alive(table), table.c[column] == bindparam("key")).order_by(*newest).limit(25)
        )
        sent.clear()
        few.rows(key=1)
        few.rows(key=ROWS)

    assert walks(large_url, sent) == []
    for plan in plans(large_url, sent):
        assert f"Scan Backward using ix_{table.name}_{column}_newest" in plan


@pytest.mark.parametrize("resource", NAMES)
def test_a_search_is_read_from_an_index_or_stops_soon(
    api: ApiClient, large_url: str, sent: list[tuple[str, Any]], with_teams: str, resource: str
) -> None:
    table = KINDS[resource].model.__table__
    with api.app.app_context():
        team = table.c.team_id == 1 if with_teams == "true" else table.c.team_id.is_(None)
        newest = (table.c.team_id.desc(), table.c.created_at.desc(), table.c.id.desc())
        found = select(table.c.id).where(alive(table), team, has_word(table, "word")).order_by(*newest).limit(25)
        words = ("search_text", "xt1999", "zzzz")
        sent.clear()
        counts = [len(Query(found, planned_anew=True).rows(**search_values("word", word))) for word in words]

    assert (counts[0], counts[2]) == (25, 0)
    assert 0 < counts[1] <= 11
    if with_teams == "false":  # of a team's third of so few rows PostgreSQL reads all
        assert walks(large_url, sent) == []
        assert [f"ix_{resource}_search" in plan for plan in plans(large_url, sent)] == [False, True, True]


@pytest.mark.parametrize("resource", ["people", "organizations"])
@pytest.mark.parametrize("sort", ["-created_at", "updated_at", "version"])
def test_whoever_has_an_email_or_a_phone_number_is_read_from_an_index(
    api: ApiClient, large_url: str, sent: list[tuple[str, Any]], resource: str, sort: str
) -> None:
    record = api.create(resource, emails=[{"address": "A@b.example"}], phones=[{"number": "+1 (2)"}])["id"]
    api.create(resource, emails=[{"address": "c@d.example"}])
    sent.clear()
    for asked in ("email]=a@B.example", "email][in]=a@b.example,x@y.example", "phone]=1 2", "email]=none@b.example"):
        found = [] if "none" in asked else [record]
        shown = api.get(f"/{resource}?sort={sort}&filter[{asked}").json["data"]
        assert [each["id"] for each in shown if each["id"] == record] == found
        if "none" not in asked:
            assert api.delete(f"/{resource}/{record}").status_code == 204
            assert api.get(f"/{resource}?sort={sort}&filter[{asked}").json["data"] == []
            assert api.post(f"/{resource}/{record}/restore").status_code == 200
    exact = api.get(f"/search?q=A@B.example&resources={resource}").json["data"][0]["record"]["id"]
    api.put(f"/{resource}/{record}", {"emails": [], "phones": []})
    assert exact == record

    seeks = [sql for sql, _ in sent if f"{resource}_emails.key" in sql or f"{resource}_phones.key" in sql]
    assert len(seeks) > 10
    assert walks(large_url, [each for each in sent if each[0] in seeks]) == []


@pytest.mark.parametrize("resource", LABELLED)
def test_no_deletion_of_a_label_walks_a_large_table(
    api: ApiClient, large_url: str, sent: list[tuple[str, Any]], resource: str
) -> None:
    label = api.post("/labels", {"name": f"Of {resource}", "hex": "ff0000"}).json["data"]["id"]
    api.create(resource, labels=[label])
    sent.clear()
    assert api.delete(f"/labels/{label}").json["records"] == 1
    assert api.delete(f"/labels/{label}?force=true").status_code == 204

    assert walks(large_url, sent) == []


def test_a_walk_is_noticed(large_url: str, api: ApiClient) -> None:
    by_text = ("SELECT id FROM leads WHERE description = 'x'", None)
    by_whole_index = ("SELECT count(*) FROM leads WHERE deleted_at IS NULL", None)

    assert len(walks(large_url, [by_text, by_whole_index])) == 2


def walks(url: str, sent: list[tuple[str, Any]]) -> list[str]:
    """Return the plan of each statement that reads a large table in sequence, or reads more than a few of its rows."""
    found = []
    explained = [each for each in sent if each[0].startswith(("SELECT", "UPDATE", "DELETE", "WITH"))]
    assert explained
    with psycopg.connect(url, cursor_factory=psycopg.ClientCursor) as connection:
        for sql, parameters in explained:
            (plan,) = connection.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", parameters).fetchone() or ()
            found += [f"{problem}\n{sql}" for problem in problems(plan[0]["Plan"])]
        connection.rollback()
    return found


def plans(url: str, sent: list[tuple[str, Any]]) -> list[str]:
    """Return the plan of each SELECT as text."""
    with psycopg.connect(url, cursor_factory=psycopg.ClientCursor) as connection:
        return [
            "\n".join(line for (line,) in connection.execute(f"EXPLAIN {sql}", parameters))
            for sql, parameters in sent
            if sql.startswith("SELECT")
        ]


def problems(node: Json) -> Iterator[str]:
    """Give a sentence for each node of a plan that walks a large table."""
    read = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
    if node.get("Relation Name") in LARGE and (node["Node Type"] == "Seq Scan" or read > FEW):
        yield f"{node['Node Type']} of {node['Relation Name']} reads {read:.0f} rows; {node.get('Filter', 'no filter')}"
    for child in node.get("Plans", ()):
        yield from problems(child)


def body_of(api: ApiClient, resource: str) -> Json:
    """Return a body with every reference, labels and a line."""
    fields = SCHEMAS[resource]().load_fields
    body: Json = {name_of(resource): "New"}
    body |= {name: some_id(api, kind_of(field)) for name, field in references(resource).items()}
    if "labels" in fields:
        body["labels"] = [row["id"] for row in api.get("/labels").json["data"]]
    if "emails" in fields:
        body |= DETAILS
    if "line_items" in fields:
        line = {"product_id": some_id(api, "products"), "quantity": 1, "unit_price": 1, "amount": 1}
        body["line_items"] = [line]
    return body


def some_id(api: ApiClient, kind: str) -> Any:
    """Return the id of a row of a kind, as a client finds it."""
    if kind == "users":
        return api.user_id
    if kind.startswith("stages of "):
        pipelines = api.get("/pipelines").json["data"]
        return next(row["stages"][0]["id"] for row in pipelines if row["resource"] == kind.removeprefix("stages of "))
    return api.get(f"/{kind.replace('_', '-')}").json["data"][0]["id"]


def rows_of(table: Table) -> str:
    """Return the INSERT of many rows; row `i` of a table refers to row `i` of another."""
    values = {f'"{column.name}"': value for column in table.columns if (value := value_of(column))}
    return (
        f"INSERT INTO {table.name} ({', '.join(values)})"
        f" SELECT {', '.join(values.values())} FROM generate_series(1, {SMALL.get(table.name, ROWS)}) AS i"
    )


def value_of(column: Column[Any]) -> str | None:
    """Return the SQL of the value of row `i`, None where the database gives it."""
    if column.foreign_keys:
        (key,) = column.foreign_keys
        target = key.column.table.name
        return "i" if target in LARGE else f"i % {SMALL.get(target, SEEDED_AT_LEAST)} + 1"
    if column.name == "sequence":
        return "i"
    if column.name == "resource":
        return "'leads'"
    if column is Deal.__table__.c.status:
        return f"(ARRAY{[*STATUSES]})[i % {len(STATUSES)} + 1]"
    if column.primary_key and column.name == "id":
        return None
    if column.name == "deleted_at":
        return "CASE WHEN i % 20 = 0 THEN date_trunc('second', now()) END"
    if isinstance(column.type, Uuid):
        return "gen_random_uuid()"
    if column.nullable and not is_sorted_by(column):
        return "NULL"
    if isinstance(column.type, String):
        return "'USD'" if column.type.length == 3 else f"'{column.name}' || i"
    if isinstance(column.type, LargeBinary):
        return "''"
    if isinstance(column.type, Timestamp):
        return "date_trunc('second', now()) - i * interval '1 second'"
    return "TRUE" if isinstance(column.type, Boolean) else "i" if is_sorted_by(column) else "1"


def is_sorted_by(column: Column[Any]) -> bool:
    return column.table.name in KINDS and column.name in KINDS[column.table.name].model.sorts
