"""A consumer: someone who calls the APIs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar

from oarlock.config.entity import Entity
from oarlock.config.fields import Fault, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer(Entity):
    """A user or a program that plugins recognise by its credentials."""

    collection: ClassVar[str] = "consumers"
    key_field: ClassVar[str | None] = "username"
    unique: ClassVar[tuple[tuple[str, ...], ...]] = (("username",), ("custom_id",))

    username: Annotated[str | None, Text()] = None
    custom_id: Annotated[str | None, Text()] = None

    def rules(self) -> Iterator[Fault]:
        if self.username is None and self.custom_id is None:
            names = "'username', 'custom_id'"
            yield Fault((), "", "", message=f"at least one of these fields must be non-empty: {names}")
