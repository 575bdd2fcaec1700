"""What pyproject.toml cannot say: the lessons of notebooks/ are shipped in viz/course/, beside what reads them.

An editable installation ships nothing: there the lessons are read where they are written.
"""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

SOURCE, TARGET = Path("notebooks"), Path("viz", "course", "notebooks")


class BuildWithLessons(build_py):
    """Copies the modules, and then the lessons: their sources, and the files that go with them."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            others = [file for kind in ("py", "md", "ini") for file in SOURCE.glob(f"*/*.{kind}")]
            for file in [*SOURCE.glob("[0-9][0-9]_*.py"), *others]:
                target = Path(self.build_lib, TARGET, file.relative_to(SOURCE))
                self.mkpath(str(target.parent))
                self.copy_file(str(file), str(target))


setup(cmdclass={"build_py": BuildWithLessons})
