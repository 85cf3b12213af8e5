"""Programs that others wrote, against a real gateway: curl, h2load, and upstreams that speak TLS."""

from __future__ import annotations

import re
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from support.gateway import Gateway, Upstream, gateway_in, running_upstream
from support.streams import streaming_upstream

SERVICES = """\
services:
  - name: json
    url: {json}
    routes: [{{name: all, paths: [/]}}]
  - name: streams
    url: {streams}
    routes: [{{name: streams, paths: [/streams]}}]
"""


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory, upstream_server: Upstream) -> Iterator[Gateway]:
    with gateway_in(tmp_path_factory.mktemp("g")) as gateway, streaming_upstream() as streams:
        gateway.write(SERVICES.format(json=upstream_server.url, streams=streams), "workers: 2\n")
        yield gateway.start()


def run(tool: str, package: str, *arguments: str, stdin: bytes = b"") -> str:
    """What the tool printed; it must succeed."""
    path = shutil.which(tool)
    if path is None:
        pytest.skip(f"{tool} is not installed: apt-get install {package}")
    done = subprocess.run([path, *arguments], input=stdin, capture_output=True, check=False, timeout=100)
    assert done.returncode == 0, (done.returncode, done.stdout[-2000:], done.stderr[-2000:])
    return done.stdout.decode("latin-1")


def curl(gateway: Gateway, target: str, *arguments: str, stdin: bytes = b"") -> str:
    return run("curl", "curl", "-sS", "-m", "60", *arguments, f"http://127.0.0.1:{gateway.port}{target}", stdin=stdin)


@pytest.fixture
def seen(upstream: Upstream) -> Upstream:
    return upstream


def test_curl_gets_the_head_alone_with_the_length_of_the_body(serving: Gateway) -> None:
    shown = curl(serving, "/head", "-I")
    assert shown.startswith("HTTP/1.1 200 ")
    length = re.search(r"(?m)^content-length: (\d+)\r$", shown)
    assert length is not None
    assert int(length[1]) > 0
    assert shown.endswith("\r\n\r\n")


def test_curl_with_http_1_0_gets_a_body_that_ends_with_the_connection(serving: Gateway, seen: Upstream) -> None:
    shown = curl(serving, "/old", "--http1.0", "-i")
    assert "transfer-encoding" not in shown.lower()
    assert '"target": "/old"' in shown
    shown = curl(serving, "/streams/chunked/100000", "--http1.0", "-i", "-o", "-", "-w", "%{size_download}")
    assert "transfer-encoding" not in shown.lower()
    assert shown.endswith("100000")


def test_curl_uploads_in_chunks_without_knowing_the_length(serving: Gateway) -> None:
    shown = curl(serving, "/streams/count", "-T", "-", "-H", "Expect:", stdin=b"x" * 1_000_000)
    assert shown == "1000000 bytes, chunked\n"


def test_curl_waits_for_100_continue_and_gets_it(serving: Gateway, tmp_path: Path) -> None:
    body = tmp_path / "body"
    body.write_bytes(b"y" * 300_000)
    arguments = ["-T", str(body), "-H", "Expect: 100-continue", "--expect100-timeout", "60", "-i"]
    shown = curl(serving, "/streams/count", *arguments)
    assert shown.startswith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")
    assert shown.endswith("300000 bytes, content-length\n")


def test_curl_takes_a_refusal_instead_of_100_continue(serving: Gateway, tmp_path: Path) -> None:
    body = tmp_path / "body"
    body.write_bytes(b"y" * 300_000)
    arguments = ["-T", str(body), "-H", "Expect: 100-continue", "--expect100-timeout", "60", "-i"]
    shown = curl(serving, "/streams/refuse", *arguments)
    assert shown.startswith("HTTP/1.1 403 ")
    assert "100 Continue" not in shown


def test_curl_gets_chunks_and_trailers(serving: Gateway) -> None:
    shown = curl(serving, "/streams/trailers", "--raw", "-H", "TE: trailers")
    assert shown == "5\r\nhello\r\n0\r\nx-checksum: 5d41\r\n\r\n"
    assert curl(serving, "/streams/trailers", "-i").endswith("\r\n\r\nhellox-checksum: 5d41\r\n")


