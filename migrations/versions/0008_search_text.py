"""Records keep their own text as it is searched; what there is gets it.

On PostgreSQL some 60 seconds for a million leads, with the indexes that are made afterwards.
"""

from collections.abc import Sequence
from typing import Any
from unicodedata import combining, name, normalize

import sqlalchemy as sa
from alembic import op

from crm.database.list_indexes import drop_list_indexes

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TEXTS = {
    "leads": ("lead_id", "title", "description"),
    "products": ("name", "code", "barcode", "description", "unit", "purchase_account", "sales_account"),
    "organizations": ("name", "description", "vat_number", "linkedin"),
    "people": ("title", "first_name", "middle_name", "last_name", "gender", "description"),
    "deals": ("deal_id", "title", "description"),
    "quotes": ("quote_id", "title", "reference", "terms", "description"),
    "orders": ("order_id", "reference", "terms", "description"),
    "invoices": ("invoice_id", "reference", "terms"),
}
AT_ONCE = 5000
SPELLED_OUT = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l", "þ": "th", "\u0131": "i"})


def upgrade() -> None:
    """Apply the change."""
    for table, columns in TEXTS.items():
        op.add_column(table, sa.Column("search_text", sa.Text(), server_default="", nullable=False))
        fill(op.get_bind(), table, columns)


def downgrade() -> None:
    """Take it back, with the indexes that lists are read from."""
    drop_list_indexes(op.get_bind())
    for table in TEXTS:
        with op.batch_alter_table(table) as batch:
            batch.drop_column("search_text")


def fill(connection: sa.Connection, name: str, columns: Sequence[str]) -> None:
    """Write the text of all rows of a table, a portion at a time."""
    table = sa.table(name, sa.column("id"), sa.column("search_text"), *map(sa.column, columns))
    rows = sa.select(table.c.id, *(table.c[column] for column in columns)).order_by(table.c.id).limit(AT_ONCE)
    after = 0
    while portion := connection.execute(rows.where(table.c.id > after)).all():
        after = portion[-1][0]
        write(connection, table, {row_id: search_text(texts) for row_id, *texts in portion})


def write(connection: sa.Connection, table: sa.TableClause, texts: dict[int, str]) -> None:
    """Write the texts of rows, by their ids."""
    if connection.dialect.name == "postgresql":
        given = sa.func.unnest(
            sa.cast([*texts], sa.ARRAY(sa.BigInteger)), sa.cast([*texts.values()], sa.ARRAY(sa.Text))
        ).table_valued("id", "text", name="given")
        given = given.render_derived()
        connection.execute(sa.update(table).where(table.c.id == given.c.id).values(search_text=given.c.text))
    else:
        written = sa.update(table).where(table.c.id == sa.bindparam("row_id")).values(search_text=sa.bindparam("text"))
        connection.execute(written, [{"row_id": row_id, "text": text} for row_id, text in texts.items()])


def search_text(texts: Sequence[Any]) -> str:
    """Return texts as they are searched, each on a line."""
    return "\n".join(fold(text) for text in texts if text)


def fold(text: str) -> str:
    """Return a text without case and, in Latin letters, without accents."""
    if text.isascii():
        return text.lower()
    letters: list[str] = []
    is_latin = False
    for character in normalize("NFKD", text):
        if combining(character):
            if is_latin:
                continue
        else:
            is_latin = character.isalpha() and name(character, "").startswith("LATIN ")
        letters.append(character)
    return normalize("NFC", "".join(letters)).casefold().translate(SPELLED_OUT)
