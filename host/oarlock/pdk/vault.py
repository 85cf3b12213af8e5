"""kong.vault: secrets, by references such as `{vault://env/my-secret/key?prefix=APP_#1}`.

There is the vault `env`: the variable named like the resource in upper case, `-` as `_`. It is read when asked for, so
nothing is kept that `flush` would have to forget.
"""

from __future__ import annotations

import json
import os
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from oarlock.pdk.caller import Caller
from oarlock.pdk.registry import implements
from oarlock.pdk.values import Text, text
from oarlock_pluginserver.errors import PdkError

_PREFIX: Final = "{vault://"


@implements("kong.vault.is_reference")
def is_reference(_c: Caller, reference: str) -> bool:
    return looks_like_reference(reference)


@implements("kong.vault.parse_reference")
def parse_reference(_c: Caller, reference: str) -> dict[str, Any]:
    return parse(reference)


@implements("kong.vault.get")
def get(_c: Caller, reference: str) -> Text:
    return resolve(reference)


@implements("kong.vault.update")
def update(_c: Caller, options: dict[str, Any]) -> dict[str, Any]:
    return resolved(options)


@implements("kong.vault.flush")
def flush(_c: Caller) -> None:
    """The environment is read anew each time: nothing is cached."""


def looks_like_reference(value: object) -> bool:
    """Whether a value has the form of a vault reference."""
    return isinstance(value, str) and value.startswith(_PREFIX) and value.endswith("}")


def parse(reference: str) -> dict[str, Any]:
    """Return the parts of a reference: name, resource, and if given key, config, version.

    Raises:
        PdkError: `pdk`: it is none.
    """
    if not looks_like_reference(reference):
        raise PdkError("pdk", f"not a reference [{reference}]")
    try:
        url = urlsplit(reference[1:-1])
    except ValueError:
        raise PdkError("pdk", f"reference is not url encoded [{reference}]") from None
    if not url.netloc:
        raise PdkError("pdk", f"reference url is missing host [{reference}]")
    if not url.path:
        raise PdkError("pdk", f"reference url is missing path [{reference}]")
    resource, _, key = unquote(url.path[1:]).partition("/")
    if not resource:
        raise PdkError("pdk", f"reference url has empty path [{reference}]")
    parts: dict[str, Any] = {"name": url.netloc, "resource": resource}
    if key:
        parts["key"] = key
    if url.query:
        parts["config"] = dict(parse_qsl(url.query, keep_blank_values=True))
    if url.fragment:
        if not url.fragment.isdigit():
            raise PdkError("pdk", f"invalid secret version [{reference}]")
        parts["version"] = int(url.fragment)
    return parts


def resolve(reference: str) -> Text:
    """Return the secret that a reference points to.

    Raises:
        PdkError: `pdk`: there is no such vault, variable or member.
    """
    parts = parse(reference)
    if parts["name"] != "env":
        raise PdkError("pdk", f"could not find vault ({parts['name']}) [{reference}]")
    name = parts.get("config", {}).get("prefix", "") + parts["resource"]
    secret = os.environb.get(name.upper().replace("-", "_").encode())
    if secret is None:
        raise PdkError("pdk", f"could not get value from vault (env): no such variable [{reference}]")
    if "key" not in parts:
        return text(secret)
    try:
        value = json.loads(secret)[parts["key"]]
    except (ValueError, LookupError, TypeError):
        raise PdkError("pdk", f"subfield {parts['key']} not found in vault (env) [{reference}]") from None
    return value if isinstance(value, str) else json.dumps(value)


def resolved(options: dict[str, Any]) -> dict[str, Any]:
    """Return a copy of a table in which the fields named in `$refs` have their secrets, also in tables within it.

    A reference that can't be resolved gives an empty string, as in Kong.
    """
    changed = {key: resolved(value) if isinstance(value, dict) else value for key, value in options.items()}
    references = options.get("$refs")
    for field, reference in references.items() if isinstance(references, dict) else ():
        changed[field] = _each(reference)
    if references is not None:
        changed["$refs"] = references
    return changed


def _each(reference: Any) -> Any:
    match reference:
        case str():
            try:
                return resolve(reference)
            except PdkError:
                return ""
        case list():
            return [_each(member) for member in reference]
        case dict():
            return {key: _each(member) for key, member in reference.items()}
        case _:
            return reference
