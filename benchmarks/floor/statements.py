"""The statements of the floor, and how one is run."""

import os
import threading
from typing import Any

import psycopg

Row = tuple[Any, ...]

_local = threading.local()

TOKEN = """
SELECT tokens.secret_hash, users.id, users.crm_access, users.role, users.name, tokens.id, tokens.name
FROM tokens JOIN users ON users.id = tokens.user_id
WHERE tokens.id = %s AND (tokens.expires_at IS NULL OR tokens.expires_at > now())
"""
TOTAL = "SELECT live_records FROM counters WHERE team_id = 0 AND resource = %s"
LEAD = """
SELECT leads.id, leads.external_id, lead_id, leads.title, leads.description, amount, currency, expected_close,
  converted_at, lead_sources.external_id, lead_sources.name, pipeline_stages.external_id, pipeline_stages.name,
  people.external_id, people.first_name, people.last_name, organizations.external_id, organizations.name,
  users.id, users.name, users.email, leads.version, leads.created_at, leads.updated_at
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
SELECT quotes.id, quotes.external_id, quote_id, quotes.title, quotes.description, reference, quotes.currency, issue_at,
  expire_at, terms, subtotal, discount, tax, adjustments, total, compute_totals, accepted_at, rejected_at,
  pipeline_stages.external_id, pipeline_stages.name,
  people.external_id, people.first_name, people.last_name, organizations.external_id, organizations.name,
  leads.external_id, leads.lead_id, leads.title, deals.external_id, deals.deal_id, deals.title,
  users.id, users.name, users.email, quotes.version, quotes.created_at, quotes.updated_at
FROM quotes
LEFT JOIN pipeline_stages ON pipeline_stages.id = quotes.pipeline_stage_id AND pipeline_stages.deleted_at IS NULL
LEFT JOIN people ON people.id = quotes.person_id AND people.deleted_at IS NULL
LEFT JOIN organizations ON organizations.id = quotes.organization_id AND organizations.deleted_at IS NULL
LEFT JOIN leads ON leads.id = quotes.lead_id AND leads.deleted_at IS NULL
LEFT JOIN deals ON deals.id = quotes.deal_id AND deals.deleted_at IS NULL
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
LOCK = "SELECT id, version FROM leads WHERE external_id = %s AND deleted_at IS NULL FOR NO KEY UPDATE"
UPDATE = "UPDATE leads SET title = %s, amount = %s, updated_at = %s, version = version + 1 WHERE id = %s"
NOTE = """
WITH counted AS (
  INSERT INTO counters (team_id, resource, last_number, live_records) VALUES (0, 'changes', 1, 0)
  ON CONFLICT (team_id, resource) DO UPDATE SET last_number = counters.last_number + 1 RETURNING last_number
)
INSERT INTO changes (team_id, sequence, id, type, resource, record_id, version, occurred_at, user_id, user_name,
  token_id, token_name, request_id, changed)
SELECT 0, last_number, gen_random_uuid(), %s, 'leads', %s, %s, %s, %s, %s, %s, %s, %s, %s FROM counted
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
