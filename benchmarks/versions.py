"""On which Pythons and machines can the course be installed? pip says so, from the index, package by package.

``python -m benchmarks.versions`` resolves what pyproject.toml asks for, at the versions of constraints.txt,
once for each supported Python and each platform, against wheels alone, and installs nothing. It needs the
internet and some minutes. ``python -m benchmarks.versions 3.12`` looks at one Python.

Two limits. Inside other packages pip applies markers such as ``sys_platform == "win32"`` by the machine that
it runs on, not by the one that is asked about; those of the project itself are applied rightly here. And
torch is looked up without what it needs in turn, which on Linux are gigabytes of CUDA.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parents[1]
MANYLINUX = (
    "manylinux_2_28",
    "manylinux_2_27",
    "manylinux_2_26",
    "manylinux_2_17",
    "manylinux2014",
    "manylinux_2_5",
)
# Name: pip's tags, and what markers see of such a machine.
PLATFORMS: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "Linux x86_64": (
        tuple(f"{name}_x86_64" for name in MANYLINUX),
        {"sys_platform": "linux", "platform_machine": "x86_64"},
    ),
    "Linux arm64": (
        tuple(f"{name}_aarch64" for name in MANYLINUX),
        {"sys_platform": "linux", "platform_machine": "aarch64"},
    ),
    "macOS arm64": (
        ("macosx_11_0_arm64", "macosx_12_0_arm64", "macosx_14_0_arm64"),
        {"sys_platform": "darwin", "platform_machine": "arm64"},
    ),
    "macOS Intel": (
        ("macosx_10_15_x86_64", "macosx_12_0_x86_64", "macosx_14_0_x86_64"),
        {"sys_platform": "darwin", "platform_machine": "x86_64"},
    ),
    "Windows x86_64": (("win_amd64",), {"sys_platform": "win32", "platform_machine": "AMD64"}),
}
ALONE = "torch"  # looked up without its own dependencies


def project() -> dict:
    """The table ``[project]`` of pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def supported_pythons() -> list[str]:
    """The minor versions that requires-python lets through: 3.11, 3.12, …"""
    wanted = SpecifierSet(project()["requires-python"])
    return [f"3.{minor}" for minor in range(100) if f"3.{minor}.0" in wanted]


def wanted_on(python: str, platform: str) -> list[Requirement]:
    """What the project asks for on such a machine."""
    seen = PLATFORMS[platform][1] | {"python_version": python, "extra": ""}
    requirements = [Requirement(text) for text in project()["dependencies"]]
    return [each for each in requirements if each.marker is None or each.marker.evaluate(seen)]


def obstacle(python: str, platform: str) -> str:
    """What pip cannot find for such a machine; empty if it finds all."""
    asked = [f"{each.name}{each.specifier}" for each in wanted_on(python, platform)]
    alone = [text for text in asked if text.startswith(ALONE)]
    others = [text for text in asked if text not in alone]
    return (
        _asked(python, platform, others) or (alone and _asked(python, platform, [*alone, "--no-deps"])) or ""
    )


def _asked(python: str, platform: str, requirements: list[str]) -> str:
    tags = [option for tag in PLATFORMS[platform][0] for option in ("--platform", tag)]
    with tempfile.TemporaryDirectory() as nowhere:
        command = [
            *(sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--no-input"),
            # The first of a minor version: Debian 12 has 3.11.2, and some packages want a later one.
            *("--only-binary=:all:", "--implementation", "cp", "--python-version", f"{python}.0", *tags),
            *("--target", nowhere, "-c", str(ROOT / "constraints.txt"), *requirements),
        ]
        done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode == 0:
        return ""
    said = done.stdout + done.stderr
    named = re.findall(
        r"No matching distribution found for (\S+)|^    (.+ depends on .+)$", said, re.MULTILINE
    )
    if named:
        return "; ".join(dict.fromkeys(first or second for first, second in named))
    return " ".join(line for line in said.splitlines() if line.startswith("ERROR"))[:300]


def main(pythons: list[str]) -> int:
    """Print a line for each Python and platform; 1 if anything cannot be installed."""
    failed = 0
    for python in pythons or supported_pythons():
        for platform in PLATFORMS:
            left_out = {Requirement(text).name for text in project()["dependencies"]}
            left_out -= {each.name for each in wanted_on(python, platform)}
            problem = obstacle(python, platform)
            failed += bool(problem)
            note = f" (without {' and '.join(sorted(left_out))})" if left_out else ""
            print(
                f"{'✗' if problem else '✓'} {python:5} {platform:15} {problem or 'all found'}{note}",
                flush=True,
            )
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
