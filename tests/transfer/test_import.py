"""`flask crm import`: what cells become, what is refused, what is written."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from crm.http.errors import Overtaken
from crm.models import Label, LeadSource, PipelineStage
from crm.records.batch import Batch
from crm.transfer import checking
from tests.support.client import ApiClient, CommandLine, Teams
from tests.support.factories import DETAILS, alter, create_lookup, create_stage, create_user
from tests.transfer.conftest import WriteFile

KEYED = ("--source", "erp", "--key", "key")


def leads(api: ApiClient) -> list[dict[str, Any]]:
    """Return all leads with their keys, the oldest first."""
    data = api.get("/leads?include=external_keys&sort=created_at&per_page=100").json["data"]
    return sorted(data, key=lambda lead: int(lead["lead_id"][1:]))


def faults(shell: CommandLine, *arguments: Any) -> list[str]:
    """Import what is refused, and return the lines that say why."""
    *lines, last = shell.refused("import", *arguments).splitlines()
    assert last.startswith("Error: ")
    return lines


# What cells become


def test_a_header_names_fields(api: ApiClient, shell: CommandLine, write_file: WriteFile) -> None:
    path = write_file(
        [
            "title;amount;currency;expected_close;description",
            "Forty chairs; 1500.5 ;eur;2027-01-31T17:00:00+01:00;" + '"two\nlines; and ""quotes"""',
            "Nothing else;;;;",
        ]
    )
    assert shell.done("import", "leads", path) == "Added 2, changed 0, unchanged 0.\n"
    first, second = leads(api)
    assert (first["lead_id"], first["title"], first["amount"], first["currency"]) == (
        "L1001",
        "Forty chairs",
        1500.5,
        "EUR",
    )
    assert first["expected_close"] == "2027-01-31T16:00:00+00:00"
    assert first["description"] == 'two\nlines; and "quotes"'
    assert (second["title"], second["amount"], second["currency"]) == ("Nothing else", None, "USD")


def test_a_reference_is_a_uuid_or_an_own_key(api: ApiClient, shell: CommandLine, write_file: WriteFile) -> None:
    person = api.create("people", external_keys={"hubspot": "55:a"})
    path = write_file(["title,person_id", f"A,{person['id'].upper()}", "B,hubspot:55:a", "C, hubspot : 55:a "])
    shell.done("import", "leads", path)
    assert [lead["person"]["id"] for lead in leads(api)] == [person["id"]] * 3
    refused = faults(shell, "leads", write_file(["title,person_id", "A,hubspot:56", "B,Hub:1", "C,55", "D,hubspot:"]))
    assert refused == [
        "Row 2, person_id: The selected person_id is invalid.",
        "Row 3, person_id: The selected person_id is invalid.",
        "Row 4, person_id: The person_id field must be a valid UUID.",
        "Row 5, person_id: The selected person_id is invalid.",
    ]


def test_look_up_rows_are_named_or_given_by_their_id(
    api: ApiClient, app: Flask, shell: CommandLine, write_file: WriteFile
) -> None:
    source = create_lookup(app, LeadSource, name="Søk & find")
    user = create_user(app, email="ada@example.com")
    path = write_file(["title,lead_source_id,user_owner_id", "A,SØK & FIND,Ada@Example.com", f"B,{source},{user}"])
    shell.done("import", "leads", path)
    assert [(lead["lead_source"]["id"], lead["owner"]["id"]) for lead in leads(api)] == [(source, user)] * 2
    industries = api.get("/industries").json["data"]
    shell.done("import", "organizations", write_file(["name,industry_id", "A,retail"]))
    record = api.get("/organizations").json["data"][0]
    assert record["industry_id"] == next(row["id"] for row in industries if row["name"] == "Retail")


