from __future__ import annotations

from napari_brain_atlas.model.progress import part_of


def test_a_part_is_told_as_its_stretch_of_the_stage() -> None:
    told: list[tuple[str, float]] = []
    report = part_of(lambda *step: told.append(step), "Parting", 0.5, 0.75)
    for share in (-0.1, 0.0, 0.5, 1.0, 1.2):
        report(share)
    assert told == [("Parting", share) for share in (0.5, 0.5, 0.625, 0.75, 0.75)]
