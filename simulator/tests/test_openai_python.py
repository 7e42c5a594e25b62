"""The Python package `openai`, and the streaming sample of Microsoft's page, against the simulator."""

import base64
import struct
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest
from azure.core.credentials import AccessToken
from azure.identity import get_bearer_token_provider
from openai import AzureOpenAI, OpenAI

CLI = Path(__file__).parent.parent / "dist" / "cli.js"
API_VERSION = "2025-04-01-preview"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """Runs the command as a user would, and yields the address that it prints."""
    process = subprocess.Popen(
        ["node", str(CLI), "--port", "0", "--latency", "0"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    yield process.stdout.readline().split()[-1]
    process.terminate()
    process.wait()


class SimulatorCredential:
    """A stand-in for `DefaultAzureCredential`."""

    def get_token(self, *scopes: str, **_: object) -> AccessToken:
        assert scopes == ("https://cognitiveservices.azure.com/.default",)
        return AccessToken("simulator-token", int(time.time()) + 3600)


def token_provider():
    return get_bearer_token_provider(SimulatorCredential(), "https://cognitiveservices.azure.com/.default")


def png_size(picture: bytes) -> tuple[int, int]:
    """The width and height of a PNG that begins and ends as one must."""
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert picture.endswith(b"IEND\xaeB`\x82")
    return struct.unpack(">II", picture[16:24])


@pytest.fixture(params=["classic key", "classic token", "v1 key", "v1 token"])
def client(request: pytest.FixtureRequest, endpoint: str) -> OpenAI:
    match request.param:
        case "classic key":
            return AzureOpenAI(
                azure_endpoint=endpoint, azure_deployment="gpt-image-1", api_key="simulator-key", api_version=API_VERSION
            )
        case "classic token":
            return AzureOpenAI(
                azure_endpoint=endpoint, azure_ad_token_provider=token_provider(), api_version=API_VERSION
            )
        case "v1 key":
            return OpenAI(base_url=f"{endpoint}/openai/v1/", api_key="simulator-key")
        case _:
            return OpenAI(
                base_url=f"{endpoint}/openai/v1/", api_key=token_provider(), default_query={"api-version": "preview"}
            )


def test_generates_a_picture(client: OpenAI) -> None:
    response = client.images.generate(
        model="gpt-image-1", prompt="a mountain lake", size="1024x1536", quality="medium"
    )
    assert png_size(base64.b64decode(response.data[0].b64_json)) == (1024, 1536)
    assert response.usage.output_tokens == 1584
    assert response.size == "1024x1536"


def test_streams_previews_and_the_picture(client: OpenAI) -> None:
    stream = client.images.generate(model="gpt-image-1", prompt="a mountain lake", stream=True, partial_images=3)
    events = list(stream)
    assert [event.type for event in events] == ["image_generation.partial_image"] * 3 + ["image_generation.completed"]
    assert [event.partial_image_index for event in events[:3]] == [0, 1, 2]
    assert all(png_size(base64.b64decode(event.b64_json)) == (1024, 1024) for event in events)
    assert events[-1].usage.output_tokens == 4160 + 300


def test_errors_have_their_classes(endpoint: str) -> None:
    def generate(prompt: str, key: str = "simulator-key", deployment: str = "gpt-image-1") -> None:
        client = AzureOpenAI(azure_endpoint=endpoint, api_key=key, api_version=API_VERSION, max_retries=0)
        client.images.generate(model=deployment, prompt=prompt)

    with pytest.raises(openai.AuthenticationError):
        generate("a lake", key="wrong")
    with pytest.raises(openai.NotFoundError, match="does not exist"):
        generate("a lake", deployment="nowhere")
    with pytest.raises(openai.RateLimitError, match="retry after 7 seconds"):
        generate("a lake [status=429] [retry-after=7]")
    with pytest.raises(openai.BadRequestError, match="safety system"):
        generate("a lake [moderation]")
    with pytest.raises(openai.InternalServerError):
        generate("a lake [status=503]")


def test_the_sample_of_the_page(endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The streaming sample of "How to use Azure OpenAI image generation models"; only endpoint and credential differ."""
    monkeypatch.chdir(tmp_path)
    DefaultAzureCredential = SimulatorCredential

    token_provider = get_bearer_token_provider(
        DefaultAzureCredential(), "https://cognitiveservices.azure.com/.default"
    )

    client = OpenAI(
      base_url = f"{endpoint}/openai/v1/",
      api_key=token_provider,
      default_headers={"api_version":"preview"}
    )

    stream = client.images.generate(
        model="gpt-image-1",
        prompt="A cute baby sea otter",
        n=1,
        size="1024x1024",
        stream=True,
        partial_images = 2
    )

    for event in stream:
        if event.type == "image_generation.partial_image":
            idx = event.partial_image_index
            image_base64 = event.b64_json
            image_bytes = base64.b64decode(image_base64)
            with open(f"river{idx}.png", "wb") as f:
                f.write(image_bytes)

    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["river0.png", "river1.png"]
    assert all(png_size(file.read_bytes()) == (1024, 1024) for file in files)
