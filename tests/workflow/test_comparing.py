from __future__ import annotations

import json
import shutil
from pathlib import Path

import anndata
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_brain_atlas.errors import InputError, JournalDamagedError, JournalError
from napari_brain_atlas.model.commands import Annotate, Merge, Snapshot, Split, parse_command
from napari_brain_atlas.workflow.comparing import compare_states, comparison_lines, place_of
from napari_brain_atlas.workflow.document import open_document

MERGE = Merge(neighborhoods=(1, 2), into=1)


def decide(path: Path, *commands, author: str = "tester") -> None:
    with open_document(path, author=author) as document:
        for command in commands:
            document.session.do(command)


def split(path: Path, identity: int, n: int, author: str = "tester") -> None:
    """The first cells of a neighborhood leave it."""
    with open_document(path, author=author) as document:
        cells = document.atlas.file_positions[document.session.curation.cells_of(identity)[:n]]
        chosen = tuple(int(cell) for cell in cells)
        document.session.do(Split(neighborhood=identity, cells=chosen, name=f"{author}'s"))


def told(one: object, two: object, **how) -> list[tuple[str, str]]:
    found = compare_states(str(one), str(two), **how)["differences"]
    return [(d["kind"], d["sentence"]) for d in found]


def kinds(one: object, two: object, **how) -> list[str]:
    return [kind for kind, _ in told(one, two, **how)]


@pytest.fixture
def curated(tissue_file: Path) -> Path:
    """Five decisions, the second and the last of them snapshots."""
    decide(
        tissue_file, Annotate(neighborhood=3, name="CA1"), Snapshot(name="first pass"), MERGE,
        Annotate(neighborhood=4, certainty="high"), Snapshot(name="7"),
    )  # fmt: skip
    return tissue_file


POINTS = {
    "now and the base": ("", "@0", ["split", "renamed", "annotated"]),
    "a snapshot by its name": ("@first pass", "", ["merged", "annotated"]),
    "a snapshot whose name is a number": ("@7", "", []),
    "the numbers of decisions": ("@1", "@3", ["merged"]),
    "nothing in between": ("@1", "@first pass", []),
}


@pytest.mark.parametrize("case", POINTS)
@pytest.mark.parametrize("by_journal", [False, True])
def test_states_of_one_journal(curated: Path, case: str, by_journal: bool) -> None:
    one, two, wanted = POINTS[case]
    other = f"{curated}.nba/tester.jsonl" if by_journal else curated
    assert kinds(f"{curated}{one}", f"{other}{two}") == wanted
    if not wanted:
        report = compare_states(f"{curated}{one}", f"{other}{two}")
        assert report["unchanged"] == report["a"]["neighborhoods"]
        assert "no neighborhood differs" in comparison_lines(report)


def test_the_report_says_which_states_they_are(curated: Path) -> None:
    report = compare_states(f"{curated}@first pass", f"{curated}@3")
    assert (report["a"]["seq"], report["a"]["point"]) == (2, "first pass")
    assert (report["b"]["seq"], report["b"]["author"]) == (3, "tester")
    assert (report["a"]["neighborhoods"], report["b"]["neighborhoods"]) == (8, 7)
    merged = report["differences"][0]
    assert [n["name"] for n in merged["before"]] == ["N1", "N2"]
    assert merged["after"] == [{"id": 1, "name": "N1"}]
    assert report["cells_agreeing"] < report["cells"] == 3000
    assert json.loads(json.dumps(report, allow_nan=False)) == json.loads(json.dumps(report))
    assert comparison_lines(report)[0].startswith(
        "A: tissue.h5ad, tester after 2 decisions (first pass): 8 neighborhoods"
    )


def test_two_authors_share_the_ids_of_the_base_and_no_others(tissue_file: Path) -> None:
    split(tissue_file, 3, 40, author="alice")
    split(tissue_file, 4, 40, author="bob")
    # Both gave out id 9, to other cells.
    one, two = (f"{tissue_file}.nba/{author}.jsonl" for author in ("alice", "bob"))
    assert sorted(kinds(one, two)) == ["merged", "split"]
    sentences = " ".join(sentence for _, sentence in told(one, two))
    assert "'N3' and \"alice's\" were merged into 'N3'" in sentences
    assert "'N4' was split into 'N4' and \"bob's\"" in sentences


def test_what_two_authors_gave_the_same_cells_to_is_the_same(tissue_file: Path) -> None:
    split(tissue_file, 3, 40, author="alice")
    decide(tissue_file, Annotate(neighborhood=1, name="CA1"), MERGE, author="bob")
    split(tissue_file, 3, 40, author="bob")
    one, two = (f"{tissue_file}.nba/{author}.jsonl" for author in ("alice", "bob"))
    assert told(one, two) == [
        ("merged", told(one, two)[0][1]), ("renamed", "\"alice's\" was renamed to \"bob's\""),
    ]  # fmt: skip
    assert "'N2' were merged into 'CA1'" in told(one, two)[0][1]


