"""Panels: each draws a scene, says what the user wants, and stores nothing."""
