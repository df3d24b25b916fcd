"""Versions are pinned above known floors, only reviewed packages are installed, none runs code
at interpreter start.
"""

import re
import site
from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
OUR_PACKAGES = {
    "app", "eval", "generation", "ingest", "models", "retrieval", "stores", "training",
}  # fmt: skip
# The first version without a known hole that concerns us.
FLOORS = {
    "jinja2": "3.1.6",
    "lxml": "6.0",
    "pillow": "12.1.1",
    "pypdf": "7.0",
    "python-multipart": "0.0.27",
    "starlette": "1.1.0",
    "streamlit": "1.54.0",
    "torch": "2.6.0",
    "transformers": "5.2.1",
    "urllib3": "2.6.3",
}
# Permissive, or, for tools and data, weakly reciprocal by the file (MPL).
ACCEPTED_LICENCES = re.compile(
    r"\b(Apache|MIT|BSD|ISC|MPL|Mozilla|PSF|Python Software Foundation|ZPL)", re.IGNORECASE
)
REFUSED_LICENCES = re.compile(r"GPL|GNU|SSPL|BUSL|Commons Clause|NonCommercial|-NC-", re.IGNORECASE)
# Files that Python reads at start and whose `import` lines it runs; each was read.
ALLOWED_EXECUTABLE_PTH = {"distutils-precedence.pth", "_virtualenv.pth"}


def pins() -> dict[str, Version]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pairs = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {canonicalize_name(name): Version(version) for name, version in pairs}


def allowed_names() -> set[str]:
    lines = (ROOT / "tests" / "allowed_packages.txt").read_text().splitlines()
    return {canonicalize_name(line) for line in lines if line and not line.startswith("#")}


def test_every_declared_dependency_is_pinned() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    declared = re.findall(r'^\s+"([A-Za-z0-9_.-]+)(?:\[[a-z,]+\])?[>=]=', text, re.MULTILINE)
    assert len(declared) > 30
    assert [name for name in declared if canonicalize_name(name) not in pins()] == []


@pytest.mark.parametrize(("name", "floor"), FLOORS.items())
def test_pin_is_at_or_above_its_floor(name: str, floor: str) -> None:
    assert pins()[canonicalize_name(name)] >= Version(floor)


def test_only_reviewed_names_are_pinned() -> None:
    assert set(pins()) - allowed_names() == set()


def test_only_reviewed_packages_are_installed() -> None:
    installed = {canonicalize_name(each.metadata["Name"]) for each in distributions()}
    assert installed - allowed_names() - {"zhiku", "pip", "setuptools", "wheel"} == set()


def stated_licence(package: Distribution) -> str:
    metadata = package.metadata
    classifiers = metadata.get_all("Classifier") or []
    stated = [metadata[field] or "" for field in ("License-Expression", "License")]
    # Whole texts stand in the field, too, and name all sorts of things further down.
    listed = [line for line in classifiers if line.startswith("License ::")]
    return " ".join([*(text[:120] for text in stated), *listed])


def test_every_installed_package_states_an_accepted_licence() -> None:
    stated = {each.metadata["Name"]: stated_licence(each) for each in distributions()}
    assert {
        name: licence
        for name, licence in stated.items()
        if not ACCEPTED_LICENCES.search(licence) or REFUSED_LICENCES.search(licence)
    } == {}


def test_no_other_distribution_ships_one_of_our_package_names() -> None:
    clashes = {
        each.metadata["Name"]
        for each in distributions()
        if each.metadata["Name"] != "zhiku"
        for file in each.files or []
        if file.parts[0] in OUR_PACKAGES
    }
    assert clashes == set()


def test_no_package_runs_code_at_interpreter_start() -> None:
    executable = {
        path.name
        for folder in site.getsitepackages()
        for path in Path(folder).glob("*.pth")
        if re.search(r"^import[ \t]", path.read_text(), re.MULTILINE)
    }
    assert executable <= ALLOWED_EXECUTABLE_PTH
