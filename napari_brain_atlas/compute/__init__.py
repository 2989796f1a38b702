"""HOW things are computed: arrays in, arrays out, seeded. No files, no Qt."""
