"""Tokens have abilities, those of before all of them; users can be removed, and their addresses used again."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.String(25), "sqlite")
THERE = sa.text("removed_at IS NULL")


def upgrade() -> None:
    """Apply the change."""
    op.add_column("tokens", sa.Column("abilities", sa.Text(), server_default="*", nullable=False))
    with op.batch_alter_table("users") as users:
        users.add_column(sa.Column("removed_at", MOMENT, nullable=True))
        users.drop_constraint("uq_users_email", type_="unique")
    op.create_index("uq_users_email", "users", ["email"], unique=True, postgresql_where=THERE, sqlite_where=THERE)


def downgrade() -> None:
    """Take it back. Tokens with some abilities end, since they would have all; who was removed loses the address."""
    op.execute("DELETE FROM tokens WHERE abilities <> '*'")
    op.drop_column("tokens", "abilities")
    op.execute("UPDATE users SET email = 'removed ' || id WHERE removed_at IS NOT NULL")
    op.drop_index("uq_users_email", table_name="users")
    with op.batch_alter_table("users") as users:
        users.drop_column("removed_at")
        users.create_unique_constraint("uq_users_email", ["email"])
