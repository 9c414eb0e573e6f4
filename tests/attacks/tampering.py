"""Attacks on what runs in the student's own process: IPython, modules, builtins, frames, start-up files."""

# ruff: noqa: F821, F841

from __future__ import annotations

from tests.attacks.corpus import HONEST, Corpus

TAMPERING = Corpus()


@TAMPERING(gains_in_kernel=True)
def input_transformer():
    """Empties all later cells: a test cell without output has full marks by nbgrader's default."""
    get_ipython().input_transformers_cleanup.append(lambda lines: [])


@TAMPERING(gains_in_kernel=True)
def ast_transformer():
    """Takes the assertions out of all later cells."""
    import ast

    class Drop(ast.NodeTransformer):
        def visit_Assert(self, node):
            return ast.copy_location(ast.Pass(), node)

    get_ipython().ast_transformers.append(Drop())


@TAMPERING(gains_in_kernel=True)
def displayhook():
    """Shows a number before the check fails: nbgrader believes the first that it finds."""

    def double(values):
        get_ipython().displayhook(3.0)
        return 0


@TAMPERING(gains_in_kernel=True)
def execute_result():
    """Sends the message that stands for a cell's value, as the kernel would."""

    def double(values):
        from IPython.display import publish_display_data

        shell = get_ipython()
        publish_display_data({"application/x-check-finished": "0 NoneType ", "text/plain": "3.0"})
        outputs = getattr(shell, "outputs", None)
        if outputs is not None:
            outputs.display("execute_result", {"text/plain": "3.0"}, execution_count=1)
        return 0


@TAMPERING(gains_in_kernel=True)
def run_code():
    """Replaces the shell's own function that runs code by one that does nothing."""

    async def nothing(*a, **k):
        return False

    type(get_ipython()).run_code = nothing


@TAMPERING()
def traceback_hooks():
    """Has errors shown by functions that show nothing."""
    import sys

    shell = get_ipython()
    shell.set_custom_exc((Exception,), lambda *a, **k: None)
    shell.showtraceback = shell._showtraceback = sys.excepthook = lambda *a, **k: None


@TAMPERING(gains_in_kernel=True)
def numpy_testing():
    """Patches the functions by which NumPy compares."""
    import numpy
    import numpy.testing

    numpy.allclose = numpy.array_equal = numpy.isclose = lambda *a, **k: True
    for name in ("assert_allclose", "assert_array_equal", "assert_equal"):
        setattr(numpy.testing, name, lambda *a, **k: None)


@TAMPERING(gains_in_kernel=True)
def name_of_a_module():
    """Uses the name of a module of the test cells for something that agrees with everything."""
    from unittest.mock import MagicMock

    np = MagicMock()


@TAMPERING(gains_in_kernel=True)
def stub_in_sys_modules():
    """Puts a stub where `import numpy` looks."""
    import sys
    from unittest.mock import MagicMock

    fake = MagicMock()
    for name in ("numpy", "numpy.testing", "scipy", "solutions", "tests", "grader"):
        sys.modules[name] = fake


@TAMPERING(gains_in_kernel=True)
def import_function():
    """Replaces `__import__`, so that the next import brings what the student likes."""
    import builtins
    from unittest.mock import MagicMock

    fake = MagicMock()
    imported = builtins.__import__
    builtins.__import__ = lambda name, *a, **k: fake if name == "numpy" else imported(name, *a, **k)


@TAMPERING(gains_in_kernel=True)
def helper_of_an_earlier_check():
    """Redefines the helper that a test cell above has defined and a hidden check below uses."""
    np.allclose = np.array_equal = lambda *a, **k: True
    np.testing.assert_allclose = lambda *a, **k: None

    def difference(got, wanted):
        return 0


@TAMPERING(gains_in_kernel=True)
def builtins_replaced():
    """Replaces builtins that checks use."""
    import builtins

    builtins.sum = lambda *a: 3
    builtins.all = lambda *a: True
    builtins.abs = builtins.round = lambda *a: 0
    builtins.AssertionError = type("Silence", (BaseException,), {})


@TAMPERING()
def names_of_builtins():
    """Defines builtins' names in the notebook, where a check might look for names that it does not define."""

    def bool(x):
        return True

    def sum(values):
        return 3

    abs = len = bool
    AssertionError = ValueError


# Honest on numbers, to come as far as the hidden check: 3 and 3 points.
@TAMPERING(max_points=HONEST + 6, gains_in_kernel=True)
def namespace_of_the_caller():
    """Changes the names of whoever calls it."""

    def double(values):
        import sys
        from unittest.mock import MagicMock

        names = sys._getframe(1).f_globals
        names["np"] = MagicMock()
        names["difference"] = lambda *a: 0
        return 2 * values if isinstance(values, float) else 0


@TAMPERING()
def code_of_the_check():
    """Gives every function whose name begins like a check's the code of one that does nothing."""

    def double(values):
        import gc
        import types

        for function in gc.get_objects():
            if isinstance(function, types.FunctionType) and function.__name__.startswith("check_"):
                function.__code__ = (lambda *a: None).__code__
        return 0


