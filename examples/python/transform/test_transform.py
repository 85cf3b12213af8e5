"""The plugin without a gateway: a body on its way up and back."""

from __future__ import annotations

import json
import unittest
from typing import Any

from oarlock_pdk.testing import Exchange, Request, Response, run
from transform import Transform

JSON = {"content-type": "application/json; charset=utf-8"}
CONFIG: dict[str, Any] = {"add": {"via": "gateway"}, "remove": ["internal"]}


def exchange(body: bytes = b"", answer: bytes = b"", headers: dict[str, str] = JSON) -> Exchange:
    return Exchange(Request("POST", headers=headers, body=body), Response(200, headers, answer))


class Bodies(unittest.TestCase):
    def test_both_bodies_are_changed(self) -> None:
        for facts in (True, False):
            with self.subTest(facts=facts):
                x = exchange(b'{"item": 1}', b'{"id": 7, "internal": true}')
                run(Transform, "access", config=CONFIG, exchange=x, facts=facts)
                run(Transform, "response", config=CONFIG, exchange=x, facts=facts)
                assert json.loads(x.body) == {"item": 1, "via": "gateway"}
                assert json.loads(x.response_body) == {"id": 7}

    def test_what_does_not_claim_to_be_json_passes_unchanged(self) -> None:
        x = exchange(b"{}", b'{"internal": 1}', {"content-type": "text/plain"})
        run(Transform, "access", config=CONFIG, exchange=x)
        run(Transform, "response", config=CONFIG, exchange=x)
        assert (x.body, x.response_body) == (b"{}", b'{"internal": 1}')

    def test_a_request_that_only_claims_to_be_json_is_refused(self) -> None:
        for body in (b"{", b"[1]"):
            with self.subTest(body=body):
                result = run(Transform, "access", config=CONFIG, exchange=exchange(body))
                assert (result.outcome, result.status) == ("exit", 400)

    def test_an_answer_that_only_claims_to_be_json_is_passed_on(self) -> None:
        for answer in (b"", b"[1]"):
            with self.subTest(answer=answer):
                x = exchange(answer=answer)
                run(Transform, "response", config=CONFIG, exchange=x)
                assert x.response_body == answer


if __name__ == "__main__":
    unittest.main()
