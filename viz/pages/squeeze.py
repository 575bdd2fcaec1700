"""Scripts, style sheets and markup without what is only for those who read their source: comments, most spaces.

Every page carries them, so they are short; nothing in them is called otherwise than in the source.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from viz.pages.renaming import rename

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


def squeeze_script(source: str, outside: Collection[str] | None = None) -> str:
    r"""A script that does the same, in fewer characters.  Statements end with a semicolon, or their line does.

    Args:
        source: a module, without its imports and exports.
        outside: the names of the first level of all modules; if they are given, all others become short.

    >>> squeeze_script("// what it does\nconst x = a + +b; /* so */ run( `a  ${ `b //` }`,\n  / \\/\\/ /g );\n")
    'const x=a+ +b;run(`a  ${`b //`}`,/ \\/\\/ /g);'
    """
    found = list(tokens(source))
    kept_tokens = [token for token in found if token[0] != "space"]
    renamed = iter(kept_tokens if outside is None else rename(kept_tokens, outside))
    written: list[str] = []
    gap = before = ""
    for kind, text in found:
        if kind == "space":
            gap = "\n" if "\n" in text else " "
            continue
        _, text = next(renamed)
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


def tokens(source: str, at: int = 0, until: str = "") -> Iterator[tuple[str, str]]:
    """The words, signs, texts and spaces of a script, from left to right; of a template, its texts and its blanks.

    Raises:
        SqueezeError: if something in it is none of these.

    >>> [text for _, text in tokens("`a${b}c${`d`}`")]
    ['`a${', 'b', '}c${', '`d`', '}`']
    """
    before = ""
    depth = 0
    while at < len(source):
        if source[at] == "`":
            for kind, text in template(source, at):
                yield kind, text
                at += len(text)
            before = "`"
            continue
        if may_begin_pattern(before) and (found := PATTERN.match(source, at)):
            kind, text = "text", found[0]
        else:
            token = TOKEN.match(source, at)
            if token is None or token.lastgroup is None:
                raise SqueezeError(f"cannot read this part of a script: {source[at : at + 40]!r}")
            kind, text = token.lastgroup, token[0]
        if text == until and not depth:
            return
        depth += (text == "{") - (text == "}")
        yield kind, text
        at += len(text)
        before = before if kind == "space" else text
    if until:
        raise SqueezeError("a blank of a template does not end")


TEMPLATE_TEXT = re.compile(r"[`}](?:\\.|\$(?!\{)|[^\\`$])*(?:`|\$\{)", re.DOTALL)


def template(source: str, at: int) -> Iterator[tuple[str, str]]:
    """The parts of a template that begins here."""
    while True:
        found = TEMPLATE_TEXT.match(source, at)
        if found is None:
            raise SqueezeError("a template does not end")
        yield "text", found[0]
        at = found.end()
        if found[0].endswith("`"):
            return
        for kind, text in tokens(source, at, until="}"):
            yield kind, text
            at += len(text)


def may_begin_pattern(before: str) -> bool:
    """True if a / behind this token begins a regular expression, and does not divide."""
    return before in ("", "return", "typeof") or re.search(r"[\w$)\]}`\"']$", before) is None


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
