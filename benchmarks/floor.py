"""The floor: what a careful programmer gets by hand, without a framework, for the same requests.

A bare WSGI application over psycopg, redis and orjson. It does the work of the API for leads and the list of quotes:
token look-up, permission, limit count in Redis, exact total, page, labels, lines, the same envelope. For the same
rows its bodies are equal to the API's, which the benchmark checks before it times anything.
"""

import hashlib
import hmac
import os
import threading
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import orjson
import psycopg
import redis

Json = dict[str, Any]
Row = tuple[Any, ...]

LIMIT = int(os.environ["FLOOR_LIMIT"])
PER_PAGE = 25
PREFIX = "/crm/api/v2"
ROLES = {"Owner", "Admin", "Manager", "Employee", "Viewer"}

_local = threading.local()
_redis = redis.Redis.from_url(os.environ["CRM_RATELIMIT_STORAGE_URL"])

TOKEN = """
SELECT tokens.secret_hash, users.id, users.crm_access, users.role
FROM tokens JOIN users ON users.id = tokens.user_id
WHERE tokens.id = %s AND (tokens.expires_at IS NULL OR tokens.expires_at > now())
"""
TOTAL = "SELECT live_records FROM counters WHERE team_id = 0 AND resource = %s"
LEAD = """
SELECT leads.id, leads.external_id, lead_id, leads.title, leads.description, amount, currency, expected_close,
  converted_at, lead_sources.external_id, lead_sources.name, pipeline_stages.external_id, pipeline_stages.name,
  people.external_id, people.first_name, people.last_name, organizations.external_id, organizations.name,
  users.id, users.name, users.email, leads.created_at, leads.updated_at
FROM leads
LEFT JOIN lead_sources ON lead_sources.id = leads.lead_source_id AND lead_sources.deleted_at IS NULL
LEFT JOIN pipeline_stages ON pipeline_stages.id = leads.pipeline_stage_id AND pipeline_stages.deleted_at IS NULL
LEFT JOIN people ON people.id = leads.person_id AND people.deleted_at IS NULL
LEFT JOIN organizations ON organizations.id = leads.organization_id AND organizations.deleted_at IS NULL
LEFT JOIN users ON users.id = leads.user_owner_id
"""
LEADS = LEAD + "WHERE leads.deleted_at IS NULL ORDER BY leads.created_at DESC, leads.id DESC LIMIT 25"
ONE_LEAD = LEAD + "WHERE leads.deleted_at IS NULL AND leads.external_id = %s"
LABELS = """
SELECT {table}.record_id, labels.external_id, labels.name, labels.hex
FROM {table} JOIN labels ON labels.id = {table}.label_id AND labels.deleted_at IS NULL
WHERE {table}.record_id = ANY (%s) ORDER BY lower(labels.name), labels.id
"""
LEAD_LABELS = LABELS.format(table="leads_labels")
QUOTE_LABELS = LABELS.format(table="quotes_labels")
QUOTES = """
SELECT quotes.id, quotes.external_id, quote_id, quotes.title, quotes.description, reference, currency, issue_at,
  expire_at, terms, subtotal, discount, tax, adjustments, total, accepted_at, rejected_at,
  pipeline_stages.external_id, pipeline_stages.name,
  people.external_id, people.first_name, people.last_name, organizations.external_id, organizations.name,
  users.id, users.name, users.email, quotes.created_at, quotes.updated_at
FROM quotes
LEFT JOIN pipeline_stages ON pipeline_stages.id = quotes.pipeline_stage_id AND pipeline_stages.deleted_at IS NULL
LEFT JOIN people ON people.id = quotes.person_id AND people.deleted_at IS NULL
LEFT JOIN organizations ON organizations.id = quotes.organization_id AND organizations.deleted_at IS NULL
LEFT JOIN users ON users.id = quotes.user_owner_id
WHERE quotes.deleted_at IS NULL ORDER BY quotes.created_at DESC, quotes.id DESC LIMIT 25
"""
LINES = """
SELECT quote_line_items.record_id, quote_line_items.external_id, products.external_id, products.name, products.code,
  quantity, unit_price, amount, quote_line_items.tax_rate, tax_amount, comments, position
FROM quote_line_items JOIN products ON products.id = quote_line_items.product_id
WHERE quote_line_items.record_id = ANY (%s) ORDER BY position
"""
NEXT_NUMBER = """
INSERT INTO counters (team_id, resource, last_number, live_records) VALUES (0, 'leads', 1001, 1)
ON CONFLICT (team_id, resource) DO UPDATE
SET last_number = counters.last_number + 1, live_records = counters.live_records + 1 RETURNING last_number
"""
INSERT = """
INSERT INTO leads (external_id, lead_id, title, amount, currency, person_id, organization_id, pipeline_stage_id,
  created_at, updated_at) VALUES (%s, %s, %s, %s, 'USD', %s, %s, %s, %s, %s) RETURNING id
"""
UPDATE = """
UPDATE leads SET title = %s, amount = %s, updated_at = %s WHERE external_id = %s AND deleted_at IS NULL RETURNING id
"""
PERSON = "SELECT id FROM people WHERE external_id = %s AND deleted_at IS NULL"
ORGANIZATION = "SELECT id FROM organizations WHERE external_id = %s AND deleted_at IS NULL"
STAGE = """
SELECT pipeline_stages.id FROM pipeline_stages JOIN pipelines ON pipelines.id = pipeline_id
WHERE pipeline_stages.external_id = %s AND pipeline_stages.deleted_at IS NULL
AND pipelines.resource = 'leads' AND pipelines.deleted_at IS NULL
"""
LABEL_IDS = "SELECT id FROM labels WHERE external_id = ANY (%s::uuid[]) AND deleted_at IS NULL"
INSERT_LABELS = "INSERT INTO leads_labels (record_id, label_id) SELECT %s, unnest(%s::bigint[])"


