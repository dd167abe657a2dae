"""Invoices have payments, whose sum is what is paid.

What was paid before becomes one payment, at the moment at which the invoice was fully paid, else last changed. From
then on an invoice is fully paid since the payment that reaches its total; one that says otherwise is put right.
"""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True).with_variant(sa.String(25), "sqlite")
AT_ONCE = 1000
PAID = sa.text(
    "SELECT id AS record_id, amount_paid AS amount, coalesce(fully_paid_at, updated_at) AS paid_at,"
    " updated_at AS created_at FROM invoices WHERE amount_paid <> 0 AND id > :after ORDER BY id LIMIT :most"
)


def upgrade() -> None:
    """Apply the change."""
    payments = op.create_table(
        "payments",
        sa.Column("record_id", KEY, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("paid_at", MOMENT, nullable=False),
        sa.Column("method", sa.String(50), nullable=True),
        sa.Column("reference", sa.String(255), nullable=True),
        sa.Column("user_id", KEY, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("external_id", sa.Uuid(as_uuid=False).with_variant(sa.String(36), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["invoices.id"]),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("external_id"),
    )
    _add_payments(payments)
    op.execute(
        "UPDATE invoices SET fully_paid_at = CASE WHEN amount_paid <> 0 AND amount_paid >= total"
        " THEN coalesce(fully_paid_at, updated_at) END"
        " WHERE amount_paid <> 0 OR fully_paid_at IS NOT NULL"
    )
    op.create_index("ix_payments_record_id_paid_at", "payments", ["record_id", "paid_at", "id"])


def downgrade() -> None:
    """Take it back. What is paid stays in the invoices."""
    op.drop_table("payments")


def _add_payments(payments: sa.Table) -> None:
    """Make a payment of each amount that is paid, some at a time."""
    connection, after = op.get_bind(), 0
    while rows := connection.execute(PAID, {"after": after, "most": AT_ONCE}).mappings().all():
        connection.execute(payments.insert(), [{**row, "external_id": str(uuid4())} for row in rows])
        after = rows[-1]["record_id"]
