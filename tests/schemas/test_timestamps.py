"""Timestamps and birthdays, in and out (contract, sections 1 and 5)."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.schemas import fields
from tests.schemas.test_fields import refused
from tests.support.factories import fields_of

TIMESTAMPS = {
    "2026-03-04T05:06:07Z": "2026-03-04T05:06:07+00:00",
    "2026-03-04T05:06:07+02:30": "2026-03-04T02:36:07+00:00",
    "2026-12-31T23:00:00-05:00": "2027-01-01T04:00:00+00:00",
    "2026-03-04T05:06:07-00:00": "2026-03-04T05:06:07+00:00",
    "2026-03-04T05:06:07.999999999Z": "2026-03-04T05:06:07+00:00",
    "2024-02-29T00:00:00Z": "2024-02-29T00:00:00+00:00",
    "0001-01-01T00:00:00Z": "0001-01-01T00:00:00+00:00",
    "9999-12-31T23:59:59.9Z": "9999-12-31T23:59:59+00:00",
    " 2026-03-04T05:06:07Z ": "2026-03-04T05:06:07+00:00",
}
NO_TIMESTAMPS = [
    *("2026-03-04T05:06:07", "2026-03-04", "2026-03-04T05:06Z", "2026-03-04 05:06:07Z", "2026-03-04t05:06:07Z"),
    *("2026-03-04T05:06:07z", "2026-03-04T05:06:07+0200", "2026-03-04T05:06:07+02", "2026-03-04T05:06:07.Z"),
    *("2026-03-04T05:06:60Z", "2026-03-04T24:00:00Z", "2026-03-04T05:60:07Z", "2026-02-29T05:06:07Z"),
    *("2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-03-04T05:06:07+24:00", "2026-03-04T05:06:07+02:60"),
    *("0000-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "٢٠٢٦-03-04T05:06:07Z"),
    *("2026-03-04T05:06:07,5Z", "20260304T050607Z", "2026-W10-3T05:06:07Z", "2026-03-04T05:06:07Z\n2", "now"),
    *("2026-03-04T05:06:07\u221202:00", "+2026-03-04T05:06:07Z", "2026-3-4T05:06:07Z", 1772600767, True, [], {}),
]
NO_DAYS = [
    *("1985-02-29", "1985-4-12", "12/04/1985", "19850412", "0000-01-01", "1985-04-12T10:00:00", "1985-04-12T10:00Z"),
    *("1985-04-12T10:00:60Z", "1985-04-12 10:00:00Z", "١٩٨٥-04-12", "1985-04-12Z", 19850412, True, []),
]


@pytest.mark.parametrize(("resource", "name"), fields_of(fields.Timestamp))
def test_a_timestamp_is_shown_in_utc_without_its_fraction(api, resource, name):
    for sent, shown in TIMESTAMPS.items():
        record = api.create(resource, **{name: sent})
        assert record[name] == shown
        assert api.get(f"/{resource}/{record['id']}").json["data"] == record


@pytest.mark.parametrize("value", NO_TIMESTAMPS, ids=ascii)
def test_anything_else_is_no_timestamp(value):
    sentences = ("must be an ISO-8601 timestamp with a timezone offset.", "must be a valid date.")
    assert refused(fields.Timestamp(), value).removeprefix("The F field ") in sentences


@given(st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1), timezones=st.timezones()))
def test_any_moment_is_read_as_the_same_moment(moment):
    offset = moment.strftime("%z")
    written = f"{moment.replace(tzinfo=None).isoformat(timespec='seconds')}{offset[:3]}:{offset[3:5]}"
    assert fields.Timestamp().deserialize(written) == datetime.fromisoformat(written).astimezone(UTC)


@pytest.mark.parametrize(
    "sent", ["1985-04-12", "1985-04-12T23:59:59-12:00", "1985-04-12T00:00:00+14:00", "1985-04-12T10:00:00.5Z"]
)
def test_a_birthday_is_the_date_as_written(api, sent):
    record = api.create("people", birthday=sent)
    assert record["birthday"] == "1985-04-12T00:00:00+00:00"
    assert api.get(f"/people/{record['id']}").json["data"] == record


@pytest.mark.parametrize("value", NO_DAYS, ids=ascii)
def test_anything_else_is_no_birthday(value):
    assert refused(fields.Day(), value) == "The F field must be a valid date."
