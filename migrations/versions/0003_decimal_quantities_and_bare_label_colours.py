"""Quantities in ten-thousandths, and the colours of labels without a number sign."""

import re
from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

LINES = ("quote_line_items", "order_line_items", "invoice_line_items")
GREY = "6b7280"
labels = sa.table("labels", sa.column("id"), sa.column("hex"))


def upgrade() -> None:
    """Apply the change."""
    _change_quantities(sa.Integer(), sa.BigInteger(), "CAST(quantity AS BIGINT) * 10000")
    _change_colours(_bare)
    with op.batch_alter_table("labels", schema=None) as batch_op:
        batch_op.alter_column(
            "hex", existing_type=sa.String(length=7), type_=sa.String(length=6), existing_nullable=False
        )


def downgrade() -> None:
    """Take it back. A fraction of a quantity is rounded half up, to one at least."""
    with op.batch_alter_table("labels", schema=None) as batch_op:
        batch_op.alter_column(
            "hex", existing_type=sa.String(length=6), type_=sa.String(length=7), existing_nullable=False
        )
    _change_colours("#{}".format)
    whole = "CASE WHEN quantity < 10000 THEN 1 ELSE (quantity + 5000) / 10000 END"
    _change_quantities(sa.BigInteger(), sa.Integer(), whole)


def _change_quantities(old: sa.types.TypeEngine, new: sa.types.TypeEngine, expression: str) -> None:
    for table in LINES:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.alter_column(
                "quantity", existing_type=old, type_=new, existing_nullable=False, postgresql_using=expression
            )
        if op.get_bind().dialect.name == "sqlite":  # PostgreSQL has changed the values with the type
            op.execute(f"UPDATE {table} SET quantity = {expression}")  # noqa: S608 (nothing of it is from outside)


def _change_colours(change: Callable[[str], str]) -> None:
    connection = op.get_bind()
    for row_id, colour in connection.execute(sa.select(labels.c.id, labels.c.hex)).all():
        connection.execute(sa.update(labels).where(labels.c.id == row_id).values(hex=change(colour)))


def _bare(colour: str) -> str:
    """Return six hex digits in lower case: three are doubled, anything else becomes grey."""
    digits = colour.strip().removeprefix("#").lower()
    if re.fullmatch("[0-9a-f]{3}", digits):
        return "".join(digit * 2 for digit in digits)
    return digits if re.fullmatch("[0-9a-f]{6}", digits) else GREY
