"""Short names for what a script declares inside of its functions, so that pages are small.

What a name stands for matters to nobody outside: each of them gets one new name throughout its module, which
nothing there has yet.  Names that may be more than that keep what they are: those of the first level, which other
modules use, and all that also stand where the key of an object may stand, or behind a point.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from itertools import count, product
from string import ascii_letters

Token = tuple[str, str]

RESERVED = frozenset(["do", "if", "in", "of", "as"])
PROVIDED = frozenset(["run", "mistaken", "parent", "document"])
"""What the page's program and the browser provide under names that one may give to something else."""


def rename(written: list[Token], outside: Collection[str]) -> list[Token]:
    """The tokens of a module, without its spaces, with short names; ``outside`` are those of all first levels.

    >>> from viz.pages.squeeze import squeeze_script
    >>> squeeze_script("const f = (width) => { const half = width / 2; return { half: half * b }; };", {"f"})
    'const f=(a)=>{const half=a/2;return{half:half*b};};'
    """
    words = [text for kind, text in written if kind == "word"]
    counts = Counter(words)
    local = local_names(written) - fixed_names(written) - PROVIDED - set(outside)
    known = {*words, *outside, *RESERVED}
    fresh = (name for name in short_names() if name not in known)
    new = {}
    for name in sorted(local, key=lambda name: (-counts[name], name)):
        if len(name) > 1:
            new[name] = min(next(fresh), name, key=len)
    return [(kind, new.get(text, text) if kind == "word" else text) for kind, text in written]


def short_names() -> Iterator[str]:
    """a, b, ..., Z, aa, ab, ...

    >>> names = short_names()
    >>> [next(names) for _ in range(54)][-3:]
    ['Z', 'aa', 'ab']
    """
    return ("".join(letters) for length in count(1) for letters in product(ascii_letters, repeat=length))


def enclosing(written: list[Token]) -> list[str]:
    """For each token the bracket that it stands in: "(", "[", "{", "${", or "" on the first level."""
    found, open_brackets = [], [""]
    for kind, text in written:
        closes = (kind == "sign" and text in ")]}") or (kind == "text" and text[0] == "}")
        if closes:
            open_brackets.pop()
        found.append(open_brackets[-1])
        if kind == "sign" and text in "([{":
            open_brackets.append(text)
        elif kind == "text" and text[0] in "`}" and text.endswith("${"):
            open_brackets.append("${")
    return found


def fixed_names(written: list[Token]) -> set[str]:
    """Names that are, or may be, more than a name: keys, properties and methods."""
    inside = enclosing(written)
    found = set()
    for i, (kind, text) in enumerate(written):
        before, after = (written[i - 1][1] if i else ""), (written[i + 1][1] if i + 1 < len(written) else "")
        is_key = before in ("{", ",") and after[:1] in tuple(":,}=(")
        is_method = before in ("{", "}", ";", "async") and after == "("
        if kind == "word" and (before in (".", "get", "set") or (inside[i] == "{" and (is_key or is_method))):
            found.add(text)
    return found


def local_names(written: list[Token]) -> set[str]:
    """Parameters, and what const, let and function declare."""
    found: set[str] = set()
    partner = partners(written)
    for i, (_, text) in enumerate(written):
        if text in ("const", "let", "function"):
            found |= names_from(written, i + 1, partner)
        before = [token for _, token in written[max(i - 2, 0) : i]]
        if text == "(" and ("function" in before or before[-1:] == ["catch"] or written[partner[i] + 1][1] == "=>"):
            found |= names_from(written, i, partner)
        elif text == "=>" and written[i - 1][0] == "word":
            found.add(written[i - 1][1])
    return found


def partners(written: list[Token]) -> dict[int, int]:
    """Where each bracket that opens is closed."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for i, (kind, text) in enumerate(written):
        if kind == "sign" and text in ")]}":
            found[opened.pop()] = i
        elif kind == "sign" and text in "([{":
            opened.append(i)
    return found


def names_from(written: list[Token], begin: int, partner: dict[int, int]) -> set[str]:
    """The name that stands here, or those between the brackets that open here."""
    if written[begin][0] == "word":
        return {written[begin][1]}
    if begin not in partner:
        return set()
    between = range(begin + 1, partner[begin])
    return {
        written[i][1] for i in between if written[i][0] == "word" and written[i - 1][1] in ("(", "[", ",", "...")
    }