def rows(sql: str, *values: Any) -> list[Row]:
    """Run a statement on this thread's connection and return its rows."""
    connection = getattr(_local, "connection", None)
    if connection is None:
        url = os.environ["CRM_DATABASE_URL"]
        connection = _local.connection = psycopg.connect(url, autocommit=True, options="-c timezone=UTC")
        connection.prepare_threshold = 0
    cursor = connection.execute(sql, values)
    return cursor.fetchall() if cursor.description else []


def dollars(cents: int | None) -> float | None:
    """Return an amount for JSON."""
    return None if cents is None else cents / 100


def person(row: Row, at: int) -> Json | None:
    """Return the summary of the person whose columns begin at a position."""
    external_id, first, last = row[at : at + 3]
    if external_id is None:
        return None
    name = " ".join(filter(None, (first, last))) or None
    return {"id": external_id, "name": name, "first_name": first, "last_name": last}


def named(row: Row, at: int) -> Json | None:
    """Return the summary of a row with a name."""
    return None if row[at] is None else {"id": row[at], "name": row[at + 1]}


def owner(row: Row, at: int) -> Json | None:
    """Return the summary of the owner."""
    return None if row[at] is None else {"id": row[at], "name": row[at + 1], "email": row[at + 2]}


def labels(sql: str, ids: list[int]) -> dict[int, list[Json]]:
    """Return the labels of records by their ids."""
    found = defaultdict(list)
    for record_id, external_id, name, colour in rows(sql, ids):
        found[record_id].append({"id": external_id, "name": name, "hex": colour})
    return found


def leads(found: list[Row]) -> list[Json]:
    """Return the JSON of leads."""
    tags = labels(LEAD_LABELS, [row[0] for row in found])
    return [
        {
            "id": row[1],
            "lead_id": row[2],
            "title": row[3],
            "description": row[4],
            "amount": dollars(row[5]),
            "currency": row[6],
            "expected_close": row[7],
            "converted_at": row[8],
            "lead_source": named(row, 9),
            "pipeline_stage": named(row, 11),
            "person": person(row, 13),
            "organization": named(row, 16),
            "labels": tags.get(row[0], []),
            "owner": owner(row, 18),
            "created_at": row[21],
            "updated_at": row[22],
            "deleted_at": None,
        }
        for row in found
    ]


def quotes(found: list[Row]) -> list[Json]:
    """Return the JSON of quotes with their lines."""
    ids = [row[0] for row in found]
    tags = labels(QUOTE_LABELS, ids)
    currencies = {row[0]: row[6] for row in found}
    lines = defaultdict(list)
    for line in rows(LINES, ids):
        lines[line[0]].append(
            {
                "id": line[1],
                "product_id": line[2],
                "product": {"id": line[2], "name": line[3], "code": line[4]},
                "quantity": line[5],
                "unit_price": dollars(line[6]),
                "amount": dollars(line[7]),
                "tax_rate": line[8] / 10000,
                "tax_amount": dollars(line[9]),
                "currency": currencies[line[0]],
                "comments": line[10],
                "order": line[11],
            }
        )
    return [
        {
            "id": row[1],
            "quote_id": row[2],
            "title": row[3],
            "description": row[4],
            "reference": row[5],
            "currency": row[6],
            "issue_at": row[7],
            "expire_at": row[8],
            "terms": row[9],
            "subtotal": dollars(row[10]),
            "discount": dollars(row[11]),
            "tax": dollars(row[12]),
            "adjustments": dollars(row[13]),
            "total": dollars(row[14]),
            "accepted_at": row[15],
            "rejected_at": row[16],
            "pipeline_stage": named(row, 17),
            "person": person(row, 19),
            "organization": named(row, 22),
            "labels": tags.get(row[0], []),
            "line_items": lines.get(row[0], []),
            "owner": owner(row, 24),
            "created_at": row[27],
            "updated_at": row[28],
            "deleted_at": None,
        }
        for row in found
    ]


