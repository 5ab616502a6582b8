"""What anybody may know of the centre, before they log in."""

from .resource import Resource


class LogInWays(Resource):
    """
    How people log in.

    ``second_factor_for``: roles that need an authenticator app; others may have one all the same.
    ``single_sign_on``: where a browser goes to begin it; null where no provider is configured.
    """

    password: bool
    second_factor_for: list[str]
    single_sign_on: str | None


class About(Resource):
    """
    The centre, for a page that nobody has logged in to yet.

    ``languages``: of its prompts, the usual one first ("zh", "en"). ``time_zone``: an IANA name.
    ``region``: where its national numbers are from (ISO 3166-1, two letters). ``demo``: whether it
    is the demonstration: `GET /demo` (:mod:`.demo`) has what its page explains.
    """

    version: str
    languages: list[str]
    time_zone: str
    region: str
    log_in: LogInWays
    demo: bool
