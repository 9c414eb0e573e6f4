"""What a worker needs, for the process of which workers are forked; importing this takes seconds."""

import gc
import importlib

NEEDED = (
    *("distributed.nanny", "instructor.grading.worker"),
    # Configured by name, and used first for a page.
    *("instructor.grading.feedback", "instructor.grading.feedback_page", "instructor.grading.scoring"),
    *("pygments.lexers.markup", "pygments.styles.default", "ipython_pygments_lexers"),
)

# The collector would look through all that is imported, again and again, and its marks would copy each page
# of it into every worker.
gc.disable()
for name in NEEDED:
    importlib.import_module(name)
gc.freeze()
gc.enable()
