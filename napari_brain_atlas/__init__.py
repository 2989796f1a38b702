"""Curate brain neighborhoods in spatial transcriptomics, as a napari plugin."""
