"""Make the README's pictures: a plot of unit 2, and a feedback page of the demonstration.

Needs a finished `make demo` and Chromium. Run from the top of the repository: python docs/make_pictures.py
"""

from __future__ import annotations

import base64
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
NOTEBOOK = ROOT / "source" / "02-explicit-als" / "explicit-als.ipynb"
PAGE = ROOT / "demo" / "feedback" / "all-films" / "02-explicit-als" / "explicit-als.html"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


def plot_of_unit_2() -> None:
    """Predictions with the Gram matrix over all films and over the known ones."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(NOTEBOOK.parent)}}).execute()
    cell = next(
        cell for cell in notebook.cells if "plot_predictions(" in cell.source and "import" not in cell.source
    )
    picture = next(o.data["image/png"] for o in cell.outputs if "image/png" in o.get("data", {}))
    (PICTURES / "predictions.png").write_bytes(base64.b64decode(picture))


def feedback_page() -> None:
    """The top of what the student sees who took the Gram matrix over all films."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None or not PAGE.is_file():
        sys.exit(f"This needs Chromium and {PAGE.relative_to(ROOT)}: install it, and run `make demo`.")
    target = PICTURES / "feedback.png"
    with tempfile.TemporaryDirectory() as profile:
        size = ["--window-size=1000,760", f"--user-data-dir={profile}", f"--screenshot={target}"]
        subprocess.run([browser, *FLAGS, *size, PAGE.as_uri()], check=True, capture_output=True)


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    feedback_page()
    plot_of_unit_2()
