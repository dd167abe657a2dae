"""Webhooks, their secrets and their deliveries."""

import sqlalchemy as sa
from alembic import op

from crm.models import types

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

LIVE = sa.text("deleted_at IS NULL")
PENDING = sa.text("status = 'pending'")


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "webhooks",
        sa.Column("id", types.PrimaryKey, nullable=False),
        sa.Column("external_id", types.ExternalId, nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", types.Timestamp(), nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("types", sa.Text(), nullable=False),
        sa.Column("description", sa.String(255), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("disabled_reason", sa.String(255), nullable=True),
        sa.Column("include_record", sa.Boolean(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("failing_since", sa.BigInteger(), nullable=True),
        sa.Column("leased_until", sa.BigInteger(), nullable=True),
        sa.Column("created_at", types.Timestamp(), nullable=False),
        sa.Column("updated_at", types.Timestamp(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("external_id"),
    )
    op.create_index("ix_webhooks_team_id", "webhooks", ["team_id"], postgresql_where=LIVE, sqlite_where=LIVE)
    op.create_table(
        "webhook_secrets",
        sa.Column("id", types.PrimaryKey, nullable=False),
        sa.Column("webhook_id", types.PrimaryKey, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", types.Timestamp(), nullable=True),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhooks.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_webhook_secrets_webhook_id", "webhook_secrets", ["webhook_id"])
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", types.PrimaryKey, nullable=False),
        sa.Column("message_id", sa.String(40), nullable=False),
        sa.Column("webhook_id", types.PrimaryKey, nullable=False),
        sa.Column("type", sa.String(50), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.Column("resource", sa.String(50), nullable=True),
        sa.Column("record_id", types.ExternalId, nullable=True),
        sa.Column("occurred_at", types.Timestamp(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("step", sa.SmallInteger(), nullable=False),
        sa.Column("extra", sa.Integer(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=True),
        sa.Column("resumes", sa.BigInteger(), nullable=True),
        sa.Column("response_status", sa.SmallInteger(), nullable=True),
        sa.Column("response_ms", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(255), nullable=True),
        sa.Column("created_at", types.Timestamp(), nullable=False),
        sa.Column("finished_at", types.Timestamp(), nullable=True),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhooks.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("message_id"),
    )
    op.create_index("ix_webhook_deliveries_webhook_id_id", "webhook_deliveries", ["webhook_id", "id"])
    op.create_index("ix_webhook_deliveries_created_at", "webhook_deliveries", ["created_at"])
    op.create_index(
        "ix_webhook_deliveries_pending",
        "webhook_deliveries",
        ["webhook_id", "due", "id"],
        postgresql_where=PENDING,
        sqlite_where=PENDING,
    )


def downgrade() -> None:
    """Take it back, and with it all webhooks."""
    op.drop_table("webhook_deliveries")
    op.drop_table("webhook_secrets")
    op.drop_table("webhooks")
