"""One module per generated file, each with `render(table) -> str`; `table` reads `pdk.toml`, `model` has its types."""
