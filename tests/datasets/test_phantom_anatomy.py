from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from napari_brain_atlas.datasets.anatomy.brain import BACK, FRONT, locate
from napari_brain_atlas.datasets.anatomy.cerebrum import area_bounds, measure_mantle
from napari_brain_atlas.datasets.anatomy.curves import curve_through, nearest_on
from napari_brain_atlas.datasets.anatomy.plane import HalfPlane
from napari_brain_atlas.datasets.sampling import jittered_grid
from napari_brain_atlas.datasets.structures import NOWHERE, structure_tree

X, Y, _ = jittered_grid(0.03)
TREE = structure_tree()


def names_at(x: list[float], y: list[float], ap: float) -> list[str]:
    codes = locate(np.array(x), np.array(y), ap)
    return [TREE.acronyms[code] if code != NOWHERE else "" for code in codes]


def where(ap: float, *acronyms: str) -> NDArray[np.bool_]:
    return np.isin(locate(X, Y, ap), [TREE.code(name) for name in acronyms])


@pytest.mark.parametrize("area", ["MO", "SSp", "SSs", "VIS", "RSP", "AUD"])
@pytest.mark.parametrize("ap", [-2.4, -2.7])
def test_layers_lie_in_order_of_depth(area: str, ap: float) -> None:
    right = X > 0
    plane = HalfPlane(X[right], Y[right], ap, np.full(int(right.sum()), NOWHERE, np.int16))
    depth = measure_mantle(plane).depth
    codes = locate(plane.x, plane.y, ap)
    depths = [
        np.median(depth[codes == TREE.code(area + layer)])
        for layer in ("1", "2/3", "4", "5", "6")
        if area + layer in TREE.acronyms and (codes == TREE.code(area + layer)).sum() > 5
    ]
    assert len(depths) >= 4 or area == "MO"
    assert (np.diff(depths) > 0.05).all()


def test_areas_follow_each_other_around_the_hemisphere() -> None:
    for ap in np.linspace(3.2, -4.6, 40):
        assert (np.diff([stop for _, stop in area_bounds(float(ap))]) >= 0).all()


def test_a_line_through_the_dorsal_hippocampus_crosses_its_layers_in_order() -> None:
    y = np.linspace(1.4, 2.75, 400)
    crossed = names_at([1.5] * 400, y.tolist(), -2.0)
    order = [name for name in dict.fromkeys(crossed) if name.startswith(("CA1", "DG"))]
    assert order == ["CA1so", "CA1sp", "CA1sr", "CA1slm", "DGmo", "DGsg", "DGpo"]


def test_folia_are_layered() -> None:
    molecular, granule = where(-6.2, "CBmov", "CBmoh"), where(-6.2, "CBgrv", "CBgrh")
    outside = locate(X, Y, -6.2) == NOWHERE
    near = _distance_to(outside)
    assert near[molecular].mean() < near[where(-6.2, "CBpk")].mean() < near[granule].mean()


def _distance_to(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    return cKDTree(np.column_stack([X[mask], Y[mask]])).query(np.column_stack([X, Y]))[0]


@pytest.mark.parametrize(
    ("x", "y", "ap"),
    [
        pytest.param(0.85, 3.3, 0.4, id="lateral ventricle"),
        pytest.param(0.02, 6.0, -1.0, id="third ventricle"),
        pytest.param(0.0, 3.05, -4.0, id="aqueduct"),
        pytest.param(0.2, 3.75, -6.2, id="fourth ventricle"),
        pytest.param(0.0, 1.2, -1.0, id="longitudinal fissure"),
        pytest.param(5.2, 7.0, 0.0, id="outside"),
    ],
)
def test_no_cells_lie_in_ventricles(x: float, y: float, ap: float) -> None:
    assert names_at([x, -x], [y, y], ap) == ["", ""]


@pytest.mark.parametrize(
    ("acronym", "x", "y", "ap"),
    [
        ("CPdl", 3.0, 3.4, 0.3),
        ("LSr", 0.45, 3.8, 0.5),
        ("GPe", 2.35, 4.6, -0.75),
        ("VPM", 1.55, 4.4, -1.8),
        ("LGd", 2.25, 3.6, -2.3),
        ("VMH", 0.55, 6.7, -1.5),
        ("SCsg", 0.9, 1.55, -4.0),
        ("PAGd", 0.0, 2.5, -4.0),
        ("SNr", 1.5, 5.5, -3.15),
        ("IO", 0.4, 6.8, -7.0),
        ("ICc", 1.1, 2.3, -5.0),
        ("cc", 0.5, 2.3, 0.0),
    ],
)
def test_nuclei_lie_where_an_anatomist_looks_for_them(
    acronym: str, x: float, y: float, ap: float
) -> None:
    assert names_at([x], [y], ap) == [acronym]


@pytest.mark.parametrize("ap", [3.5, 0.5, -1.8, -3.9, -6.3])
def test_an_upright_cut_is_symmetric_and_a_tilted_one_is_not(ap: float) -> None:
    upright = locate(X, Y, ap)
    assert (locate(-X, Y, ap) == upright).all()
    assert (locate(-X, Y, ap, 0.15) != locate(X, Y, ap, 0.15)).any()


def test_tissue_grows_and_shrinks_from_the_front_to_the_back() -> None:
    area = [int((locate(X, Y, ap) >= 0).sum()) for ap in (FRONT, 2.9, 0.5, -2.0, -5.2, BACK)]
    assert np.argmax(area) == 3
    assert min(area) > 0
    square_mm = area[3] * 0.03**2
    assert 35 < square_mm < 65


def test_distance_and_side_of_a_curve() -> None:
    line = curve_through(np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]]))
    distance, arc, side = nearest_on(line, np.array([0.5, 1.5, 9.0]), np.array([0.2, -0.3, 0.0]))
    assert distance[:2] == pytest.approx([0.2, 0.3], abs=1e-3)
    assert arc[:2] == pytest.approx([0.5, 1.5], abs=0.02)
    assert side[0] > 0 > side[1]
    far = nearest_on(line, np.array([9.0]), np.array([0.0]), within=1.0)
    assert np.isinf(far[0]).all()