def test_what_names_no_look_up_row_is_refused_with_the_nearest(
    app: Flask, shell: CommandLine, write_file: WriteFile
) -> None:
    create_user(app, email="away@example.com", crm_access=False)
    lines = [
        "title,lead_source_id,user_owner_id,pipeline_stage_id,labels",
        'A,Websit,away@example.com,Draft,"Hot;Colt"',
        "B,00000000-0000-4000-8000-000000000000,999999999,,",
    ]
    refused = faults(shell, "leads", write_file(lines))
    assert [line.replace("The selected ", "") for line in refused] == [
        'Row 2, lead_source_id: lead_source_id is invalid: none is called "Websit"; the nearest is "Website".',
        'Row 2, user_owner_id: user_owner_id is invalid: none is called "away@example.com".',
        'Row 2, pipeline_stage_id: pipeline_stage_id is invalid: none is called "Draft".',
        'Row 2, labels: labels is invalid: none is called "Colt"; the nearest is "Cold".',
        "Row 3, lead_source_id: lead_source_id is invalid.",
        "Row 3, user_owner_id: user_owner_id is invalid.",
    ]


def test_a_stage_of_several_pipelines_needs_its_pipeline(
    api: ApiClient, app: Flask, shell: CommandLine, write_file: WriteFile
) -> None:
    stage = create_stage(app, "leads")
    alter(app, PipelineStage, stage, name="New")
    pipeline = next(
        each["name"] for each in api.get("/pipelines").json["data"] if [row["id"] for row in each["stages"]] == [stage]
    )
    (line,) = faults(shell, "leads", write_file(["title,pipeline_stage_id", "A,new"]))
    assert line.startswith('Row 2, pipeline_stage_id: The selected pipeline_stage_id is ambiguous: "new" may be ')
    assert '"Lead Pipeline: New"' in line
    assert f'"{pipeline}: New"' in line
    shell.done("import", "leads", write_file(["title,pipeline_stage_id", f"A,{pipeline}: new", "B,Contacted"]))
    assert [lead["pipeline_stage"]["name"] for lead in leads(api)] == ["New", "Contacted"]
    assert leads(api)[0]["pipeline_stage"]["id"] == stage


def test_labels_are_names_or_ids_with_semicolons_between(
    api: ApiClient, app: Flask, shell: CommandLine, write_file: WriteFile
) -> None:
    other = create_lookup(app, Label, name="A; B")
    shell.done("import", "leads", write_file(["title,labels", f"A,hot ; {other};; COLD;hot", "B,"]))
    assert [[label["name"] for label in lead["labels"]] for lead in leads(api)] == [["A; B", "Cold", "Hot"], []]


def test_a_semicolon_alone_clears_labels_and_a_blank_cell_does_not(
    api: ApiClient, shell: CommandLine, write_file: WriteFile
) -> None:
    for cell, labels in (("Hot", ["Hot"]), ("", ["Hot"]), (";", [])):
        shell.done("import", "leads", write_file(["key;title;labels", f'1;A;"{cell}"']), *KEYED)
        assert [label["name"] for label in leads(api)[0]["labels"]] == labels


@pytest.mark.parametrize(("cell", "active"), [("TRUE", True), ("no", False), ("0", False), ("On", True), ("", True)])
def test_truth_has_several_words(
    api: ApiClient, shell: CommandLine, write_file: WriteFile, cell: str, active: bool
) -> None:
    shell.done(
        "import", "products", write_file(["name,active,unit_price,currency,tax_rate", f"A,{cell},9.99,EUR,19.5"])
    )
    (product,) = api.get("/products").json["data"]
    assert (product["active"], product["tax_rate"]) == (active, 19.5)
    assert product["prices"] == [{"currency": "EUR", "unit_price": Decimal("9.99"), "default": True}]


def test_an_apostrophe_before_a_formula_is_taken_off(api: ApiClient, shell: CommandLine, write_file: WriteFile) -> None:
    shell.done("import", "leads", write_file(["title", "'=1+1", "=2+2", "''=3", "'tis", "'-4", "-5"]))
    assert [lead["title"] for lead in leads(api)] == ["=1+1", "=2+2", "'=3", "'tis", "'-4", "-5"]


