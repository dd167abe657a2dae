"""Documents may have their totals worked out, and invoices have a discount and adjustments, too.

Totals of before are kept as they were sent. The new column has a constant default, which neither store writes into the
rows: it takes no longer for many of them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

DOCUMENTS = ("invoices", "orders", "quotes")
FOR_INVOICES = ("discount", "adjustments")


def upgrade() -> None:
    """Apply the change."""
    for table in DOCUMENTS:
        op.add_column(table, sa.Column("compute_totals", sa.Boolean(), server_default=sa.false(), nullable=False))
    for name in FOR_INVOICES:
        op.add_column("invoices", sa.Column(name, sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Take it back. Totals that were worked out stay as they are."""
    for name in FOR_INVOICES:
        op.drop_column("invoices", name)
    for table in DOCUMENTS:
        op.drop_column(table, "compute_totals")
