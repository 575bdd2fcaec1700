"""What all tests share."""

from hypothesis import settings

# Imported once, here: pytest would otherwise load a file a second time for its doctests, if it met those first.
import viz  # noqa: F401

# A busy machine is slow now and then, which is no fault of the code.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