def test_curl_uses_one_connection_for_many_requests(serving: Gateway) -> None:
    url = f"http://127.0.0.1:{serving.port}"
    more = [f"{url}/streams/chunked/70000", f"{url}/two?x=1", f"{url}/streams/trailers", f"{url}/no-body"]
    shown = curl(serving, "/one", "-o", "/dev/null", "-w", "%{num_connects},%{http_code}\n", *_each_to_null(more))
    assert shown.split() == ["0,200", "0,200", "0,200", "0,200", "1,200"] or shown.split() == [
        "1,200",
        "0,200",
        "0,200",
        "0,200",
        "0,200",
    ]


def _each_to_null(urls: list[str]) -> list[str]:
    return [word for url in urls for word in ("-o", "/dev/null", url)]


def test_curl_posts_a_form_and_a_multipart_body(serving: Gateway, seen: Upstream, tmp_path: Path) -> None:
    curl(serving, "/form", "-d", "a=1", "--data-urlencode", "b=&=")
    part = tmp_path / "part"
    part.write_bytes(bytes(range(256)) * 1000)
    curl(serving, "/multipart", "-F", f"file=@{part}", "-F", "name=value")
    form, multipart = seen.seen
    assert form.body == b"a=1&b=%26%3D"
    assert part.read_bytes() in multipart.body
    assert multipart.headers["content-type"].startswith("multipart/form-data; boundary=")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
def test_curl_sends_other_methods(serving: Gateway, seen: Upstream, method: str) -> None:
    curl(serving, "/m", "-X", method)
    assert seen.seen[0].method == method


def h2load(gateway: Gateway, *arguments: str, target: str = "/load") -> str:
    url = f"http://127.0.0.1:{gateway.port}{target}"
    shown = run("h2load", "nghttp2-client", "--h1", *arguments, url)
    print("\n".join(line for line in shown.splitlines() if line.startswith(("requests:", "status codes:", "finished"))))
    return shown


@pytest.mark.parametrize("arguments", [(), ("-m", "4")], ids=["one at a time", "pipelined"])
def test_h2load_sees_no_failed_request(serving: Gateway, arguments: tuple[str, ...]) -> None:
    shown = h2load(serving, "-n", "3000", "-c", "24", "-t", "1", *arguments)
    assert "3000 total, 3000 started, 3000 done, 3000 succeeded, 0 failed, 0 errored, 0 timeout" in shown
    assert "status codes: 3000 2xx, 0 3xx, 0 4xx, 0 5xx" in shown


def test_h2load_uploads_without_a_failed_request(serving: Gateway, tmp_path: Path) -> None:
    body = tmp_path / "body"
    body.write_bytes(b"z" * 100_000)
    shown = h2load(serving, "-n", "500", "-c", "10", "-t", "1", "-d", str(body), target="/streams/count")
    assert "500 succeeded, 0 failed, 0 errored, 0 timeout" in shown
    assert "status codes: 500 2xx, 0 3xx, 0 4xx, 0 5xx" in shown


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def tls_upstream(authority: trustme.CA) -> Iterator[Upstream]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    with running_upstream(context) as upstream:
        yield upstream


@pytest.mark.parametrize(
    ("host", "knows_authority", "more", "status"),
    [
        ("localhost", True, "", 200),
        ("localhost", False, "", 502),
        ("127.0.0.1", True, "", 502),
        ("localhost", False, "tls_verify: false", 200),
        ("127.0.0.1", False, "tls_verify: false", 200),
    ],
    ids=["verified", "unknown authority", "other name", "not verified", "not verified, other name"],
)
def test_an_https_upstream_is_verified_unless_the_service_says_otherwise(
    gateway: Gateway,
    authority: trustme.CA,
    tls_upstream: Upstream,
    host: str,
    knows_authority: bool,
    more: str,
    status: int,
) -> None:
    tls_upstream.seen.clear()
    bundle = gateway.directory / "authority.pem"
    authority.cert_pem.write_to_path(bundle)
    configuration = (
        f"services:\n  - name: tls\n    url: https://{host}:{tls_upstream.port}\n    retries: 1\n    {more}\n"
        "    routes: [{name: all, paths: [/]}]\n"
    )
    gateway.write(configuration, f"trusted_certificate: {bundle}\n" if knows_authority else "")
    gateway.start()
    for _ in range(2):
        assert gateway.request("/secret", headers={"x-secret": "s3cr3t"}).status == status
    assert len(tls_upstream.seen) == (2 if status == 200 else 0)
