"""Runs calls of litellm against the simulator, and prints a JSON object with the outcome of each. Run by test_litellm.py."""

import io
import json
import os
import sys

# Otherwise the import downloads a list of prices.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm

CONNECTION = {"api_base": sys.argv[1], "api_key": "simulator-key", "api_version": "preview", "max_retries": 0}


def generate(model: str, prompt: str, **options: object) -> str:
    return litellm.image_generation(model=f"azure_ai/{model}", prompt=prompt, **options, **CONNECTION).data[0].b64_json


def edit(model: str, images: list[bytes], prompt: str) -> str:
    files = [io.BytesIO(image) for image in images]
    for number, file in enumerate(files):
        file.name = f"image-{number}.png"
    return litellm.image_edit(model=f"azure_ai/{model}", image=files, prompt=prompt, **CONNECTION).data[0].b64_json


def error(prompt: str, model: str = "FLUX.2-pro") -> str:
    try:
        return generate(model, prompt)
    except Exception as raised:
        return type(raised).__name__


with open(sys.argv[2], "rb") as file:
    image = file.read()

print(
    json.dumps(
        {
            "flux generation": generate("FLUX.2-pro", "a fox", size="1024x768", n=1),
            "flux png": generate("flux.2-flex", "a fox", output_format="png", width=512, height=512),
            "flux edit": edit("FLUX.2-pro", [image, image], "a forest in autumn"),
            "mai generation": generate("MAI-Image-2.6", "a fox", size="1360x768"),
            "mai edit": edit("MAI-Image-2.6", [image], "a forest in autumn"),
            "rate limit": error("a fox [status=429]"),
            "moderation": error("a fox [moderation]"),
            "filtered prompt": error("a fox [content-filter]", "MAI-Image-2.6"),
            "unknown deployment": error("a fox", "flux-2-pro-nowhere"),
        }
    )
)
