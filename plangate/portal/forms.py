"""Reading what a portal form sends, and telling our own forms from everybody else's.

A form carries a token made from the secret that the browser holds for the visit (or that is in the link): another
site knows neither. What the browser says about where a form came from is checked beside it.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlsplit

from plangate.http.body import read_body
from plangate.http.head import Head
from plangate.http.problems import Problem
from plangate.portal.views import CSRF_FIELD

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from starlette.datastructures import Headers
    from starlette.requests import Request

FORM: Final = "application/x-www-form-urlencoded"
LONGEST: Final = 16 * 1024
"""Bytes of a form."""
SECONDS: Final = 10.0
MOST_FIELDS: Final = 20

_PURPOSE: Final = b"plangate portal form v1"
_SAME: Final = frozenset({"same-origin", "none"})


def form_token(secret: str) -> str:
    """The token of every form that belongs to this secret; it does not give the secret away."""
    return hmac.new(secret.encode(), _PURPOSE, hashlib.sha256).hexdigest()


async def read_form(request: Request, secret: str, public_url: str) -> dict[str, str]:
    """Read one of our own forms; raises `Problem` 403 for a stranger's, 4xx for what is no form of ours.

    `secret` is what the token was made from, `public_url` one of the origins that are ours.
    """
    _demand_our_page(request.headers, public_url)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise Problem("FORM_NEEDED", "Send the form.", 415)
    body = await read_body(Head(request.headers.raw), request.receive, max_bytes=LONGEST, seconds=SECONDS)
    fields = _fields(body)
    token = fields.pop(CSRF_FIELD, "")
    if not hmac.compare_digest(token.encode(), form_token(secret).encode()):
        raise Problem("FORM_NOT_OURS", "Send the form from its page.", 403)
    return fields


def _demand_our_page(headers: Headers, public_url: str) -> None:
    """Refuse what a browser says came from another site.

    Our pages send no referrer, and so browsers say `Origin: null` of them: then only `Sec-Fetch-Site` tells.
    """
    site, origins = headers.get("sec-fetch-site"), headers.getlist("origin")
    known = origins in ([], ["null"]) or (len(origins) == 1 and _ours(origins[0], headers, public_url))
    if not known or (site is not None and site not in _SAME):
        raise Problem("FORM_NOT_OURS", "Send the form from its page.", 403)


def _ours(origin: str, headers: Headers, public_url: str) -> bool:
    try:
        sent, own = urlsplit(origin), urlsplit(public_url)
    except ValueError:
        return False
    return bool(sent.netloc) and ((sent.scheme, sent.netloc) == (own.scheme, own.netloc) or _same_host(sent, headers))


def _same_host(sent: SplitResult, headers: Headers) -> bool:
    """A proxy may end TLS, so the scheme of the request does not count."""
    return sent.scheme in ("http", "https") and headers.getlist("host") == [sent.netloc]


def _fields(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS, separator="&"
        )
    except ValueError:
        raise Problem("FORM_UNREADABLE", "This is no form of ours.", 400) from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Problem("FORM_UNREADABLE", "A field is there twice.", 400)
    return fields
