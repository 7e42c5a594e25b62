"""The Python packages `azure-ai-projects` and `openai`, and the samples of the page of the image tool, against the simulator."""

import base64
import json
import os
import subprocess
from pathlib import Path

import openai
import pytest
from azure.ai.projects import AIProjectClient
from azure.ai.projects.models import ImageGenTool, PromptAgentDefinition
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.core.pipeline import PipelineRequest
from azure.core.pipeline.policies import BearerTokenCredentialPolicy
from openai import OpenAI
from stand_ins import SimulatorCredential, png_size

SCOPE = "https://ai.azure.com/.default"
DATED = {"api-version": "2025-11-15-preview"}
IMAGE_DEPLOYMENT = {"x-ms-oai-image-generation-deployment": "gpt-image-1"}


class LoopbackPolicy(BearerTokenCredentialPolicy):
    """Sends the token to loopback without TLS, which the package otherwise refuses."""

    def on_request(self, request: PipelineRequest) -> None:
        request.context.options["enforce_https"] = False
        super().on_request(request)


@pytest.fixture
def project(endpoint: str, request: pytest.FixtureRequest) -> str:
    """The endpoint of a project of each test's own."""
    return f"{endpoint}/api/projects/{request.node.name.replace('[', '-').replace(']', '').replace(' ', '-')}"


@pytest.fixture
def project_client(project: str) -> AIProjectClient:
    credential = SimulatorCredential(SCOPE)
    return AIProjectClient(
        endpoint=project, credential=credential, authentication_policy=LoopbackPolicy(credential, SCOPE), retry_total=0
    )


def painter(**options: object) -> PromptAgentDefinition:
    return PromptAgentDefinition(model="gpt-4.1", instructions="Paint.", tools=[ImageGenTool(quality="low", **options)])


def test_the_python_sample_of_the_page(
    project: str, project_client: AIProjectClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sample as it stands; it names the agent as the older, dated route wants it, so that is the endpoint."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AZURE_AI_MODEL_DEPLOYMENT_NAME", "gpt-4.1")
    openai_client = project_client.get_openai_client(base_url=f"{project}/openai", default_query=DATED)

    with project_client:
        agent = project_client.agents.create_version(
            agent_name="MyAgent",
            definition=PromptAgentDefinition(
                model=os.environ["AZURE_AI_MODEL_DEPLOYMENT_NAME"],
                instructions="Generate images based on user prompts",
                tools=[ImageGenTool(quality="low", size="1024x1024")],
            ),
            description="Agent for image generation.",
        )
        print(f"Agent created (id: {agent.id}, name: {agent.name}, version: {agent.version})")

        response = openai_client.responses.create(
            input="Generate an image of Microsoft logo.",
            extra_headers={
                "x-ms-oai-image-generation-deployment": "gpt-image-1"
            }, # this is required at the moment for image generation
            extra_body={"agent": {"name": agent.name, "type": "agent_reference"}},
        )
        print(f"Response created: {response.id}")

        # Save the image to a file
        image_data = [output.result for output in response.output if output.type == "image_generation_call"]
        if image_data and image_data[0]:
            print("Downloading generated image...")
            filename = "microsoft.png"
            file_path = os.path.abspath(filename)
            with open(file_path, "wb") as f:
                f.write(base64.b64decode(image_data[0]))
            print(f"Image downloaded and saved to: {file_path}")

    assert png_size((tmp_path / "microsoft.png").read_bytes()) == (1024, 1024)


CREATE_AGENT = r"""curl --request POST \
--url $AZURE_AI_FOUNDRY_PROJECT_ENDPOINT/agents/$AGENTVERSION_NAME/versions?api-version=$API_VERSION \
-H "Authorization: Bearer $AGENT_TOKEN" \
-H 'Content-Type: application/json' \
-d '{
"description": "Test agent for image generation capabilities",
"definition": {
"kind": "prompt",
"model": "{{model}}",
"tools": [
{
"type": "image_generation"
}
],
"instructions": "You are a creative assistant that generates images when requested. Please respond to image generation requests clearly and concisely."
}
}'"""

