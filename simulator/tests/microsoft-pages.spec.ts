/** The curl commands of Microsoft's pages on MAI and FLUX models. Only the hosts and the credentials differ. */

import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import sharp from "sharp";
import { expect, test } from "./fixtures.js";
import { chart } from "./single-image.js";

const execute = promisify(execFile);

/** Stands for `jq -r '.data[0].b64_json'`, which not every machine has. */
const JQ = `node -p 'JSON.parse(fs.readFileSync(0)).data[0].b64_json'`;

interface Command {
  readonly name: string;
  readonly command: string;
  readonly format: "png" | "jpeg";
  readonly size: readonly [width: number, height: number];
}

const fox = `"prompt": "a photograph of a red fox in a forest in autumn", "width": 1024, "height": 1024, "output_format": "jpeg"`;
const mai = `-X POST "$ENDPOINT/mai/v1/images`;
const flux = (path: string) => `-X POST $ENDPOINT/providers/blackforestlabs/v1/${path}?api-version=preview -H "Content-Type: application/json"`;

const commands: readonly Command[] = [
  {
    name: "MAI generations",
    command: `curl ${mai}/generations" -H "Content-Type: application/json" -H "api-key: $AZURE_API_KEY" \\
      -d '{ "model": "'"$DEPLOYMENT_NAME"'", "prompt": "a poster of a university at sunset", "width": 1024, "height": 1024 }'`,
    format: "png",
    size: [1024, 1024],
  },
  {
    name: "MAI generations with a token",
    command: `curl ${mai}/generations" -H "Content-Type: application/json" -H "Authorization: Bearer $AZURE_AUTH_TOKEN" \\
      -d '{ "model": "'"$DEPLOYMENT_NAME"'", "prompt": "a poster of a university at sunset", "width": 1024, "height": 1024 }'`,
    format: "png",
    size: [1024, 1024],
  },
  {
    name: "MAI edits",
    command: `curl ${mai}/edits" -H "api-key: $AZURE_API_KEY" \\
      -F "prompt=turn this image into a product shot" -F "model=$DEPLOYMENT_NAME" -F "image=@image1.png"`,
    format: "png",
    size: [1168, 880],
  },
  {
    name: "FLUX.2 [pro]",
    command: `curl ${flux("flux-2-pro")} -H "Authorization: Bearer $AZURE_API_KEY" -d '{ "model": "FLUX.2-pro", ${fox}, "num_images": 1 }'`,
    format: "jpeg",
    size: [1024, 1024],
  },
  {
    name: "FLUX.2 [pro] with a token",
    command: `curl ${flux("flux-2-pro")} -H "Authorization: Bearer $AZURE_AUTH_TOKEN" -d '{ "model": "FLUX.2-pro", ${fox}, "num_images": 1 }'`,
    format: "jpeg",
    size: [1024, 1024],
  },
  {
    name: "FLUX.2 [pro] with reference images",
    command: `curl ${flux("flux-2-pro")} -H "Authorization: Bearer $AZURE_API_KEY" -d @edit.json`,
    format: "jpeg",
    size: [640, 480],
  },
  {
    name: "FLUX.2 [flex]",
    command: `curl ${flux("flux-2-flex")} -H "Authorization: Bearer $AZURE_API_KEY" \\
      -d '{ "model": "FLUX.2-flex", ${fox}, "seed": 42, "safety_tolerance": 2, "guidance": 1.5, "steps": 10 }'`,
    format: "jpeg",
    size: [1024, 1024],
  },
];

for (const { name, command, format, size } of commands) {
  test(name, async ({ simulator }, info) => {
    const cwd = info.outputPath();
    await mkdir(cwd, { recursive: true });
    const png = await chart(640, 480);
    await writeFile(join(cwd, "image1.png"), png);
    // On the page the base64 is a part of the command.
    const edit = {
      model: "FLUX.2-pro",
      prompt: "apply a moody lighting to all photos",
      output_format: "jpeg",
      input_image: (await chart(640, 480, "jpeg")).toString("base64"),
      input_image_2: png.toString("base64"),
    };
    await writeFile(join(cwd, "edit.json"), JSON.stringify(edit));
    const env = {
      ...process.env,
      ENDPOINT: simulator.url,
      AZURE_API_KEY: "simulator-key",
      AZURE_AUTH_TOKEN: "simulator-token",
      DEPLOYMENT_NAME: "MAI-Image-2.6",
    };
    await execute("bash", ["-o", "pipefail", "-c", `${command} --silent --fail-with-body | ${JQ} | base64 --decode > output`], { cwd, env });
    const [width, height] = size;
    expect(await sharp(await readFile(join(cwd, "output"))).metadata()).toMatchObject({ format, width, height });
    expect(simulator.requests.map(({ status }) => status)).toEqual([200]);
  });
}
