"""The records of a label are found by an index."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

RESOURCES = ("organizations", "people", "leads", "deals", "quotes", "orders", "invoices")


def upgrade() -> None:
    """Apply the change."""
    for name in RESOURCES:
        op.create_index(f"ix_{name}_labels_label_id_record_id", f"{name}_labels", ["label_id", "record_id"])


def downgrade() -> None:
    """Take it back."""
    for name in RESOURCES:
        op.drop_index(f"ix_{name}_labels_label_id_record_id", table_name=f"{name}_labels")
