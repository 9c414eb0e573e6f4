"""Which functions are one edit away from a function's source?"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import dedent

# What an operator, a comparison or a name is taken for by mistake.
OPERATORS = {
    ast.Add: [ast.Sub],
    ast.Sub: [ast.Add],
    ast.Mult: [ast.Div],
    ast.Div: [ast.Mult, ast.FloorDiv],
    ast.FloorDiv: [ast.Div, ast.Mult],
    ast.Mod: [ast.FloorDiv],
    ast.Pow: [ast.Mult],
    ast.MatMult: [ast.Mult],
    ast.BitAnd: [ast.BitOr],
    ast.BitOr: [ast.BitAnd],
    ast.BitXor: [ast.BitAnd],
    ast.And: [ast.Or],
    ast.Or: [ast.And],
    ast.Lt: [ast.LtE, ast.GtE],
    ast.LtE: [ast.Lt, ast.Gt],
    ast.Gt: [ast.GtE, ast.LtE],
    ast.GtE: [ast.Gt, ast.Lt],
    ast.Eq: [ast.NotEq],
    ast.NotEq: [ast.Eq],
    ast.Is: [ast.IsNot],
    ast.IsNot: [ast.Is],
    ast.In: [ast.NotIn],
    ast.NotIn: [ast.In],
}
NAMES = {
    "float64": ["float32"],
    "int64": ["int32"],
    "intp": ["int32"],
    "zeros": ["ones"],
    "ones": ["zeros"],
    "empty": ["ones"],
    "min": ["max"],
    "max": ["min"],
    "minimum": ["maximum"],
    "maximum": ["minimum"],
    "argmin": ["argmax"],
    "argmax": ["argmin"],
    "any": ["all"],
    "all": ["any"],
    "sum": ["mean"],
    "mean": ["sum"],
    "floor": ["ceil", "rint"],
    "bisect_left": ["bisect_right"],
    "bisect_right": ["bisect_left"],
    "inf": ["nan"],
}
TEXTS = {"left": "right", "right": "left", "stable": "quicksort", "first": "last", "last": "first"}
TYPES = {"float": "float32", "int": "int32"}
# A change of these is no other function: zip(strict=) speaks of other input alone, einsum may take any route.
NO_MATTER = {"strict", "optimize"}
# Functions of which the arguments may stand in any order.
SYMMETRIC = {"min", "max", "minimum", "maximum", "logaddexp", "intersect1d", "allclose", "isclose", "vecdot"}
# A number of NumPy's is one of Python's to whoever reads it, and so is its truth.
SAME_NUMBER = {"float", "bool"}
# Below this a constant is a tolerance, and twice a tolerance is one.
TOLERANCE = 1e-4
SKIPPED = {"annotation", "returns", "type_comment", "ctx"}


@dataclass(frozen=True)
class Mutant:
    """A function that is one edit away, and the edit as the two lines of a diff."""

    source: str
    line: int
    old: str
    new: str


def mutants_of(source: str, messages: bool = False) -> list[Mutant]:
    """All functions (or classes) that are one edit away from one, each once, in the order of the lines.

    Parameters
    ----------
    source : str
        Source of one function or class. Its signature and docstrings stay: students are given them.
    messages : bool
        Whether what an error says is changed as well.
    """
    tree = ast.parse(dedent(source))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            node.decorator_list = node.decorator_list if node is not tree.body[0] else []
            if ast.get_docstring(node) is not None:
                node.body = node.body[1:] or [ast.Pass()]
    found = {ast.unparse(tree): None}
    for statement in _statements(tree.body[0]):
        for slot, key in _slots(statement, messages):
            original = slot[key] if isinstance(slot, list) else getattr(slot, key)
            whole = isinstance(original, ast.stmt)
            before = _shown(original if whole else statement)
            for changed in _changes(original):
                _put(slot, key, changed)
                try:
                    mutated, after = ast.unparse(tree), _shown(changed if whole else statement)
                    ast.parse(mutated)
                except (SyntaxError, ValueError, AttributeError, TypeError):
                    continue  # a change that Python's grammar has no place for
                finally:
                    _put(slot, key, original)
                line = original.lineno if whole else statement.lineno
                found.setdefault(mutated, Mutant(mutated, line, before, after))
    return [mutant for mutant in found.values() if mutant]


def _put(slot: list | ast.AST, key: int | str, value: ast.AST | None) -> None:
    if isinstance(slot, list):
        slot[key] = value
    else:
        setattr(slot, key, value)


def _shown(statement: ast.stmt) -> str:
    """A statement in one line; of a compound one, its head."""
    head = copy.copy(statement)
    if hasattr(head, "body"):
        head.body = []
    for part in ("orelse", "handlers", "finalbody"):
        if hasattr(head, part):
            setattr(head, part, [])
    return " ".join(ast.unparse(ast.fix_missing_locations(head)).split())


def _statements(definition: ast.FunctionDef | ast.ClassDef) -> Iterator[ast.stmt]:
    """The definition and every statement in it, the outer ones first."""
    yield definition
    for node in ast.walk(definition):
        for body in _bodies(node):
            yield from body


def _bodies(node: ast.AST) -> list[list[ast.stmt]]:
    return [
        body for part in ("body", "orelse", "finalbody") if isinstance(body := getattr(node, part, 0), list)
    ]


def _slots(statement: ast.stmt, messages: bool) -> Iterator[tuple]:
    """Where a node of a statement stands: a list and a position in it, or a node and the name of a field."""
    for body in _bodies(statement):
        yield from ((body, place) for place in range(len(body)))
    if not isinstance(statement, ast.Raise) or messages:
        yield from _inner_slots(statement)


def _inner_slots(node: ast.AST) -> Iterator[tuple]:
    if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
        yield node, "value"
        node = ast.Return(node.value)  # each part is returned
    for field, value in ast.iter_fields(node):
        if field in SKIPPED or (isinstance(node, ast.keyword) and node.arg in NO_MATTER):
            continue
        slots = (
            [(value, place) for place in range(len(value))] if isinstance(value, list) else [(node, field)]
        )
        for slot, key in slots:
            child = slot[key] if isinstance(slot, list) else value
            if not isinstance(child, ast.AST) or isinstance(child, ast.stmt | ast.arguments):
                continue
            # A text is not wrong for its words; an index is changed where it stands; for the rest see above.
            kept = isinstance(node, ast.JoinedStr | ast.Subscript) and isinstance(child, ast.Constant)
            kept |= isinstance(node, ast.Return) and _name_of(child) in SAME_NUMBER
            if isinstance(child, ast.expr | ast.comprehension) and not kept:
                yield slot, key
            yield from _inner_slots(child)


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    """What may stand in a node's place."""
    rule = globals().get(f"_change_{type(node).__name__.lower()}")
    if isinstance(node, ast.stmt):
        if not isinstance(node, ast.Pass | ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom):
            yield ast.copy_location(ast.Pass(), node)
    if rule:
        yield from (ast.copy_location(changed, node) for changed in rule(node))


