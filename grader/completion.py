"""Did a test cell run to its end? Only its last statement can send the message that proves it.

nbgrader gives full marks to a test cell without output, whatever the reason: a tag that skips the cell or an
input transformer that empties it is enough. So a test cell gets an addition that publishes a nonce, which
nobody can guess, after the last statement. No nonce, no points.

The kernel knows the nonce while the cell runs, so code written for the purpose can still publish it. Only
checks in another process than the student's stop that.
"""

from __future__ import annotations

import ast

from nbformat import NotebookNode

from grader.names import python_of
from grader.record import Completion

# A message type of its own, not standard output: a student may print, redirect sys.stdout or clear the
# output.
MIME = "application/x-check-finished"

# Called with the last statement's value, which it returns. It looks names up in `builtins`, as a student may
# have used `type` or `repr` as a variable.
_PUBLISH = (
    f"(lambda value, nonce, builtins, shell: (shell.display_pub.publish({{{MIME!r}: ' '.join(["
    "nonce, builtins.type(value).__name__, "
    "builtins.repr(value) if builtins.type(value) in (builtins.int, builtins.float) else ''"
    "])}), value)[1])"
)


def with_proof(source: str, nonce: str) -> str:
    """The source of a test cell with an addition that publishes ``nonce`` once its last statement succeeded.

    The value of a last expression stays what it was, so that partial credit is still displayed.

    Parameters
    ----------
    source : str
        The instructor's source, IPython syntax allowed.
    nonce : str
        Hexadecimal digits.

    Raises
    ------
    SyntaxError
        If the source is not valid.
    ValueError
        If the source has no statement: a cell that checks nothing proves nothing.
    """
    source = python_of(source)
    statements = ast.parse(source).body
    if not statements:
        raise ValueError("the test cell checks nothing")
    last = statements[-1]
    rest = f"'{nonce}', __import__('builtins'), __import__('IPython').get_ipython())"
    if not isinstance(last, ast.Expr):
        return f"{source.rstrip()}\n{_PUBLISH}(None, {rest}"
    # ast counts columns in bytes of UTF-8. The additions stand on lines of their own, marked by the nonce, so
    # that they can be taken out of a traceback.
    lengths = [len(line) for line in source.encode().splitlines(keepends=True)]
    assert last.end_lineno is not None and last.end_col_offset is not None  # of what `ast.parse` has read
    start = sum(lengths[: last.lineno - 1]) + last.col_offset
    end = sum(lengths[: last.end_lineno - 1]) + last.end_col_offset
    text = source.encode()
    before, expression, after = (part.decode() for part in (text[:start], text[start:end], text[end:]))
    return f"{before}{_PUBLISH}(  # {nonce}\n{expression}\n, {rest}{after}"


def take_proof(cell: NotebookNode, nonce: str) -> Completion | None:
    """Take the proof out of an executed cell's outputs; None if there is not exactly one.

    The lines that ``with_proof`` added are taken out of tracebacks, too.
    """
    proofs = [output.data[MIME] for output in cell.outputs if MIME in output.get("data", {})]
    cell.outputs = [output for output in cell.outputs if MIME not in output.get("data", {})]
    for output in cell.outputs:
        if output.output_type == "error":
            output.traceback = [_without_lines(nonce, entry) for entry in output.traceback]
    if len(proofs) != 1 or not isinstance(proofs[0], str):
        return None
    found, _, value = proofs[0].partition(" ")
    type_name, _, number = value.partition(" ")
    return Completion(type_name, number) if found == nonce else None


def _without_lines(nonce: str, text: str) -> str:
    return "\n".join(line for line in text.split("\n") if nonce not in line)
