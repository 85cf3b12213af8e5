"""What all entities have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from oarlock.config.fields import Text, Whole
from oarlock.config.http_fields import TAGS
from oarlock.config.structure import Structure

_TIME = Whole(0, 2**53)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity(Structure):
    """One entry of a collection. Times are Unix seconds, set when a file is loaded."""

    collection: ClassVar[str]
    key_field: ClassVar[str | None] = None  # the field that may be used instead of the id
    unique: ClassVar[tuple[tuple[str, ...], ...]] = ()  # groups of fields that no two entities share

    id: Annotated[str, Text("an id")]  # a UUID: what files say is checked to be one
    created_at: Annotated[int, _TIME] = 0
    updated_at: Annotated[int, _TIME] = 0
    tags: Annotated[tuple[str, ...], TAGS] = ()
