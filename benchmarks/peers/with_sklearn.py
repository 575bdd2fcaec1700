"""scikit-learn's MLPClassifier: a training is one call of its ``fit``, with the start weights that all have."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from tasks import Task

# It warns at the end of every training that ends after a given number of epochs, as all of these do.
warnings.simplefilter("ignore", ConvergenceWarning)


def digits(task: Task, variant: str) -> Any:
    x, targets = np.array(task.inputs), np.array(task.targets, int)
    w1, b1, w2, b2 = [np.array(numbers).T for numbers in task.parameters.values()]
    classifier = MLPClassifier(
        [len(b1)], solver="sgd", learning_rate_init=task.lr, momentum=0, nesterovs_momentum=False, alpha=0,
        batch_size=task.batch, shuffle=False, tol=0, n_iter_no_change=10**9, warm_start=True,
    )  # fmt: skip
    # Its own start weights are drawn with the first batch, in which all classes must be; warm_start then has fit go
    # on with those that it is given.
    _, one_of_each = np.unique(targets, return_index=True)
    few = np.resize(one_of_each, task.batch)
    classifier.partial_fit(x[few], targets[few], classes=np.arange(10))

    def run(steps: int) -> Any:
        classifier.coefs_, classifier.intercepts_ = [w1.copy(), w2.copy()], [b1.copy(), b2.copy()]
        classifier.loss_curve_ = []
        classifier.set_params(max_iter=steps).fit(x, targets)
        (u1, u2), (c1, c2) = classifier.coefs_, classifier.intercepts_
        return classifier.loss_curve_, [u1.T, c1, u2.T, c2]

    return run


pixels = digits
