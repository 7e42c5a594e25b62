"""Stand-ins for what only Azure has, and a look at its pictures."""

import struct
import time

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
