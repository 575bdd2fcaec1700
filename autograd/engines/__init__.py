"""Those who run a tape.  Each engine knows the atoms, and nothing of derivatives."""
