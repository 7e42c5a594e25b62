"""Functions beside image generation: the Python packages `openai` and `openai-agents` against the simulator."""

import asyncio
import base64
import json

import openai
import pytest
from agents import Agent, ImageGenerationTool, ModelSettings, OpenAIResponsesModel, Runner, function_tool, set_tracing_disabled
from openai import AsyncOpenAI, OpenAI
from openai.types.responses import Response
from stand_ins import png_size

IMAGE_DEPLOYMENT = {"x-ms-oai-image-generation-deployment": "gpt-image-1"}
IMAGE_TOOL = {"type": "image_generation", "quality": "low"}
WEATHER_TOOL = {
    "type": "function",
    "name": "get_weather",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
    "strict": True,
}
QUESTION = "Get the weather in Oslo and draw it"


def options(endpoint: str) -> dict:
    return {"base_url": f"{endpoint}/openai/v1/", "api_key": "simulator-key", "default_headers": IMAGE_DEPLOYMENT}


def create(client: OpenAI, streamed: bool, **request: object) -> Response:
    request = {"model": "gpt-4.1", "tools": [WEATHER_TOOL, IMAGE_TOOL], **request}
    if not streamed:
        return client.responses.create(**request)
    with client.responses.stream(**request) as stream:
        return stream.get_final_response()


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("stored", [False, True])
def test_a_function_is_called_and_the_image_is_drawn(endpoint: str, streamed: bool, stored: bool) -> None:
    client = OpenAI(**options(endpoint))
    first = create(client, streamed, input=QUESTION, store=stored)
    (call,) = first.output
    assert (call.type, call.name, json.loads(call.arguments)) == ("function_call", "get_weather", {"city": "Oslo"})

    reply = {"type": "function_call_output", "call_id": call.call_id, "output": "snow"}
    if stored:
        second = create(client, streamed, input=[reply], previous_response_id=first.id)
    else:
        kept = call.model_dump(mode="json", exclude_none=True, exclude={"parsed_arguments"})
        second = create(client, streamed, input=[{"role": "user", "content": QUESTION}, kept, reply], store=False)
    assert png_size(base64.b64decode(second.output[0].result)) == (1024, 1024)
    assert "snow" in second.output[0].revised_prompt
    assert second.output_text == "get_weather returned: snow. Here is your picture."


def test_an_output_needs_its_call(endpoint: str) -> None:
    client = OpenAI(**options(endpoint), max_retries=0)
    with pytest.raises(openai.BadRequestError, match="No tool call found for function call output with call_id call_x"):
        create(client, False, input=[{"type": "function_call_output", "call_id": "call_x", "output": ""}])


@pytest.mark.parametrize("streamed", [False, True])
def test_an_agent_of_the_agents_package_calls_a_function_and_draws(endpoint: str, streamed: bool) -> None:
    set_tracing_disabled(True)
    cities: list[str] = []

    @function_tool
    def get_weather(city: str) -> str:
        """Returns the weather of a city."""
        cities.append(city)
        return f"Snow in {city}"

    async def run() -> tuple[str, list]:
        agent = Agent(
            name="Painter",
            instructions="Paint the weather.",
            model=OpenAIResponsesModel("gpt-4.1", AsyncOpenAI(**options(endpoint))),
            model_settings=ModelSettings(extra_headers=IMAGE_DEPLOYMENT),
            tools=[get_weather, ImageGenerationTool(tool_config=IMAGE_TOOL)],
        )
        if not streamed:
            result = await Runner.run(agent, QUESTION)
        else:
            result = Runner.run_streamed(agent, QUESTION)
            async for _ in result.stream_events():
                pass
        return result.final_output, [item.raw_item for item in result.new_items]

    final_output, items = asyncio.run(run())
    assert cities == ["Oslo"]
    assert final_output == "get_weather returned: Snow in Oslo. Here is your picture."
    (picture,) = [item.result for item in items if getattr(item, "type", None) == "image_generation_call"]
    assert png_size(base64.b64decode(picture)) == (1024, 1024)
