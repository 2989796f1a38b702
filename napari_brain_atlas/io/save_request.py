"""What a process that saves is told, and how that goes through a pipe."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from napari_brain_atlas.io.elements import Elements
from napari_brain_atlas.io.seen import Seen, require_unchanged

_ARRAYS = ("codes", "ids", "confidence")


@dataclass(frozen=True, slots=True)
class SaveRequest:
    """One save.

    Attributes
    ----------
    source, target : Path
        Without symlinks; the same path when saving in place.
    elements : Elements
    fingerprint : str
        Of the cells that the elements belong to.
    seen : Seen, optional
        The source as it was opened.
    keep : Path, optional
        The curation folder, in which the original and former versions are kept.
    versions : int
        How many former versions are kept.
    """

    source: Path
    target: Path
    elements: Elements
    fingerprint: str
    seen: Seen | None = None
    keep: Path | None = None
    versions: int = 0

    def require_unchanged(self) -> None:
        """Refuse as `seen.require_unchanged`; of two saves the later one sees the earlier.

        Only once the target is held, and after what was taken down to be
        compared with before the replace. Raises InputError.
        """
        require_unchanged(self.source, self.target, self.elements, self.fingerprint, self.seen)


def send_request(request: SaveRequest, pipe: IO[bytes]) -> None:
    """Write a request: one line of JSON, then the arrays as they lie in memory."""
    arrays = [np.ascontiguousarray(getattr(request.elements, name)) for name in _ARRAYS]
    header = {
        "source": str(request.source),
        "target": str(request.target),
        "fingerprint": request.fingerprint,
        "seen": [request.seen.identity, request.seen.record] if request.seen else None,
        "keep": str(request.keep) if request.keep else None,
        "versions": request.versions,
        "categories": request.elements.categories,
        "colors": request.elements.colors,
        "record": request.elements.record,
        "arrays": [[array.dtype.str, len(array)] for array in arrays],
    }
    pipe.write(json.dumps(header).encode() + b"\n")
    for array in arrays:
        pipe.write(array.view(np.uint8).data)
    pipe.flush()


def receive_request(pipe: IO[bytes]) -> SaveRequest:
    """Read what `send_request` wrote.

    Raises
    ------
    EOFError
        If the pipe ends early.
    """
    line = pipe.readline()
    if not line.endswith(b"\n"):
        raise EOFError("the request was cut off")
    header = json.loads(line)
    arrays = [_read_array(pipe, np.dtype(dtype), n) for dtype, n in header["arrays"]]
    return SaveRequest(
        source=Path(header["source"]),
        target=Path(header["target"]),
        elements=_elements(header, dict(zip(_ARRAYS, arrays, strict=True))),
        fingerprint=header["fingerprint"],
        seen=Seen(*header["seen"]) if header["seen"] else None,
        keep=Path(header["keep"]) if header["keep"] else None,
        versions=int(header["versions"]),
    )


def _elements(header: Mapping[str, Any], arrays: Mapping[str, Any]) -> Elements:
    return Elements(
        codes=arrays["codes"],
        ids=arrays["ids"],
        confidence=arrays["confidence"],
        categories=tuple(header["categories"]),
        colors=tuple(header["colors"]),
        record=header["record"],
    )


def _read_array(pipe: IO[bytes], dtype: np.dtype[Any], length: int) -> Any:
    values = np.empty(length, dtype)
    left = values.view(np.uint8).data
    while left:
        n = pipe.readinto(left)  # type: ignore[attr-defined]
        if not n:
            raise EOFError("the request was cut off")
        left = left[n:]
    return values
