"""From nested collections of a declarative file to a flat list of entities-to-be, with ids and resolved references."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from oarlock.config.certificate import Sni
from oarlock.config.configuration import ENTITIES
from oarlock.config.entity import Entity
from oarlock.config.fields import At, Fault, Faults, Foreign, Uuid, did_you_mean
from oarlock.config.structure import declared
from oarlock.config.unsupported import COLLECTIONS, not_supported

KINDS: Final = {kind.collection: kind for kind in ENTITIES}
META: Final = ("_comment", "_ignore")  # allowed in any entity
_NAMESPACE: Final = uuid.UUID("5d2d1a5e-6c55-5b62-9f0c-0b6f6f61726c")
_NO_ID: Final = str(uuid.UUID(int=0))  # stands for a reference that could not be resolved: reported already


def _references_of(kind: type[Entity]) -> dict[str, str]:
    """Return the collection that each foreign key of a kind of entity points to."""
    return {field.key: field.type.collection for field in declared(kind) if isinstance(field.type, Foreign)}


REFERENCES: Final = {name: _references_of(kind) for name, kind in KINDS.items()}
CHILDREN: Final = {  # by collection: the collections that may be nested in it, with the foreign key this implies
    parent: {
        child: key
        for child, references in REFERENCES.items()
        for key, target in references.items()
        if target == parent and key != "client_certificate"
    }
    for parent in KINDS
}


@dataclass(slots=True)
class Draft:
    """An entity of the file before it is read."""

    kind: type[Entity]
    fields: dict[str, Any]  # in the file's form, without children and comments
    at: At
    parent: Draft | None = None
    parent_key: str = ""  # the foreign key that nesting implies
    id: str = ""
    has_derived_id: bool = False  # the file gives none

    @property
    def collection(self) -> str:
        return self.kind.collection


def flatten(values: Mapping[str, Any], faults: Faults) -> tuple[list[Draft], list[tuple[str, Fault]]]:
    """Return the entities of a file, and what it has of collections that are not supported, by feature."""
    drafts: list[Draft] = []
    missing: list[tuple[str, Fault]] = []
    for name, group in values.items():
        if name in KINDS:
            drafts += _flatten(name, group, (name,), None, "", faults, missing)
        elif name in COLLECTIONS and group:
            missing.append((COLLECTIONS[name], not_supported((name,), "", COLLECTIONS[name])))
    order = {name: position for position, name in enumerate(KINDS)}
    return sorted(drafts, key=lambda draft: order[draft.collection]), missing


def _flatten(
    name: str,
    group: object,
    at: At,
    parent: Draft | None,
    parent_key: str,
    faults: Faults,
    missing: list[tuple[str, Fault]],
) -> Iterator[Draft]:
    if group is None:
        return
    if not isinstance(group, list):
        faults.append(Fault(at, group, f"a list of {name}"))
        return
    for position, entry in enumerate(group):
        place = (*at, position)
        if not isinstance(entry, dict):
            faults.append(Fault(place, entry, f"an object, one of the {name}"))
            continue
        draft = Draft(KINDS[name], {}, place, parent, parent_key)
        children = []
        for key, value in entry.items():
            if key in CHILDREN[name]:
                children.append(key)
            elif key in COLLECTIONS:
                missing.append((COLLECTIONS[key], not_supported((*place, key), "", COLLECTIONS[key])))
            elif key not in META:
                draft.fields[key] = value
        check_meta(entry, place, faults)
        if parent_key and draft.fields.get(parent_key) is not None:
            hint = f"nested in one of the {parent.collection}, its {parent_key} is implied" if parent else ""
            faults.append(Fault((*place, parent_key), draft.fields.pop(parent_key), f"no {parent_key}", hint))
        yield draft
        for key in children:
            yield from _flatten(key, entry[key], (*place, key), draft, CHILDREN[name][key], faults, missing)


def check_meta(fields: Mapping[str, Any], at: At, faults: Faults) -> None:
    """Check `_comment` and `_ignore`."""
    if not isinstance(fields.get("_comment", ""), str):
        faults.append(Fault((*at, "_comment"), fields["_comment"], "text"))
    if not isinstance(fields.get("_ignore", []), list):
        faults.append(Fault((*at, "_ignore"), fields["_ignore"], "a list"))


class References:
    """Entities by id and by key. Give entities ids in the order of `flatten`: parents before children."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._ids: dict[str, set[str]] = {name: set() for name in KINDS}
        self._keys: dict[str, dict[str, str]] = {name: {} for name in KINDS}

    def add(self, draft: Draft) -> None:
        """Resolve what a draft refers to, and give it its id: its own, or one derived from what it is known by."""
        if draft.parent is not None:
            draft.fields[draft.parent_key] = draft.parent.id
        for key, target in REFERENCES[draft.collection].items():
            value = draft.fields.get(key)
            if value is not None and not (draft.parent is not None and key == draft.parent_key):
                draft.fields[key] = self.resolve(target, value, (*draft.at, key))
        given = draft.fields.get("id")
        if given is not None:
            before = len(self._faults)
            draft.id = Uuid().read(given, (*draft.at, "id"), self._faults)
            if len(self._faults) > before:
                draft.id = ""
        draft.has_derived_id = not draft.id
        draft.id = draft.id or self._derived(draft)
        draft.fields["id"] = draft.id
        self._ids[draft.collection].add(draft.id)
        name = draft.fields.get(draft.kind.key_field) if draft.kind.key_field else None
        if isinstance(name, str):
            self._keys[draft.collection].setdefault(name, draft.id)
        if draft.kind is Sni and isinstance(name, str):
            self._keys["certificates"].setdefault(name, str(draft.fields.get("certificate")))

    def resolve(self, collection: str, value: object, at: At) -> str:
        """Return the id of what `value` names: an id, a key, or an object with one of them."""
        key_field = KINDS[collection].key_field or "id"
        match value:
            case {"id": str(name), **rest} if not rest:
                pass
            case Mapping() if list(value) == [key_field] and isinstance(value[key_field], str):
                name = value[key_field]
            case str(name):
                pass
            case _:
                self._faults.append(Fault(at, value, f"the id or {key_field} of one of the {collection}"))
                return _NO_ID
        if name in self._ids[collection]:
            return name
        if name in self._keys[collection]:
            return self._keys[collection][name]
        if name.lower() in self._ids[collection]:
            return name.lower()
        hint = did_you_mean(name, self._keys[collection])
        message = f"no entity of '{collection}' has this id or {key_field}"
        self._faults.append(Fault(at, name, "", hint, message=message))
        return _NO_ID

    def _derived(self, draft: Draft) -> str:
        """Return a name-based id: the same for the same entity on every node and after every reload."""
        identity = self._identity(draft)
        known_by = {field: draft.fields.get(field) for field in identity or draft.fields}
        text = json.dumps([draft.collection, known_by], sort_keys=True)
        derived = str(uuid.uuid5(_NAMESPACE, text))
        twin = 0
        while not identity and derived in self._ids[draft.collection]:
            twin += 1
            derived = str(uuid.uuid5(_NAMESPACE, f"{text}#{twin}"))
        return derived

    @staticmethod
    def _identity(draft: Draft) -> tuple[str, ...]:
        """Return the first group of fields that no other entity shares, as far as they are there; () for none."""
        for group in draft.kind.unique:
            if draft.fields.get(group[0]) is not None:
                return group
        return ()
