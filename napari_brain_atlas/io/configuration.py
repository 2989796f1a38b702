"""What the user set once for all files, and who decides."""

from __future__ import annotations

import getpass
import os
import tomllib
import unicodedata
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import quote

from platformdirs import user_config_path

from napari_brain_atlas.errors import InputError
from napari_brain_atlas.io.durable import reason

FILE_VARIABLE = "NAPARI_BRAIN_ATLAS_CONFIG"
"""Environment variable that names another configuration file."""
AUTHOR_VARIABLE = "NAPARI_BRAIN_ATLAS_AUTHOR"
LOGIN = "login name"
_GIVEN = "--author"
_LONGEST_AUTHOR = 200


@dataclass(frozen=True, slots=True)
class Configuration:
    """The fields of the configuration file.

    Attributes
    ----------
    author : str, optional
        Whose journal is meant, where nothing else says it.
    versions : int
        How many earlier versions of a saved file are kept.
    """

    author: str | None = None
    versions: int = 3


@dataclass(frozen=True, slots=True)
class Author:
    """A name, and where it came from."""

    name: str
    source: str


def configuration_path() -> Path:
    """The configuration file: as the environment says, else the user's own."""
    named = os.environ.get(FILE_VARIABLE)
    return Path(named) if named else user_config_path("napari-brain-atlas") / "config.toml"


def read_configuration() -> Configuration:
    """Read the configuration file, which need not exist.

    Raises
    ------
    InputError
        Naming everything in it that is not understood.
    """
    path = configuration_path()
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if os.environ.get(FILE_VARIABLE):
            raise InputError(str(path), [f"is not there; {FILE_VARIABLE} names it"]) from None
        return Configuration()
    except OSError as error:
        raise InputError(str(path), [f"cannot be read: {reason(error)}"]) from error
    except ValueError as error:
        raise InputError(str(path), [f"is not TOML: {error}"]) from error
    if problems := _problems(found):
        raise InputError(str(path), problems)
    return Configuration(**found)


def author_of(given: str | None = None) -> Author:
    """The author: as given, from the environment, the configuration, or the login name.

    Raises
    ------
    InputError
        If the name is empty, too long for a file, or no text; it says where it came from.
    """
    author = _said(given)
    # One person is one journal, whichever way the keyboard composes an accent.
    name = unicodedata.normalize("NFC", author.name).strip()
    if not name:
        raise InputError(author.source, ["the name of an author must not be empty"])
    try:
        too_long = len(quote(name)) > _LONGEST_AUTHOR
    except UnicodeEncodeError as error:
        raise InputError(author.source, [f"{name!r} is not a text"]) from error
    if too_long:
        raise InputError(author.source, [f"{name[:20]!r}… is too long for the name of a file"])
    return Author(name, author.source)


def who(given: str | None = None) -> str:
    """The name of `author_of`. Raises InputError."""
    return author_of(given).name


def _said(given: str | None) -> Author:
    if given is not None:
        return Author(given, _GIVEN)
    if named := os.environ.get(AUTHOR_VARIABLE):
        return Author(named, AUTHOR_VARIABLE)
    configured = read_configuration().author
    if configured is not None:
        return Author(configured, str(configuration_path()))
    return Author(_login(), LOGIN)


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError) as error:
        raise InputError(
            _GIVEN, [f"this system gives you no login name; say who decides, or set "
                     f"{AUTHOR_VARIABLE}"]
        ) from error  # fmt: skip


def _problems(found: dict[str, Any]) -> list[str]:
    known = [field.name for field in fields(Configuration)]
    problems = [
        f"{name!r} is no field of it; there are: {', '.join(known)}"
        for name in found
        if name not in known
    ]
    author, versions = found.get("author", "x"), found.get("versions", 0)
    if not isinstance(author, str) or not author.strip():
        problems.append(f"author must be a name in quotes, not {author!r}")
    if not isinstance(versions, int) or isinstance(versions, bool) or versions < 0:
        problems.append(f"versions must be a whole number from 0, not {versions!r}")
    return problems
