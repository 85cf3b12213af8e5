"""What can go wrong for the author of a plugin, said so that they know what to do."""

from __future__ import annotations

from oarlock.errors import OarlockError


class InvalidName(OarlockError):
    """The text can't be the name of a plugin."""


class ToolMissing(OarlockError):
    """A program or package that a plugin's language needs is not here."""


class NotAPlugin(OarlockError):
    """The directory holds nothing that looks like a plugin, or more than was asked for."""


class CommandFailed(OarlockError):
    """A program that was run for the author ended with an error; it said itself what is wrong."""