def envelope(environ: Json, page: int, records: list[Json], total: int) -> Json:
    """Return the answer of a list."""
    last = max(1, -(-total // PER_PAGE))
    path = f"http://{environ['HTTP_HOST']}{environ['PATH_INFO']}"
    base = f"{path}?page="
    if last <= 13:
        shown: Iterable[int | None] = range(1, last + 1)
    elif page <= 7:
        shown = (*range(1, 11), None, last - 1, last)
    elif page > last - 7:
        shown = (1, 2, None, *range(last - 9, last + 1))
    else:
        shown = (1, 2, None, *range(page - 3, page + 4), None, last - 1, last)
    previous = f"{base}{page - 1}" if page > 1 else None
    following = f"{base}{page + 1}" if page < last else None
    links: list[Json] = [
        {"url": previous, "label": "&laquo; Previous", "page": page - 1 if previous else None, "active": False}
    ]
    for number in shown:
        if number is None:
            links.append({"url": None, "label": "...", "active": False})
        else:
            links.append({"url": f"{base}{number}", "label": str(number), "page": number, "active": number == page})
    links.append({"url": following, "label": "Next &raquo;", "page": page + 1 if following else None, "active": False})
    first = (page - 1) * PER_PAGE + 1
    return {
        "data": records,
        "links": {"first": f"{base}1", "last": f"{base}{last}", "prev": previous, "next": following},
        "meta": {
            "current_page": page,
            "from": first,
            "last_page": last,
            "links": links,
            "path": path,
            "per_page": PER_PAGE,
            "to": first + len(records) - 1,
            "total": total,
        },
    }


def list_of(table: str, sql: str, show: Callable[[list[Row]], list[Json]], environ: Json) -> Json:
    """Answer a page."""
    query = parse_qs(environ["QUERY_STRING"])
    page = int(query.get("page", ["1"])[-1])
    total = rows(TOTAL, table)[0][0]
    found = rows(sql) if page == 1 else rows(f"{sql} OFFSET %s", (page - 1) * PER_PAGE)
    return envelope(environ, page, show(found), total)


def body_of(environ: Json) -> Json:
    """Return the request's body."""
    body: Json = orjson.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    return body


def create_lead(environ: Json) -> Json:
    """Answer a new lead with person, organization, stage and labels."""
    body = body_of(environ)
    if not isinstance(body.get("title"), str) or len(body["title"]) > 255:
        raise ValueError
    (person_id,), (organization_id,) = (
        rows(PERSON, body["person_id"])[0],
        rows(ORGANIZATION, body["organization_id"])[0],
    )
    (stage_id,) = rows(STAGE, body["pipeline_stage_id"])[0]
    label_ids = [row[0] for row in rows(LABEL_IDS, body["labels"])]
    external_id, now = uuid.uuid4(), datetime.now(UTC).replace(microsecond=0)
    rows("BEGIN")
    number = rows(NEXT_NUMBER)[0][0]
    values = (body["title"], round(body["amount"] * 100), person_id, organization_id, stage_id, now, now)
    ((record_id,),) = rows(INSERT, external_id, f"L{number}", *values)
    rows(INSERT_LABELS, record_id, label_ids)
    rows("COMMIT")
    return {"data": leads(rows(ONE_LEAD, external_id))[0]}


def update_lead(environ: Json, external_id: str) -> Json:
    """Answer a lead with a new title and amount."""
    body = body_of(environ)
    rows("BEGIN")
    changed = (body["title"], round(body["amount"] * 100), datetime.now(UTC).replace(microsecond=0), external_id)
    rows(UPDATE, *changed)
    rows("COMMIT")
    return {"data": leads(rows(ONE_LEAD, external_id))[0]}


def answer(environ: Json) -> tuple[str, Json]:
    """Answer a request of a user who may make it."""
    method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"].removeprefix(PREFIX)
    if path == "/leads":
        if method == "POST":
            return "201 CREATED", create_lead(environ)
        return "200 OK", list_of("leads", LEADS, leads, environ)
    if path == "/quotes":
        return "200 OK", list_of("quotes", QUOTES, quotes, environ)
    external_id = path.removeprefix("/leads/")
    if method == "PUT":
        return "200 OK", update_lead(environ, external_id)
    return "200 OK", {"data": leads(rows(ONE_LEAD, external_id))[0]}


def app(environ: Json, start_response: Callable[..., Any]) -> list[bytes]:
    """Answer as WSGI asks: who, how often, may they, what."""
    token_id, _, secret = environ["HTTP_AUTHORIZATION"].removeprefix("Bearer ").partition("|")
    secret_hash, user_id, crm_access, role = rows(TOKEN, int(token_id))[0]
    known = hmac.compare_digest(secret_hash, hashlib.sha256(secret.encode()).hexdigest())
    key = f"floor:{user_id}"
    count = _redis.incr(key)
    if count == 1:
        _redis.expire(key, 60)
    if not known or not crm_access or role not in ROLES or count > LIMIT:
        start_response("403 FORBIDDEN", [])
        return [b""]
    status, data = answer(environ)
    text = orjson.dumps(data)
    start_response(
        status,
        [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(text))),
            ("X-RateLimit-Limit", str(LIMIT)),
            ("X-RateLimit-Remaining", str(LIMIT - count)),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "no-cache, private"),
        ],
    )
    return [text]
