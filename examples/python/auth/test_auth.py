"""The plugin without a gateway, against a token service in this process."""

from __future__ import annotations

import json
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from auth import Auth
from oarlock_pdk.testing import Request, Result, run

CONSUMERS = {"ann": {"id": "c-1", "username": "ann"}}


class TokenService(BaseHTTPRequestHandler):
    """Knows two tokens: of ann, and of somebody that the gateway does not know. `Bearer broken` breaks it."""

    def do_GET(self) -> None:
        token = self.headers["authorization"]
        known = {"Bearer a": {"username": "ann"}, "Bearer z": {"username": "zoe"}}.get(token)
        body = json.dumps(known or {}).encode()
        self.send_response(500 if token == "Bearer broken" else 200 if known else 401)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


class Access(unittest.TestCase):
    service: ThreadingHTTPServer
    thread: threading.Thread

    @classmethod
    def setUpClass(cls) -> None:
        cls.service = ThreadingHTTPServer(("127.0.0.1", 0), TokenService)
        cls.thread = threading.Thread(target=cls.service.serve_forever, kwargs={"poll_interval": 0.02})
        cls.thread.start()

    @classmethod
    def tearDownClass(cls) -> None:
        cls.service.shutdown()
        cls.thread.join()
        cls.service.server_close()

    def ask(self, token: str | None, url: str | None = None) -> Result:
        config: dict[str, Any] = {"url": url or f"http://127.0.0.1:{self.service.server_port}/owner"}
        request = Request(headers={"authorization": token} if token else {})
        answers = {"kong.client.load_consumer": lambda name, by_username: CONSUMERS.get(name)}
        return run(Auth, "access", config=config, request=request, answers=answers)

    def test_who_brings_a_token_becomes_its_consumer_and_the_token_stays_here(self) -> None:
        result = self.ask("Bearer a")
        assert result.outcome == "done"
        assert result.exchange.consumer == CONSUMERS["ann"]
        assert result.request_headers["x-consumer-username"] == "ann"
        assert "authorization" not in result.request_headers

    def test_no_token_an_unknown_one_and_an_unknown_consumer_are_401(self) -> None:
        for token in (None, "Bearer b", "Bearer z"):
            with self.subTest(token=token):
                result = self.ask(token)
                assert (result.outcome, result.status) == ("exit", 401)
                assert result.headers["www-authenticate"] == "Bearer"
                assert result.exchange.consumer is None

    def test_a_service_that_fails_or_is_not_there_is_503(self) -> None:
        for token, url in (("Bearer broken", None), ("Bearer a", "http://127.0.0.1:1/")):
            with self.subTest(url=url):
                assert self.ask(token, url).status == 503


if __name__ == "__main__":
    unittest.main()
