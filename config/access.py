"""Who may come in, and by what."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, HttpUrl, SecretStr

from .section import Section

Role = Literal["agent", "supervisor", "auditor", "admin", "field", "wall"]


class OidcSettings(Section):
    """An OpenID Connect provider (single sign-on): authorization code flow with PKCE."""

    issuer: HttpUrl = Field(description="Where /.well-known/openid-configuration is found.")
    client_id: str
    client_secret: SecretStr | None = Field(
        default=None, description="None for a public client, which PKCE alone protects."
    )
    public_url: HttpUrl = Field(
        description="Ours as browsers see it; register <it>/api/v1/sessions/oidc/callback there."
    )
    scopes: tuple[str, ...] = ("openid", "profile")
    agent_claim: str = Field(
        default="preferred_username", description="The claim that is our agent's id."
    )
    roles_claim: str | None = Field(
        default=None, description="The claim that names roles or groups; None: roles are ours."
    )
    roles: Mapping[str, Role] = Field(
        default={}, description="Our role for each value of roles_claim that means one."
    )


class AccessSettings(Section):
    """Passwords, second factors and single sign-on."""

    password_length: Annotated[int, Field(ge=8, le=64)] = Field(
        default=10, description="Characters that a password must have at least."
    )
    second_factor_for: tuple[Role, ...] = Field(
        default=(), description="Roles that need an authenticator app beside the password."
    )
    oidc: OidcSettings | None = None
