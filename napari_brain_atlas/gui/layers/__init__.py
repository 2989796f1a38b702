"""What is drawn on napari's canvas."""
