"""The orders of many epochs at once, by the rule of ``nn.chance`` in machine code."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

import numpy as np

from autograd.engines.native.machine_code import compile_text
from nn.chance import INCREMENT, MULTIPLIER


def orders_of(samples: int, keys: list[int]) -> np.ndarray:
    """The numbers of the samples, epoch after epoch."""
    given, orders = np.array(keys, dtype=np.int64), np.empty(samples * len(keys), dtype=np.int64)
    shuffle()(given.ctypes.data, len(keys), samples, orders.ctypes.data)
    return orders


@cache
def shuffle() -> Any:
    """The function ``shuffle(keys, epochs, samples, orders)`` of addresses of whole numbers."""
    address, integer = ctypes.c_void_p, ctypes.c_int64
    return compile_text([SHUFFLE], [], 1).function("shuffle", None, address, integer, integer, address)


SHUFFLE = f"""
define void @shuffle(ptr noalias %keys, i64 %epochs, i64 %samples, ptr noalias %orders) {{
entry:
  %several = icmp sgt i64 %samples, 1
  %end = sub i64 %samples, 1
  br label %epoch
epoch:
  %e = phi i64 [ 0, %entry ], [ %e_next, %dealt ]
  %place = getelementptr i64, ptr %keys, i64 %e
  %key = load i64, ptr %place, align 8
  %before = mul i64 %e, %samples
  %order = getelementptr i64, ptr %orders, i64 %before
  br label %fill
fill:
  %i = phi i64 [ 0, %epoch ], [ %i_next, %fill ]
  %to = getelementptr i64, ptr %order, i64 %i
  store i64 %i, ptr %to, align 8
  %i_next = add i64 %i, 1
  %i_more = icmp slt i64 %i_next, %samples
  br i1 %i_more, label %fill, label %filled
filled:
  br i1 %several, label %swap, label %dealt
swap:
  %state = phi i64 [ %key, %filled ], [ %state_next, %swap ]
  %last = phi i64 [ %end, %filled ], [ %last_next, %swap ]
  %scaled = mul i64 %state, {MULTIPLIER}
  %state_next = add i64 %scaled, {INCREMENT}
  %high = lshr i64 %state_next, 32
  %count = add i64 %last, 1
  %share = mul i64 %high, %count
  %chosen = lshr i64 %share, 32
  %one = getelementptr i64, ptr %order, i64 %last
  %other = getelementptr i64, ptr %order, i64 %chosen
  %x = load i64, ptr %one, align 8
  %y = load i64, ptr %other, align 8
  store i64 %y, ptr %one, align 8
  store i64 %x, ptr %other, align 8
  %last_next = sub i64 %last, 1
  %last_more = icmp sgt i64 %last_next, 0
  br i1 %last_more, label %swap, label %dealt
dealt:
  %e_next = add i64 %e, 1
  %e_more = icmp slt i64 %e_next, %epochs
  br i1 %e_more, label %epoch, label %done
done:
  ret void
}}
"""
