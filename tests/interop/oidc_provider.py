"""
An OpenID Connect provider that nobody here wrote: Django OAuth Toolkit, as a program.

``python -m tests.interop.oidc_provider FOLDER REDIRECT_URI`` prints its issuer, and serves until
it is ended. People log in with the form of Django's own accounts.
"""

import sys
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

CLIENT, SECRET = "hotline", "a secret: with % signs & a colon"
PASSWORD = "swallows over water"
PEOPLE = {"li": ["desk"], "zhao": ["desk", "leads"], "stranger": ["desk"], "wang": ["kitchen"]}
"""Who has an account there, and in which groups."""

FORM = (
    "<form method=post>{% csrf_token %}{{ form.as_p }}"
    "<input type=hidden name=next value='{{ next }}'></form>"
)


def configure(folder: Path) -> None:
    from django.conf import settings  # type: ignore[import-untyped]

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    settings.configure(
        SECRET_KEY="of a test",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="tests.interop.oidc_site",
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        LOGIN_URL="/accounts/login/",
        DATABASES={
            "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "django.db")}
        },
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "oauth2_provider",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {
                    "loaders": [
                        ("django.template.loaders.locmem.Loader", {"registration/login.html": FORM})
                    ]
                },
            }
        ],
        OAUTH2_PROVIDER={
            "OIDC_ENABLED": True,
            "OIDC_RSA_PRIVATE_KEY": pem,
            "PKCE_REQUIRED": True,
            "SCOPES": {"openid": "who", "profile": "name and groups"},
            "OAUTH2_VALIDATOR_CLASS": "tests.interop.oidc_site.Claims",
        },
    )


def populate(redirect_uri: str) -> None:
    from django.contrib.auth.models import Group, User  # type: ignore[import-untyped]
    from django.core.management import call_command  # type: ignore[import-untyped]
    from oauth2_provider.models import Application  # type: ignore[import-untyped]

    call_command("migrate", verbosity=0)
    for name, groups in PEOPLE.items():
        user = User.objects.create_user(name, password=PASSWORD)
        user.groups.set([Group.objects.get_or_create(name=group)[0] for group in groups])
    Application.objects.create(
        client_id=CLIENT,
        client_secret=SECRET,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        redirect_uris=redirect_uri,
        skip_authorization=True,
        algorithm=Application.RS256_ALGORITHM,
    )


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def main(folder: Path, redirect_uri: str) -> None:
    configure(folder)
    import django  # type: ignore[import-untyped]

    django.setup()
    populate(redirect_uri)
    from django.core.wsgi import get_wsgi_application  # type: ignore[import-untyped]

    server = make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet)
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}/o\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
