"""Records are searched by a text of their own, and lists read from indexes whatever they are sorted by.

The text is folded here as it was when this was written. What a search of PostgreSQL needs besides is made after the
migrations, as far as it can be had: see `crm/database/search_index.py`.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any
from unicodedata import normalize

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TEXTS = {
    "deals": "deal_id title description",
    "invoices": "invoice_id reference terms",
    "leads": "lead_id title description",
    "orders": "order_id description reference terms",
    "organizations": "name description vat_number linkedin",
    "people": "title first_name middle_name last_name gender description",
    "products": "name code barcode description unit purchase_account sales_account",
    "quotes": "quote_id title description reference terms",
}
"""The columns of which the text of each table is made."""
REFERENCES = {
    "deals": "lead_id organization_id person_id pipeline_stage_id",
    "invoices": "order_id organization_id person_id",
    "leads": "lead_source_id organization_id person_id pipeline_stage_id",
    "orders": "deal_id lead_id organization_id person_id quote_id",
    "organizations": "industry_id organization_type_id timezone_id",
    "people": "organization_id",
    "products": "product_category_id tax_rate_id",
    "quotes": "lead_id organization_id person_id pipeline_stage_id",
}
SORTS = {
    "deals": "amount updated_at",
    "invoices": "due_date issue_date total updated_at",
    "leads": "amount updated_at",
    "orders": "total updated_at",
    "organizations": "updated_at",
    "people": "updated_at",
    "products": "updated_at",
    "quotes": "total updated_at",
}
TEXT_SORTS = {
    "deals": "title",
    "leads": "title",
    "organizations": "name",
    "people": "first_name last_name",
    "products": "code name",
    "quotes": "title",
}
NEVER_NULL = {"name", "updated_at"} | {
    ("leads", "title"),
    ("deals", "title"),
    ("quotes", "title"),
    ("people", "first_name"),
}
LIVE = sa.text("deleted_at IS NULL")
ROWS_AT_ONCE = 5000

LATIN = (
    "A-Za-z\u00c6-\u00d0\u00d8-\u00f0\u00f8-\u02af\u1d00-\u1d25\u1d6b-\u1d9a\u1e9c-\u1eff\u2184\u2c60-\u2c7f"
    "\ua722-\ua787\ua78b-\ua7ff\uab30-\uab5a\uab60-\uab64\uab66-\uab68\U0001df00-\U0001df1e"
)
MARKS = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
ACCENTS = re.compile(f"(?<=[{LATIN}])[{MARKS}]+")
SPELLED = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l", "þ": "th", "\u0131": "i"})


def upgrade() -> None:
    """Apply the change."""
    for table, texts in TEXTS.items():
        op.add_column(table, sa.Column("search_text", sa.Text(), server_default="", nullable=False))
        _fill(table, texts.split())
        op.drop_index(f"ix_{table}_newest", table_name=table)
        for column in REFERENCES[table].split():
            _index(table, f"{column}_newest", [column, "created_at", "id"])
        for column in SORTS[table].split():
            _index(table, f"by_{column}", ["team_id", sa.text(column + _null_first(table, column)), sa.text("id DESC")])
        if op.get_bind().dialect.name == "postgresql":
            for column in TEXT_SORTS.get(table, "").split():
                folded = f'lower({column} COLLATE "und-x-icu") COLLATE "C"{_null_first(table, column)}'
                keys = [sa.text(folded), sa.text(f'{column} COLLATE "C"')]
                _index(table, f"by_{column}", ["team_id", *keys, sa.text("id DESC")])


def downgrade() -> None:
    """Take it back."""
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for table in TEXTS:
        sorts = f"{SORTS[table]} {TEXT_SORTS.get(table, '') if on_postgresql else ''}"
        for column in sorts.split():
            op.drop_index(f"ix_{table}_by_{column}", table_name=table)
        for column in REFERENCES[table].split():
            op.drop_index(f"ix_{table}_{column}_newest", table_name=table)
        _index(table, "newest", ["created_at", "id"])
        op.drop_column(table, "search_text")


def _index(table: str, name: str, keys: Sequence[Any]) -> None:
    op.create_index(f"ix_{table}_{name}", table, keys, postgresql_where=LIVE, sqlite_where=LIVE)


def _null_first(table: str, column: str) -> str:
    """Return what a sort says of null, which on SQLite comes first by itself, and cannot be said."""
    never = column in NEVER_NULL or (table, column) in NEVER_NULL
    return "" if never or op.get_bind().dialect.name == "sqlite" else " NULLS FIRST"


def _fill(table: str, columns: Sequence[str]) -> None:
    """Write the text of all rows, so many at a time."""
    connection = op.get_bind()
    for rows in _portions(connection, table, columns):
        texts = [_fold("\n".join(filter(None, row[1:]))) for row in rows]
        row_ids = [row[0] for row in rows]
        if connection.dialect.name == "sqlite":
            update = f"UPDATE {table} SET search_text = ? WHERE id = ?"  # noqa: S608
            connection.exec_driver_sql(update, [*zip(texts, row_ids, strict=True)])
        else:
            given = "unnest(%s::bigint[], %s::text[]) AS given (id, words)"
            update = f"UPDATE {table} SET search_text = words FROM {given} WHERE {table}.id = given.id"  # noqa: S608
            connection.exec_driver_sql(update, (row_ids, texts))


def _portions(connection: sa.Connection, table: str, columns: Sequence[str]) -> Iterator[Sequence[Any]]:
    """Give the ids and these columns of all rows, in the order of the ids."""
    rows_of = sa.table(table, sa.column("id"), *(sa.column(name) for name in columns))
    following = sa.select(*rows_of.c).where(rows_of.c.id > sa.bindparam("last")).order_by(rows_of.c.id)
    query = following.limit(ROWS_AT_ONCE)
    last = 0
    while rows := connection.execute(query, {"last": last}).all():
        yield rows
        last = rows[-1][0]


def _fold(text: str) -> str:
    if text.isascii():
        return text.lower()
    bare = ACCENTS.sub("", normalize("NFKD", text))
    return normalize("NFC", bare).casefold().translate(SPELLED)
