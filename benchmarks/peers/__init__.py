"""One module for each peer, ``peers.with_NAME``.

A module has a function for each task that the peer takes part in, named like the task in ``tasks.py``.  It is
called with the task and the variant of the peer, prepares what can be prepared (conversion, compilation), and
returns ``run(steps)``, which trains from the start weights and gives ``(losses, numbers)``: the loss of every step,
and the parameters at the end (for the task without updates: the gradients of the last step), as lists or arrays
in the order of ``task.parameters``.  A run returns when its results are there, not before.
"""
