"""Data sets from the pages that teach with them."""

from __future__ import annotations

from nn.data.dataset import Dataset

TRAINING_NETWORKS = '"Training networks", an introduction to learning with a single neuron'


def alice_bob() -> Dataset:
    """Four people, their weight and height, and whether they are female (1) or male (0).

    Emily and Frank wait in ``.unseen`` until the network has learned from the four.

    >>> alice_bob().unseen.sample_names
    ('Emily', 'Frank')
    """
    features = ("weight - 135 lb", "height - 66 in")
    classes = ("male", "female")
    source = (
        'Victor Zhou, "Machine Learning for Beginners: An Introduction to Neural Networks" (2019), '
        "https://victorzhou.com/blog/intro-to-neural-networks/"
    )
    unseen = Dataset(
        [[-7, -3], [20, 2]], [1, 0], "Emily and Frank", features, classes, ("Emily", "Frank"),
        "Two people whom the network has never seen.", source,
    )  # fmt: skip
    return Dataset(
        [[-2, -1], [25, 6], [17, 4], [-15, -6]], [1, 0, 0, 1],
        "Alice and Bob", features, classes, ("Alice", "Bob", "Charlie", "Diana"),
        "Tell a person's sex from weight and height (in pounds less 135 and inches less 66).",
        source, unseen,
    )  # fmt: skip


def single_neuron() -> Dataset:
    """One sample for one neuron whose step can be done by hand: weights (0.3, 0.9), learning rate 1.

    >>> single_neuron()[0]
    ([0.1, 0.8], 0.4)
    """
    return Dataset(
        [[0.1, 0.8]], [0.4], "a single neuron", ("input 1", "input 2"), ("output",), ("the sample",),
        "With weights 0.3 and 0.9 the neuron says 0.75 where 0.4 is expected: which way should the weights go?",
        TRAINING_NETWORKS,
    )  # fmt: skip


def linear_relationship() -> Dataset:
    """Five samples made by the weights (0.5, 0.9, 1.2), which gradient descent can find again.

    >>> x, y = linear_relationship()[0]
    >>> round(0.5 * x[0] + 0.9 * x[1] + 1.2 * x[2], 6) == y
    True
    """
    return Dataset(
        [[3, 4, 7], [6, 2, 9], [8, 10, 12], [9, 7, 4], [7, 6, 3]], [13.5, 15.6, 27.4, 15.6, 12.5],
        "a linear relationship", target_names=("y",),
        story="Somebody multiplied three numbers by three weights and added up: which weights were they?",
        source='"How to train a neural network", introductory example',
    )  # fmt: skip


def xor() -> Dataset:
    """Exclusive or: 1 if the two inputs differ.  No single neuron can learn it; two in a hidden layer can.

    >>> xor().targets
    [0, 1, 1, 0]
    """
    return Dataset(
        [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0],
        "exclusive or", ("a", "b"), ("same", "different"), ("0 xor 0", "0 xor 1", "1 xor 0", "1 xor 1"),
        "The four points that no straight line divides, and that made hidden layers necessary.",
        'Minsky and Papert, "Perceptrons" (1969); learned by Rumelhart, Hinton and Williams, '
        '"Learning representations by back-propagating errors" (1986)',
    )  # fmt: skip
