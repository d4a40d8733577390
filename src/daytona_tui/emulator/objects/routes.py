"""The routes of the object storage: HEAD, GET and PUT of objects, and objects in parts, as S3 has them."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from daytona_tui.emulator.objects.bucket import BUCKET, REGION, Bucket
from daytona_tui.emulator.objects.refusal import ObjectError, document
from daytona_tui.emulator.objects.shelf import LARGEST, LARGEST_PART
from daytona_tui.emulator.objects.signature import signature_of

PREFIX = "/objects"
"""Path below which the storage lies; a client puts the bucket's name behind it."""

_PIECE = 1 << 18
_LONGEST_KEY = 1024
_LONGEST_NUMBER = 6
_LONGEST_LIST = 4 << 20
_PART = re.compile(r"<Part>(.*?)</Part>", re.DOTALL)
_NUMBER = re.compile(r"<PartNumber>\s*(\d{1,5})\s*</PartNumber>")
_ETAG = re.compile(r"<ETag>\s*(?:\"|&quot;)?([0-9a-f]{32})(?:\"|&quot;)?\s*</ETag>")

_Act = Callable[[web.Request, str], Awaitable[web.StreamResponse]]


class ObjectRoutes:
    """Answers a client that pushes files for a build; nobody is let in without a signature.

    Args:
        bucket: what is pushed into.
    """

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        path = f"{PREFIX}/{{bucket}}/{{key:.+}}"
        return [
            web.head(path, self.head),
            web.get(path, self.get, allow_head=False),
            web.put(path, self.put),
            web.post(path, self.post),
            web.delete(path, self.delete),
        ]

    async def head(self, request: web.Request) -> web.StreamResponse:
        """Answer whether an object is there."""
        return await self._answered(request, self._head)

    async def get(self, request: web.Request) -> web.StreamResponse:
        """Answer an object."""
        return await self._answered(request, self._get)

    async def put(self, request: web.Request) -> web.StreamResponse:
        """Take in an object, or a part of one."""
        return await self._answered(request, self._put)

    async def post(self, request: web.Request) -> web.StreamResponse:
        """Begin an object in parts (``uploads``), or put it together (``uploadId``)."""
        return await self._answered(request, self._post)

    async def delete(self, request: web.Request) -> web.StreamResponse:
        """Give an object in parts up (``uploadId``); whole ones cannot be deleted with such credentials."""
        return await self._answered(request, self._delete)

    async def _answered(self, request: web.Request, act: _Act) -> web.StreamResponse:
        try:
            return await act(request, self._admitted(request))
        except ObjectError as error:
            return error.answer(request.method)
        except OSError as error:
            return ObjectError(500, "InternalError", f"It could not be kept: {error.strerror}").answer(request.method)

    def _admitted(self, request: web.Request) -> str:
        """Return the key that a request is for, if who sends it may use that."""
        signature = signature_of(request)
        found = self._bucket.passes.find(signature.access_key)
        if found is None:
            raise ObjectError(403, "InvalidAccessKeyId", "The access key does not exist in our records")
        if not signature.is_of(request, found.secret):
            raise ObjectError(403, "SignatureDoesNotMatch", "The signature does not match the one we calculated")
        if not found.shows(request.headers.get("x-amz-security-token", "")):
            raise ObjectError(400, "InvalidToken", "The provided token is malformed or otherwise invalid")
        if self._bucket.passes.has_expired(found):
            raise ObjectError(400, "ExpiredToken", "The provided token has expired")
        if signature.scope[1] != REGION:
            raise ObjectError(400, "AuthorizationHeaderMalformed", f"The region is wrong; expecting '{REGION}'")
        bucket, key = request.match_info["bucket"], request.match_info["key"]
        if bucket != BUCKET:
            raise ObjectError(404, "NoSuchBucket", "The specified bucket does not exist")
        if len(key.encode("utf-8", "surrogatepass")) > _LONGEST_KEY:
            raise ObjectError(400, "KeyTooLongError", "Your key is too long")
        if not key.startswith(f"{found.organization_id}/"):
            raise ObjectError(403, "AccessDenied", "Access Denied")
        return key

    async def _head(self, _request: web.Request, key: str) -> web.StreamResponse:
        size = (await self._file(key)).stat().st_size
        return web.Response(headers={"Content-Length": str(size), "Last-Modified": "Thu, 01 Jan 1970 00:00:00 GMT"})

    async def _get(self, _request: web.Request, key: str) -> web.StreamResponse:
        return web.FileResponse(await self._file(key))

    async def _file(self, key: str) -> Path:
        file = await asyncio.to_thread(self._bucket.shelf.file_of, key)
        if file is None:
            raise ObjectError(404, "NoSuchKey", "The specified key does not exist.")
        return file

    async def _put(self, request: web.Request, key: str) -> web.StreamResponse:
        shelf, upload_id = self._bucket.shelf, request.query.get("uploadId")
        written = await asyncio.to_thread(shelf.incoming)
        try:
            digest = await _receive(request, written, LARGEST if upload_id is None else LARGEST_PART)
            if upload_id is None:
                await asyncio.to_thread(shelf.put, key, written)
            else:
                word = request.query.get("partNumber", "")
                number = int(word) if word.isascii() and word.isdigit() and len(word) < _LONGEST_NUMBER else 0
                await asyncio.to_thread(shelf.put_part, key, upload_id, number, written)
        finally:
            await asyncio.to_thread(written.unlink, missing_ok=True)
        return web.Response(headers={"ETag": f'"{digest}"'})

    async def _post(self, request: web.Request, key: str) -> web.StreamResponse:
        shelf, told = self._bucket.shelf, {"Bucket": BUCKET, "Key": key}
        body = await _received(request)
        if "uploads" in request.query:
            upload_id = await asyncio.to_thread(shelf.begin, key)
            return document("InitiateMultipartUploadResult", {**told, "UploadId": upload_id})
        upload_id = request.query.get("uploadId", "")
        wanted = []
        for part in _PART.findall(body.decode("utf-8", "replace")):
            number, tag = _NUMBER.search(part), _ETAG.search(part)
            if number is None or tag is None:
                raise ObjectError(400, "MalformedXML", "The XML that was provided is not well-formed")
            wanted.append((int(number[1]), tag[1]))
        await asyncio.to_thread(shelf.complete, key, upload_id, wanted)
        return document("CompleteMultipartUploadResult", {**told, "ETag": f'"{upload_id}-{len(wanted)}"'})

    async def _delete(self, request: web.Request, key: str) -> web.StreamResponse:
        if "uploadId" not in request.query:
            raise ObjectError(403, "AccessDenied", "Access Denied")
        await asyncio.to_thread(self._bucket.shelf.abort, key, request.query["uploadId"])
        return web.Response(status=204)


