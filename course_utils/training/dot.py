"""How does compiled code multiply two short vectors, `x @ y`, without a call of BLAS?

For a few dozen numbers the way into BLAS and back takes longer than the product. numba offers to change a
function between reading and compiling it: here `x @ y` becomes a call of a loop, which the compiler puts
in its place. Everything else that `@` can multiply is left to numba.
"""

from __future__ import annotations

import operator

from numba.core import ir, types
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import FunctionPass, register_pass
from numba.core.ir_utils import build_definitions
from numba.core.untyped_passes import FixupArgs
from numba.extending import overload

from course_utils.training.machine_code import FAST_SUMS


def matmul(a, b):
    """`a @ b`, in a form that compiled code can call."""
    return a @ b


@overload(matmul, jit_options={"fastmath": FAST_SUMS})
def _compiled_matmul(a, b):
    if not (_is_vector(a) and _is_vector(b) and a.dtype == b.dtype):
        return lambda a, b: a @ b
    number = a.dtype

    def dot(a, b):
        if len(a) != len(b):
            raise ValueError("x @ y of two vectors of different lengths")
        total = number(0)
        for f in range(len(a)):
            total += a[f] * b[f]
        return total

    return dot


def _is_vector(kind: types.Type) -> bool:
    return isinstance(kind, types.Array) and kind.ndim == 1 and isinstance(kind.dtype, types.Float)


@register_pass(mutates_CFG=False, analysis_only=False)
class _CallMatmul(FunctionPass):
    """Write each `a @ b` as `matmul(a, b)`."""

    _name = "call_matmul"

    def __init__(self):
        FunctionPass.__init__(self)

    def run_pass(self, state) -> bool:
        changed = False
        for block in state.func_ir.blocks.values():
            statements = []
            for statement in block.body:
                if _is_matmul(statement):
                    changed, where = True, statement.loc
                    function = block.scope.redefine("$matmul", where)
                    statements.append(ir.Assign(ir.Global("matmul", matmul, where), function, where))
                    factors = statement.value.lhs, statement.value.rhs
                    statement = ir.Assign(ir.Expr.call(function, factors, (), where), statement.target, where)
                statements.append(statement)
            block.body = statements
        if changed:
            state.func_ir._definitions = build_definitions(state.func_ir.blocks)
        return changed


def _is_matmul(statement: ir.Stmt) -> bool:
    value = getattr(statement, "value", None)
    return isinstance(value, ir.Expr) and value.op == "binop" and value.fn is operator.matmul


class InlineDot(CompilerBase):
    """numba's compiler with `_CallMatmul` in it: `numba.njit(pipeline_class=InlineDot)`."""

    def define_pipelines(self):
        """The one pipeline, as numba asks for it."""
        pipeline = DefaultPassBuilder.define_nopython_pipeline(self.state)
        pipeline.add_pass_after(_CallMatmul, FixupArgs)
        pipeline.finalize()
        return [pipeline]
