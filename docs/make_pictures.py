"""Make the pages' pictures: a plot of unit 2, a feedback page of the demonstration, the map of the course.

The feedback page needs a finished `make demo` and Chromium. Run from the top of the repository:
python docs/make_pictures.py
"""

from __future__ import annotations

import base64
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
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


# Unit: where it stands on the map, and what it adds. The upper lane learns from stars, the lower one not.
PLACES = {
    "01 data": (0, 1, "a matrix,\nan honest number"),
    "02 ALS": (1, 1, "factors by\nleast squares"),
    "03 SGD": (2, 1, "one rating at a time,\nneighbours"),
    "04 PyTorch": (3, 1, "losses of your own,\nunknown cells"),
    "05 WRMF": (1, 0, "choices: every\ncell counts"),
    "06 BPR": (2, 0, "an order,\nfair negatives"),
    "07 WARP": (3, 0, "the top of the list,\nthe league"),
    "08 EASE": (2, -1, "a rival without\nfactors (optional)"),
    "09 evaluation": (3, -1, "how to fool\nyourself (optional)"),
}
ARROWS = "01 02, 02 03, 03 04, 02 05, 03 06, 05 06, 06 07, 05 08, 07 09"
LANES = {1: "#BFDFF2", 0: "#F6D9B8", -1: "#FFFFFF"}


def course_map() -> None:
    """Which unit needs which."""
    plt.rcParams.update({"font.size": 10, "font.family": "sans-serif"})
    figure, ax = plt.subplots(figsize=(11, 4.2))
    ax.set(xlim=(-0.5, 3.5), ylim=(-1.45, 1.7))
    ax.axis("off")
    boxes = {}
    for name, (x, y, adds) in PLACES.items():
        box = {"boxstyle": "round,pad=0.5", "facecolor": LANES[y], "edgecolor": "#555555"}
        box["linestyle"] = "--" if y < 0 else "-"
        boxes[name[:2]] = ax.text(
            x, y, f"{name}\n{adds}", ha="center", va="center", bbox=box, linespacing=1.3
        )
    figure.canvas.draw()  # only now the boxes have a size, at which the arrows end
    for arrow in ARROWS.split(", "):
        before, after = (boxes[number] for number in arrow.split())
        style = {"arrowstyle": "-|>", "color": "#555555", "shrinkA": 2, "shrinkB": 2}
        style |= {"patchA": before.get_bbox_patch(), "patchB": after.get_bbox_patch()}
        ax.annotate("", after.get_position(), before.get_position(), arrowprops=style)
    ax.text(-0.45, 1.55, "learned from stars", color="#0072B2")
    ax.text(0.55, -0.55, "learned from choices", color="#A04000")
    figure.savefig(PICTURES / "course-map.png", dpi=110, bbox_inches="tight")
    plt.close(figure)


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    course_map()
    feedback_page()
    plot_of_unit_2()