async def _receive(request: web.Request, target: Path, largest: int) -> str:
    """Write a body to a file and return its MD5; what is not what was signed is refused."""
    sha256, md5, size = hashlib.sha256(), hashlib.md5(usedforsecurity=False), 0
    if (request.content_length or 0) > largest:
        raise ObjectError(400, "EntityTooLarge", f"At most {largest} bytes are taken")
    with await asyncio.to_thread(target.open, "wb") as file:
        async for piece in request.content.iter_chunked(_PIECE):
            size += len(piece)
            if size > largest:
                raise ObjectError(400, "EntityTooLarge", f"At most {largest} bytes are taken")
            sha256.update(piece)
            md5.update(piece)
            await asyncio.to_thread(file.write, piece)
    _check_digest(request, sha256.hexdigest())
    return md5.hexdigest()


async def _received(request: web.Request) -> bytes:
    """Return a short body."""
    body = bytearray()
    async for piece in request.content.iter_chunked(_PIECE):
        body += piece
        if len(body) > _LONGEST_LIST:
            raise ObjectError(400, "MalformedXML", "The list of parts is too long")
    _check_digest(request, hashlib.sha256(body).hexdigest())
    return bytes(body)


def _check_digest(request: web.Request, digest: str) -> None:
    said = request.headers.get("x-amz-content-sha256", "")
    if said not in (digest, "UNSIGNED-PAYLOAD"):
        raise ObjectError(400, "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' does not match")
