"""The Python package `openai`, and the streaming sample of Microsoft's page, against the simulator."""

import base64
import json
import subprocess
from pathlib import Path

import openai
import pytest
from azure.identity import get_bearer_token_provider
from openai import AzureOpenAI, OpenAI
from stand_ins import SimulatorCredential, png_size, write_png

HERE = Path(__file__).parent
API_VERSION = "2025-04-01-preview"


def token_provider():
    return get_bearer_token_provider(SimulatorCredential(), "https://cognitiveservices.azure.com/.default")


def nightly(*values: object) -> list:
    return [pytest.param(value, marks=pytest.mark.nightly) for value in values]


@pytest.fixture(params=["classic key", "v1 token", *nightly("classic token", "v1 key")])
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


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = [bytes(value for x in range(1024) for value in (x % 256, y % 256, (x * y) % 256)) for y in range(1024)]
    return write_png(tmp_path_factory.mktemp("edit") / "picture.png", rows, 1024, alpha=False)


@pytest.fixture(scope="module")
def mask(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Open in the right half."""
    row = b"\0\0\0\xff" * 512 + b"\0\0\0\0" * 512
    return write_png(tmp_path_factory.mktemp("edit") / "mask.png", [row] * 1024, 1024, alpha=True)


def shares_alike(first: Path, second: Path) -> tuple[float, float]:
    """The shares of pixels that are the same in two pictures, in the left and in the right half; sharp decodes them."""
    script = """
        import sharp from "sharp";
        const [one, other] = await Promise.all(process.argv.slice(1).map((path) => sharp(path).removeAlpha().raw().toBuffer()));
        const alike = [0, 0];
        for (let pixel = 0; pixel < 1024 * 1024; pixel++) {
          const at = pixel * 3;
          if (one.compare(other, at, at + 3, at, at + 3) === 0) alike[pixel % 1024 < 512 ? 0 : 1]++;
        }
        console.log(JSON.stringify(alike.map((count) => count / (512 * 1024))));
    """
    command = ["node", "--input-type=module", "--eval", script, str(first), str(second)]
    return tuple(json.loads(subprocess.check_output(command, cwd=HERE)))


@pytest.mark.parametrize("count", [3, *nightly(1)])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("streamed", [False, True])
def test_edits(
    client: OpenAI, picture: Path, mask: Path, tmp_path: Path, count: int, masked: bool, streamed: bool
) -> None:
    answer = client.images.edit(
        model="gpt-image-1",
        image=[open(picture, "rb") for _ in range(count)] if count > 1 else open(picture, "rb"),
        prompt="a forest in autumn",
        quality="low",
        **({"mask": open(mask, "rb")} if masked else {}),
        **({"stream": True, "partial_images": 1} if streamed else {}),
    )
    if streamed:
        events = list(answer)
        assert [event.type for event in events] == ["image_edit.partial_image", "image_edit.completed"]
        pictures = [event.b64_json for event in events]
        usage = events[-1].usage
    else:
        pictures = [image.b64_json for image in answer.data]
        usage = answer.usage
    assert usage.input_tokens_details.image_tokens == 194 * count
    for index, encoded in enumerate(pictures):
        result = tmp_path / f"{index}.png"
        result.write_bytes(base64.b64decode(encoded))
        kept, changed = shares_alike(picture, result)
        assert changed < 0.05
        assert kept == 1 if masked else kept < 0.05


def test_a_mask_without_alpha_is_refused(endpoint: str, picture: Path) -> None:
    client = AzureOpenAI(azure_endpoint=endpoint, api_key="simulator-key", api_version=API_VERSION, max_retries=0)
    with pytest.raises(openai.BadRequestError, match="mask image missing alpha channel"):
        client.images.edit(
            model="gpt-image-1", image=open(picture, "rb"), mask=open(picture, "rb"), prompt="a lake"
        )


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


def test_the_quickstart_with_a_deployment_of_ones_own(default_endpoint: str, picture: Path) -> None:
    client = AzureOpenAI(azure_endpoint=default_endpoint, api_key="simulator-key", api_version=API_VERSION)
    made = client.images.generate(model="my-images", prompt="a mountain lake", n=1, size="1024x1024")
    assert png_size(base64.b64decode(made.data[0].b64_json)) == (1024, 1024)
    edited = client.images.edit(model="my-images", image=open(picture, "rb"), prompt="a lake", quality="low")
    assert len(edited.data) == 1
    v1 = OpenAI(base_url=f"{default_endpoint}/openai/v1/", api_key="simulator-key")
    assert len(v1.images.generate(model="my-images", prompt="a lake", quality="low").data) == 1
    response = v1.responses.create(
        model="my-chat",
        input="Draw a lake",
        tools=[{"type": "image_generation", "quality": "low"}],
        extra_headers={"x-ms-oai-image-generation-deployment": "my-images"},
    )
    assert [item.type for item in response.output] == ["image_generation_call", "message"]
    model = v1.models.retrieve("gpt-image-2")
    assert (model.id, model.object, model.owned_by) == ("gpt-image-2", "model", "system")
    assert all(model.created > 0 and model.owned_by for model in v1.models.list())
    assert all(model.created > 0 for model in client.models.list())


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
