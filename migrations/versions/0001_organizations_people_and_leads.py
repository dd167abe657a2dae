"""Organizations, people and leads."""

import sqlalchemy as sa
from alembic import op

from crm.models import types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "counters",
        sa.Column("team_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("resource", sa.String(length=50), nullable=False),
        sa.Column("last_number", sa.BigInteger(), nullable=False),
        sa.Column("live_records", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("team_id", "resource", name=op.f("pk_counters")),
    )
    op.create_table(
        "teams",
        sa.Column("id", types.PrimaryKey, nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("created_at", types.Timestamp(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
    )
    op.create_table(
        "industries",
        sa.Column("id", types.PrimaryKey, nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("team_id", types.PrimaryKey, nullable=True),
        sa.Column("deleted_at", types.Timestamp(), nullable=True),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_industries_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_industries")),
    )
    op.create_table(
        "labels",
        sa.Column("hex", sa.String(length=7), nullable=False),
        sa.Column("id", types.PrimaryKey, nullable=False),
        sa.Column("external_id", types.ExternalId, nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("team_id", types.PrimaryKey, nullable=True),
        sa.Column("deleted_at", types.Timestamp(), nullable=True),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_labels_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_labels")),
        sa.UniqueConstraint("external_id", name=op.f("uq_labels_external_id")),
    )
    op.create_table(
        "lead_sources",
        sa.Column("id", types.PrimaryKey, nullable=False),
        sa.Column("external_id", types.ExternalId, nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("team_id", types.PrimaryKey, nullable=True),
        sa.Column("deleted_at", types.Timestamp(), nullable=True),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_lead_sources_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_sources")),
        sa.UniqueConstraint("external_id", name=op.f("uq_lead_sources_external_id")),
    )
    op.create_table(
        "organization_types",
        sa.Column("id", types.PrimaryKey, nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("team_id", types.PrimaryKey, nullable=True),
        sa.Column("deleted_at", types.Timestamp(), nullable=True),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_organization_types_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization_types")),
    )
    op.create_table(
        "pipelines",
        sa.Column("resource", sa.String(length=50), nullable=False),
        sa.Column("id", types.PrimaryKey, nullable=False),
        sa.Column("external_id", types.ExternalId, nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("team_id", types.PrimaryKey, nullable=True),
        sa.Column("deleted_at", types.Timestamp(), nullable=True),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_pipelines_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pipelines")),
        sa.UniqueConstraint("external_id", name=op.f("uq_pipelines_external_id")),
    )
    op.create_table(
        "product_categories",
        sa.Column("id", types.PrimaryKey, nullable=False),
        sa.Column("external_id", types.ExternalId, nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("team_id", types.PrimaryKey, nullable=True),
        sa.Column("deleted_at", types.Timestamp(), nullable=True),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_product_categories_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_categories")),
        sa.UniqueConstraint("external_id", name=op.f("uq_product_categories_external_id")),
    )
    op.create_table(
        "tax_rates",
        sa.Column("rate", sa.Integer(), nullable=False),
        sa.Column("default", sa.Boolean(), nullable=False),
        sa.Column("id", types.PrimaryKey, nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("team_id", types.PrimaryKey, nullable=True),
        sa.Column("deleted_at", types.Timestamp(), nullable=True),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_tax_rates_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_rates")),
    )
    op.create_table(
        "timezones",
        sa.Column("id", types.PrimaryKey, nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("team_id", types.PrimaryKey, nullable=True),
        sa.Column("deleted_at", types.Timestamp(), nullable=True),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_timezones_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timezones")),
    )
    op.create_table(
        "users",
        sa.Column("id", types.PrimaryKey, nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("role", sa.String(length=50), nullable=False),
        sa.Column("crm_access", sa.Boolean(), nullable=False),
        sa.Column("current_team_id", types.PrimaryKey, nullable=True),
        sa.Column("created_at", types.Timestamp(), nullable=False),
        sa.ForeignKeyConstraint(["current_team_id"], ["teams.id"], name=op.f("fk_users_current_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
    )
    op.create_table(
        "memberships",
        sa.Column("user_id", types.PrimaryKey, nullable=False),
        sa.Column("team_id", types.PrimaryKey, nullable=False),
        sa.Column("role", sa.String(length=50), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_memberships_team_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_memberships_user_id")),
        sa.PrimaryKeyConstraint("user_id", "team_id", name=op.f("pk_memberships")),
    )
    op.create_table(
        "organizations",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("vat_number", sa.String(length=255), nullable=True),
        sa.Column("linkedin", sa.String(length=255), nullable=True),
        sa.Column("number_of_employees", sa.Integer(), nullable=True),
        sa.Column("annual_revenue", sa.BigInteger(), nullable=True),
        sa.Column("total_money_raised", sa.BigInteger(), nullable=True),
        sa.Column("organization_type_id", types.PrimaryKey, nullable=True),
        sa.Column("industry_id", types.PrimaryKey, nullable=True),
        sa.Column("timezone_id", types.PrimaryKey, nullable=True),
        sa.Column("user_owner_id", types.PrimaryKey, nullable=True),
        sa.Column("id", types.PrimaryKey, nullable=False),
        sa.Column("external_id", types.ExternalId, nullable=False),
        sa.Column("team_id", types.PrimaryKey, nullable=True),
        sa.Column("deleted_at", types.Timestamp(), nullable=True),
        sa.Column("created_at", types.Timestamp(), nullable=False),
        sa.Column("updated_at", types.Timestamp(), nullable=False),
        sa.ForeignKeyConstraint(["industry_id"], ["industries.id"], name=op.f("fk_organizations_industry_id")),
        sa.ForeignKeyConstraint(
            ["organization_type_id"], ["organization_types.id"], name=op.f("fk_organizations_organization_type_id")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_organizations_team_id")),
        sa.ForeignKeyConstraint(["timezone_id"], ["timezones.id"], name=op.f("fk_organizations_timezone_id")),
        sa.ForeignKeyConstraint(["user_owner_id"], ["users.id"], name=op.f("fk_organizations_user_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organizations")),
        sa.UniqueConstraint("external_id", name=op.f("uq_organizations_external_id")),
    )
    with op.batch_alter_table("organizations", schema=None) as batch_op:
        batch_op.create_index(
            "ix_organizations_newest",
            ["created_at", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "ix_organizations_team_id_newest",
            ["team_id", "created_at", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "ix_organizations_user_owner_id_newest",
            ["user_owner_id", "created_at", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )

    op.create_table(
        "pipeline_stages",
        sa.Column("pipeline_id", types.PrimaryKey, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", types.PrimaryKey, nullable=False),
        sa.Column("external_id", types.ExternalId, nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("team_id", types.PrimaryKey, nullable=True),
        sa.Column("deleted_at", types.Timestamp(), nullable=True),
        sa.ForeignKeyConstraint(["pipeline_id"], ["pipelines.id"], name=op.f("fk_pipeline_stages_pipeline_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_pipeline_stages_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pipeline_stages")),
        sa.UniqueConstraint("external_id", name=op.f("uq_pipeline_stages_external_id")),
    )
    with op.batch_alter_table("pipeline_stages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pipeline_stages_pipeline_id"), ["pipeline_id"], unique=False)

    op.create_table(
        "tokens",
        sa.Column("id", types.PrimaryKey, nullable=False),
        sa.Column("user_id", types.PrimaryKey, nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", types.Timestamp(), nullable=False),
        sa.Column("last_used_at", types.Timestamp(), nullable=True),
        sa.Column("expires_at", types.Timestamp(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_tokens_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
    )
    with op.batch_alter_table("tokens", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tokens_user_id"), ["user_id"], unique=False)

    op.create_table(
        "organizations_labels",
        sa.Column("record_id", types.PrimaryKey, nullable=False),
        sa.Column("label_id", types.PrimaryKey, nullable=False),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name=op.f("fk_organizations_labels_label_id")),
        sa.ForeignKeyConstraint(["record_id"], ["organizations.id"], name=op.f("fk_organizations_labels_record_id")),
        sa.PrimaryKeyConstraint("record_id", "label_id", name=op.f("pk_organizations_labels")),
    )
    op.create_table(
        "people",
        sa.Column("title", sa.String(length=255), nullable=True),
        sa.Column("first_name", sa.String(length=255), nullable=False),
        sa.Column("middle_name", sa.String(length=255), nullable=True),
        sa.Column("last_name", sa.String(length=255), nullable=True),
        sa.Column("gender", sa.String(length=50), nullable=True),
        sa.Column("birthday", sa.Date(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("organization_id", types.PrimaryKey, nullable=True),
        sa.Column("user_owner_id", types.PrimaryKey, nullable=True),
        sa.Column("id", types.PrimaryKey, nullable=False),
        sa.Column("external_id", types.ExternalId, nullable=False),
        sa.Column("team_id", types.PrimaryKey, nullable=True),
        sa.Column("deleted_at", types.Timestamp(), nullable=True),
        sa.Column("created_at", types.Timestamp(), nullable=False),
        sa.Column("updated_at", types.Timestamp(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_people_organization_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_people_team_id")),
        sa.ForeignKeyConstraint(["user_owner_id"], ["users.id"], name=op.f("fk_people_user_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("external_id", name=op.f("uq_people_external_id")),
    )
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.create_index(
            "ix_people_newest",
            ["created_at", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "ix_people_team_id_newest",
            ["team_id", "created_at", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "ix_people_user_owner_id_newest",
            ["user_owner_id", "created_at", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )

    op.create_table(
        "leads",
        sa.Column("lead_id", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("expected_close", types.Timestamp(), nullable=True),
        sa.Column("converted_at", types.Timestamp(), nullable=True),
        sa.Column("lead_source_id", types.PrimaryKey, nullable=True),
        sa.Column("pipeline_stage_id", types.PrimaryKey, nullable=True),
        sa.Column("person_id", types.PrimaryKey, nullable=True),
        sa.Column("organization_id", types.PrimaryKey, nullable=True),
        sa.Column("user_owner_id", types.PrimaryKey, nullable=True),
        sa.Column("id", types.PrimaryKey, nullable=False),
        sa.Column("external_id", types.ExternalId, nullable=False),
        sa.Column("team_id", types.PrimaryKey, nullable=True),
        sa.Column("deleted_at", types.Timestamp(), nullable=True),
        sa.Column("created_at", types.Timestamp(), nullable=False),
        sa.Column("updated_at", types.Timestamp(), nullable=False),
        sa.ForeignKeyConstraint(["lead_source_id"], ["lead_sources.id"], name=op.f("fk_leads_lead_source_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_leads_organization_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_leads_person_id")),
        sa.ForeignKeyConstraint(["pipeline_stage_id"], ["pipeline_stages.id"], name=op.f("fk_leads_pipeline_stage_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_leads_team_id")),
        sa.ForeignKeyConstraint(["user_owner_id"], ["users.id"], name=op.f("fk_leads_user_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leads")),
        sa.UniqueConstraint("external_id", name=op.f("uq_leads_external_id")),
    )
    with op.batch_alter_table("leads", schema=None) as batch_op:
        batch_op.create_index(
            "ix_leads_newest",
            ["created_at", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "ix_leads_team_id_newest",
            ["team_id", "created_at", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "ix_leads_user_owner_id_newest",
            ["user_owner_id", "created_at", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )

    op.create_table(
        "people_labels",
        sa.Column("record_id", types.PrimaryKey, nullable=False),
        sa.Column("label_id", types.PrimaryKey, nullable=False),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name=op.f("fk_people_labels_label_id")),
        sa.ForeignKeyConstraint(["record_id"], ["people.id"], name=op.f("fk_people_labels_record_id")),
        sa.PrimaryKeyConstraint("record_id", "label_id", name=op.f("pk_people_labels")),
    )
    op.create_table(
        "leads_labels",
        sa.Column("record_id", types.PrimaryKey, nullable=False),
        sa.Column("label_id", types.PrimaryKey, nullable=False),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name=op.f("fk_leads_labels_label_id")),
        sa.ForeignKeyConstraint(["record_id"], ["leads.id"], name=op.f("fk_leads_labels_record_id")),
        sa.PrimaryKeyConstraint("record_id", "label_id", name=op.f("pk_leads_labels")),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("leads_labels")
    op.drop_table("people_labels")
    with op.batch_alter_table("leads", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_leads_user_owner_id_newest",
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_leads_team_id_newest",
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_leads_newest",
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )

    op.drop_table("leads")
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_people_user_owner_id_newest",
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_people_team_id_newest",
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_people_newest",
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )

    op.drop_table("people")
    op.drop_table("organizations_labels")
    with op.batch_alter_table("tokens", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tokens_user_id"))

    op.drop_table("tokens")
    with op.batch_alter_table("pipeline_stages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pipeline_stages_pipeline_id"))

    op.drop_table("pipeline_stages")
    with op.batch_alter_table("organizations", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_organizations_user_owner_id_newest",
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_organizations_team_id_newest",
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_organizations_newest",
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )

    op.drop_table("organizations")
    op.drop_table("memberships")
    op.drop_table("users")
    op.drop_table("timezones")
    op.drop_table("tax_rates")
    op.drop_table("product_categories")
    op.drop_table("pipelines")
    op.drop_table("organization_types")
    op.drop_table("lead_sources")
    op.drop_table("labels")
    op.drop_table("industries")
    op.drop_table("teams")
    op.drop_table("counters")
