"""How do tests type a command of nbgrader, without the seconds that a process of its own takes to start?"""

from __future__ import annotations

from jupyter_core.application import JupyterApp
from nbgrader.apps import NbGraderApp


def type_nbgrader(arguments: list[str]) -> int:
    """Run ``nbgrader`` with these arguments in the working folder; its exit code.

    A command leaves an application behind, of which there is one at a time: the next would go on with its
    configuration, and so with its gradebook.
    """
    try:
        NbGraderApp.launch_instance(arguments)
    except SystemExit as end:
        return int(end.code or 0)
    finally:
        if JupyterApp._instance is not None:
            type(JupyterApp._instance).clear_instance()
    return 0
