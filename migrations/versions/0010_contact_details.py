"""People and organizations have e-mail addresses, phone numbers and postal addresses."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLES = ("organizations", "people")
SOUGHT = {"emails": ("address", 255), "phones": ("number", 50)}
PARTS = ("line1", "line2", "line3", "city", "state", "code")


def upgrade() -> None:
    """Apply the change."""
    for table in TABLES:
        for kind, (value, length) in SOUGHT.items():
            name = f"{table}_{kind}"
            team = sa.Column("team_id", sa.BigInteger(), nullable=False)
            _create(name, table, team, sa.Column(value, sa.String(length), nullable=False), sa.Column("key", sa.Text()))
            op.create_index(f"ix_{name}_key", name, ["team_id", "key", "record_id"])
        parts = (sa.Column(part, sa.String(255)) for part in PARTS)
        _create(f"{table}_addresses", table, *parts, sa.Column("country", sa.String(2)))


def downgrade() -> None:
    """Take it back, the details with it. What was written of them stays in the text by which records are found."""
    for table in TABLES:
        for kind in (*SOUGHT, "addresses"):
            op.drop_table(f"{table}_{kind}")


def _create(name: str, table: str, *particular: sa.Column) -> None:
    op.create_table(
        name,
        sa.Column("record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        *particular,
        sa.Column("type", sa.String(50)),
        sa.Column("primary", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], [f"{table}.id"]),
        sa.PrimaryKeyConstraint("record_id", "position"),
    )
