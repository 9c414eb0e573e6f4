"""For speed alone: what does a worker import? The process from which workers are forked imports it here."""

import grader.nbgrader_patches  # noqa: F401  # isort: skip  # it spares an import
import gc
import importlib

NEEDED = (
    *("distributed.nanny", "grader.run.worker"),
    # Configured by name, and used first for a page.
    *("grader.feedback.hide", "grader.feedback.page", "grader.steps.save_scores"),
    *("pygments.lexers.markup", "pygments.styles.default", "ipython_pygments_lexers"),
)

# The collector would look through all that is imported, again and again, and its marks would copy each page
# of it into every worker.
gc.disable()
for name in NEEDED:
    importlib.import_module(name)
gc.freeze()
gc.enable()