def test_an_invoice_has_no_owner_unless_it_is_named(api: ApiClient, shell: CommandLine, write_file: WriteFile) -> None:
    shell.done("import", "invoices", write_file(["reference", "A"]))
    assert api.get("/invoices").json["data"][0]["owner"] is None


# The header


NO_SOURCE = 'Column "{}" names no source: external_keys.hubspot does, say. --map "{}=" leaves the column out.'
TITEL = 'Column "Titel" names no field of leads; the nearest is title. --map "Titel=title" means it. {}'


@pytest.mark.parametrize(
    ("header", "options", "refused"),
    [
        ("Titel", "", TITEL.format('--map "Titel=" leaves the column out.')),
        ("title,external_keys", "", NO_SOURCE.format("external_keys", "external_keys")),
        ("title,external_keys.Hub", "", NO_SOURCE.format("external_keys.Hub", "external_keys.Hub")),
        ("title,title", "", 'Columns "title" and "title" are both for title: --map leaves one out.'),
        ("title,Name", "--map Name=title", 'Columns "title" and "Name" are both for title: --map leaves one out.'),
        ("title,A", "--map A=id", 'Column "A" is mapped to "id", which cannot be written.'),
        ("title,A", "--map A=B", 'Column "A" is mapped to "B", which names no field of leads; the nearest is labels.'),
        ("title", "--map A=title", '--map: there is no column "A".'),
        ("title", "--source erp --key A", '--key: there is no column "A".'),
        ("title,A,A", "--source erp --key A", '--key: there is more than one column "A".'),
    ],
)
def test_a_header_is_judged_before_all_else(
    shell: CommandLine, write_file: WriteFile, header: str, options: str, refused: str
) -> None:
    told = shell.refused("import", "leads", write_file([header, "A,B,C"]), *options.split())
    assert told == f"Error: {refused}\n"


def test_all_that_is_wrong_with_a_header_is_told_at_once(shell: CommandLine, write_file: WriteFile) -> None:
    told = shell.refused("import", "leads", write_file(["Title,title,title,x", "A"]), "--map", "y=title")
    assert len(told.splitlines()) == 4


def test_lines_of_documents_stand_in_no_csv(shell: CommandLine, write_file: WriteFile) -> None:
    told = shell.refused("import", "quotes", write_file(["title,line_items", "A,[]"]))
    assert told.startswith('Error: Column "line_items" cannot be filled from a CSV')


@pytest.mark.parametrize("kind", DETAILS)
def test_contact_details_stand_in_no_csv_and_an_import_keeps_them(
    api: ApiClient, shell: CommandLine, write_file: WriteFile, kind: str
) -> None:
    told = shell.refused("import", "people", write_file([f"first_name,{kind}", "A,a@b.example"]))
    assert told.startswith(f'Error: Column "{kind}" cannot be filled from a CSV')
    person = api.create("people", **DETAILS, external_keys={"erp": "1"})
    shell.done("import", "people", write_file(["key,first_name", "1,Ada"]), "--source", "erp", "--key", "key")
    changed = api.get(f"/people/{person['id']}").json["data"]
    assert (changed["first_name"], changed[kind]) == ("Ada", DETAILS[kind])


def test_columns_are_mapped_left_out_and_passed_over(api: ApiClient, shell: CommandLine, write_file: WriteFile) -> None:
    path = write_file(["Deal name = title,Notes,id,created_at,version", "A,B,x,y,z"])
    options = ("--map", "Deal name = title=title", "--map", "Notes=")
    assert shell.done("import", "leads", path, *options) == (
        "Passed over, since they cannot be written: id, created_at, version.\nAdded 1, changed 0, unchanged 0.\n"
    )
    assert [(lead["title"], lead["description"]) for lead in leads(api)] == [("A", None)]


