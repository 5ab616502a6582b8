"""
An OpenID Connect provider as its client sees it: authorization code flow with PKCE.

OpenID Connect Core 1.0 §3.1, RFC 7636 (S256), RFC 6749. What it knows of itself is read when it is
first needed and kept; its keys are read again when a token is signed by one that is not known.
"""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlencode

import aiohttp
import jwt
import structlog

from config.access import OidcSettings

from .errors import ProviderUnavailable, SignOnFailed

log = structlog.get_logger()

PATIENCE = aiohttp.ClientTimeout(total=10)
LEEWAY = 60  # seconds that its clock may differ from ours
LARGEST = 256 * 1024  # bytes of an answer
_ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384"})
"""Signatures that only the provider can make; never "none", never one by a shared secret."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What we keep of one log-in until the browser is back."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> Self:
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))

    @property
    def challenge(self) -> str:
        """RFC 7636 §4.2."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


class OidcProvider:
    """To be closed; it opens nothing before it is asked."""

    def __init__(self, settings: OidcSettings) -> None:
        self._settings = settings
        self._issuer = str(settings.issuer).rstrip("/")
        self._http: aiohttp.ClientSession | None = None
        self._metadata: dict[str, Any] | None = None
        self._keys: jwt.PyJWKSet | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._http is not None:
            await self._http.close()

    @property
    def redirect_uri(self) -> str:
        return f"{str(self._settings.public_url).rstrip('/')}/api/v1/sessions/oidc/callback"

    async def authorization_url(self, attempt: Attempt) -> str:
        """Where the browser goes. Raises ProviderUnavailable."""
        metadata = await self._about()
        query = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": " ".join(self._settings.scopes),
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        endpoint = str(metadata["authorization_endpoint"])
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"

    async def claims(self, attempt: Attempt, code: str) -> dict[str, Any]:
        """
        What the provider says of who has logged in, by the code that the browser brought.

        Raises SignOnFailed and ProviderUnavailable.
        """
        tokens = await self._exchange(attempt, code)
        claims = await self._verified(str(tokens.get("id_token", "")))
        if claims.get("nonce") != attempt.nonce:
            raise SignOnFailed("the ID token is not of this log-in")
        audience = claims["aud"]
        several = isinstance(audience, list) and len(audience) > 1
        if several and claims.get("azp") != self._settings.client_id:
            raise SignOnFailed("the ID token was made for somebody else")
        if self._settings.agent_claim not in claims or (
            self._settings.roles_claim is not None and self._settings.roles_claim not in claims
        ):
            claims = {**await self._user_info(tokens, claims["sub"]), **claims}
        return claims

    async def _exchange(self, attempt: Attempt, code: str) -> dict[str, Any]:
        """RFC 6749 §4.1.3, RFC 7636 §4.5."""
        settings = self._settings
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": attempt.verifier,
        }
        headers = {}
        if settings.client_secret is None:
            form["client_id"] = settings.client_id
        else:  # RFC 6749 §2.3.1: both are form-encoded first
            secret = quote(settings.client_secret.get_secret_value(), safe="")
            both = f"{quote(settings.client_id, safe='')}:{secret}"
            headers["Authorization"] = f"Basic {base64.b64encode(both.encode()).decode()}"
        endpoint = (await self._about())["token_endpoint"]
        return await self._ask("POST", endpoint, data=form, headers=headers)

    async def _verified(self, id_token: str) -> dict[str, Any]:
        """OpenID Connect Core 1.0 §3.1.3.7."""
        metadata = await self._about()
        offered = metadata.get("id_token_signing_alg_values_supported", ["RS256"])
        try:
            claims: dict[str, Any] = jwt.decode(
                id_token,
                await self._key_of(id_token),
                algorithms=sorted(_ALGORITHMS.intersection(offered)),
                audience=self._settings.client_id,
                issuer=metadata["issuer"],
                leeway=LEEWAY,
                options={"require": ["iss", "sub", "aud", "exp", "iat"]},
            )
        except (jwt.PyJWTError, ValueError) as error:
            log.warning("api.id_token_refused", reason=str(error))
            raise SignOnFailed("the provider's ID token does not hold") from error
        return claims

    async def _key_of(self, id_token: str) -> jwt.PyJWK:
        """Raises SignOnFailed if no key of the provider's has signed it."""
        key_id = jwt.get_unverified_header(id_token).get("kid")
        for fresh in (False, True):
            if self._keys is None or fresh:
                found = await self._ask("GET", (await self._about())["jwks_uri"])
                self._keys = jwt.PyJWKSet.from_dict(found)
            keys = [
                key
                for key in self._keys.keys
                if key_id in {None, key.key_id} and key.public_key_use in {None, "sig"}
            ]
            if len(keys) == 1:
                return keys[0]
        raise SignOnFailed("the ID token is signed by no key of the provider's")

    async def _user_info(self, tokens: dict[str, Any], subject: str) -> dict[str, Any]:
        """OpenID Connect Core 1.0 §5.3: claims that are not in the token, of the same person."""
        endpoint = (await self._about()).get("userinfo_endpoint")
        if endpoint is None:
            return {}
        headers = {"Authorization": f"Bearer {tokens.get('access_token', '')}"}
        found = await self._ask("GET", endpoint, headers=headers)
        if found.get("sub") != subject:
            raise SignOnFailed("the provider tells of somebody else")
        return found

    async def _about(self) -> dict[str, Any]:
        """OpenID Connect Discovery 1.0 §4."""
        if self._metadata is None:
            found = await self._ask("GET", f"{self._issuer}/.well-known/openid-configuration")
            if str(found.get("issuer", "")).rstrip("/") != self._issuer:
                raise ProviderUnavailable("the provider calls itself otherwise than the settings")
            if not {"authorization_endpoint", "token_endpoint", "jwks_uri"} <= found.keys():
                raise ProviderUnavailable("the provider does not say where it is asked")
            self._metadata = found
        return self._metadata

    async def _ask(self, method: str, url: str, **more: Any) -> dict[str, Any]:
        """Its answer, a JSON object. Raises ProviderUnavailable, and SignOnFailed for a refusal."""
        if self._http is None:
            self._http = aiohttp.ClientSession(timeout=PATIENCE)
        try:
            async with self._http.request(method, url, allow_redirects=False, **more) as answer:
                raw, status = await _whole(answer), answer.status
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("api.provider_unavailable", url=url, reason=str(error))
            raise ProviderUnavailable("the OpenID Connect provider does not answer") from error
        found = _object(raw)
        if status in {400, 401, 403}:
            log.warning("api.provider_refused", url=url, status=status, error=found.get("error"))
            raise SignOnFailed("the provider refused this log-in")
        if status != 200:
            raise ProviderUnavailable(f"the OpenID Connect provider answers {status}")
        return found


async def _whole(answer: aiohttp.ClientResponse) -> bytes:
    """The body; of one that is larger than any of a provider's, its beginning."""
    raw = b""
    async for piece in answer.content.iter_chunked(16 * 1024):
        raw += piece
        if len(raw) > LARGEST:
            break
    return raw


def _object(raw: bytes) -> dict[str, Any]:
    """Empty for what is no JSON object."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
