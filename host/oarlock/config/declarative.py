"""Declarative files in Kong's format, YAML or JSON, into a Configuration: all of it or nothing.

What is wrong is found in one go and named with file, line and path. The steps: the file becomes plain values
(`source`), nested collections a flat list with ids and references (`drafts`), each entry an entity by its declaration;
then come the rules between entities, plugin configurations, and what is not supported yet.
"""

from __future__ import annotations

import dataclasses
import re
import secrets
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

from oarlock.config.certificate import digest_of
from oarlock.config.configuration import Configuration
from oarlock.config.credential import Credential, hash_password
from oarlock.config.drafts import CHILDREN, KINDS, META, Draft, References, check_meta, flatten
from oarlock.config.entity import Entity
from oarlock.config.fields import MISSING, At, Fault, Faults, did_you_mean
from oarlock.config.http_fields import split_port
from oarlock.config.plugin import Plugin
from oarlock.config.plugin_check import PluginCheck
from oarlock.config.route import Route, regex_faults
from oarlock.config.service import Service, expand_url
from oarlock.config.source import Document, read_bytes, read_file
from oarlock.config.unsupported import (
    COLLECTIONS,
    missing_features,
    not_supported,
    references,
    strip_unsupported_fields,
)
from oarlock.config.upstream import DEFAULT_TARGET_PORT
from oarlock.errors import ConfigurationInvalid, Problem

_VERSIONS: Final = ("1.1", "2.1", "3.0")
_PLAIN_PATH: Final = re.compile(r"[a-zA-Z0-9.\-_~/%]*")  # what Kong 2 did not take for a regular expression


def load(
    source: Path | str,
    known_plugins: Mapping[str, object] | None = None,
    accept_missing: Collection[str] = frozenset(),
    *,
    flavor: str = "traditional_compatible",
) -> tuple[Configuration, list[Problem]]:
    """Read a file (a Path) or its text (a str). Returns the configuration and warnings.

    `known_plugins` maps the plugins that servers provide to their schema, or to an object with a `schema`; None for one
    whose server has not said it yet, and None for all: plugin configurations stay unchecked. `accept_missing` names
    features that are not supported and may be asked for all the same. `flavor` is the router's.

    Raises:
        ConfigurationInvalid: with all that is wrong.
    """
    document = read_file(source) if isinstance(source, Path) else read_bytes(source.encode("utf-8", "surrogatepass"))
    return _Loader(document, known_plugins, accept_missing, flavor).load()


