"""The pages of :mod:`.oidc_provider`, and the claims that it tells; Django imports it by name."""

from typing import Any

from django.contrib.auth.views import LoginView  # type: ignore[import-untyped]
from django.urls import include, path  # type: ignore[import-untyped]
from oauth2_provider.oauth2_validators import OAuth2Validator  # type: ignore[import-untyped]

urlpatterns = [
    path("o/", include("oauth2_provider.urls")),
    path("accounts/login/", LoginView.as_view()),
]


class Claims(OAuth2Validator):  # type: ignore[misc]
    oidc_claim_scope = None

    def get_additional_claims(self, request: Any) -> dict[str, Any]:
        return {
            "preferred_username": request.user.get_username(),
            "groups": sorted(group.name for group in request.user.groups.all()),
        }