@pytest.mark.parametrize(
    "options",
    [("--source", "erp"), ("--key", "title"), ("--source", "ERP", "--key", "title"), ("--map", "title"),
     ("--delimiter", ""), ("--delimiter", "::"), ("--delimiter", '"')],
)  # fmt: skip
def test_options_that_make_no_sense_are_usage_errors(
    shell: CommandLine, write_file: WriteFile, options: tuple[str, ...]
) -> None:
    assert shell.run("import", "leads", write_file(["title", "A"]), *options).exit_code == 2


@pytest.mark.parametrize("arguments", [("leads", "nowhere.csv"), ("tasks", "nowhere.csv"), ("leads", ".")])
def test_what_is_no_file_and_no_resource_is_a_usage_error(shell: CommandLine, arguments: tuple[str, ...]) -> None:
    assert shell.run("import", *arguments).exit_code == 2


@pytest.mark.parametrize("name", ["tab", "\\t", "\t"])
def test_the_tab_can_be_named(api: ApiClient, shell: CommandLine, write_file: WriteFile, name: str) -> None:
    shell.done("import", "leads", write_file(["title\tamount", "A,B\t2"]), "--delimiter", name)
    assert [lead["title"] for lead in leads(api)] == ["A,B"]


# Faults


def test_with_a_fault_nothing_is_written(api: ApiClient, shell: CommandLine, write_file: WriteFile) -> None:
    rows = [f"Lead {number},1" for number in range(2, 300)]
    rows[250] = ",-1"
    result = shell.run("import", "leads", write_file(["title,amount", *rows]))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        "Row 252, title: The title field is required.",
        "Row 252, amount: The amount field must be at least 0.",
        "Error: There are faults in 1 of 298 rows, so nothing was written.",
    ]
    assert leads(api) == []


def test_rows_of_another_width_are_refused(shell: CommandLine, write_file: WriteFile) -> None:
    lines = ["title,amount", "A", "B,1,2", "C,1,,", "D,1"]
    assert faults(shell, "leads", write_file(lines)) == [
        "Row 2: The row does not have as many cells as the header: 1, not 2.",
        "Row 3: The row does not have as many cells as the header: 3, not 2.",
    ]


def test_what_is_no_text_is_refused_where_it_stands(shell: CommandLine, write_file: WriteFile) -> None:
    content = b"title,description,lead_source_id\nA\xff,b,\nB,c\0d,\nC,,Web\xffsite\nD,\x00,\n"
    sentence = "field holds a NUL byte, or bytes that are no UTF-8."
    assert faults(shell, "leads", write_file(content)) == [
        f"Row 2, title: The title {sentence}",
        f"Row 3, description: The description {sentence}",
        f"Row 4, lead_source_id: The lead_source_id {sentence}",
        f"Row 5, description: The description {sentence}",
    ]


def test_twenty_faults_are_told_and_the_others_counted(shell: CommandLine, write_file: WriteFile) -> None:
    *lines, last = faults(shell, "leads", write_file(["title,amount", *["A,x"] * 130]))
    assert lines == [f"Row {number}, amount: The amount field must be a number." for number in range(2, 22)]
    assert last == "… and 110 more."


def test_controls_do_not_reach_the_terminal(shell: CommandLine, write_file: WriteFile) -> None:
    lines = faults(shell, "leads", write_file(["title,lead_source_id", "A,a\x1b[2J"]))
    assert lines == ['Row 2, lead_source_id: The selected lead_source_id is invalid: none is called "a\\x1b[2J".']
    assert "\x1b" not in shell.refused("import", "leads", write_file(["ti\x1btle", "A"]))


@pytest.mark.parametrize("content", [b"", b"\xff\xfet\0"])
def test_a_file_that_cannot_be_read_is_one_line(shell: CommandLine, write_file: WriteFile, content: bytes) -> None:
    assert shell.refused("import", "leads", write_file(content)).count("\n") == 1


