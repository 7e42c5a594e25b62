"""The Python package `litellm`, which speaks the protocols of MAI and FLUX models, against the simulator."""

import base64
import hashlib
import json
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from stand_ins import png_size, write_png

HERE = Path(__file__).parent
LOCK = HERE / "litellm.lock"
CACHE = HERE.parent.parent / "node_modules" / ".cache" / "litellm"

pytestmark = pytest.mark.nightly


@pytest.fixture(scope="module")
def litellm_python() -> Path:
    """The Python of an environment with litellm. It is too large for the environment of the other tests."""
    environment = CACHE / hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]
    python = environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    complete = environment / "complete"
    if not complete.exists():
        venv.create(environment, clear=True, with_pip=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--require-hashes", "-r", LOCK], check=True)
        complete.touch()
    return python


@pytest.fixture(scope="module")
def results(endpoint: str, litellm_python: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    rows = [bytes(value for x in range(640) for value in (x % 256, y % 256, 99)) for y in range(480)]
    image = write_png(tmp_path_factory.mktemp("litellm") / "image.png", rows, 640, alpha=False)
    output = subprocess.check_output([litellm_python, HERE / "litellm_calls.py", endpoint, image], text=True)
    return json.loads(output.splitlines()[-1])


@pytest.mark.parametrize(
    ("call", "size"),
    [("flux png", (512, 512)), ("mai generation", (1360, 768)), ("mai edit", (1168, 880))],
)
def test_png(results: dict[str, str], call: str, size: tuple[int, int]) -> None:
    assert png_size(base64.b64decode(results[call])) == size


@pytest.mark.parametrize("call", ["flux generation", "flux edit"])
def test_jpeg(results: dict[str, str], call: str) -> None:
    image = base64.b64decode(results[call])
    assert image.startswith(b"\xff\xd8\xff")
    assert image.endswith(b"\xff\xd9")


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("rate limit", "RateLimitError"),
        ("moderation", "BadRequestError"),
        ("filtered prompt", "BadRequestError"),
        ("unknown deployment", "NotFoundError"),
    ],
)
def test_errors_have_their_classes(results: dict[str, str], call: str, error: str) -> None:
    assert results[call] == error