def _with(node: ast.AST, **fields: object) -> ast.AST:
    """A copy of a node with other fields."""
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def _neighbours(parts: list) -> Iterator[list]:
    """A list with two neighbours exchanged."""
    for place in range(len(parts) - 1):
        yield [*parts[:place], parts[place + 1], parts[place], *parts[place + 2 :]]


def _one_less(parts: list) -> Iterator[list]:
    for place in range(len(parts)):
        yield parts[:place] + parts[place + 1 :]


def _shifted(node: ast.expr | None) -> Iterator[ast.expr | None]:
    """A boundary, one further and one less, or none."""
    if node is None:
        yield from (ast.Constant(1), ast.Constant(-1))
    elif not isinstance(node, ast.Constant):
        yield from (ast.BinOp(node, operator(), ast.Constant(1)) for operator in (ast.Add, ast.Sub))


# Statements


def _change_augassign(node: ast.AugAssign) -> Iterator[ast.AST]:
    yield ast.Assign([node.target], node.value, lineno=node.lineno)
    for operator in OPERATORS[type(node.op)]:
        yield _with(node, op=operator())


def _change_if(node: ast.If) -> Iterator[ast.AST]:
    yield from (_with(node, test=ast.Constant(value)) for value in (True, False))
    if node.orelse:
        yield _with(node, orelse=[])


def _change_while(node: ast.While) -> Iterator[ast.AST]:
    yield ast.If(node.test, node.body, [])


def _change_with(node: ast.With) -> Iterator[ast.AST]:
    yield ast.If(ast.Constant(True), node.body, [])


def _change_break(node: ast.Break) -> Iterator[ast.AST]:
    yield ast.Continue()


def _change_continue(node: ast.Continue) -> Iterator[ast.AST]:
    yield ast.Break()


# Expressions


def _change_constant(node: ast.Constant) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield from (ast.Constant(value + 1), ast.Constant(value - 1))
    elif isinstance(value, float):
        yield ast.Constant(value + 1)
        if value >= TOLERANCE:  # and so is no -0.0
            yield from (ast.Constant(2 * value), ast.Constant(-value))
    elif isinstance(value, str):
        yield ast.Constant(TEXTS.get(value, value + "_"))


def _change_binop(node: ast.BinOp) -> Iterator[ast.AST]:
    yield from (_with(node, op=operator()) for operator in OPERATORS.get(type(node.op), []))
    yield from (node.left, node.right)  # a term or a factor forgotten
    # The product of two vectors is the same either way, and one of other matrices stops with their shapes.
    if not isinstance(node.op, ast.Add | ast.Mult | ast.BitAnd | ast.BitOr | ast.MatMult):
        yield _with(node, left=node.right, right=node.left)


