"""Names of genes that are not there."""

from __future__ import annotations

import difflib
from collections.abc import Sequence


def unknown_gene(gene: str, genes: Sequence[str]) -> str:
    """One line for a gene that is not there, with the nearest name that is."""
    if not genes:
        return f"there is no gene {gene!r}: this file measures no genes"
    folded = {g.casefold(): g for g in genes}
    near = difflib.get_close_matches(gene.casefold(), folded, n=1, cutoff=0.5)
    hint = f"; did you mean {folded[near[0]]!r}?" if near else ""
    return f"there is no gene {gene!r} among the {len(genes):,} genes of this file{hint}"
