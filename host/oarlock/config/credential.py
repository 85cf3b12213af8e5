"""What consumers are recognised by: the entities that Kong's authentication plugins store."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar

from oarlock.config.containers import ListOf
from oarlock.config.entity import Entity
from oarlock.config.fields import Choice, Fault, Flag, Foreign, Text, Whole

_CONSUMER = Foreign("consumers")
_JWT_ALGORITHMS = (*(kind + size for kind in ("HS", "RS", "ES", "PS") for size in ("256", "384", "512")), "EdDSA")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential(Entity):
    """Base of what belongs to a consumer and is deleted with it."""

    generated: ClassVar[tuple[str, ...]] = ()  # fields that get a random value when the file has none

    consumer: Annotated[str, _CONSUMER]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyAuthCredential(Credential):
    """An API key."""

    collection: ClassVar[str] = "keyauth_credentials"
    key_field: ClassVar[str | None] = "key"
    unique: ClassVar[tuple[tuple[str, ...], ...]] = (("key",),)
    generated: ClassVar[tuple[str, ...]] = ("key",)

    key: Annotated[str, Text()]
    ttl: Annotated[int | None, Whole(1, 100_000_000, "seconds")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BasicAuthCredential(Credential):
    """A user name and the salted hash of a password."""

    collection: ClassVar[str] = "basicauth_credentials"
    key_field: ClassVar[str | None] = "username"
    unique: ClassVar[tuple[tuple[str, ...], ...]] = (("username",),)

    username: Annotated[str, Text()]
    password: Annotated[str, Text()]  # as `hash_password` makes it


@dataclass(frozen=True, slots=True, kw_only=True)
class JwtSecret(Credential):
    """What the tokens of an issuer are checked with."""

    collection: ClassVar[str] = "jwt_secrets"
    key_field: ClassVar[str | None] = "key"
    unique: ClassVar[tuple[tuple[str, ...], ...]] = (("key",),)
    generated: ClassVar[tuple[str, ...]] = ("key", "secret")

    key: Annotated[str, Text()]
    secret: Annotated[str, Text()]
    algorithm: Annotated[str, Choice(*_JWT_ALGORITHMS)] = "HS256"
    rsa_public_key: Annotated[str | None, Text("a public key in PEM form")] = None

    def rules(self) -> Iterator[Fault]:
        if not self.algorithm.startswith("HS") and self.rsa_public_key is None:
            yield Fault(("rsa_public_key",), None, f"a public key in PEM form, since algorithm is {self.algorithm}")


@dataclass(frozen=True, slots=True, kw_only=True)
class HmacAuthCredential(Credential):
    """A user name and the secret that signs requests."""

    collection: ClassVar[str] = "hmacauth_credentials"
    key_field: ClassVar[str | None] = "username"
    unique: ClassVar[tuple[tuple[str, ...], ...]] = (("username",),)
    generated: ClassVar[tuple[str, ...]] = ("secret",)

    username: Annotated[str, Text()]
    secret: Annotated[str, Text()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Acl(Credential):
    """Membership of a consumer in a group."""

    collection: ClassVar[str] = "acls"
    unique: ClassVar[tuple[tuple[str, ...], ...]] = (("consumer", "group"),)

    group: Annotated[str, Text()]


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth2Credential(Credential):
    """An application that asks for tokens."""

    collection: ClassVar[str] = "oauth2_credentials"
    key_field: ClassVar[str | None] = "client_id"
    unique: ClassVar[tuple[tuple[str, ...], ...]] = (("client_id",),)
    generated: ClassVar[tuple[str, ...]] = ("client_id", "client_secret")

    name: Annotated[str, Text()]
    client_id: Annotated[str, Text()]
    client_secret: Annotated[str, Text()]
    redirect_uris: Annotated[tuple[str, ...], ListOf(Text("a URL"))] = ()
    hash_secret: Annotated[bool, Flag()] = False
    client_type: Annotated[str, Choice("confidential", "public")] = "confidential"


CREDENTIALS: tuple[type[Credential], ...] = (
    KeyAuthCredential,
    BasicAuthCredential,
    JwtSecret,
    HmacAuthCredential,
    Acl,
    OAuth2Credential,
)


def hash_password(password: str, consumer_id: str) -> str:
    """Return what Kong stores of a basic-auth password: the SHA-1 of password and consumer id, in hex."""
    return hashlib.sha1(f"{password}{consumer_id}".encode()).hexdigest()