# The page sets a blank into `application`, which cannot be meant.
CREATE_RESPONSE = r"""curl --request POST \
--url $AZURE_AI_FOUNDRY_PROJECT_ENDPOINT/openai/responses?api-version=$API_VERSION \
-H "Authorization: Bearer $AGENT_TOKEN" \
-H 'Content-Type: application/json' \
-H 'x-ms-oai-image-generation-deployment: gpt-image-1' \
-d '{
"agent": {
"type": "agent_reference",
"name": "{{agentVersion.name}}",
"version": "{{agentVersion.version}}"
},
"metadata": {
"test_response": "image_generation_enabled",
"test_scenario": "basic_imagegen"
},
"input": [{
"type": "message",
"role": "user",
"content": [
{
"type": "input_text",
"text": "Please generate small image of a sunset over a mountain lake."
}
]
}],
"background": true,
"stream": false
}'"""


def test_the_curl_samples_of_the_page(project: str) -> None:
    """Both commands; only the placeholders in double braces are filled in."""
    environment = {
        **os.environ,
        "AZURE_AI_FOUNDRY_PROJECT_ENDPOINT": project,
        "AGENTVERSION_NAME": "image-agent",
        "API_VERSION": DATED["api-version"],
        "AGENT_TOKEN": "simulator-token",
    }

    def run(command: str) -> dict:
        return json.loads(subprocess.check_output(f"{command} --silent", shell=True, env=environment))

    agent = run(CREATE_AGENT.replace("{{model}}", "gpt-4.1"))
    assert agent["id"] == "image-agent:1"
    named = CREATE_RESPONSE.replace("{{agentVersion.name}}", agent["name"])
    response = run(named.replace("{{agentVersion.version}}", agent["version"]))
    assert response["status"] in ("queued", "in_progress")
    assert response["metadata"]["test_scenario"] == "basic_imagegen"

    client = OpenAI(base_url=f"{project}/openai", api_key="simulator-token", default_query=DATED)
    finished = wait_for(client, response["id"])
    assert finished.status == "completed"
    assert png_size(picture_of(finished)) == (1024, 1024)


def picture_of(response: openai.types.responses.Response) -> bytes:
    (result,) = [item.result for item in response.output if item.type == "image_generation_call"]
    return base64.b64decode(result)


def wait_for(client: OpenAI, response_id: str) -> openai.types.responses.Response:
    while True:
        response = client.responses.retrieve(response_id)
        if response.status not in ("queued", "in_progress"):
            return response


def test_the_newer_route_takes_agent_reference_and_refuses_agent(project_client: AIProjectClient) -> None:
    agent = project_client.agents.create_version(agent_name="painter", definition=painter(size="1536x1024"))
    client = project_client.get_openai_client()
    reference = {"name": agent.name, "type": "agent_reference", "version": agent.version}
    response = client.responses.create(
        input="Draw a lake", extra_headers=IMAGE_DEPLOYMENT, extra_body={"agent_reference": reference}
    )
    assert png_size(picture_of(response)) == (1536, 1024)
    with pytest.raises(openai.BadRequestError, match="Use 'agent_reference' instead"):
        client.responses.create(input="Draw a lake", extra_headers=IMAGE_DEPLOYMENT, extra_body={"agent": reference})
    with pytest.raises(openai.BadRequestError, match="Not allowed when agent is specified"):
        client.responses.create(
            input="Draw a lake",
            tools=[{"type": "image_generation"}],
            extra_headers=IMAGE_DEPLOYMENT,
            extra_body={"agent_reference": reference},
        )
    with pytest.raises(openai.BadRequestError, match="imagegen deployment must be provided through header"):
        client.responses.create(input="Draw a lake", extra_body={"agent_reference": reference})


def test_agents_are_listed_and_deleted(project_client: AIProjectClient) -> None:
    agents = project_client.agents
    for name in ("a", "b", "c"):
        agents.create_version(agent_name=name, definition=painter())
    second = agents.create_version(agent_name="a", definition=painter(), metadata={"app": "studio"})
    assert (second.version, second.metadata) == ("2", {"app": "studio"})
    assert [agent.name for agent in agents.list(limit=2, order="asc")] == ["a", "b", "c"]
    assert [version.version for version in agents.list_versions(agent_name="a")] == ["2", "1"]
    assert agents.get(agent_name="a").versions.latest.version == "2"
    tool = agents.get_version(agent_name="a", agent_version="1").definition.tools[0]
    assert (tool.type, tool.quality) == ("image_generation", "low")
    agents.delete_version(agent_name="a", agent_version="2")
    assert agents.get(agent_name="a").versions.latest.version == "1"
    agents.delete(agent_name="a")
    with pytest.raises(ResourceNotFoundError):
        agents.get(agent_name="a")
    with pytest.raises(HttpResponseError, match="alphanumeric"):
        agents.create_version(agent_name="-a-", definition=painter())


