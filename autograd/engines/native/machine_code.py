"""Machine code made by LLVM (package llvmlite, extra ``fast``).

Here is all that knows of LLVM as a program and of this machine: whether it works, how wide a vector is, how a text
becomes functions that Python can call.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any
from weakref import finalize

import numpy as np

from autograd.core.threads import compiling
from autograd.engines.native.atoms import ATOMS, code_for
from autograd.engines.native.disk_cache import kept_or_made
from autograd.engines.native.llvm_text import Body
from autograd.engines.native.loops import Function
from autograd.program.calling import EngineMissing
from autograd.program.tape import SUM

QUICK = 6_000
"""Beyond so many instructions LLVM is told to be quick rather than thorough."""


_libraries: list[Any] = []

NOT_WORKING = (AttributeError, OSError, RuntimeError)
"""What comes of a function that the C library has not, of memory or code that cannot be had."""


def llvm() -> Any:
    """The module llvmlite.binding, ready for this machine.

    Raises:
        EngineMissing: if it is not installed, or makes no machine code that works here.
    """
    with compiling:
        try:
            import llvmlite.binding as binding
        except ModuleNotFoundError:
            hint = 'the native engine needs the package llvmlite: pip install "glassgrad[fast]"'
            raise EngineMissing(hint) from None
        except Exception as error:
            raise does_not_work(str(error) or type(error).__name__) from None
        problem = problem_with(binding)
    if problem:
        raise does_not_work(problem)
    return binding


def does_not_work(problem: str) -> EngineMissing:
    first_line = problem.strip().partition("\n")[0]
    return EngineMissing(
        f"the native engine does not work here: {first_line}\n"
        '  engine="auto" computes the same without it; to mend it: pip install --force-reinstall "llvmlite>=0.45"'
    )


TRIAL = """
define double @add(ptr %place, double %y) {
  %x = load double, ptr %place, align 8
  %z = fadd double %x, %y
  ret double %z
}
"""


@cache
def problem_with(binding: Any) -> str:
    """What is wrong with LLVM on this machine, found out once by adding two numbers; "" if nothing is."""
    try:
        binding.initialize_native_target()
        binding.initialize_native_asmprinter()
        # Python itself is linked with the C library's mathematics; on Windows it has a library of its own.
        _libraries[:] = [ctypes.CDLL("ucrtbase" if sys.platform == "win32" else None)]
        engine = engine_with(binding, object_code(binding, TRIAL, 1), {})
        address, number = engine.get_function_address("add"), ctypes.c_double(2)
        add = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_void_p, ctypes.c_double)(address)
        if not address or add(ctypes.addressof(number), 3) != 5:
            return "its machine code adds 2 and 3 to something else than 5"
    except Exception as error:
        return str(error) or type(error).__name__
    return ""


def lanes() -> int:
    """How many doubles a vector register of this machine holds.

    Raises:
        EngineMissing: if llvmlite is not installed, or does not work here.
    """
    return lanes_of_machine(llvm())


@cache
def lanes_of_machine(binding: Any) -> int:
    return lanes_with(binding.get_host_cpu_features())


def lanes_with(features: Mapping[str, bool]) -> int:
    """
    Args:
        features: what a processor has, as LLVM calls it.

    >>> lanes_with({"avx": True, "avx512f": True}), lanes_with({"avx": True}), lanes_with({"neon": True})
    (8, 4, 2)
    """
    return 8 if features.get("avx512f") else 4 if features.get("avx") else 2


def aligned(numbers: int) -> Any:
    """An array of zeros that begins where a cache line and every vector may begin."""
    room = np.zeros(numbers + 8)
    skip = -room.ctypes.data % 64 // 8
    return room[skip : skip + numbers]


def address(array: Any) -> int:
    """Where the numbers of an array begin, in half the time that array.ctypes.data takes; 0 if there are none."""
    return ctypes.addressof(ctypes.c_char.from_buffer(array)) if len(array) else 0


@cache
def processor(binding: Any) -> tuple[str, str]:
    """What LLVM calls this machine's processor, and what that has."""
    return binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten()


def machine_for(binding: Any, level: int) -> Any:
    """This machine, as LLVM describes it."""
    name, features = processor(binding)
    return binding.Target.from_default_triple().create_target_machine(
        cpu=name, features=features, opt=level, jit=True
    )


