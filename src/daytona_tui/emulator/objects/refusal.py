"""How an S3 server says no, and the XML that it speaks."""

from __future__ import annotations

from xml.sax.saxutils import escape

from aiohttp import web

XMLNS = "http://s3.amazonaws.com/doc/2006-03-01/"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


class ObjectError(Exception):
    """A refusal of the object storage.

    Attributes:
        status: HTTP status.
        code: S3's word for it, such as ``NoSuchKey``.
        message: what happened, for a person.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def answer(self, method: str) -> web.Response:
        """Return it as a response; that to a HEAD has no body."""
        if method == "HEAD":
            return web.Response(status=self.status)
        return document("Error", {"Code": self.code, "Message": self.message}, status=self.status)


def document(name: str, fields: dict[str, str], *, status: int = 200) -> web.Response:
    """Return an answer of one element with plain fields."""
    inner = "".join(f"<{key}>{escape(value)}</{key}>" for key, value in fields.items())
    space = f' xmlns="{XMLNS}"' if name != "Error" else ""
    return web.Response(text=f"{_HEAD}<{name}{space}>{inner}</{name}>", status=status, content_type="application/xml")
