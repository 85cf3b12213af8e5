"""Byte streams to plugin servers."""
