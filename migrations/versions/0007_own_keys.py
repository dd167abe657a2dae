"""Records are known by the keys of other systems."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "external_keys",
        sa.Column("team_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("resource", sa.String(50), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("team_id", "resource", "key", "source"),
    )
    op.create_index("uq_external_keys_record", "external_keys", ["record_id", "resource", "source"], unique=True)


def downgrade() -> None:
    """Take it back, the keys with it."""
    op.drop_table("external_keys")
