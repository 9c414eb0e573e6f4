"""How long does it take from a clone to the first ✓, and how much disk?

    python -m benchmarks.first_check

A clone is made in a temporary folder, `make setup` is run in it, and then the first exercise of unit 01 with
its test, in a kernel of the new environment: what a student does who types fast. It needs the internet, and
what pip has kept from earlier makes it quicker. The clone is one of this repository here: its own way over a
network is left out.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
UNIT = "01-data-loading/data-loading.ipynb"
# In the new environment: the cells of the released notebook up to the first test, the solution in its place.
FIRST_CHECK = f"""
import nbformat
from nbclient import NotebookClient
solved = {{cell.id: cell.source for cell in nbformat.read("source/{UNIT}", as_version=4).cells}}
cells = []
for cell in nbformat.read("release/{UNIT}", as_version=4).cells:
    cells.append(cell)
    role = cell.metadata.get("nbgrader", {{}})
    if role.get("solution"):
        cell.source = solved[cell.id]
    if role.get("grade") and cell.cell_type == "code":
        break
resources = {{"metadata": {{"path": "release/01-data-loading"}}}}
NotebookClient(nbformat.v4.new_notebook(cells=cells), resources=resources, kernel_name="python3").execute()
print("".join(output.text for output in cells[-1].outputs), end="")
"""


def disk_of(folder: Path) -> float:
    """GB that the files of a folder take on the disk; one with several names counts once."""
    sizes = {}
    for path in folder.rglob("*"):
        found = path.lstat()
        sizes[found.st_dev, found.st_ino] = found.st_blocks * 512
    return sum(sizes.values()) / 1e9


def main() -> int:
    """Run it and print the figures; 1 if there was no ✓."""
    with tempfile.TemporaryDirectory() as place:
        clone = Path(place) / "course"
        start = time.monotonic()
        subprocess.run(["git", "clone", "--quiet", "--depth", "1", ROOT.as_uri(), str(clone)], check=True)
        subprocess.run(["make", "setup"], cwd=clone, check=True)
        middle = time.monotonic()
        python = clone / ".venv" / "bin" / "python"
        done = subprocess.run(
            [python, "-c", FIRST_CHECK], cwd=clone, stdout=subprocess.PIPE, text=True, check=True
        )
        end = time.monotonic()
        environment = disk_of(clone / ".venv")
        rest = disk_of(clone) - environment
    print(done.stdout, end="")
    notebook = f"{end - middle:.0f} s of them in the notebook"
    print(f"from a clone to the first ✓: {(end - start) / 60:.1f} minutes, {notebook}")
    print(f"disk: {environment:.2f} GB for .venv, {rest:.2f} GB for the rest")
    return 0 if done.stdout.startswith("✓ 1.1 ") else 1


if __name__ == "__main__":
    sys.exit(main())
