"""The arrows between packages point one way: oarlock -> oarlock_pluginserver -> proto; the SDK knows proto alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

_BLOCK = """
import sys, importlib, pkgutil

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {blocked}:
            raise ImportError(f"{{name}} is not for this package")

sys.meta_path.insert(0, Blocked())
package = importlib.import_module({package!r})
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    if not module.name.endswith(("__main__", *{skipped})):
        importlib.import_module(module.name)
        print(module.name)
"""


@pytest.mark.parametrize(
    ("package", "blocked"),
    [
        ("oarlock_pluginserver", {"oarlock", "oarlock_pdk", "asyncio_never"}),
        ("oarlock_pdk", {"oarlock", "oarlock_pluginserver", "trio", "msgspec"}),
        ("oarlock", {"oarlock_pdk"}),
    ],
)
def test_every_module_of_a_package_imports_without_the_packages_it_must_not_know(
    package: str, blocked: set[str]
) -> None:
    script = _BLOCK.format(package=package, blocked=sorted(blocked), skipped=())
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) > 3


def test_nothing_committed_leans_on_what_lies_beside_the_checkout() -> None:
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    hidden = "../" + "shared"
    found = [
        name for name in files if name and (ROOT / name).is_file() and hidden.encode() in (ROOT / name).read_bytes()
    ]
    assert found == []
