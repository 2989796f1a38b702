"""SEEN: the window. The only package that imports Qt, napari and vispy."""
