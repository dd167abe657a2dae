"""Deals say how they have ended, quotes of which deal they are, and what an action has made of a record says so.

Deals of before that are closed are won where their stage is named Won, else lost; they are searched by that word, too.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MADE_OF = {"deals": "leads", "orders": "quotes", "invoices": "orders"}
deals = sa.table("deals", sa.column("id"), sa.column("search_text"))
LIVE = sa.text("deleted_at IS NULL")


def upgrade() -> None:
    """Apply the change."""
    op.add_column("deals", sa.Column("status", sa.String(20), server_default="open", nullable=False))
    op.add_column("deals", sa.Column("closed_reason", sa.String(255), nullable=True))
    op.execute("UPDATE deals SET status = 'lost' WHERE closed_at IS NOT NULL")
    won = "SELECT id FROM pipeline_stages WHERE lower(name) = 'won'"
    op.execute(f"UPDATE deals SET status = 'won' WHERE closed_at IS NOT NULL AND pipeline_stage_id IN ({won})")  # noqa: S608
    op.execute("UPDATE deals SET search_text = search_text || '\n' || status")
    _add_reference("quotes", "deal_id", "deals")
    where = {"postgresql_where": LIVE, "sqlite_where": LIVE}
    op.create_index("ix_quotes_deal_id_newest", "quotes", ["deal_id", "created_at", "id"], **where)
    for table, source in MADE_OF.items():
        _add_reference(table, "made_of_id", source)
        op.create_index(f"ix_{table}_made_of_id", table, ["made_of_id"])


def downgrade() -> None:
    """Take it back, and with it how deals have ended and what was made of what."""
    for table in MADE_OF:
        op.drop_index(f"ix_{table}_made_of_id", table_name=table)
        _drop_reference(table, "made_of_id")
    op.drop_index("ix_quotes_deal_id_newest", table_name="quotes")
    _drop_reference("quotes", "deal_id")
    _forget_words()
    op.drop_column("deals", "closed_reason")
    op.drop_column("deals", "status")


def _forget_words() -> None:
    """Take status and reason, its last lines, from the text by which a deal is searched."""
    connection = op.get_bind()
    kept = "substr(search_text, 1, length(search_text) - length(status) - 1)"
    connection.execute(sa.text(f"UPDATE deals SET search_text = {kept} WHERE closed_reason IS NULL"))  # noqa: S608
    told = sa.text("SELECT id, search_text, closed_reason FROM deals WHERE closed_reason IS NOT NULL")
    for row_id, words, reason in connection.execute(told).all():
        first = words.rsplit("\n", 2 + reason.count("\n"))[0]
        connection.execute(sa.update(deals).where(deals.c.id == row_id).values(search_text=first))


def _add_reference(table: str, column: str, to: str) -> None:
    """Add a column that refers to rows: Alembic would make SQLite's table anew for it, and lose indexes over it."""
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind} CONSTRAINT fk_{table}_{column} REFERENCES {to} (id)")


def _drop_reference(table: str, column: str) -> None:
    op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
