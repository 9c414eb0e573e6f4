"""For speed alone: what does a worker import? The process from which workers are forked imports it here."""

import grader.without_grammar  # noqa: F401  # isort: skip
import gc
import importlib

import nbformat
from nbformat.v4 import new_notebook

NEEDED = (
    *("distributed.nanny", "grader.run.worker"),
    # Configured by name, and used first for a page.
    *("grader.feedback.hide", "grader.feedback.page", "grader.steps.save_scores"),
    *("pygments.lexers.markup", "pygments.styles.default", "ipython_pygments_lexers"),
    # What most checks import.
    *("pandas", "scipy.sparse"),
)

# The collector would look through all that is imported, again and again, and its marks would copy each page
# of it into every worker.
gc.disable()
for name in NEEDED:
    importlib.import_module(name)
# The first look at a notebook compiles the schema.
nbformat.validate(new_notebook())
gc.freeze()
gc.set_threshold(50_000)
gc.enable()
