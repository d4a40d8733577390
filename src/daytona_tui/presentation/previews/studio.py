"""Works on hostile contents in a process of its own: colours for text, and pictures made small.

Run as a program, never imported for its work: decoders of pictures have had holes, and expressions that find keywords
can take for ever; here that costs this process, which has little memory, little time and nothing to betray. It imports
nothing of ours, so that it starts as fast as it can. Standard input: the contents. Standard output: the result.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

MEMORY_BYTES = 1024 * 1024 * 1024
CPU_S = 10
MAX_PIXELS = 80_000_000
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP")
_LETTERS = (
    ("Comment", "d"),
    ("Keyword", "a"),
    ("Operator.Word", "a"),
    ("Literal.String", "g"),
    ("Literal.Number", "b"),
    ("Name.Function", "s"),
    ("Name.Class", "s"),
    ("Name.Tag", "a"),
    ("Name.Attribute", "b"),
    ("Name.Decorator", "b"),
    ("Name.Builtin", "b"),
    ("Name.Constant", "b"),
    ("Generic.Heading", "s"),
    ("Generic.Subheading", "s"),
    ("Generic.Deleted", "r"),
    ("Generic.Inserted", "g"),
)
"""Kinds of token and the letter that stands for each; ``n`` for all others."""


def colours(name: str, text: str) -> tuple[str, list[str]]:
    """Return the language of a program and, for each line, runs such as ``a3n12``: letters and numbers of characters.

    Both are empty for a language that is not known.

    Args:
        name: of the file.
        text: its lines, without control characters.
    """
    from pygments.lexers import find_lexer_class_for_filename, get_lexer_by_name  # noqa: PLC0415
    from pygments.util import ClassNotFound  # noqa: PLC0415

    kind = find_lexer_class_for_filename(name)
    try:
        lexer = kind(stripnl=False, ensurenl=False) if kind else get_lexer_by_name(_shell_of(text), stripnl=False)
    except ClassNotFound:
        return "", []
    if lexer.name in ("Text only", "Text output"):
        return "", []
    lines: list[list[tuple[str, int]]] = [[]]
    for token, value in lexer.get_tokens(text):
        letter = _letter(str(token).removeprefix("Token."))
        for number, piece in enumerate(value.split("\n")):
            if number:
                lines.append([])
            if piece:
                _extend(lines[-1], letter, len(piece))
    return lexer.name, ["".join(f"{letter}{length}" for letter, length in line) for line in lines]


def _extend(line: list[tuple[str, int]], letter: str, length: int) -> None:
    if line and line[-1][0] == letter:
        length += line.pop()[1]
    line.append((letter, length))


def picture(data: bytes, columns: int, rows: int, *, as_png: bool) -> tuple[dict[str, object], bytes]:
    """Return what a picture is, and a small one of it.

    Args:
        data: the file.
        columns: cells across.
        rows: cells down, each two points high.
        as_png: return a PNG for the terminal to draw, instead of points of four bytes.
    """
    import io  # noqa: PLC0415
    import warnings  # noqa: PLC0415

    from PIL import Image, ImageOps  # noqa: PLC0415

    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    box = (columns * 10, rows * 20) if as_png else (columns, rows * 2)
    image, is_cut = _loaded(data, box)
    told: dict[str, object] = {"format": image.format or "", "is_cut": is_cut}
    with Image.open(io.BytesIO(data), formats=FORMATS) as whole:
        told |= {"width": whole.width, "height": whole.height, "frames": 1 if is_cut else getattr(whole, "n_frames", 1)}
    image = ImageOps.exif_transpose(image)
    if image.mode not in ("L", "LA", "RGB", "RGBA"):
        image = image.convert("RGBA")
    small = _fitted(image, box).convert("RGBA")  # made small first: of millions of points that takes seconds
    told["columns"], told["rows"] = small.width, small.height
    if not as_png:
        return told, small.tobytes()
    out = io.BytesIO()
    small.save(out, "PNG")
    return told, out.getvalue()


def _loaded(data: bytes, box: tuple[int, int]) -> tuple[Image, bool]:
    """Return a picture with all the points that there are, and whether its end is missing."""
    import io  # noqa: PLC0415

    from PIL import Image, ImageFile  # noqa: PLC0415

    def opened() -> Image.Image:
        image: Image.Image = Image.open(io.BytesIO(data), formats=FORMATS)
        if image.width * image.height > MAX_PIXELS:
            raise ValueError("too many points")
        image.draft("RGB", box)
        return image

    image = opened()
    try:
        image.load()
    except (OSError, SyntaxError):
        # It may still be written, or be half of a download: what is there can be seen.
        ImageFile.LOAD_TRUNCATED_IMAGES = True
        image = opened()
        image.load()
        if image.getbbox() is None:
            raise
        return image, True
    return image, False


def _fitted(image: Image, box: tuple[int, int]) -> Image:
    scale = min(box[0] / image.width, box[1] / image.height, 1.0)
    across, down = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return image.resize((across, down), reducing_gap=2.0) if scale < 1 else image


def _letter(token: str) -> str:
    return next((letter for kind, letter in _LETTERS if token.startswith(kind)), "n")


def _shell_of(text: str) -> str:
    """Return the name of the language that the first line of a script asks for."""
    first = text.partition("\n")[0]
    if not first.startswith("#!"):
        return ""
    words = first[2:].replace("/usr/bin/env -S", "").split()
    program = next((word.rpartition("/")[2] for word in reversed(words[:2]) if not word.startswith("-")), "")
    return program.rstrip("0123456789.")


def _confine() -> None:
    import resource  # noqa: PLC0415

    bounds = {
        resource.RLIMIT_AS: MEMORY_BYTES,
        resource.RLIMIT_CPU: CPU_S,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
    }
    for what, most in bounds.items():
        with contextlib.suppress(ValueError, OSError):  # not every system knows, or lets, each of them
            resource.setrlimit(what, (most, most))
    os.nice(5)


def main(words: list[str]) -> int:
    """Do what ``words`` say: ``colours NAME``, ``points COLUMNS ROWS`` or ``png COLUMNS ROWS``."""
    _confine()
    data = sys.stdin.buffer.read()
    if words[0] == "colours":
        result = json.dumps(colours(words[1], data.decode("utf-8", "replace"))).encode()
    else:
        told, points = picture(data, int(words[1]), int(words[2]), as_png=words[0] == "png")
        result = json.dumps(told).encode() + b"\n" + points
    sys.stdout.buffer.write(result)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
