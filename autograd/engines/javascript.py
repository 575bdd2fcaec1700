"""A tape as a JavaScript function, so that a page in a browser can run it without Python.

Most atoms have the same name in JavaScript's ``Math``; the others are written out here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from autograd.engines.python_source import INFIX
from autograd.errors import AutogradError
from autograd.program.tape import SUM, Instruction, Tape, primitive, write_sum

WRITTEN_OUT = {
    "negative": "-{0}",
    "exp2": "Math.pow(2,{0})",
    # As in the table of operations: what cannot be compared (nan) stays what it is.
    "step": "({0}>0?1:{0}<=0?0:{0})",
    "sign": "({0}>0?1:{0}<0?-1:{0}*0)",
    "gt": "({0}>{1}?1:0)",
    "maximum": "({0}>={1}||{0}!={0}?{0}:{1})",
    "minimum": "({0}<={1}||{0}!={0}?{0}:{1})",
    "rint": "rint({0})",
    "mod": "mod({0},{1})",
    "where": "({0}!==0?{1}:{2})",
    "erf": "erf({0})",
    "erfc": "erfc({0})",
}
"""The atoms that are no function of ``Math``, or another one there."""

# Near 0 the Taylor series of erf; further out the continued fraction of erfc, with e^(-x²) in two factors: h has
# half of the digits of x, and so its square is exact.  Within 2 ulps, and erfc within 4.
# (Abramowitz and Stegun, "Handbook of Mathematical Functions", 7.1.5 and 7.1.14.)
ERF = """function erf(x){
if(Math.abs(x)>0.5)return Math.sign(x)*(1-erfc(Math.abs(x)));
let t=2/Math.sqrt(Math.PI),s=0;for(let n=1;n<20;n++){t*=-x*x/n;s+=t/(2*n+1)}
return x*(2/Math.sqrt(Math.PI)+s)}
function erfc(x){
if(!(x>0.5))return 1-erf(x);
if(x>28)return 0;
let f=0;for(let n=Math.ceil(200/(x*x))+20;n>0;n--)f=n/2/(x+f);
const h=Math.fround(x),e=Math.exp(-h*h);return(e+e*Math.expm1((h-x)*(h+x)))/(Math.sqrt(Math.PI)*(x+f))}
"""
# Beyond 2⁵² there are no halves, and below that a sum with it is rounded to a whole number, halves to the even one.
RINT = """function rint(x){
const c=4503599627370496;return Math.abs(x)<c?Math.sign(x)*(Math.abs(x)+c-c):x}
"""
# JavaScript's remainder has the sign of x.
MOD = """function mod(x,y){
const r=x%y;return r===0?(y<0?-0:0):(r<0)!==(y<0)?r+y:r}
"""
HELPERS = {"erf": ERF, "erfc": ERF, "rint": RINT, "mod": MOD}
"""The functions that these atoms need."""


def write_function(tape: Tape, name: str = "run") -> str:
    """The text of ``function name(x) {...}``, which takes an array of the inputs and gives one of the outputs.

    Nothing but slot numbers, numbers and atoms enters the text; labels stay outside.

    Raises:
        ValueError: if ``name`` is not a plain name.
        AutogradError: if the tape has an atom that JavaScript has no function for.

    >>> from autograd import Value
    >>> from autograd.program.graphs import record
    >>> a = Value(2.0, "a")
    >>> print(write_function(record([a.tanh() * 3], [a])))
    function run(x){
    const t0=x[0];
    const t2=Math.tanh(t0);
    const t3=t2*3;
    return[t3]}
    """
    if not (name.isidentifier() and name.isascii()):
        raise ValueError(f"a function is called by a plain name like 'run', but got {name!r}")
    first = len(tape.inputs)
    words = [f"t{i}" for i in range(first)] + [number(x) for x in tape.constants]
    lines = [f"const t{i}=x[{i}];" for i in range(first)]
    for slot, instruction in enumerate(tape.instructions, len(words)):
        lines.append(f"const t{slot}={write_step(tape, instruction, words)};")
        words.append(f"t{slot}")
    helpers = "".join(dict.fromkeys([HELPERS[atom] for atom in tape.atoms if atom in HELPERS]))
    outputs = ",".join(words[i] for i in tape.outputs)
    return "\n".join([f"{helpers}function {name}(x){{", *lines, f"return[{outputs}]}}"])


def write_step(tape: Tape, step: Instruction, words: Sequence[str]) -> str:
    """One of the tape's steps as an expression; ``words`` has one for each slot."""
    if step.atom == SUM:
        return write_sum(tape.summands(step.operands), words).replace(" ", "")
    return expression(step.atom, [words[i] for i in step.operands])


def expression(atom: str, operands: Sequence[str]) -> str:
    """
    >>> expression("add", ["t1", "(-2)"]), expression("atan2", ["t1", "t2"])
    ('t1+(-2)', 'Math.atan2(t1,t2)')
    """
    if atom in INFIX:
        return INFIX[atom].join(operands)
    if atom in WRITTEN_OUT:
        return WRITTEN_OUT[atom].format(*operands)
    if not primitive(atom).is_built_in:
        raise AutogradError(
            f"JavaScript has no function for {atom!r}, an operation of your own; write it with operations of "
            "autograd and without an atom"
        )
    return f"Math.{atom}({','.join(operands)})"


def number(x: float) -> str:
    """A number as JavaScript reads it, exactly.

    >>> number(2.0), number(-0.1), number(float("inf"))
    ('2', '(-0.1)', 'Infinity')
    """
    if math.isnan(x):
        return "NaN"
    text = repr(abs(x)).removesuffix(".0") if math.isfinite(x) else "Infinity"
    return f"({'-'}{text})" if math.copysign(1.0, x) < 0 else text
