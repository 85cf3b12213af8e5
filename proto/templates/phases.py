"""Which function may be used in which phase, as a vector: proto/vectors/phases.json."""

from __future__ import annotations

import json

from templates.model import Table


def render(table: Table) -> str:
    numbers = list(table.phases.values())
    rows = [
        f"    {json.dumps(f.name)}: {json.dumps([n in f.phases for n in numbers])}"
        for f in table.functions
        if f.external
    ]
    return "\n".join(
        [
            "{",
            '  "generated": "GENERATED from proto/pdk.toml by proto/generate.py; do not edit.",',
            f'  "phases": {json.dumps(list(table.phases))},',
            '  "allowed": {',
            ",\n".join(rows),
            "  }",
            "}",
            "",
        ]
    )
