"""``python -m napari_brain_atlas``."""

from __future__ import annotations

import sys

from napari_brain_atlas.cli import main

if __name__ == "__main__":
    sys.exit(main())
