"""What was exported is imported again and changes nothing, and makes the same records elsewhere."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.client import ApiClient, CommandLine, Teams
from tests.support.factories import DETAILS, NAMES, full
from tests.transfer.conftest import WriteFile

AGAIN = ("--source", "erp", "--key", "external_keys.erp")
OWN = {"id", "version", "created_at", "updated_at", "line_items", "tax_breakdown", *DETAILS}
"""What two records of the same content may differ in; lines, their taxes and contact details stand in no CSV."""
TEXTS = st.text(st.one_of(st.sampled_from("'=+-@;,\"\n\r\t ab1"), st.characters(codec="utf-8")), max_size=20)


def records(api: ApiClient, resource: str) -> list[dict[str, Any]]:
    data = api.get(f"/{resource}?include=external_keys&sort=created_at&per_page=100").json["data"]
    return sorted(data, key=lambda record: record["external_keys"]["erp"])


def changes(api: ApiClient) -> int:
    return len(api.get("/changes?limit=500").json["data"])


@pytest.mark.parametrize("resource", NAMES)
def test_an_export_that_is_imported_again_writes_nothing(
    api: ApiClient, shell: CommandLine, resource: str, tmp_path: Path
) -> None:
    api.create(resource, **full(api, resource), external_keys={"erp": "full", "other": "x"})
    api.create(resource, external_keys={"erp": "scarce"})
    path = tmp_path / "exported.csv"
    shell.done("export", resource, path)
    before, noted = records(api, resource), changes(api)
    told = shell.done("import", resource, path, *AGAIN)
    assert told.splitlines()[-1] == "Added 0, changed 0, unchanged 2."
    assert (records(api, resource), changes(api)) == (before, noted)


@pytest.mark.parametrize("resource", NAMES)
def test_an_export_makes_the_same_records_again(
    api: ApiClient, shell: CommandLine, resource: str, tmp_path: Path
) -> None:
    api.create(resource, **full(api, resource), external_keys={"erp": "full"})
    path = tmp_path / "exported.csv"
    shell.done("export", resource, path)
    (before,) = records(api, resource)
    api.delete(f"/{resource}/{before['id']}")
    shell.done("import", resource, path, *AGAIN)
    (after,) = records(api, resource)
    numbers = {f"{resource.removesuffix('s')}_id"}
    for name in before.keys() - OWN - numbers:
        assert (name, after[name]) == (name, before[name])


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXTS, min_size=1, max_size=5))
def test_any_text_comes_back_as_it_was(
    api: ApiClient, shell: CommandLine, write_file: WriteFile, texts: list[str]
) -> None:
    items = [
        {"title": "A", "description": text, "key": {"source": "erp", "key": str(number)}}
        for number, text in enumerate(texts)
        if "\0" not in text
    ]
    if not items:
        return
    assert api.post("/leads/batch/upsert", {"items": items}).status_code == 200
    path = write_file(b"")
    shell.done("export", "leads", path)
    noted = api.get("/changes?after=latest").json["meta"]["cursor"]
    assert "changed 0," in shell.done("import", "leads", path, *AGAIN)
    assert api.get(f"/changes?after={noted}").json["data"] == []


def test_a_team_takes_in_what_another_one_gives(teams: Teams, tmp_path: Path) -> None:
    """Look-up rows that are shared, and all that is no reference, go from one team to another."""
    shell = CommandLine(teams.app)
    labels = [row["id"] for row in teams.ours.get("/labels").json["data"]]
    teams.ours.create("leads", title="A", amount=5, labels=labels, external_keys={"erp": "1"})
    path = tmp_path / "leads.csv"
    shell.done("export", "leads", path, "--team", teams.a)
    shell.done("import", "leads", path, *AGAIN, "--team", teams.b)
    ours, theirs = records(teams.ours, "leads")[0], records(teams.theirs, "leads")[0]
    assert ours["id"] != theirs["id"]
    assert [ours[name] for name in ("title", "amount", "labels")] == [
        theirs[name] for name in ("title", "amount", "labels")
    ]