def test_a_header_alone_is_nothing_to_do(shell: CommandLine, write_file: WriteFile) -> None:
    assert shell.done("import", "leads", write_file(["title"])) == "Added 0, changed 0, unchanged 0.\n"


# Own keys


def test_with_a_key_records_are_made_changed_and_left_alone(
    api: ApiClient, shell: CommandLine, write_file: WriteFile
) -> None:
    path = write_file(["key,title,amount,labels", "1,A,10,Hot", "2,B,20,", "3,C,,Cold"])
    assert shell.done("import", "leads", path, *KEYED) == "Added 3, changed 0, unchanged 0.\n"
    before = leads(api)
    assert [lead["external_keys"] for lead in before] == [{"erp": "1"}, {"erp": "2"}, {"erp": "3"}]
    last = api.get("/changes?after=latest").json["meta"]["cursor"]
    assert shell.done("import", "leads", path, *KEYED) == "Added 0, changed 0, unchanged 3.\n"
    assert leads(api) == before
    path = write_file(["key,title,amount,labels", "1,A,10,Hot", "2,B,21,", "3,,,Hot", "4,D,,"])
    assert shell.done("import", "leads", path, *KEYED) == "Added 1, changed 2, unchanged 1.\n"
    assert [(lead["title"], lead["amount"], lead["version"]) for lead in leads(api)] == [
        ("A", 10, 1), ("B", 21, 2), ("C", None, 2), ("D", None, 1)
    ]  # fmt: skip
    assert len(api.get(f"/changes?after={last}").json["data"]) == 3


def test_the_key_may_be_a_field_and_a_column_of_any_name(
    api: ApiClient, shell: CommandLine, write_file: WriteFile
) -> None:
    shell.done("import", "leads", write_file(["title", "A"]), "--source", "erp", "--key", "title")
    shell.done("import", "leads", write_file(["id,title", "7,B"]), "--source", "erp", "--key", "id")
    shell.done("import", "leads", write_file(["Record ID,title", "8,C"]), "--source", "erp", "--key", "Record ID")
    assert [(lead["title"], lead["external_keys"]["erp"]) for lead in leads(api)] == [
        ("A", "A"),
        ("B", "7"),
        ("C", "8"),
    ]


def test_a_key_twice_in_the_file_is_a_fault_however_far_apart(shell: CommandLine, write_file: WriteFile) -> None:
    rows = [f"{number},L,{number}" for number in range(2, 252)]
    rows[3], rows[248] = "2,L,x", "99,L,3"
    rows[249] = ",L,y"
    assert faults(shell, "leads", write_file(["key,title,external_keys.other", *rows]), *KEYED) == [
        "Row 5, key: Row 2 has this key already.",
        "Row 250, key: Row 99 has this key already.",
        "Row 250, external_keys.other: Row 3 has this external_keys.other already.",
        "Row 251, key: The key field is required.",
    ]


def test_keys_of_other_sources_are_columns(api: ApiClient, shell: CommandLine, write_file: WriteFile) -> None:
    shell.done("import", "leads", write_file(["title,external_keys.a,external_keys.b", "A,1,2", "B,,3"]))
    assert [lead["external_keys"] for lead in leads(api)] == [{"a": "1", "b": "2"}, {"b": "3"}]
    refused = faults(shell, "leads", write_file(["key,title,external_keys.erp", "1,A,2"]), *KEYED)
    assert refused == ["Row 2, external_keys.erp: The selected external_keys.erp is invalid."]


# Options


