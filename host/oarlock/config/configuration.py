"""All entities at one moment: immutable, indexed, swapped whole.

The control side encodes a Configuration into one snapshot; workers decode it, in slices short enough to do between
requests (`decode_slices`). A snapshot is MessagePack: a head, then pieces of at most `_PIECE` entities each.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from types import MappingProxyType
from typing import Any, Final, TypeVar

import msgspec

from oarlock.config.certificate import CaCertificate, Certificate, Sni
from oarlock.config.consumer import Consumer
from oarlock.config.credential import CREDENTIALS, Credential
from oarlock.config.entity import Entity
from oarlock.config.plugin import Plugin
from oarlock.config.route import Route
from oarlock.config.service import Service
from oarlock.config.upstream import Target, Upstream
from oarlock.errors import OarlockError

# In this order every entity stands after those it refers to.
ENTITIES: Final[tuple[type[Entity], ...]] = (
    CaCertificate, Certificate, Sni, Service, Route, Consumer, Upstream, Target, *CREDENTIALS, Plugin,
)  # fmt: skip
EMPTY_VERSION: Final = "0" * 32
_FORMAT: Final = 1
_PIECE: Final = 50  # entities: well under 2 ms to decode
_TIMES: Final = ("created_at", "updated_at")
_E = TypeVar("_E", bound=Entity)
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class SnapshotInvalid(OarlockError):
    """What was to be decoded is not a snapshot of this version of Oarlock."""


def _nothing() -> Mapping[str, Any]:
    return _NOTHING


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """The entities of every collection by id. Look-ups are by dictionary and never raise."""

    services: Mapping[str, Service] = field(default_factory=_nothing)
    routes: Mapping[str, Route] = field(default_factory=_nothing)
    consumers: Mapping[str, Consumer] = field(default_factory=_nothing)
    plugins: Mapping[str, Plugin] = field(default_factory=_nothing)
    upstreams: Mapping[str, Upstream] = field(default_factory=_nothing)
    targets: Mapping[str, Target] = field(default_factory=_nothing)
    certificates: Mapping[str, Certificate] = field(default_factory=_nothing)
    snis: Mapping[str, Sni] = field(default_factory=_nothing)
    ca_certificates: Mapping[str, CaCertificate] = field(default_factory=_nothing)
    credentials: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(
        default_factory=_nothing
    )  # by collection and id, in Kong's form
    version: str = EMPTY_VERSION  # 32 hex digits: changes with any entity, not with the time it was loaded

    @classmethod
    def of(cls, entities: Iterable[Entity]) -> Configuration:
        """Make a Configuration of entities, which refer to each other correctly."""
        return _assemble(entities, None)

    @cached_property
    def _services_by_name(self) -> Mapping[str, Service]:
        return {service.name: service for service in self.services.values() if service.name}

    @cached_property
    def _routes_by_name(self) -> Mapping[str, Route]:
        return {route.name: route for route in self.routes.values() if route.name}

    @cached_property
    def _consumers_by_username(self) -> Mapping[str, Consumer]:
        return {consumer.username: consumer for consumer in self.consumers.values() if consumer.username}

    @cached_property
    def _consumers_by_custom_id(self) -> Mapping[str, Consumer]:
        return {consumer.custom_id: consumer for consumer in self.consumers.values() if consumer.custom_id}

    @cached_property
    def _upstreams_by_name(self) -> Mapping[str, Upstream]:
        return {upstream.name: upstream for upstream in self.upstreams.values()}

    @cached_property
    def _targets_by_upstream(self) -> Mapping[str, tuple[Target, ...]]:
        groups: dict[str, list[Target]] = {}
        for target in self.targets.values():
            groups.setdefault(target.upstream, []).append(target)
        return {upstream: tuple(targets) for upstream, targets in groups.items()}

    @cached_property
    def _credentials_by_key(self) -> Mapping[tuple[str, str], Mapping[str, Any]]:
        keys = {kind.collection: kind.key_field for kind in CREDENTIALS}
        return {
            (collection, credential[key]): credential
            for collection, group in self.credentials.items()
            if (key := keys[collection])
            for credential in group.values()
        }

    @cached_property
    def _credentials_by_consumer(self) -> Mapping[tuple[str, str], tuple[Mapping[str, Any], ...]]:
        groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
        for collection, group in self.credentials.items():
            for credential in group.values():
                groups.setdefault((collection, credential["consumer"]["id"]), []).append(credential)
        return {key: tuple(found) for key, found in groups.items()}

    def service_by_name(self, name: str) -> Service | None:
        return self._services_by_name.get(name)

    def route_by_name(self, name: str) -> Route | None:
        return self._routes_by_name.get(name)

    def consumer_by_username(self, username: str) -> Consumer | None:
        return self._consumers_by_username.get(username)

    def consumer_by_custom_id(self, custom_id: str) -> Consumer | None:
        return self._consumers_by_custom_id.get(custom_id)

    def upstream_by_name(self, name: str) -> Upstream | None:
        return self._upstreams_by_name.get(name)

    def targets_of(self, upstream_id: str) -> tuple[Target, ...]:
        return self._targets_by_upstream.get(upstream_id, ())

    def credential_by_key(self, collection: str, key: str) -> Mapping[str, Any] | None:
        """Return the credential with this key, user name or client id (what its collection goes by)."""
        return self._credentials_by_key.get((collection, key))

    def credentials_of(self, consumer_id: str, collection: str) -> tuple[Mapping[str, Any], ...]:
        """Return a consumer's credentials of one collection, such as its `acls`."""
        return self._credentials_by_consumer.get((collection, consumer_id), ())

    def entities(self) -> Iterator[Entity]:
        """Yield all entities; each after those it refers to."""
        for kind in ENTITIES:
            if issubclass(kind, Credential):
                for fields in self.credentials.get(kind.collection, _NOTHING).values():
                    faults: list[Any] = []
                    credential = kind.read(fields, (), faults)
                    assert credential is not None, faults
                    yield credential
            else:
                yield from getattr(self, kind.collection).values()

    def encode(self) -> bytes:
        """Return the snapshot."""
        encode = msgspec.msgpack.Encoder().encode
        pieces = [encode({"format": _FORMAT, "version": self.version})]
        for collection, group in _groups(self.entities()).items():
            entities = iter(group)
            while piece := list(islice(entities, _PIECE)):
                pieces.append(encode([collection, encode(piece)]))
        return encode([msgspec.Raw(piece) for piece in pieces])

    @classmethod
    def decode(cls, snapshot: bytes) -> Configuration:
        """Return the Configuration of a snapshot.

        Raises:
            SnapshotInvalid: this is no snapshot of this version of Oarlock.
        """
        slices = cls.decode_slices(snapshot)
        while True:
            try:
                next(slices)
            except StopIteration as end:
                configuration = end.value
                assert isinstance(configuration, Configuration)
                return configuration

    @classmethod
    def decode_slices(cls, snapshot: bytes) -> Generator[None, None, Configuration]:
        """Decode a snapshot bit by bit: the caller may do other things at each yield. Raises like `decode`."""
        try:
            head, *pieces = msgspec.msgpack.decode(snapshot, type=list[msgspec.Raw])
            fields = msgspec.msgpack.decode(head, type=dict[str, Any])
            if fields["format"] != _FORMAT:
                raise SnapshotInvalid(f"snapshot has format {fields['format']}, expected {_FORMAT}")
            entities: list[Entity] = []
            for piece in pieces:
                collection, data = msgspec.msgpack.decode(piece, type=tuple[str, bytes])
                entities += _DECODERS[collection].decode(data)
                yield
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, KeyError, ValueError) as exc:
            raise SnapshotInvalid(f"not a snapshot: {exc}") from exc
        return _assemble(entities, fields["version"])


