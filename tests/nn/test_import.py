"""What ``nn`` hands on."""

import pytest

import nn


def test_every_public_name_is_there():
    assert {*nn.__all__} <= {*dir(nn)}
    for name in nn.__all__:
        assert getattr(nn, name) is not None
    assert len(set(nn.__all__)) == len(nn.__all__)
    with pytest.raises(AttributeError, match="module 'nn' has no attribute 'Tensor'"):
        nn.Tensor  # noqa: B018
