"""What pyproject.toml asks for is in the lock files, all that a fresh machine installs."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EXTRAS = {
    "requirements.lock": ("build",),
    "requirements-speech.lock": ("build", "speech"),
    "requirements-dev.lock": ("build", "speech", "dev"),
}


def plain(name: str) -> str:
    """As names are compared (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("lock", EXTRAS)
def test_whatever_is_asked_for_is_locked(lock: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [each for name in EXTRAS[lock] for each in project["optional-dependencies"][name]]
    found = re.findall(r"^([\w.-]+)==", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE)
    asked = (re.match(r"[\w.-]+", each) for each in [*project["dependencies"], *extras])
    names = {plain(one.group()) for one in asked if one}
    assert names
    assert names - {plain(one) for one in found} == set()