def test_a_dry_run_checks_all_and_writes_nothing(api: ApiClient, shell: CommandLine, write_file: WriteFile) -> None:
    api.create("leads", external_keys={"erp": "1"})
    path = write_file(["key,title", "1,A", "2,B"])
    told = shell.done("import", "leads", path, *KEYED, "--dry-run")
    assert told == "No faults. Rows for new records: 1, for known ones: 1.\n"
    path = write_file(["key,title", "1,A", "2,"])
    assert shell.refused("import", "leads", path, *KEYED, "--dry-run", "--keep-going").splitlines() == [
        "Row 3, title: The title field is required.", "Error: There are faults in 1 of 2 rows."
    ]  # fmt: skip
    assert len(leads(api)) == 1
    assert not (path.parent / "records.rejected.csv").exists()


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_keep_going_writes_the_good_rows_and_keeps_the_others(
    api: ApiClient, shell: CommandLine, write_file: WriteFile, mark: bytes
) -> None:
    content = mark + 'title;amount;x\nA;1;\n=B;-2;Zoë\nC;3\n\xffD;4;\n;x;"a;\nb"\n'.encode("latin-1").replace(
        b"Zo\xeb", "Zoë".encode()
    )
    path = write_file(content, "my.leads.csv")
    result = shell.run("import", "leads", path, "--keep-going", "--map", "x=description")
    rejected = path.parent / "my.leads.rejected.csv"
    assert result.exit_code == 1
    assert result.stdout == "Added 1, changed 0, unchanged 0.\n"
    assert result.stderr.splitlines()[-1] == f"Error: There are faults in 4 of 5 rows: they are in {rejected}."
    assert [lead["title"] for lead in leads(api)] == ["A"]
    assert rejected.read_bytes() == mark + b"\r\n".join(
        [
            b"title;amount;x;refused for",
            "=B;-2;Zoë;The amount field must be at least 0.".encode(),
            b"C;3;;The row does not have as many cells as the header: 2, not 3.",
            b"\xffD;4;;The title field holds a NUL byte, or bytes that are no UTF-8.",
            b';x;"a;\nb";The title field is required. The amount field must be a number.',
            b"",
        ]
    )


def test_refused_rows_are_mended_and_imported_again(api: ApiClient, shell: CommandLine, write_file: WriteFile) -> None:
    path = write_file(["title,amount", "A,x", "B,y", "C,3"], "leads.csv")
    shell.refused("import", "leads", path, "--keep-going")
    rejected = path.parent / "leads.rejected.csv"
    rejected.write_bytes(rejected.read_bytes().replace(b"A,x", b"A,1"))
    shell.refused("import", "leads", rejected, "--keep-going")
    again = path.parent / "leads.rejected.rejected.csv"
    assert again.read_text().splitlines() == ["title,amount,refused for", "B,y,The amount field must be a number."]
    assert [lead["title"] for lead in leads(api)] == ["C", "A"]


def test_keep_going_leaves_no_file_where_all_is_good(shell: CommandLine, write_file: WriteFile) -> None:
    path = write_file(["title", "A"])
    shell.done("import", "leads", path, "--keep-going")
    assert [each.name for each in path.parent.iterdir() if each.suffix == ".csv"] == ["records.csv"]


def test_a_bar_is_shown_on_a_terminal_only(shell: CommandLine, write_file: WriteFile, monkeypatch: Any) -> None:
    path = write_file(["title", "A"])
    assert shell.run("import", "leads", path).stderr == ""
    monkeypatch.setattr("click._termui_impl.isatty", lambda _: True)
    monkeypatch.setattr("crm.commands.transfer._is_terminal", lambda: True)
    told = shell.run("import", "leads", path).stderr
    assert [word for word in ("Checking", "Writing", "100%") if word not in told] == []


# Teams


def test_records_get_the_team_that_is_named(teams: Teams, write_file: WriteFile) -> None:
    shell = CommandLine(teams.app)
    theirs = teams.theirs.create("people", external_keys={"hubspot": "1"})
    path = write_file(["key,title", "1,A"])
    assert "--team ID" in shell.refused("import", "leads", path, *KEYED)
    assert "There is no team" in shell.refused("import", "leads", path, *KEYED, "--team", teams.b + 100)
    for team in (teams.a, teams.b):
        assert shell.done("import", "leads", path, *KEYED, "--team", team) == "Added 1, changed 0, unchanged 0.\n"
    assert [len(leads(client)) for client in (teams.ours, teams.theirs)] == [1, 1]
    for cell in ("hubspot:1", theirs["id"]):
        lines = faults(shell, "leads", write_file(["title,person_id", f"A,{cell}"]), "--team", teams.a)
        assert lines == ["Row 2, person_id: The selected person_id is invalid."]


