"""Authenticates a client by asking another HTTP service whose token it brings."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated

import aiohttp

from oarlock_pdk import AsyncKong, Plugin, between


class Auth(Plugin):
    """The service is asked `GET url` with the client's Authorization; 200 with `{"username": …}` is whose it is."""

    name = "auth"
    version = "1.0.0"
    priority = 1100

    @dataclass(frozen=True)
    class Config:
        url: str
        timeout: Annotated[int, between(1, 60_000)] = 1000  # milliseconds for the whole answer

    async def start(self) -> None:
        """One session for all requests of a configuration: it keeps connections to the service open."""
        timeout = aiohttp.ClientTimeout(total=self.config.timeout / 1000)
        self._session = aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar())

    async def stop(self) -> None:
        await self._session.close()

    async def access(self, kong: AsyncKong) -> None:
        token = await kong.request.get_header("authorization")
        try:
            username = await self._owner(token) if token else None
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            kong.log.err("the token service does not answer as it should: ", repr(error))
            await kong.response.exit(503, {"message": "try again later"})
        consumer = await kong.client.load_consumer(username, True) if username else None
        if consumer is None:
            await kong.response.exit(401, {"message": "who are you?"}, {"www-authenticate": "Bearer"})
        kong.client.authenticate(consumer)
        kong.service.request.clear_header("authorization")  # the token is for us, not for the service behind
        kong.service.request.set_header("x-consumer-id", consumer["id"])
        kong.service.request.set_header("x-consumer-username", consumer["username"])

    async def _owner(self, token: str) -> str | None:
        """Return the name that the service knows a token by, or None. Raises ClientError, TimeoutError, ValueError."""
        async with self._session.get(self.config.url, headers={"authorization": token}) as answer:
            body = await answer.read()  # to its end, or the connection could not be used again
            if answer.status in (401, 403, 404):
                return None
            answer.raise_for_status()
        found = json.loads(body)
        username = found.get("username") if isinstance(found, dict) else None
        return username if isinstance(username, str) else None
