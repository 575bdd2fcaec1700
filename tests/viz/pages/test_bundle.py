"""The page's scripts: modules that become one script."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

import viz
from viz.pages.bundle import IMPORT, bundle, modules, script

SCRIPTS = Path(viz.__file__).parent / "pages" / "assets" / "scripts"
ALL = sorted(
    path.relative_to(SCRIPTS).as_posix().removesuffix(".js")
    for path in SCRIPTS.rglob("*.js")
    if path.name != "widget.js"
)
DECLARED = re.compile(r"^(?:export )?(?:async )?(?:function|const|let|class) (\w+)", re.MULTILINE)


def test_no_two_modules_use_one_name() -> None:
    counts = Counter(name for module in ALL for name in DECLARED.findall(script(module)))
    assert [name for name, count in counts.items() if count > 1] == []


def test_every_module_belongs_to_some_page() -> None:
    used = {name for module in ALL for name in modules(module) if name != module}
    entries = {"start", "notebook/widget_page", "graph/folds", "descend/surface", "descend/boundary"}
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
