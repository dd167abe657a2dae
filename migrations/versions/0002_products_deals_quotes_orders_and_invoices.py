"""Products, deals, quotes, orders and invoices."""

import sqlalchemy as sa
from alembic import op

from crm.models import types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "products",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("code", sa.String(length=255), nullable=True),
        sa.Column("barcode", sa.String(length=255), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("unit", sa.String(length=50), nullable=True),
        sa.Column("tax_rate", sa.Integer(), nullable=True),
        sa.Column("tax_rate_id", types.PrimaryKey, nullable=True),
        sa.Column("product_category_id", types.PrimaryKey, nullable=True),
        sa.Column("purchase_account", sa.String(length=255), nullable=True),
        sa.Column("sales_account", sa.String(length=255), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("user_owner_id", types.PrimaryKey, nullable=True),
        sa.Column("id", types.PrimaryKey, nullable=False),
        sa.Column("external_id", types.ExternalId, nullable=False),
        sa.Column("team_id", types.PrimaryKey, nullable=True),
        sa.Column("deleted_at", types.Timestamp(), nullable=True),
        sa.Column("created_at", types.Timestamp(), nullable=False),
        sa.Column("updated_at", types.Timestamp(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_category_id"], ["product_categories.id"], name=op.f("fk_products_product_category_id")
        ),
        sa.ForeignKeyConstraint(["tax_rate_id"], ["tax_rates.id"], name=op.f("fk_products_tax_rate_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_products_team_id")),
        sa.ForeignKeyConstraint(["user_owner_id"], ["users.id"], name=op.f("fk_products_user_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
        sa.UniqueConstraint("external_id", name=op.f("uq_products_external_id")),
    )
    with op.batch_alter_table("products", schema=None) as batch_op:
        batch_op.create_index(
            "ix_products_newest",
            ["created_at", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "ix_products_team_id_newest",
            ["team_id", "created_at", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "ix_products_user_owner_id_newest",
            ["user_owner_id", "created_at", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )

    op.create_table(
        "product_prices",
        sa.Column("product_id", types.PrimaryKey, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("default", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_product_prices_product_id")),
        sa.PrimaryKeyConstraint("product_id", "currency", name=op.f("pk_product_prices")),
    )
    op.create_table(
        "deals",
        sa.Column("deal_id", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("expected_close", types.Timestamp(), nullable=True),
        sa.Column("closed_at", types.Timestamp(), nullable=True),
        sa.Column("pipeline_stage_id", types.PrimaryKey, nullable=True),
        sa.Column("person_id", types.PrimaryKey, nullable=True),
        sa.Column("organization_id", types.PrimaryKey, nullable=True),
        sa.Column("lead_id", types.PrimaryKey, nullable=True),
        sa.Column("user_owner_id", types.PrimaryKey, nullable=True),
        sa.Column("id", types.PrimaryKey, nullable=False),
        sa.Column("external_id", types.ExternalId, nullable=False),
        sa.Column("team_id", types.PrimaryKey, nullable=True),
        sa.Column("deleted_at", types.Timestamp(), nullable=True),
        sa.Column("created_at", types.Timestamp(), nullable=False),
        sa.Column("updated_at", types.Timestamp(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_deals_lead_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_deals_organization_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_deals_person_id")),
        sa.ForeignKeyConstraint(["pipeline_stage_id"], ["pipeline_stages.id"], name=op.f("fk_deals_pipeline_stage_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_deals_team_id")),
        sa.ForeignKeyConstraint(["user_owner_id"], ["users.id"], name=op.f("fk_deals_user_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deals")),
        sa.UniqueConstraint("external_id", name=op.f("uq_deals_external_id")),
    )
    with op.batch_alter_table("deals", schema=None) as batch_op:
        batch_op.create_index(
            "ix_deals_newest",
            ["created_at", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "ix_deals_team_id_newest",
            ["team_id", "created_at", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "ix_deals_user_owner_id_newest",
            ["user_owner_id", "created_at", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )

    op.create_table(
        "quotes",
        sa.Column("quote_id", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("issue_at", types.Timestamp(), nullable=True),
        sa.Column("expire_at", types.Timestamp(), nullable=True),
        sa.Column("accepted_at", types.Timestamp(), nullable=True),
        sa.Column("rejected_at", types.Timestamp(), nullable=True),
        sa.Column("pipeline_stage_id", types.PrimaryKey, nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("discount", sa.BigInteger(), nullable=True),
        sa.Column("adjustments", sa.BigInteger(), nullable=True),
        sa.Column("lead_id", types.PrimaryKey, nullable=True),
        sa.Column("reference", sa.String(length=255), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("terms", sa.Text(), nullable=True),
        sa.Column("subtotal", sa.BigInteger(), nullable=True),
        sa.Column("tax", sa.BigInteger(), nullable=True),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("person_id", types.PrimaryKey, nullable=True),
        sa.Column("organization_id", types.PrimaryKey, nullable=True),
        sa.Column("user_owner_id", types.PrimaryKey, nullable=True),
        sa.Column("id", types.PrimaryKey, nullable=False),
        sa.Column("external_id", types.ExternalId, nullable=False),
        sa.Column("team_id", types.PrimaryKey, nullable=True),
        sa.Column("deleted_at", types.Timestamp(), nullable=True),
        sa.Column("created_at", types.Timestamp(), nullable=False),
        sa.Column("updated_at", types.Timestamp(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_quotes_lead_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_quotes_organization_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_quotes_person_id")),
        sa.ForeignKeyConstraint(
            ["pipeline_stage_id"], ["pipeline_stages.id"], name=op.f("fk_quotes_pipeline_stage_id")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_quotes_team_id")),
        sa.ForeignKeyConstraint(["user_owner_id"], ["users.id"], name=op.f("fk_quotes_user_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotes")),
        sa.UniqueConstraint("external_id", name=op.f("uq_quotes_external_id")),
    )
    with op.batch_alter_table("quotes", schema=None) as batch_op:
        batch_op.create_index(
            "ix_quotes_newest",
            ["created_at", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "ix_quotes_team_id_newest",
            ["team_id", "created_at", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "ix_quotes_user_owner_id_newest",
            ["user_owner_id", "created_at", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )

    op.create_table(
        "deals_labels",
        sa.Column("record_id", types.PrimaryKey, nullable=False),
        sa.Column("label_id", types.PrimaryKey, nullable=False),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name=op.f("fk_deals_labels_label_id")),
        sa.ForeignKeyConstraint(["record_id"], ["deals.id"], name=op.f("fk_deals_labels_record_id")),
        sa.PrimaryKeyConstraint("record_id", "label_id", name=op.f("pk_deals_labels")),
    )
    op.create_table(
        "orders",
        sa.Column("order_id", sa.String(length=20), nullable=False),
        sa.Column("deal_id", types.PrimaryKey, nullable=True),
        sa.Column("quote_id", types.PrimaryKey, nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("discount", sa.BigInteger(), nullable=True),
        sa.Column("adjustments", sa.BigInteger(), nullable=True),
        sa.Column("lead_id", types.PrimaryKey, nullable=True),
        sa.Column("reference", sa.String(length=255), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("terms", sa.Text(), nullable=True),
        sa.Column("subtotal", sa.BigInteger(), nullable=True),
        sa.Column("tax", sa.BigInteger(), nullable=True),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("person_id", types.PrimaryKey, nullable=True),
        sa.Column("organization_id", types.PrimaryKey, nullable=True),
        sa.Column("user_owner_id", types.PrimaryKey, nullable=True),
        sa.Column("id", types.PrimaryKey, nullable=False),
        sa.Column("external_id", types.ExternalId, nullable=False),
        sa.Column("team_id", types.PrimaryKey, nullable=True),
        sa.Column("deleted_at", types.Timestamp(), nullable=True),
        sa.Column("created_at", types.Timestamp(), nullable=False),
        sa.Column("updated_at", types.Timestamp(), nullable=False),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.id"], name=op.f("fk_orders_deal_id")),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_orders_lead_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_orders_organization_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_orders_person_id")),
        sa.ForeignKeyConstraint(["quote_id"], ["quotes.id"], name=op.f("fk_orders_quote_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_orders_team_id")),
        sa.ForeignKeyConstraint(["user_owner_id"], ["users.id"], name=op.f("fk_orders_user_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("external_id", name=op.f("uq_orders_external_id")),
    )
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.create_index(
            "ix_orders_newest",
            ["created_at", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "ix_orders_team_id_newest",
            ["team_id", "created_at", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "ix_orders_user_owner_id_newest",
            ["user_owner_id", "created_at", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )

    op.create_table(
        "quote_line_items",
        sa.Column("id", types.PrimaryKey, nullable=False),
        sa.Column("external_id", types.ExternalId, nullable=False),
        sa.Column("record_id", types.PrimaryKey, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("product_id", types.PrimaryKey, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("tax_rate", sa.Integer(), nullable=False),
        sa.Column("tax_amount", sa.BigInteger(), nullable=False),
        sa.Column("comments", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_quote_line_items_product_id")),
        sa.ForeignKeyConstraint(["record_id"], ["quotes.id"], name=op.f("fk_quote_line_items_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote_line_items")),
        sa.UniqueConstraint("external_id", name=op.f("uq_quote_line_items_external_id")),
    )
    with op.batch_alter_table("quote_line_items", schema=None) as batch_op:
        batch_op.create_index("ix_quote_line_items_record_id_position", ["record_id", "position"], unique=False)

    op.create_table(
        "quotes_labels",
        sa.Column("record_id", types.PrimaryKey, nullable=False),
        sa.Column("label_id", types.PrimaryKey, nullable=False),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name=op.f("fk_quotes_labels_label_id")),
        sa.ForeignKeyConstraint(["record_id"], ["quotes.id"], name=op.f("fk_quotes_labels_record_id")),
        sa.PrimaryKeyConstraint("record_id", "label_id", name=op.f("pk_quotes_labels")),
    )
    op.create_table(
        "invoices",
        sa.Column("invoice_id", sa.String(length=20), nullable=False),
        sa.Column("issue_date", types.Timestamp(), nullable=True),
        sa.Column("due_date", types.Timestamp(), nullable=True),
        sa.Column("amount_paid", sa.BigInteger(), nullable=False),
        sa.Column("fully_paid_at", types.Timestamp(), nullable=True),
        sa.Column("order_id", types.PrimaryKey, nullable=True),
        sa.Column("reference", sa.String(length=255), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("terms", sa.Text(), nullable=True),
        sa.Column("subtotal", sa.BigInteger(), nullable=True),
        sa.Column("tax", sa.BigInteger(), nullable=True),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("person_id", types.PrimaryKey, nullable=True),
        sa.Column("organization_id", types.PrimaryKey, nullable=True),
        sa.Column("user_owner_id", types.PrimaryKey, nullable=True),
        sa.Column("id", types.PrimaryKey, nullable=False),
        sa.Column("external_id", types.ExternalId, nullable=False),
        sa.Column("team_id", types.PrimaryKey, nullable=True),
        sa.Column("deleted_at", types.Timestamp(), nullable=True),
        sa.Column("created_at", types.Timestamp(), nullable=False),
        sa.Column("updated_at", types.Timestamp(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_invoices_order_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_invoices_organization_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_invoices_person_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_invoices_team_id")),
        sa.ForeignKeyConstraint(["user_owner_id"], ["users.id"], name=op.f("fk_invoices_user_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoices")),
        sa.UniqueConstraint("external_id", name=op.f("uq_invoices_external_id")),
    )
    with op.batch_alter_table("invoices", schema=None) as batch_op:
        batch_op.create_index(
            "ix_invoices_newest",
            ["created_at", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "ix_invoices_team_id_newest",
            ["team_id", "created_at", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "ix_invoices_user_owner_id_newest",
            ["user_owner_id", "created_at", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )

    op.create_table(
        "order_line_items",
        sa.Column("id", types.PrimaryKey, nullable=False),
        sa.Column("external_id", types.ExternalId, nullable=False),
        sa.Column("record_id", types.PrimaryKey, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("product_id", types.PrimaryKey, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("tax_rate", sa.Integer(), nullable=False),
        sa.Column("tax_amount", sa.BigInteger(), nullable=False),
        sa.Column("comments", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_order_line_items_product_id")),
        sa.ForeignKeyConstraint(["record_id"], ["orders.id"], name=op.f("fk_order_line_items_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_line_items")),
        sa.UniqueConstraint("external_id", name=op.f("uq_order_line_items_external_id")),
    )
    with op.batch_alter_table("order_line_items", schema=None) as batch_op:
        batch_op.create_index("ix_order_line_items_record_id_position", ["record_id", "position"], unique=False)

    op.create_table(
        "orders_labels",
        sa.Column("record_id", types.PrimaryKey, nullable=False),
        sa.Column("label_id", types.PrimaryKey, nullable=False),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name=op.f("fk_orders_labels_label_id")),
        sa.ForeignKeyConstraint(["record_id"], ["orders.id"], name=op.f("fk_orders_labels_record_id")),
        sa.PrimaryKeyConstraint("record_id", "label_id", name=op.f("pk_orders_labels")),
    )
    op.create_table(
        "invoice_line_items",
        sa.Column("id", types.PrimaryKey, nullable=False),
        sa.Column("external_id", types.ExternalId, nullable=False),
        sa.Column("record_id", types.PrimaryKey, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("product_id", types.PrimaryKey, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("tax_rate", sa.Integer(), nullable=False),
        sa.Column("tax_amount", sa.BigInteger(), nullable=False),
        sa.Column("comments", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_invoice_line_items_product_id")),
        sa.ForeignKeyConstraint(["record_id"], ["invoices.id"], name=op.f("fk_invoice_line_items_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_line_items")),
        sa.UniqueConstraint("external_id", name=op.f("uq_invoice_line_items_external_id")),
    )
    with op.batch_alter_table("invoice_line_items", schema=None) as batch_op:
        batch_op.create_index("ix_invoice_line_items_record_id_position", ["record_id", "position"], unique=False)

    op.create_table(
        "invoices_labels",
        sa.Column("record_id", types.PrimaryKey, nullable=False),
        sa.Column("label_id", types.PrimaryKey, nullable=False),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name=op.f("fk_invoices_labels_label_id")),
        sa.ForeignKeyConstraint(["record_id"], ["invoices.id"], name=op.f("fk_invoices_labels_record_id")),
        sa.PrimaryKeyConstraint("record_id", "label_id", name=op.f("pk_invoices_labels")),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("invoices_labels")
    with op.batch_alter_table("invoice_line_items", schema=None) as batch_op:
        batch_op.drop_index("ix_invoice_line_items_record_id_position")

    op.drop_table("invoice_line_items")
    op.drop_table("orders_labels")
    with op.batch_alter_table("order_line_items", schema=None) as batch_op:
        batch_op.drop_index("ix_order_line_items_record_id_position")

    op.drop_table("order_line_items")
    with op.batch_alter_table("invoices", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_invoices_user_owner_id_newest",
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_invoices_team_id_newest",
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_invoices_newest",
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )

    op.drop_table("invoices")
    op.drop_table("quotes_labels")
    with op.batch_alter_table("quote_line_items", schema=None) as batch_op:
        batch_op.drop_index("ix_quote_line_items_record_id_position")

    op.drop_table("quote_line_items")
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_orders_user_owner_id_newest",
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_orders_team_id_newest",
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_orders_newest",
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )

    op.drop_table("orders")
    op.drop_table("deals_labels")
    with op.batch_alter_table("quotes", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_quotes_user_owner_id_newest",
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_quotes_team_id_newest",
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_quotes_newest",
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )

    op.drop_table("quotes")
    with op.batch_alter_table("deals", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_deals_user_owner_id_newest",
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_deals_team_id_newest",
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_deals_newest",
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )

    op.drop_table("deals")
    op.drop_table("product_prices")
    with op.batch_alter_table("products", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_products_user_owner_id_newest",
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_products_team_id_newest",
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_products_newest",
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )

    op.drop_table("products")
