"""Write everything that is generated from `pdk.toml`; with `--check`, say what is not current instead."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

PROTO = Path(__file__).resolve().parent
ROOT = PROTO.parent
sys.path.insert(0, str(PROTO))  # `table` and `templates`, wherever this is run from

from templates import go, go_table, host_table, javascript, markdown, phases, proto, sdk_python  # noqa: E402
from templates.model import Table  # noqa: E402
from templates.table import TableInvalid, load  # noqa: E402

OUTPUTS: dict[str, Callable[[Table], str]] = {
    "pluginserver/oarlock_pluginserver/_generated/pdk_table.py": host_table.render,
    "sdk_python/oarlock_pdk/pdk.py": sdk_python.render,
    "sdk_js/src/generated/pdk.js": javascript.render,
    "sdk_go/internal/table/table_generated.go": go_table.render,
    "sdk_go/pdk_generated.go": go.render,
    "proto/oarlock/v1/pdk.proto": proto.render,
    "proto/vectors/phases.json": phases.render,
    "docs/pdk.md": markdown.render,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a file is not current")
    arguments = parser.parse_args()
    try:
        table = load(PROTO / "pdk.toml")
    except TableInvalid as exc:
        print(f"proto/pdk.toml: {exc}", file=sys.stderr)
        return 2
    stale = [name for name, render in OUTPUTS.items() if not _is_current(ROOT / name, render(table), arguments.check)]
    for name in stale:
        print(f"{name}: not current; run python proto/generate.py", file=sys.stderr)
    return 1 if stale else 0


def _is_current(path: Path, text: str, check: bool) -> bool:
    """Write `text` to `path`, or with `check` say whether it stands there."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return True
    if not check:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return not check


if __name__ == "__main__":
    sys.exit(main())
