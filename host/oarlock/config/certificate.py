"""Certificates, the names they are for, and the authorities that upstreams are checked against."""

from __future__ import annotations

import base64
import binascii
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, ClassVar, Final

from oarlock.config.entity import Entity
from oarlock.config.fields import Fault, Foreign, Text
from oarlock.config.http_fields import SNI

_BLOCK: Final = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]+)-----END \1-----\s*")


def _blocks(pem: str) -> list[str] | None:
    """Return the labels of the PEM blocks (RFC 7468) that `pem` consists of, None when it has anything else."""
    labels, position = [], 0
    text = pem.strip()
    while position < len(text):
        block = _BLOCK.match(text, position)
        if block is None:
            return None
        try:
            base64.b64decode("".join(block[2].split()), validate=True)
        except binascii.Error:
            return None
        labels.append(block[1])
        position = block.end()
    return labels


def _is_certificate(pem: str) -> bool:
    labels = _blocks(pem)
    return bool(labels) and set(labels or ()) == {"CERTIFICATE"}


def _is_key(pem: str) -> bool:
    labels = _blocks(pem) or ["none"]
    return len(labels) <= 2 and labels[-1].endswith("PRIVATE KEY") and labels[-1] != "ENCRYPTED PRIVATE KEY"


_CERTIFICATE: Final = Text("a certificate in PEM form (and its chain)", _is_certificate)
_KEY: Final = Text("an unencrypted private key in PEM form", _is_key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate(Entity):
    """A server or client certificate with its key; a second pair of another key type may stand beside it."""

    collection: ClassVar[str] = "certificates"

    cert: Annotated[str, _CERTIFICATE]
    key: Annotated[str, _KEY]
    cert_alt: Annotated[str | None, _CERTIFICATE] = None
    key_alt: Annotated[str | None, _KEY] = None

    def rules(self) -> Iterator[Fault]:
        if (self.cert_alt is None) != (self.key_alt is None):
            yield Fault((), "", "", message="all or none of these fields must be set: 'cert_alt', 'key_alt'")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sni(Entity):
    """A server name, and the certificate that clients who ask for it are shown."""

    collection: ClassVar[str] = "snis"
    key_field: ClassVar[str | None] = "name"
    unique: ClassVar[tuple[tuple[str, ...], ...]] = (("name",),)

    name: Annotated[str, SNI]
    certificate: Annotated[str, Foreign("certificates")]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaCertificate(Entity):
    """An authority whose certificates upstreams may have."""

    collection: ClassVar[str] = "ca_certificates"
    unique: ClassVar[tuple[tuple[str, ...], ...]] = (("cert_digest",),)

    cert: Annotated[str, _CERTIFICATE]
    cert_digest: Annotated[str | None, Text("64 hex digits")] = None

    def rules(self) -> Iterator[Fault]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            context.load_verify_locations(cadata=self.cert)
        except ssl.SSLError as exc:
            yield Fault(("cert",), "", "", message=f"not a certificate that OpenSSL takes: {exc.reason or exc}")
            return
        if _blocks(self.cert) != ["CERTIFICATE"] or not context.get_ca_certs():
            yield Fault(("cert",), "", "", message="expected one certificate of an authority (CA flag set)")
            return
        digest = digest_of(self.cert)
        if self.cert_digest not in (None, digest):
            yield Fault(("cert_digest",), self.cert_digest, f"the SHA-256 of cert, {digest}, or nothing")


def digest_of(pem: str) -> str | None:
    """Return the SHA-256 of a PEM certificate's DER form, in hex, as Kong's `cert_digest`; None when it is none."""
    try:
        return sha256(ssl.PEM_cert_to_DER_cert(pem.strip())).hexdigest()
    except ValueError:
        return None