def test_journals_that_parted_share_what_they_decided_before(tissue_file: Path) -> None:
    split(tissue_file, 3, 40)
    copy = tissue_file.with_name("copy.h5ad")
    shutil.copy(tissue_file, copy)
    shutil.copytree(f"{tissue_file}.nba", f"{copy}.nba")
    assert told(tissue_file, copy) == []
    # What left has id 9 in both; what leaves it now gets id 10 in both, for other cells.
    for path, n in ((tissue_file, 15), (copy, 20)):
        split(path, 9, n)
    assert kinds(tissue_file, copy) == ["moved boundary"]


def test_a_file_whose_name_holds_an_at_goes_first(curated: Path) -> None:
    named = curated.with_name("tissue.h5ad@1")
    shutil.copy(curated, named)
    assert place_of(str(named)).point == ""
    assert place_of(f"{named}@x@y").point == "x@y"
    assert place_of(f"{curated}@x@y").path == curated


@given(st.text(st.characters(exclude_characters="\0/", exclude_categories=["Cs"]), min_size=1))
def test_every_name_of_a_snapshot_is_found_behind_its_file(name: str) -> None:
    assert place_of(f"{__file__}@{name}").point == name


def test_authors_with_an_at_are_found_by_their_journal(tissue_file: Path) -> None:
    decide(tissue_file, MERGE, author="alice@lab")
    journal = f"{tissue_file}.nba/alice@lab.jsonl"
    assert kinds(f"{journal}@0", journal) == ["merged"]


def test_journals_that_lie_elsewhere_are_of_the_file_that_is_named(
    tissue_file: Path, tmp_path: Path
) -> None:
    decide(tissue_file, MERGE, author="alice")
    mailed = tmp_path / "mailed"
    shutil.copytree(f"{tissue_file}.nba", mailed)
    decide(tissue_file, parse_command({"op": "undo"}), author="alice")
    assert kinds(tissue_file, mailed / "alice.jsonl", author="alice") == ["merged"]
    with pytest.raises(InputError, match="name the file"):
        compare_states(str(mailed / "alice.jsonl"), str(mailed / "alice.jsonl@0"))


BAD = {
    "no such snapshot": ("{file}@second", "no snapshot 'second'; there are: 'first pass', '7'"),
    "no such decision": ("{file}@99", "there is no decision 99"),
    "nothing behind the at": ("{file}@", "behind @"),
    "no such file": ("{file}x", "there is no such file"),
    "no such journal": ("{file}.nba/eve.jsonl", "there is no such file"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_state_that_is_not_there(curated: Path, case: str) -> None:
    place, wanted = BAD[case]
    with pytest.raises(InputError) as refused:
        compare_states(str(curated), place.format(file=curated))
    assert wanted in str(refused.value)


def test_other_cells_are_refused_and_led_to_rebase(curated: Path) -> None:
    adata = anndata.read_h5ad(curated)[:-1].copy()
    other = curated.with_name("other.h5ad")
    adata.write_h5ad(other)
    with pytest.raises(InputError, match="2999 here, 3000 there") as refused:
        compare_states(str(curated), str(other))
    assert f"rebase {curated} {other}" in str(refused.value)
    with pytest.raises(JournalError, match="belongs to another file"):
        compare_states(str(other), str(other), folder=Path(f"{curated}.nba"))


def test_comparing_writes_nothing(curated: Path) -> None:
    before = {p: p.read_bytes() for p in curated.parent.rglob("*") if p.is_file()}
    compare_states(str(curated), f"{curated}@0")
    assert {p: p.read_bytes() for p in curated.parent.rglob("*") if p.is_file()} == before


def test_a_damaged_journal_is_compared_up_to_the_damage_where_that_is_asked_for(
    curated: Path,
) -> None:
    journal = Path(f"{curated}.nba/tester.jsonl")
    lines = journal.read_bytes().split(b"\n")
    lines[3] = lines[3].replace(b"merge", b"mErge")
    journal.write_bytes(b"\n".join(lines))
    with pytest.raises(JournalDamagedError):
        compare_states(str(curated), f"{curated}@0")
    assert kinds(curated, f"{curated}@0", before_damage=True) == ["renamed"]


def test_the_verb(run, curated: Path) -> None:
    status, lines, errors = run("compare", f"{curated}@first pass", curated)
    assert (status, errors) == (0, [])
    assert lines[2].startswith("'N1' and 'N2' were merged into 'N1' — ")
    assert lines[3] == "'N4' was annotated: certainty none → high"
    assert lines[4].startswith("5 neighborhoods unchanged; ")
    status, lines, _ = run("compare", f"{curated}@first pass", curated, "--json")
    report = json.loads("\n".join(lines))
    assert [d["kind"] for d in report["differences"]] == ["merged", "annotated"]
    assert report["unchanged"] == 5
