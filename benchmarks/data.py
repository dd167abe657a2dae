"""Databases to measure on: made with SQL, so that a million leads take a minute or two.

`PART=versions` has an earlier commit's `postgres` and `embedded` make that commit's database, and serves it with this
SECRET_KEY: their arguments, what they give and the key stay as they are.
"""

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from typing import NamedTuple

import psycopg
from sqlalchemy import make_url

from benchmarks.trees import HERE, environ

POSTGRES_URL = os.environ.get("CRM_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
SECRET_KEY = "only for measuring on this machine"
EMAIL = "bench@example.com"
PASSWORD = "only for measuring"
DAYS = 400
LEADS = 10_000

FILL = """
INSERT INTO organizations (external_id, name, search_text, created_at, updated_at)
SELECT gen_random_uuid(), 'Organization ' || n, 'organization ' || n, now(), now() FROM generate_series(1, {some}) n;
INSERT INTO people (external_id, first_name, last_name, search_text, organization_id, created_at, updated_at)
SELECT gen_random_uuid(), 'First ' || n, 'Last ' || n, format(E'first %s\nlast %s', n, n), n, now(), now() FROM generate_series(1, {some}) n;
INSERT INTO leads (external_id, lead_id, title, description, search_text, amount, currency, expected_close,
  lead_source_id, pipeline_stage_id, person_id, organization_id, user_owner_id, created_at, updated_at)
SELECT gen_random_uuid(), 'L' || 1000 + n, 'Lead ' || n, 'A description of lead ' || n,
  concat_ws(E'\n', 'l' || 1000 + n, 'lead ' || n, 'a description of lead ' || n, CASE WHEN n % {few} = 7 THEN 'zebra' END),
  n * 100, 'USD', now(),
  (SELECT min(id) FROM lead_sources) + n % 8,
  (SELECT min(s.id) FROM pipeline_stages s JOIN pipelines p ON p.id = s.pipeline_id WHERE p.resource = 'leads') + n % 4,
  1 + n % {some}, 1 + n % {some}, 1, moment, moment
FROM generate_series(1, {leads}) n,
  LATERAL (SELECT date_trunc('second', now() - ({leads} - n) * interval '{days} days' / {leads}) AS moment) m;
INSERT INTO leads_labels (record_id, label_id)
SELECT id, (SELECT min(id) FROM labels) + k FROM leads, generate_series(0, 1) k WHERE id % 10 < 8;
INSERT INTO external_keys (team_id, resource, source, key, record_id)
SELECT 0, 'leads', 'bench', 'key ' || id, id FROM leads;
INSERT INTO products (external_id, name, code, search_text, active, created_at, updated_at)
SELECT gen_random_uuid(), 'Product ' || n, 'P-' || n, format(E'product %s\np-%s', n, n), true, now(), now() FROM generate_series(1, 100) n;
INSERT INTO quotes (external_id, quote_id, title, search_text, currency, subtotal, tax, total, pipeline_stage_id, person_id,
  organization_id, user_owner_id, created_at, updated_at)
SELECT gen_random_uuid(), 'Q' || 1000 + n, 'Quote ' || n, format(E'q%s\nquote %s', 1000 + n, n), 'USD', 50000, 5000, 55000,
  (SELECT min(s.id) FROM pipeline_stages s JOIN pipelines p ON p.id = s.pipeline_id WHERE p.resource = 'quotes') + n % 4,
  1 + n % {some}, 1 + n % {some}, 1, date_trunc('second', now()), date_trunc('second', now())
FROM generate_series(1, {some}) n;
INSERT INTO quotes_labels (record_id, label_id) SELECT id, (SELECT min(id) FROM labels) FROM quotes;
INSERT INTO quote_line_items (external_id, record_id, position, product_id, quantity, unit_price, amount, tax_rate,
  tax_amount)
SELECT gen_random_uuid(), q.id, k, 1 + (q.id * 7 + k) % 100, k * 10000, 10000, k * 10000, 100000, k * 1000
FROM quotes q, generate_series(1, 5) k;
INSERT INTO counters (team_id, resource, last_number, live_records)
SELECT 0, resource, 1000 + records, records FROM (VALUES ('leads', {leads}), ('people', {some}),
  ('organizations', {some}), ('products', 100), ('quotes', {some})) AS r (resource, records);
"""


class Database(NamedTuple):
    """A filled database, and a token for it."""

    url: str
    token: str


@contextlib.contextmanager
def postgres(name: str, leads: int) -> Iterator[Database]:
    """Give a PostgreSQL database with so many leads, and drop it at the end."""
    with created(name) as url:
        token = prepare(url)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(FILL.format(leads=leads, some=min(leads, 10_000), few=max(8, leads // 20), days=DAYS))
        settle(url)
        yield Database(url, token)


@contextlib.contextmanager
def embedded(leads: int) -> Iterator[Database]:
    """Give an SQLite database with the sample data of so many leads, and remove it at the end."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/crm.sqlite3"
        token = prepare(url)
        flask(url, "crm", "demo", "--leads", str(leads))
        yield Database(url, token)


@contextlib.contextmanager
def created(name: str, template: str = "template1") -> Iterator[str]:
    """Give the URL of a new PostgreSQL database, which is dropped at the end."""
    with psycopg.connect(POSTGRES_URL, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield make_url(POSTGRES_URL).set(database=name).render_as_string(hide_password=False)
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def settle(url: str) -> None:
    """Do what PostgreSQL would do by itself later, so that none of it falls on a round."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


def prepare(url: str) -> str:
    """Migrate and seed a database, add a user, and return a token."""
    for command in (
        ("db", "upgrade"),
        ("crm", "seed"),
        ("crm", "create-user", EMAIL, "--name", "Bench", "--password", PASSWORD, "--role", "Owner"),
    ):
        flask(url, *command)
    return flask(url, "crm", "api-token", EMAIL).strip()


def flask(url: str, *command: str, **more: str) -> str:
    """Run a command of the application on a database, with more settings, and return its output."""
    settings = {"CRM_DATABASE_URL": url, "CRM_SECRET_KEY": SECRET_KEY, "CRM_LOG_LEVEL": "warning", **more}
    run = (HERE.python, "-m", "flask", "--app", "wsgi", *command)
    return subprocess.run(
        run, cwd=HERE.root, env=environ(**settings), check=True, stdout=subprocess.PIPE, text=True
    ).stdout
