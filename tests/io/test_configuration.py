"""What the user set once: read, refused with the file and the field, and who decides."""

from __future__ import annotations

from pathlib import Path

import pytest

from napari_brain_atlas.errors import InputError
from napari_brain_atlas.io import configuration
from napari_brain_atlas.io.configuration import (
    AUTHOR_VARIABLE,
    FILE_VARIABLE,
    Author,
    Configuration,
    author_of,
    configuration_path,
    read_configuration,
    who,
)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's configuration file, which is not there yet."""
    monkeypatch.delenv(FILE_VARIABLE)
    monkeypatch.setattr(configuration, "user_config_path", lambda name: tmp_path / name)
    path = tmp_path / "napari-brain-atlas" / "config.toml"
    path.parent.mkdir()
    return path


def test_nothing_need_be_set(file: Path) -> None:
    assert configuration_path() == file
    assert read_configuration() == Configuration(author=None, versions=3)
    file.write_text("# nothing\n")
    assert read_configuration() == Configuration()


def test_what_is_set(file: Path) -> None:
    file.write_text('author = "Zoë"\nversions = 0\n', encoding="utf-8")
    assert read_configuration() == Configuration("Zoë", 0)


def test_another_file(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("versions = 1")
    other = tmp_path / "other.toml"
    monkeypatch.setenv(FILE_VARIABLE, str(other))
    with pytest.raises(InputError, match=rf"other\.toml: is not there; {FILE_VARIABLE}"):
        read_configuration()
    other.write_text("versions = 2")
    assert read_configuration().versions == 2
    monkeypatch.setenv(FILE_VARIABLE, "")
    assert read_configuration().versions == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("version = 3", "'version' is no field of it; there are: author, versions"),
        ("[author]\nname = 'x'", "author must be a name in quotes, not {'name': 'x'}"),
        ("author = 7", "author must be a name in quotes, not 7"),
        ("author = ' '", "author must be a name in quotes, not ' '"),
        ("versions = '3'", "versions must be a whole number from 0, not '3'"),
        ("versions = true", "versions must be a whole number from 0, not True"),
        ("versions = -1", "versions must be a whole number from 0, not -1"),
        ("versions = 1.5", "versions must be a whole number from 0, not 1.5"),
        ("versions = ", "is not TOML"),
    ],
)
def test_what_is_not_understood(file: Path, text: str, told: str) -> None:
    file.write_text(text)
    with pytest.raises(InputError) as refused:
        read_configuration()
    assert f"{file}: " in str(refused.value)
    assert told in str(refused.value)


def test_all_problems_are_told_at_once(file: Path) -> None:
    file.write_text("author = 1\nversions = -2\nautor = 'x'")
    with pytest.raises(InputError) as refused:
        read_configuration()
    assert len(refused.value.problems) == 3


@pytest.mark.parametrize("content", [b"author = '\xff'", None], ids=["no UTF-8", "a folder"])
def test_a_file_that_cannot_be_read(file: Path, content: bytes | None) -> None:
    file.mkdir() if content is None else file.write_bytes(content)
    with pytest.raises(InputError, match=r"config\.toml: (is not TOML|cannot be read)"):
        read_configuration()


# -- who decides -------------------------------------------------------------------


def test_who_decides_in_this_order(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("author = 'configured'")
    monkeypatch.setattr(configuration.getpass, "getuser", lambda: "login")
    assert author_of("  bob ") == Author("bob", "--author")
    assert author_of() == Author("tester", AUTHOR_VARIABLE)
    monkeypatch.setenv(AUTHOR_VARIABLE, "")
    assert author_of() == Author("configured", str(file))
    file.unlink()
    assert author_of() == Author("login", "login name")
    assert who("e\N{COMBINING ACUTE ACCENT}") == "é"


def test_a_name_that_is_given_needs_no_configuration(file: Path) -> None:
    file.write_text("nonsense")
    assert (who("bob"), who()) == ("bob", "tester")


@pytest.mark.parametrize(
    ("author", "message"),
    [("", "must not be empty"), (" \t", "must not be empty"), ("名" * 80, "too long"),
     ("a\udcff", "is not a text")],
)  # fmt: skip
def test_who_is_nobody(author: str, message: str) -> None:
    with pytest.raises(InputError, match=f"--author: .*{message}"):
        who(author)


def test_a_name_that_is_refused_says_where_it_came_from(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(AUTHOR_VARIABLE, "x" * 201)
    with pytest.raises(InputError, match=f"{AUTHOR_VARIABLE}: .*too long"):
        who()
    monkeypatch.delenv(AUTHOR_VARIABLE)
    file.write_text(f"author = '{'x' * 201}'")
    with pytest.raises(InputError, match=r"config\.toml: .*too long"):
        who()


@pytest.mark.parametrize("error", [KeyError, OSError, ImportError])
def test_a_system_without_logins(
    error: type[Exception], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody() -> str:
        raise error("uid not found")

    monkeypatch.delenv(AUTHOR_VARIABLE)
    monkeypatch.setattr(configuration.getpass, "getuser", nobody)
    with pytest.raises(InputError, match=r"no login name.*NAPARI_BRAIN_ATLAS_AUTHOR"):
        who()
