"""Every record has a version, and the changes of records are kept. Those that are there have version 1 and no history.

The new column has a constant default, which neither store writes into the rows: it takes no longer for many of them.
"""

import sqlalchemy as sa
from alembic import op

from crm.models import types

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

RECORDS = ("deals", "invoices", "leads", "orders", "organizations", "people", "products", "quotes")


def upgrade() -> None:
    """Apply the change."""
    for table in RECORDS:
        op.add_column(table, sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.create_table(
        "changes",
        sa.Column("team_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", types.ExternalId, nullable=False),
        sa.Column("type", sa.String(50), nullable=False),
        sa.Column("resource", sa.String(50), nullable=False),
        sa.Column("record_id", types.ExternalId, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("occurred_at", types.Timestamp(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("user_name", sa.Text(), nullable=True),
        sa.Column("token_id", sa.BigInteger(), nullable=True),
        sa.Column("token_name", sa.Text(), nullable=True),
        sa.Column("request_id", sa.String(64), nullable=True),
        sa.Column("changed", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("team_id", "sequence"),
    )
    op.create_index("ix_changes_record_id_sequence", "changes", ["record_id", "sequence"])
    op.create_table(
        "pruned_changes",
        sa.Column("team_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("id", types.ExternalId, nullable=False),
        sa.PrimaryKeyConstraint("team_id"),
    )


def downgrade() -> None:
    """Take it back, the changes with it."""
    op.drop_table("pruned_changes")
    op.drop_table("changes")
    for table in RECORDS:
        op.drop_column(table, "version")
