"""Scripts, style sheets and markup without what is only for those who read their source: comments, most spaces.

Every page carries them, so they are short; nothing in them is called otherwise than in the source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

TOKEN = re.compile(
    r"""(?P<space>(?:\s|//[^\n]*|/\*.*?\*/)+)
    |(?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
    |(?P<word>[\w$]+)
    |(?P<sign>[-+*/%&|^!=<>?~]+|\.\.\.|[.,;:(){}\[\]])""",
    re.DOTALL | re.VERBOSE,
)
PATTERN = re.compile(r"/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/[a-z]*")
"""A regular expression, where one may stand."""

GOES_ON, GOES_BACK = "[({,;:?=+-*/&|<>!", "])},;.?:&|=*"
"""After one of these a line goes on; before one of those, the line before it."""


class SqueezeError(ValueError):
    """This is no script that can be read."""


def squeeze_script(source: str) -> str:
    r"""A script that does the same, in fewer characters.  Statements end with a semicolon, or their line does.

    >>> squeeze_script("// what it does\nconst x = a + +b; /* so */ run( `a  ${ `b //` }`,\n  / \\/\\/ /g );\n")
    'const x=a+ +b;run(`a  ${ `b //` }`,/ \\/\\/ /g);'
    """
    written: list[str] = []
    gap = before = ""
    for kind, text in tokens(source):
        if kind == "space":
            gap = "\n" if "\n" in text else " "
            continue
        if before:
            written.append(kept(gap, before, text))
        written.append(text)
        gap, before = "", text
    return "".join(written)


def kept(gap: str, before: str, after: str) -> str:
    """What must stay of a space between two tokens."""
    if gap == "\n" and (before in ("++", "--") or not (before[-1] in GOES_ON or after[0] in GOES_BACK)):
        return "\n"
    # Two words, or signs that would become another one.
    return " " if gap and re.fullmatch(r"[\w$]{2}|\+\+|--|//|/\*|<!|\d\.", before[-1] + after[0]) else ""


def tokens(source: str, at: int = 0) -> Iterator[tuple[str, str]]:
    """The words, signs, texts and spaces of a script, from left to right.

    Raises:
        SqueezeError: if something in it is none of these.
    """
    before = ""
    while at < len(source):
        if source[at] == "`":
            kind, text = "text", source[at : end_of_template(source, at)]
        elif may_begin_pattern(before) and (found := PATTERN.match(source, at)):
            kind, text = "text", found[0]
        else:
            token = TOKEN.match(source, at)
            if token is None or token.lastgroup is None:
                raise SqueezeError(f"cannot read this part of a script: {source[at : at + 40]!r}")
            kind, text = token.lastgroup, token[0]
        yield kind, text
        at += len(text)
        before = before if kind == "space" else text


def may_begin_pattern(before: str) -> bool:
    """True if a / behind this token begins a regular expression, and does not divide."""
    return before in ("", "return", "typeof") or re.search(r"[\w$)\]}`\"']$", before) is None


def end_of_template(source: str, at: int) -> int:
    """Where a template ends that begins here; in its blanks there may be others.

    >>> end_of_template("`a${`b` + {c: 1}.c}` + d", 0)
    20
    """
    at += 1
    while source[at] != "`":
        if source[at] == "\\":
            at += 2
        elif source.startswith("${", at):
            at = end_of_blank(source, at + 2)
        else:
            at += 1
    return at + 1


def end_of_blank(source: str, at: int) -> int:
    depth = 1
    for _, text in tokens(source, at):
        at += len(text)
        depth += (text == "{") - (text == "}")
        if not depth:
            return at
    raise SqueezeError("a blank of a template does not end")


BLANK = r"(?:\s|/\*.*?\*/)"
STYLE_TOKEN = re.compile(
    rf"""("(?:\\.|[^"\\])*")|{BLANK}*([{{}};>]){BLANK}*|(?<=[:,]){BLANK}+|({BLANK}+)""", re.DOTALL
)


def squeeze_style(source: str) -> str:
    """A style sheet that says the same in fewer characters.

    >>> squeeze_style('a > b { color: red; /* so */ margin: 0  1px; }\\n.c::after { content: "; {  "; }')
    'a>b{color:red;margin:0 1px}.c::after{content:"; {  "}'
    """

    def short(found: re.Match[str]) -> str:
        text, sign, blank = found.groups()
        return text or sign or (" " if blank else "")

    return STYLE_TOKEN.sub(short, source).replace(";}", "}").strip()


def squeeze_markup(source: str) -> str:
    """Markup without its indentation and empty lines.

    >>> squeeze_markup("<p>\\n  one\\n\\n  two")
    '<p>\\none\\ntwo'
    """
    return "\n".join(line.strip() for line in source.splitlines() if line.strip())


def bare_attributes(markup: str) -> str:
    """Markup whose attributes stand without quotes wherever HTML needs none.

    >>> bare_attributes('<g class="node" id="a b"><rect x="1.5" y="2"/></g>x="1"')
    '<g class=node id="a b"><rect x=1.5 y="2"/></g>x="1"'
    """
    return re.sub(r"<[^<>]*>", lambda tag: re.sub(r'="([\w.-]+)"(?=[ >])', r"=\1", tag[0]), markup)
