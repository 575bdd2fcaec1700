"""A network as data: its configuration, its files, and the way to PyTorch and back.

configuration.py knows nn's own models by what they are made of, architecture.py writes that down,
checkpoint.py saves and loads it, files.py writes a file whole or not at all.  Open checkpoint.py first.
"""
