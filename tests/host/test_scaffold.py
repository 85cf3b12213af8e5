"""What `oarlock plugin` decides without running anything: names, templates, languages, which files changed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from oarlock.cli import main
from oarlock.errors import OarlockError
from oarlock.scaffold import tools, watch
from oarlock.scaffold.create import create
from oarlock.scaffold.errors import InvalidName
from oarlock.scaffold.go import Go
from oarlock.scaffold.javascript import JavaScript
from oarlock.scaffold.names import PluginName
from oarlock.scaffold.python import Python


def test_a_name_is_written_as_each_language_does() -> None:
    name = PluginName("rate-by-key2")
    assert (name.text, name.as_class, name.as_module) == ("rate-by-key2", "RateByKey2", "rate_by_key2")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("RateByKey", "try 'rate-by-key'"),
        ("rate_by_key", "try 'rate-by-key'"),
        ("-x-", "try 'x'"),
        ("2fast", "try 'fast'"),
        ("a--b", "try 'a-b'"),
        ("a" * 41, f"try '{'a' * 40}'"),
        ("../up", "try 'up'"),
        ("", "at most 40 characters"),
        ("ü", "at most 40 characters"),
        ("x\n", "try 'x'"),
        ("kong", "every plugin uses something of that name"),
    ],
)
def test_a_text_that_is_no_name_is_refused_with_a_name_near_it(text: str, hint: str) -> None:
    with pytest.raises(InvalidName) as raised:
        PluginName(text)
    assert str(raised.value).endswith(hint)


@pytest.mark.parametrize("name", ["json", "class", "queue"])
def test_python_has_no_plugin_that_is_called_like_a_module_of_its_own(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidName, match="Python has a keyword or module of that name"):
        create(Python(), PluginName(name), tmp_path / "new")
    assert not (tmp_path / "new").exists()
    create(JavaScript(), PluginName(name), tmp_path / "new")


def test_a_directory_that_exists_is_refused_and_stays_as_it_was(tmp_path: Path) -> None:
    with pytest.raises(OarlockError, match="exists already: name another place with --directory"):
        create(Go(), PluginName("x"), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("language", [Go(), JavaScript(), Python()], ids=lambda language: language.name)
def test_what_is_written_is_recognised_and_has_no_placeholder_left(
    tmp_path: Path, language: Go | JavaScript | Python
) -> None:
    create(language, PluginName("a-b"), tmp_path / "x")
    written = [path for path in (tmp_path / "x").rglob("*") if path.is_file()]
    assert {"README.md", "kong.yaml", "oarlock.yaml", ".gitignore"} <= {path.name for path in written}
    assert [path for path in written if "{{" in path.read_text() or "NAME" in path.name] == []
    assert [one.name for one in (Go(), JavaScript(), Python()) if one.owns(tmp_path / "x")] == [language.name]


def test_a_plugin_uses_the_sdk_of_the_checkout_that_wrote_it_and_else_the_published_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout = tmp_path / "checkout"
    for marker in ("sdk_go/go.mod", "sdk_js/package.json"):
        (checkout / marker).parent.mkdir(parents=True)
        (checkout / marker).touch()
    monkeypatch.setattr(tools, "_CHECKOUT", checkout)
    for place, sdk in ((checkout / "mine", "../../"), (tmp_path / "away", f"{checkout}/")):
        create(Go(), PluginName("x"), place / "go")
        assert f"\nreplace github.com/oarlock/oarlock/sdk_go => {sdk}sdk_go\n" in (place / "go" / "go.mod").read_text()
        create(JavaScript(), PluginName("x"), place / "js")
        package = json.loads((place / "js" / "package.json").read_text())
        assert package["dependencies"] == {"oarlock-pdk": f"file:{sdk}sdk_js"}
    monkeypatch.setattr(tools, "_CHECKOUT", tmp_path / "nowhere")
    create(Go(), PluginName("x"), tmp_path / "go")
    assert "replace" not in (tmp_path / "go" / "go.mod").read_text()
    create(JavaScript(), PluginName("x"), tmp_path / "js")
    assert json.loads((tmp_path / "js" / "package.json").read_text())["dependencies"] == {"oarlock-pdk": "^0.1.0"}


@pytest.mark.parametrize(("language", "program"), [(Go(), "go"), (JavaScript(), "npm")], ids=["go", "js"])
def test_a_missing_toolchain_is_named_with_what_brings_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: Go | JavaScript, program: str
) -> None:
    create(language, PluginName("x"), tmp_path / "x")
    monkeypatch.setattr(tools, "_search_path", lambda: str(tmp_path))
    done = CliRunner().invoke(main, ["plugin", "test", str(tmp_path / "x")])
    assert done.exit_code == 1
    assert f"a plugin in {language.title} needs the program `{program}`, which is not in PATH: install" in done.stderr
    assert "pip install" in done.stderr


def test_a_directory_without_a_plugin_is_refused(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["plugin", "test", str(tmp_path)])
    assert done.exit_code == 1
    assert "holds no plugin: neither go.mod nor package.json nor a *.py file" in done.stderr


@pytest.mark.parametrize(("text", "complaint"), [("[1]", "expected a JSON object"), ("{", "not JSON")])
def test_a_configuration_that_is_no_json_object_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    create(Python(), PluginName("x"), tmp_path / "x")
    done = CliRunner().invoke(main, ["plugin", "run", str(tmp_path / "x"), "--config", text])
    assert done.exit_code == 2
    assert f"Invalid value for --config: {complaint}" in done.stderr


def test_files_that_were_added_changed_and_removed_are_told_and_others_are_not(tmp_path: Path) -> None:
    for name in ("kept.py", "changed.py", "removed.py", "deep/same-size.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("1")
    before = watch.look(tmp_path)
    assert watch.changes(before, watch.look(tmp_path)) == []
    (tmp_path / "changed.py").write_text("22")
    (tmp_path / "removed.py").unlink()
    (tmp_path / "added.py").touch()
    os.utime(tmp_path / "deep" / "same-size.txt", ns=(1, 1))
    for name in (".hidden", "__pycache__/a.pyc", "node_modules/x/index.js", "a.py~", "go.sum", "plugin.log"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "nowhere.py").symlink_to(tmp_path / "gone")
    assert watch.changes(before, watch.look(tmp_path)) == ["added.py", "changed.py", "deep/same-size.txt", "removed.py"]