class _Loader:
    """One file on its way to a Configuration."""

    def __init__(
        self,
        document: Document,
        known_plugins: Mapping[str, object] | None,
        accept_missing: Collection[str],
        flavor: str,
    ) -> None:
        self._document = document
        self._accept_missing = accept_missing
        self._flavor = flavor
        self._plugins = PluginCheck(known_plugins)
        self._faults: Faults = []
        self._warnings: Faults = []
        self._transform = True
        self._entities: list[Entity] = []
        self._places: dict[tuple[Any, ...], At] = {}  # what must be unique, and where it was seen first
        self._now = int(time.time())

    def load(self) -> tuple[Configuration, list[Problem]]:
        values = self._document.plain()
        if values is None or not isinstance(values, dict):
            raise ConfigurationInvalid([self._document.problem(Fault((), values, "an object with collections"))])
        version = self._check_top(values)
        drafts, missing = flatten(values, self._faults)
        for feature, fault in missing:
            self._refuse(feature, fault)
        index = References(self._faults)
        for draft in drafts:
            self._prepare(draft, version)
            index.add(draft)
        for draft in drafts:
            self._read(draft, index)
        if self._faults:
            raise ConfigurationInvalid(self._document.problems(self._faults))
        return Configuration.of(self._entities), self._document.problems(self._warnings)

    def _check_top(self, values: Mapping[str, Any]) -> str:
        """Check the keys of the file itself and return the format's version."""
        version = values.get("_format_version", MISSING)
        if version not in _VERSIONS:
            quotes = not isinstance(version, str) and str(version) in _VERSIONS
            hint = f'put it in quotes: "{version}"' if quotes else ""
            expected = 'one of "1.1", "2.1", "3.0"'
            self._faults.append(Fault(("_format_version",), version, expected, hint))
        transform = values.get("_transform", True)
        if not isinstance(transform, bool):
            self._faults.append(Fault(("_transform",), transform, "true or false"))
        self._transform = transform is not False
        check_meta(values, (), self._faults)
        for name in values:
            if name not in KINDS and name not in COLLECTIONS and name not in ("_format_version", "_transform", *META):
                hint = did_you_mean(name, [*KINDS, "_format_version", "_transform", *META])
                self._faults.append(Fault((name,), MISSING, "", hint, message="unknown field"))
        return str(version)

    def _prepare(self, draft: Draft, version: str) -> None:
        """Bring a draft's fields into the form its declaration knows."""
        fields = draft.fields
        for place, text in references(fields, draft.at):
            self._refuse("vaults", not_supported(place, text, "vaults"))
        for feature, place, value in strip_unsupported_fields(draft.collection, fields):
            self._refuse(feature, not_supported(draft.at + place, value, feature))
        match draft.collection:
            case "services":
                expand_url(fields, draft.at, self._faults)
            case "routes" if version in ("1.1", "2.1") and isinstance(fields.get("paths"), list):
                fields["paths"] = [_migrated_path(path) for path in fields["paths"]]
            case "targets" if isinstance(fields.get("target"), str):
                split = split_port(fields["target"])
                if split and split[1] is None and split[0]:
                    host = f"[{split[0]}]" if ":" in split[0].strip("[]") and split[0][0] != "[" else split[0]
                    fields["target"] = f"{host}:{DEFAULT_TARGET_PORT}"
            case "ca_certificates" if isinstance(fields.get("cert"), str):
                fields.setdefault("cert_digest", digest_of(fields["cert"]))
        if issubclass(draft.kind, Credential):
            for name in draft.kind.generated:
                if fields.get(name) is None:
                    fields[name] = secrets.token_urlsafe(24)

    def _read(self, draft: Draft, index: References) -> None:
        """Build the entity of a draft and check it against the others."""
        fields = draft.fields
        fields.setdefault("created_at", self._now)
        fields.setdefault("updated_at", fields["created_at"])
        if draft.collection == "basicauth_credentials" and self._transform and isinstance(fields.get("password"), str):
            fields["password"] = hash_password(fields["password"], str(fields.get("consumer")))
        near = [*CHILDREN[draft.collection], *META, *(["url"] if draft.kind is Service else [])]
        faults: Faults = []
        values = draft.kind.read_fields(fields, draft.at, faults, near)
        wrong = {fault.at[len(draft.at)] for fault in faults if len(fault.at) > len(draft.at)}
        for feature, place, value in missing_features(draft.kind, values):
            if place[0] not in wrong:
                self._refuse(feature, not_supported(draft.at + place, value, feature))
        entity = None if faults else draft.kind.build(values, draft.at, faults)
        self._faults += faults
        self._check_unique(draft)
        if entity is None:
            return
        match entity:
            case Service():
                for position, identifier in enumerate(entity.ca_certificates):
                    index.resolve("ca_certificates", identifier, (*draft.at, "ca_certificates", position))
            case Route():
                self._add(draft.at, *regex_faults(entity, self._flavor))
            case Plugin():
                entity, faults, warnings = self._plugins.check(entity)
                self._add(draft.at, faults, warnings)
        self._entities.append(entity)

    def _check_unique(self, draft: Draft) -> None:
        for group in (("id",), *draft.kind.unique):
            values = [draft.fields.get(name) for name in group]
            if (
                values[0] is None
                or (group == ("id",) and draft.has_derived_id)
                or any(isinstance(value, dict | list) for value in values)
            ):
                continue
            key = (draft.collection, group, *values)
            first = self._places.setdefault(key, draft.at)
            if first is draft.at:
                continue
            said = " and ".join(f"{name} set to '{value}'" for name, value in zip(group, values, strict=True) if value)
            line = self._document.problem(Fault(first, MISSING, "")).line
            message = f"uniqueness violation: '{draft.collection}' entity with {said} already declared"
            self._faults.append(Fault((*draft.at, group[0]), MISSING, "", f"see line {line}", message=message))

    def _add(self, at: At, faults: Faults, warnings: Faults) -> None:
        """Take over what was found in an entity at `at`."""
        self._faults += [dataclasses.replace(fault, at=at + fault.at) for fault in faults]
        self._warnings += [dataclasses.replace(fault, at=at + fault.at) for fault in warnings]

    def _refuse(self, feature: str, fault: Fault) -> None:
        if feature in self._accept_missing:
            self._warnings.append(dataclasses.replace(fault, hint="accepted: it has no effect"))
        else:
            self._faults.append(fault)


def _migrated_path(path: object) -> object:
    """Mark a path that Kong 2 took for a regular expression as one."""
    if isinstance(path, str) and not path.startswith("~") and not _PLAIN_PATH.fullmatch(path):
        return f"~{path}"
    return path
