"""What surrounds the steps of a run of ``fit``; the steps themselves are in nn/training.py: open that first.

run.py knows the settings of a run and where it stands, settings.py looks at what ``fit`` was given, measuring.py at
losses and gradients, busy.py for another thread that trains the same model; advice.py and progress.py speak to
whoever waits.
"""
