"""Organizations: the companies that a CRM's users deal with."""

from sqlalchemy import ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm.models.base import Record
from crm.models.contact_details import address_table, email_table, phone_table
from crm.models.labels import label_table
from crm.models.types import Cents


class Organization(Record):
    """A company or other body. Revenue and money raised are in cents."""

    __tablename__ = "organizations"
    sorts = ("name",)

    name: Mapped[str] = mapped_column(String(255))
    description: Mapped[str | None] = mapped_column(Text)
    vat_number: Mapped[str | None] = mapped_column(String(255))
    linkedin: Mapped[str | None] = mapped_column(String(255))
    number_of_employees: Mapped[int | None] = mapped_column(Integer)
    annual_revenue: Mapped[int | None] = mapped_column(Cents)
    total_money_raised: Mapped[int | None] = mapped_column(Cents)
    organization_type_id: Mapped[int | None] = mapped_column(ForeignKey("organization_types.id"))
    industry_id: Mapped[int | None] = mapped_column(ForeignKey("industries.id"))
    timezone_id: Mapped[int | None] = mapped_column(ForeignKey("timezones.id"))


organization_labels = label_table(Organization)
organization_emails = email_table(Organization)
organization_phones = phone_table(Organization)
organization_addresses = address_table(Organization)
