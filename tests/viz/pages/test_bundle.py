"""The page's scripts: modules that become one script."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

import viz
from viz.pages.bundle import IMPORT, bundle, declared, modules
from viz.pages.squeeze import SqueezeError, squeeze_script, tokens

SCRIPTS = Path(viz.__file__).parent / "pages" / "assets" / "scripts"
ALL = sorted(
    path.relative_to(SCRIPTS).as_posix().removesuffix(".js")
    for path in SCRIPTS.rglob("*.js")
    if path.name != "widget.js"
)


def source(module: str) -> str:
    return (SCRIPTS / f"{module}.js").read_text(encoding="utf-8")


def test_no_two_modules_use_one_name() -> None:
    counts = Counter(name for module in ALL for name in declared(source(module)))
    assert [name for name, count in counts.items() if count > 1] == []


def test_every_module_belongs_to_some_page() -> None:
    used = {name for module in ALL for name in modules(module) if name != module}
    entries = {"start", "notebook/widget_page", "graph/folds", "play/finger", "descend/surface", "descend/boundary"}
    assert set(ALL) == used | entries


@pytest.mark.parametrize("module", ALL)
def test_what_is_imported_is_exported_there(module: str) -> None:
    text = (SCRIPTS / f"{module}.js").read_text(encoding="utf-8")
    for names, path in re.findall(r'^import \{([^}]*)\} from "([^"]+)";', text, re.MULTILINE):
        there = ((SCRIPTS / module).parent / path).resolve().read_text(encoding="utf-8")
        for name in filter(None, (name.strip() for name in names.split(","))):
            assert re.search(rf"^export (?:async )?(?:function|const|let) {name}\b", there, re.MULTILINE), name
            assert len(re.findall(rf"(?<!\w)(?<!\w\.){name}\b", IMPORT.sub("", text))) > 0, f"{name} is not used"


def test_a_bundle_has_each_module_once_below_what_it_imports() -> None:
    order = modules("start")
    assert len(set(order)) == len(order)
    assert order.index("state") < order.index("graph/graph") < order.index("start")
    assert "import" not in re.findall(r"^\w+", bundle("start"), re.MULTILINE)


@pytest.mark.parametrize("module", ALL)
def test_a_module_imports_what_it_uses_of_others_and_does_not_change_it(module: str) -> None:
    """One script forgives both, and modules do not."""
    text = source(module)
    imports = re.findall(r"^import \{([^}]*)\}", text, re.MULTILINE)
    imported = {name for names in imports for name in re.findall(r"\w+", names)}
    elsewhere = {name for other in ALL if other != module for name in declared(source(other))}
    written = [token for kind, token in tokens(IMPORT.sub("", text)) if kind != "space"]
    assert (used(written) & elsewhere) - set(declared(text)) - named_inside(written) - imported == set()
    changed = {a for a, b in pairwise(written) if re.fullmatch(r"[-+*/|&?]*=|\+\+|--", b)}
    assert changed & imported - named_inside(written) == set()


def used(written: list[str]) -> set[str]:
    """All words but those behind a point and the keys of objects."""
    around = zip(["", *written], written, [*written[1:], ""], strict=False)
    return {b for a, b, c in around if re.match(r"[A-Za-z_]", b) and a != "." and not (c == ":" and a in "{,")}


def named_inside(written: list[str]) -> set[str]:
    """What is declared inside of functions: parameters, const and let."""
    found = set()
    for i, token in enumerate(written):
        if token in ("const", "let"):
            ends = [j for j in range(i, len(written)) if written[j] in ("=", "of", "in", ";")]
            found |= set(written[i + 1 : ends[0]])
        elif token == "=>" and written[i - 1] != ")":
            found.add(written[i - 1])
        elif token == "=>" or (token == "{" and written[i - 1] == ")"):
            depth, j = 1, i - 2
            while depth:
                depth += (written[j] == ")") - (written[j] == "(")
                j -= 1
            # Behind if, for and a call stands no list of parameters.
            is_function = token == "=>" or written[j - 1 : j] == ["function"]
            found |= set(written[j + 1 : i]) if is_function else set()
    return found


def test_what_is_not_imported_is_noticed() -> None:
    text = "const f=(page)=>page+root;function g(edges){return edges.root+{state:1}}"
    written = [token for kind, token in tokens(text) if kind != "space"]
    assert used(written) - named_inside(written) == {"const", "function", "return", "g", "root"}


@pytest.mark.parametrize(
    ("source", "squeezed"),
    [
        ("a = b / c; // d\ne();", "a=b/c;e();"),
        ("const s = 'it // is' + \"/* so */\";", "const s='it // is'+\"/* so */\";"),
        ("f(`a  ${ g(`  `, { b: '}' }) }  c`, 2);", "f(`a  ${g(`  `,{b:'}'})}  c`,2);"),
        ("x = /[/ ]+ \\/ /g.test( y ) / 2;", "x=/[/ ]+ \\/ /g.test(y)/2;"),
        ("return / a/.exec(b);", "return/ a/.exec(b);"),
        ("a - -b; a + ++c; 1 .toFixed(); typeof x;", "a- -b;a+ ++c;1 .toFixed();typeof x;"),
        ("let a = 1\nlet b\n(c)\nif (d) {\n  e++\n}\n", "let a=1\nlet b\n(c)\nif(d){e++\n}"),
        ("a\n  .b()\n  ? c : d", "a.b()?c:d"),
    ],
)  # fmt: skip
def test_a_script_is_squeezed_and_does_the_same(source: str, squeezed: str) -> None:
    assert squeeze_script(source) == squeezed


@pytest.mark.parametrize("source", ["a = 'no end", "`${a", "@decorated"])
def test_what_is_no_script_is_said(source: str) -> None:
    with pytest.raises(SqueezeError):
        squeeze_script(source)
