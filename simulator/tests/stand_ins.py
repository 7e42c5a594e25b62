"""A stand-in for the credential of Azure, and helpers to write and read PNG files."""

import struct
import time
import zlib
from pathlib import Path

from azure.core.credentials import AccessToken


class SimulatorCredential:
    """A stand-in for `DefaultAzureCredential`, which is asked for tokens of one scope."""

    def __init__(self, scope: str = "https://cognitiveservices.azure.com/.default") -> None:
        self.scope = scope

    def get_token(self, *scopes: str, **_: object) -> AccessToken:
        assert scopes == (self.scope,)
        return AccessToken("simulator-token", int(time.time()) + 3600)


def png_size(picture: bytes) -> tuple[int, int]:
    """The width and height of a PNG that begins and ends as one must."""
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert picture.endswith(b"IEND\xaeB`\x82")
    return struct.unpack(">II", picture[16:24])


def write_png(path: Path, rows: list[bytes], width: int, alpha: bool) -> Path:
    """Writes a PNG of raw rows."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, len(rows), 8, 6 if alpha else 2, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows), 1)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b""))
    return path