_KINDS: Final = {kind.collection: kind for kind in ENTITIES}
_DECODERS: Final = {name: msgspec.msgpack.Decoder(list[kind]) for name, kind in _KINDS.items()}  # type: ignore[valid-type]


def _groups(entities: Iterable[_E]) -> dict[str, list[_E]]:
    groups: dict[str, list[_E]] = {kind.collection: [] for kind in ENTITIES}
    for entity in entities:
        groups[entity.collection].append(entity)
    return groups


def _assemble(entities: Iterable[Entity], version: str | None) -> Configuration:
    groups = _groups(entities)
    collections: dict[str, Any] = {}
    credentials: dict[str, Any] = {}
    for name, group in groups.items():
        if issubclass(_KINDS[name], Credential):
            credentials[name] = MappingProxyType({entity.id: entity.to_kong() for entity in group})
        else:
            collections[name] = MappingProxyType({entity.id: entity for entity in group})
    if version is None:
        version = _version(groups)
    return Configuration(**collections, credentials=MappingProxyType(credentials), version=version)


def _version(groups: Mapping[str, list[Entity]]) -> str:
    """Digest the entities in an order of their own, so that moving one within a file changes nothing."""
    if not any(groups.values()):
        return EMPTY_VERSION
    digest = hashlib.sha256()
    for name, group in groups.items():
        for entity in sorted(group, key=lambda entity: entity.id):
            fields = {key: value for key, value in entity.to_kong().items() if key not in _TIMES}
            digest.update(msgspec.json.encode([name, fields], order="deterministic"))
    return digest.hexdigest()[:32]