def test_a_team_is_named_only_where_there_are_teams(shell: CommandLine, write_file: WriteFile) -> None:
    assert "CRM_TEAMS" in shell.refused("import", "leads", write_file(["title", "A"]), "--team", 1)


def test_look_up_rows_of_another_team_have_no_name(teams: Teams, write_file: WriteFile) -> None:
    create_lookup(teams.app, Label, name="Ours", team_id=teams.a)
    path = write_file(["title,labels", "A,Ours"])
    shell = CommandLine(teams.app)
    shell.done("import", "leads", path, "--team", teams.a)
    (line,) = faults(shell, "leads", path, "--team", teams.b)
    assert 'none is called "Ours"' in line


# Meanwhile


def overtake(monkeypatch: pytest.MonkeyPatch, when: int, act: Any) -> None:
    """Have something done right after rows were judged for the `when`th time."""
    judged = []
    check = checking.Checker.check

    def checked(self: checking.Checker, rows: Any) -> Any:
        found = check(self, rows)
        judged.append(rows)
        if len(judged) == when:
            act()
        return found

    monkeypatch.setattr(checking.Checker, "check", checked)


def test_a_portion_that_was_overtaken_is_judged_and_written_again(
    api: ApiClient, shell: CommandLine, write_file: WriteFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    overtake(monkeypatch, 2, lambda: api.create("leads", title="Before", external_keys={"erp": "1"}))
    told = shell.done("import", "leads", write_file(["key,title", "1,A", "2,B"]), *KEYED)
    assert told == "Added 1, changed 1, unchanged 0.\n"
    assert [(lead["title"], lead["version"]) for lead in leads(api)] == [("A", 2), ("B", 1)]


def test_a_fault_that_comes_up_meanwhile_stops_with_what_was_written(
    api: ApiClient, shell: CommandLine, write_file: WriteFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = api.create("people")
    rows = [f"L,{person['id']}" for _ in range(150)]
    overtake(monkeypatch, 3, lambda: api.delete(f"/people/{person['id']}"))
    *lines, before = shell.refused("import", "leads", write_file(["title,person_id", *rows])).splitlines()[:3]
    assert lines[0] == "What stands before row 102 is written."
    assert api.get("/leads").json["meta"]["total"] == 100
    assert before


def test_a_run_that_was_cut_short_is_run_again(
    api: ApiClient, shell: CommandLine, write_file: WriteFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_file(["key,title", *(f"{number},Lead" for number in range(250))])

    def interrupt() -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        overtake(patch, 5, interrupt)
        result = shell.run("import", "leads", path, *KEYED)
    assert (result.exit_code, result.stderr.splitlines()[0]) == (1, "What stands before row 102 is written.")
    assert api.get("/leads").json["meta"]["total"] == 100
    assert shell.done("import", "leads", path, *KEYED) == "Added 150, changed 0, unchanged 100.\n"


def test_who_is_overtaken_time_and_again_is_told(
    shell: CommandLine, write_file: WriteFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(*_: Any) -> None:
        raise Overtaken

    monkeypatch.setattr(Batch, "write", write)
    told = shell.refused("import", "leads", write_file(["key,title", "1,A"]), *KEYED)
    assert told.splitlines() == [
        "Nothing was written.",
        "Error: Other writers changed the same records time and again.",
    ]


def test_the_file_stays_as_it_is(shell: CommandLine, write_file: WriteFile, tmp_path: Path) -> None:
    path = write_file(["title", "A", ""])
    content = path.read_bytes()
    shell.run("import", "leads", path, "--keep-going")
    assert path.read_bytes() == content
