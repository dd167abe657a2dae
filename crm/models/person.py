"""People: the contacts, at an organization or on their own."""

from datetime import date

from sqlalchemy import Date, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm.models.base import Record
from crm.models.contact_details import address_table, email_table, phone_table
from crm.models.labels import label_table


class Person(Record):
    """A contact."""

    __tablename__ = "people"
    sorts = ("first_name", "last_name")

    title: Mapped[str | None] = mapped_column(String(255))
    first_name: Mapped[str] = mapped_column(String(255))
    middle_name: Mapped[str | None] = mapped_column(String(255))
    last_name: Mapped[str | None] = mapped_column(String(255))
    gender: Mapped[str | None] = mapped_column(String(50))
    birthday: Mapped[date | None] = mapped_column(Date)
    description: Mapped[str | None] = mapped_column(Text)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"))


person_labels = label_table(Person)
person_emails = email_table(Person)
person_phones = phone_table(Person)
person_addresses = address_table(Person)
