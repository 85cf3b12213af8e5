"""The version of this SDK, as in pyproject.toml."""

VERSION = "0.1.0"
