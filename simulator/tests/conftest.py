"""What the tests of the Python clients share."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

CLI = Path(__file__).parent.parent / "dist" / "cli.js"


def run_command(*options: str) -> Iterator[str]:
    """Runs the command as a user would, and yields the address that it prints."""
    process = subprocess.Popen(
        ["node", str(CLI), "--port", "0", "--latency", "0", *options], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    yield process.stdout.readline().split()[-1]
    process.terminate()
    process.wait()


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """A resource that is as strict as Azure."""
    yield from run_command("--strict-deployments")


@pytest.fixture(scope="module")
def default_endpoint() -> Iterator[str]:
    """A resource without options: every name is a deployment."""
    yield from run_command()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "nightly: runs only with `npm run test:all`")