@TAMPERING()
def trace_function():
    """Follows every line that runs, and changes what it can reach."""
    import sys

    def tracer(frame, event, argument):
        frame.f_globals["difference"] = frame.f_globals["half"] = lambda *a: 0
        return tracer

    def double(values):
        sys.settrace(tracer)
        return 0


@TAMPERING()
def startup_files():
    """Leaves start-up files: once, every submission that was graded after such a one had full marks."""
    import os
    import site
    import sys

    text = "get_ipython().input_transformers_cleanup.append(lambda lines: [])\n"
    folders = [os.environ["IPYTHONDIR"] + "/profile_default/startup", os.path.expanduser("~/.ipython")]
    for folder in [*folders, site.getusersitepackages(), *sys.path, "/tmp", "/etc/python3", os.getcwd()]:
        scratch = os.path.realpath(folder).startswith("/scratch/")
        for name in ("00-first.py", "sitecustomize.py", "usercustomize.py", "numpy.py", "first.pth"):
            try:
                os.makedirs(folder, exist_ok=True)
                # Where it is not its own, an empty file shows as well that it could be another.
                with open(os.path.join(folder, name if scratch else "left-behind.txt"), "w") as file:
                    file.write(text if scratch else "")
                if not scratch:
                    print("there is a way" + " out:", folder)
            except OSError:
                pass


@TAMPERING()
def installed_packages():
    """Writes to the packages and to the course's files that all submissions share."""
    import pathlib

    import numpy
    import torch

    import course_utils

    for module in (numpy, torch, course_utils):
        for path in pathlib.Path(module.__file__).parent.glob("*.py"):
            try:
                # That it may be written to is enough: a word in it would end others' programs.
                with open(path, "a"):
                    print("there is a way" + " out:", path)
            except OSError:
                pass


@TAMPERING()
def its_own_side_of_the_grader():
    """Patches the grader's code in the student's process: what it encodes, what it notes of changes."""
    import gc
    import sys

    for name, module in list(sys.modules.items()):
        if name.endswith("values.encoder"):
            module.Encoder.node = lambda self, value, depth=0: {"t": "given", "v": 0}
    driver = next(each for each in gc.get_objects() if type(each).__name__ == "Driver")
    driver._operations["call"] = lambda body, request: tuple(args[0] for args, _ in body["calls"])


@TAMPERING(flagged=True)
def names_that_lie():
    """Says of every name that it is a function of the notebook's, the checks' own names included."""
    import gc

    driver = next(each for each in gc.get_objects() if type(each).__name__ == "Driver")
    reply = driver._reply

    def lie(header, *more):
        reply({"names": ["callable"]} if "names" in header else header, *more)

    driver._reply = lie


@TAMPERING()
def polite_exit():
    """Ends with success from within a call."""

    def double(values):
        import sys

        sys.exit(0)

    def twice(function, x):
        raise SystemExit


@TAMPERING(flagged=True)
def hard_exit():
    """Ends the process with success from within a call."""

    def double(values):
        import os

        os._exit(0)


@TAMPERING(flagged=True)
def crash():
    """Reads from address 0, so that the kernel of the machine ends the process."""

    def double(values):
        import ctypes

        ctypes.string_at(0)


FILES = {
    name: b"raise SystemExit('imported from the submission')\n"
    for name in (
        *("numpy.py", "numpy/__init__.py", "sitecustomize.py", "usercustomize.py", "random.py"),
        *("course_utils/__init__.py", "tests/__init__.py", "solutions/__init__.py", "grader/__init__.py"),
        *("ipython/profile_default/startup/00-first.py", ".ipython/profile_default/startup/00-first.py"),
    )
}


@TAMPERING(files=FILES)
def files_named_like_modules():
    """Hands in files that are named like what others import; they are of no use to anybody but itself."""
    import random

    import numpy as np

    from course_utils.data import datasets

    np.arange(3), random.random(), datasets.DATA_DIR


LENIENT = b"def __getattr__(name):\n    return lambda *arguments, **settings: None\n"
CHECKS = {
    "course_utils/__init__.py": b"",
    "course_utils/checks/__init__.py": b"",
    "course_utils/checks/warp.py": LENIENT,
    "sitecustomize.py": b"import sys, os\nsys.path.insert(0, os.getcwd())\n",
}


@TAMPERING(gains_in_kernel=True, files=CHECKS)
def checks_of_its_own():
    """Hands in a folder named like the one of the checks, whose checks accept everything."""
    import os
    import sys

    sys.path.insert(0, os.getcwd())
    for name in [each for each in sys.modules if each.partition(".")[0] == "course_utils"]:
        del sys.modules[name]


@TAMPERING(gains_in_kernel=True)
def checks_stubbed():
    """Puts stubs where `from course_utils.checks.warp import …` looks, the package's own names included."""
    import sys
    from unittest.mock import MagicMock

    fake = MagicMock()
    for name in (
        "course_utils",
        "course_utils.checks",
        "course_utils.checks.warp",
        "course_utils.checks.call",
    ):
        sys.modules[name] = fake


@TAMPERING(gains_in_kernel=True)
def checks_emptied():
    """Replaces the visible checks in their own module by functions that accept everything."""
    import course_utils.checks.warp as checks

    for name in [each for each in vars(checks) if each.startswith("check_")]:
        setattr(checks, name, lambda *arguments, **settings: None)
