"""Sections that are worked on side by side: in threads, or by the workers of a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from napari_brain_atlas.compute.encoders import MapSections
from napari_brain_atlas.errors import BrainAtlasError, InputError
from napari_brain_atlas.model.atlas import Section

RETRIES = 5
"""How often a section is given to another worker, where one dies."""
_PATIENCE_S = 15


@contextmanager
def sections_mapped(workers: int = 1, dask: str | None = None) -> Iterator[MapSections]:
    """An ordered map over sections; what it gives does not depend on who does the work.

    Parameters
    ----------
    workers : int
        Threads; the time goes into compiled code that lets other threads run.
    dask : str, optional
        Address of the scheduler of a Dask cluster, such as ``tcp://cluster:8786``. Its
        workers read the file by the same path.

    Raises
    ------
    InputError
        If Dask is not installed, or nobody answers at the address.
    """
    if dask is not None:
        with _client(dask) as client:
            yield lambda function, sections: _over_cluster(client, dask, function, sections)
    elif workers > 1:
        with ThreadPoolExecutor(workers) as pool:
            yield pool.map
    else:
        yield map


@contextmanager
def _client(address: str) -> Iterator[Any]:
    try:
        distributed: Any = import_module("distributed")
    except ImportError as error:
        raise InputError(
            "--dask",
            ["needs Dask: pip install 'napari-brain-atlas[dask]', here and on its workers"],
        ) from error
    try:
        client = distributed.Client(address, timeout=_PATIENCE_S, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise InputError(
            "--dask",
            [f"nobody answers at {address}; start dask scheduler there, or mend the address"],
        ) from error
    with client:
        yield client


def _over_cluster(
    client: Any, address: str, function: Callable[[Section], Any], sections: Iterable[Section]
) -> Iterator[Any]:
    """What a function gives for each section, in their order."""
    killed: type[Exception] = import_module("distributed").KilledWorker
    # One task holds the function with its data; it is made anew where its worker dies, which
    # data that were only sent there would not be.
    shared = client.submit(_itself, function, retries=RETRIES, pure=False)
    tasks = [client.submit(_call, shared, s, retries=RETRIES, pure=False) for s in sections]
    try:
        for task in tasks:
            yield task.result()
    except killed as error:
        raise BrainAtlasError(
            f"{address}: a worker died {RETRIES} times over one section; give workers more memory"
        ) from error
    except FileNotFoundError as error:
        raise _unread(address, error) from error
    finally:
        client.cancel([shared, *tasks])


def _unread(address: str, error: FileNotFoundError) -> BrainAtlasError:
    return BrainAtlasError(
        f"workers at {address} cannot read {error.filename or error}; put the file where they "
        "find it by the same path"
    )


def _itself(function: Callable[[Section], Any]) -> Callable[[Section], Any]:
    return function


def _call(function: Callable[[Section], Any], section: Section) -> Any:
    return function(section)
