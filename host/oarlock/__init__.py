"""Oarlock, an API gateway whose plugins run outside it."""

__version__ = "0.1.0"