def object_code(binding: Any, text: str, level: int) -> bytes:
    """The machine code of a text, not yet at any place in memory."""
    made: bytes = machine_for(binding, level).emit_object(binding.parse_assembly(text))
    return made


def kept_code(binding: Any, text: str, level: int) -> bytes:
    """The same, made only if no process has made it before on such a processor."""
    made_of = [text, str(level), *processor(binding), binding.get_default_triple(), str(binding.llvm_version_info)]
    return kept_or_made(made_of, lambda: object_code(binding, text, level))


def engine_with(binding: Any, code: bytes, symbols: Mapping[str, int]) -> Any:
    """LLVM's engine with machine code in memory, which lives as long as the engine."""
    for name, address in symbols.items():
        binding.add_symbol(name, address)
    engine = binding.create_mcjit_compiler(binding.parse_assembly(""), machine_for(binding, 0))
    engine.add_object_file(binding.ObjectFileRef.from_data(code))
    engine.finalize_object()
    return engine


class Code:
    """Machine code in memory; it is freed when nobody holds it any more.

    Attributes:
        text: the LLVM IR that it was made of.
    """

    def __init__(self, text: str, functions: Sequence[str], level: int) -> None:
        binding = llvm()
        self.text = text
        self.level = level
        with compiling:
            try:
                symbols = {name: address_in_c_library(name) for name in functions}
                self._code = kept_code(binding, text, level)
                self._engine = engine_with(binding, self._code, symbols)
            except NOT_WORKING as error:
                raise does_not_work(str(error)) from error
        finalize(self, free, self._engine).atexit = False

    @property
    def assembly(self) -> str:
        """The machine code in the processor's own words."""
        binding = llvm()
        with compiling:
            text: str = machine_for(binding, self.level).emit_assembly(binding.parse_assembly(self.text))
        return text

    def function(self, name: str, result: Any, *arguments: Any) -> Any:
        """A function of the code, to be called from Python.  It keeps the code alive."""
        with compiling:
            address = self._engine.get_function_address(name)
        found: Any = ctypes.CFUNCTYPE(result, *arguments)(address)
        found.code = self
        return found


def free(engine: Any) -> None:
    """Free machine code, but not while it might be the moment of a fork."""
    with compiling:
        engine.close()


def address_in_c_library(name: str) -> int:
    function = getattr(_libraries[0], name)
    return ctypes.cast(function, ctypes.c_void_p).value or 0


def c_function(name: str) -> int:
    """The address of a function of the C library.

    Raises:
        EngineMissing: if there is none on this machine.
    """
    llvm()
    try:
        return address_in_c_library(name)
    except NOT_WORKING as error:
        raise does_not_work(str(error)) from error


def function_of(atom: str) -> int:
    """The address of the C library's function for an atom, or 0 if it is written out.

    Raises:
        EngineMissing: if there is none on this machine.
        AutogradError: if it has no machine code.
    """
    if atom in (SUM, *ATOMS):
        return 0
    code_for(atom)
    return c_function(atom)


def compile_text(parts: Sequence[str], bodies: Sequence[Body], instructions: int) -> Code:
    """Compile functions in LLVM's language, with declarations of all that their bodies call."""
    declared = {line: None for body in bodies for line in body.declarations()}
    names = {name for body in bodies for name in body.functions if not name.startswith("llvm.")}
    level = 1 if instructions <= QUICK else 0
    return Code("\n".join([*declared, *parts]), sorted(names), level)


KINDS = {"void": None, "ptr": ctypes.c_void_p, "i64": ctypes.c_int64, "double": ctypes.c_double}
"""What Python gives for an argument of a type of LLVM."""


def compile_functions(functions: Sequence[Function]) -> Code:
    """Compile functions that may call each other."""
    bodies = [body for function in functions for body in function.bodies]
    declared = {line for function in functions for line in function.declared}
    declared -= {line for body in bodies for line in body.declarations()}
    return compile_text([*sorted(declared), *[function.text() for function in functions]], bodies, 0)


def handle(code: Code, function: Function) -> Any:
    """A compiled function, to be called from Python."""
    return code.function(
        function.name, KINDS[function.result], *[KINDS[kind] for kind in function.arguments.values()]
    )


@cache
def made_once(functions: Callable[[int], Sequence[Function]], width: int) -> Any:
    """The last of some functions for vectors of such a width, which are compiled once in a process."""
    written = functions(width)
    return handle(compile_functions(written), written[-1])
