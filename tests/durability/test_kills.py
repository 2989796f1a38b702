"""kill -9 at random moments and at every named point: nothing acknowledged is lost."""

from __future__ import annotations

import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "io"))

from curating_child import DOORS
from killing import Bench, Facts, Server, copy_of, kill
from tissue import tissue, write

from napari_brain_atlas.io.points import POINTS

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="orphans are followed on Linux only"
)
N_CELLS = 400
VICTIMS = ("both", "curator", "save")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("sources")
    return {kind: write(tissue(N_CELLS), folder / f"t.{kind}") for kind in ("h5ad", "zarr")}


def test_random_kills(server: Server, sources: dict[str, Path], tmp_path: Path) -> None:
    random_kills(server, sources, tmp_path, n=12, seed=1)


@pytest.mark.slow
def test_random_kills_at_length(server: Server, sources: dict[str, Path], tmp_path: Path) -> None:
    random_kills(server, sources, tmp_path, n=500, seed=2)


def random_kills(
    server: Server, sources: dict[str, Path], folder: Path, *, n: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    fell: Counter[str] = Counter()
    wrong: list[str] = []
    mixed, refused = 0, 0
    seconds: dict[str, float] = {}
    # From time to time a fresh file; a store in every third place.
    fresh_after = min(20, n // 3)
    for first in range(0, n, fresh_after):
        kind = "zarr" if first // fresh_after % 3 == 1 else "h5ad"
        bench = Bench(copy_of(sources[kind], folder / f"{first}"))
        if kind not in seconds:
            seconds[kind] = _save_seconds(server, bench)
        bench.save_seconds = seconds[kind]
        for _ in range(first, min(first + fresh_after, n)):
            facts = bench.facts()
            _kill_once(server, bench, facts, rng)
            refused += facts.refused
            wrong += bench.look(facts)
        fell += bench.fell
        mixed += bench.mixed
    print(f"\n{fell.total()} kills: {dict(fell)}; lost or unreadable: {len(wrong)}")
    print(f"saves killed under a living curator: {refused}; stores found half swapped: {mixed}")
    assert not wrong, "\n".join(wrong[:10])
    assert fell["save"] and fell["journal"]


def _kill_once(server: Server, bench: Bench, facts: Facts, rng: np.random.Generator) -> None:
    """Into a command, into a save, or anywhere."""
    where = rng.choice(["journal", "save", "anywhere"], p=[0.3, 0.5, 0.2])
    door = str(rng.choice([*DOORS], p=[0.8, 0.2]))
    victims = str(rng.choice(VICTIMS, p=[0.5, 0.25, 0.25]))
    server.start(bench.path, door, "", facts)
    if where == "anywhere":
        server.listen_until(facts, rng.uniform(0, 1.0))
    else:
        times = rng.integers(1, 8 if where == "journal" else 3)
        while times and facts.status is None:
            before = facts.under_way
            server.listen(facts, 60)
            times -= facts.under_way == where != before
        # Rather late in a save: at first its process only imports.
        longest = bench.save_seconds if where == "save" else 0.004
        server.listen_until(facts, longest * np.sqrt(rng.random()))
    kill(facts, victims)
    server.listen_to_the_end(facts)


def _save_seconds(server: Server, bench: Bench) -> float:
    """How long a save takes here; then the curator is killed."""
    facts = bench.facts()
    server.start(bench.path, "document", "", facts)
    while facts.saving is None:
        server.listen(facts, 60)
    started = time.monotonic()
    while facts.saving is not None:
        server.listen(facts, 60)
    took = time.monotonic() - started
    kill(facts, "both")
    server.listen_to_the_end(facts)
    assert bench.look(facts) == []
    return took


@pytest.mark.parametrize("point", POINTS)
def test_named_points(
    point: str, server: Server, sources: dict[str, Path], tmp_path: Path
) -> None:
    """The process dies there, the first or the third time that it comes by."""
    saving = point.startswith("save")
    died = 0
    for kind in ("h5ad", "zarr") if saving else ("h5ad",):
        bench = Bench(copy_of(sources[kind], tmp_path / kind))
        for stop in (point,) if saving else (point, f"{point}:3"):
            facts = bench.facts()
            server.start(bench.path, "document", stop, facts)
            # A save that dies in its own process is refused, and the curator lives.
            while facts.status is None and not facts.refused and not facts.saved:
                server.listen(facts, 60)
            died += facts.refused + (facts.status == -signal.SIGKILL)
            kill(facts, "both")
            server.listen_to_the_end(facts)
            assert bench.look(facts) == []
    assert died
