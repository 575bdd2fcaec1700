"""Data sets: a few that teachers use, and the class that holds your own.

dataset.py has the class Dataset, classic.py the data of the pages that teach with them, generated.py those that a
seed makes anew.  Open dataset.py first.

>>> from nn import data
>>> people = data.alice_bob()
>>> people
<Dataset Alice and Bob: 4 samples, 2 features (weight - 135 lb, height - 66 in)>
>>> for x, y in people:
...     print(x, y)
[-2.0, -1.0] 1
[25.0, 6.0] 0
[17.0, 4.0] 0
[-15.0, -6.0] 1
"""

from nn.data.classic import alice_bob, linear_relationship, single_neuron, xor
from nn.data.dataset import Dataset
from nn.data.generated import blobs, circles, moons, spirals

__all__ = [
    "Dataset", "alice_bob", "blobs", "circles", "linear_relationship", "moons", "single_neuron", "spirals", "xor",
]  # fmt: skip