@pytest.fixture(params=["resource key", "project token"])
def client(request: pytest.FixtureRequest, endpoint: str, project_client: AIProjectClient) -> OpenAI:
    if request.param == "project token":
        return project_client.get_openai_client(max_retries=0)
    return OpenAI(base_url=f"{endpoint}/openai/v1/", api_key="simulator-key", max_retries=0)


TOOL = {"type": "image_generation", "quality": "low", "partial_images": 2}


def test_streams_a_response(client: OpenAI) -> None:
    stream = client.responses.create(
        model="gpt-4.1", input="Draw a lake", tools=[TOOL], stream=True, extra_headers=IMAGE_DEPLOYMENT
    )
    events = list(stream)
    assert [event.sequence_number for event in events] == list(range(len(events)))
    previews = [event for event in events if event.type == "response.image_generation_call.partial_image"]
    assert [png_size(base64.b64decode(preview.partial_image_b64)) for preview in previews] == [(1024, 1024)] * 2
    assert events[-1].type == "response.completed"
    assert png_size(picture_of(events[-1].response)) == (1024, 1024)
    assert events[-1].response.output_text == "Here is your picture."


def test_works_in_the_background(client: OpenAI) -> None:
    queued = client.responses.create(
        model="gpt-4.1", input="Draw a lake", tools=[TOOL], background=True, extra_headers=IMAGE_DEPLOYMENT
    )
    assert queued.status == "queued"
    assert png_size(picture_of(wait_for(client, queued.id))) == (1024, 1024)
    assert client.responses.cancel(queued.id).status == "completed"
    client.responses.delete(queued.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(queued.id)


def test_resumes_a_stream(client: OpenAI) -> None:
    events = list(
        client.responses.create(
            model="gpt-4.1", input="Draw a lake", tools=[TOOL], background=True, stream=True, extra_headers=IMAGE_DEPLOYMENT
        )
    )
    resumed = list(client.responses.retrieve(events[0].response.id, stream=True, starting_after=4))
    assert [event.to_dict() for event in resumed] == [event.to_dict() for event in events[5:]]


def test_converses_and_edits(client: OpenAI) -> None:
    conversation = client.conversations.create(metadata={"app": "studio"})
    ask = {"model": "gpt-4.1", "tools": [TOOL], "conversation": conversation.id, "extra_headers": IMAGE_DEPLOYMENT}
    first = client.responses.create(input="Draw a lake", **ask)
    second = client.responses.create(input="Make it autumn", **ask)
    assert (first.output[0].action, second.output[0].action) == ("generate", "edit")
    assert len(client.conversations.items.list(conversation.id).data) == 6
    assert len(client.responses.input_items.list(second.id).data) == 1
    assert client.conversations.delete(conversation.id).deleted


def test_keeps_files(client: OpenAI) -> None:
    made = client.files.create(file=("a.txt", b"some text"), purpose="assistants")
    assert client.files.content(made.id).read() == b"some text"
    assert made.id in [file.id for file in client.files.list()]
    assert client.files.delete(made.id).deleted


def test_failures_of_a_response(client: OpenAI) -> None:
    def draw(words: str, **options: object) -> openai.types.responses.Response:
        return client.responses.create(
            model="gpt-4.1", input=f"Draw a lake {words}", tools=[TOOL], extra_headers=IMAGE_DEPLOYMENT, **options
        )

    assert draw("[call-failed]").output[0].status == "failed"
    assert draw("[response-failed]").error.code == "server_error"
    assert draw("[incomplete=content_filter]").incomplete_details.reason == "content_filter"
    with pytest.raises(openai.BadRequestError, match="content management policy"):
        draw("[content-filter]")
    assert list(draw("[error-in-stream]", stream=True))[-1].code == "server_error"
    with pytest.raises(openai.APIError, match="safety system"):
        list(draw("[moderation-in-stream]", stream=True))
