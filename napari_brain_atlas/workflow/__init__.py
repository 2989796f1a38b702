"""io and compute joined: what the command line and the window both call."""