def _change_unaryop(node: ast.UnaryOp) -> Iterator[ast.AST]:
    yield node.operand


def _change_boolop(node: ast.BoolOp) -> Iterator[ast.AST]:
    yield _with(node, op=OPERATORS[type(node.op)][0]())
    for values in _one_less(node.values):
        yield _with(node, values=values) if len(values) > 1 else values[0]


def _change_compare(node: ast.Compare) -> Iterator[ast.AST]:
    for place, operator in enumerate(node.ops):
        for other in OPERATORS[type(operator)]:
            yield _with(node, ops=[*node.ops[:place], other(), *node.ops[place + 1 :]])


def _change_ifexp(node: ast.IfExp) -> Iterator[ast.AST]:
    yield from (node.body, node.orelse)


def _change_comprehension(node: ast.comprehension) -> Iterator[ast.AST]:
    yield from (_with(node, ifs=ifs) for ifs in _one_less(node.ifs))


def _change_subscript(node: ast.Subscript) -> Iterator[ast.AST]:
    # Of a first one: the second, and not the last, which often is the second.
    if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, int):
        others = [1] if node.slice.value == 0 else [node.slice.value - 1, node.slice.value + 1]
        yield from (_with(node, slice=ast.Constant(other)) for other in others)


def _change_tuple(node: ast.Tuple) -> Iterator[ast.AST]:
    if isinstance(node.ctx, ast.Load):
        yield from (_with(node, elts=parts) for parts in _neighbours(node.elts))


def _change_name(node: ast.Name) -> Iterator[ast.AST]:
    yield from (_with(node, id=other) for other in NAMES.get(node.id, []))


def _change_attribute(node: ast.Attribute) -> Iterator[ast.AST]:
    if not isinstance(node.ctx, ast.Load):
        return
    yield from (_with(node, attr=other) for other in NAMES.get(node.attr, []))
    if node.attr in ("T", "mT"):
        yield node.value


def _change_slice(node: ast.Slice) -> Iterator[ast.AST]:
    for part in ("lower", "upper"):
        bound = getattr(node, part)
        yield from (_with(node, **{part: other}) for other in _shifted(bound))
        if bound is not None:
            yield _with(node, **{part: None})
    if node.step is not None:
        yield _with(node, step=None)


def _change_call(node: ast.Call) -> Iterator[ast.AST]:
    arguments, keywords = node.args, node.keywords
    name = _name_of(node)
    if name not in SYMMETRIC:
        yield from (_with(node, args=parts) for parts in _neighbours(arguments))
    for left in _one_less(keywords):
        if {k.arg for k in keywords} - {k.arg for k in left} - NO_MATTER:
            yield _with(node, keywords=left)
    for keyword in keywords:
        if keyword.arg == "dtype" and isinstance(keyword.value, ast.Name):
            yield from _narrower(node, keywords.index(keyword))
    if len(arguments) > 1:
        yield _with(node, args=arguments[:-1])
    if name == "range" and len(arguments) == 1:
        yield _with(node, args=[ast.Constant(1), *arguments])
    if name == "range":
        last = arguments[min(1, len(arguments) - 1)]
        for other in _shifted(last):
            yield _with(node, args=[other if a is last else a for a in arguments])
    if name == "array" and not isinstance(arguments[0], ast.List | ast.ListComp):  # else a copy either way
        yield _with(node, func=_with(node.func, attr="asarray"))
    if name == "astype" and arguments and isinstance(arguments[0], ast.Name) and arguments[0].id in TYPES:
        yield _with(node, args=[_numpy(TYPES[arguments[0].id])])
    # The call forgotten: a conversion, a copy, a root, a sum.
    if arguments and not isinstance(arguments[0], ast.Starred):
        yield arguments[0]
    if isinstance(node.func, ast.Attribute) and not _is_module(node.func.value):
        yield node.func.value


def _name_of(node: ast.AST | None) -> str:
    """The name of the function that a call calls; empty if this is no such call."""
    function = getattr(node, "func", None)
    return getattr(function, "id", getattr(function, "attr", ""))


def _narrower(node: ast.Call, place: int) -> Iterator[ast.AST]:
    keyword = node.keywords[place]
    if keyword.value.id in TYPES:
        narrow = _with(keyword, value=_numpy(TYPES[keyword.value.id]))
        yield _with(node, keywords=[*node.keywords[:place], narrow, *node.keywords[place + 1 :]])


def _numpy(name: str) -> ast.Attribute:
    return ast.Attribute(ast.Name("np", ast.Load()), name, ast.Load())


def _is_module(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and node.id in {"np", "pd", "torch", "math", "copy", "numpy", "super"}
