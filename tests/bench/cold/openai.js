import OpenAI from "openai";

const client = new OpenAI({ baseURL: `${location.origin}/api/azure/openai/v1`, apiKey: "key", dangerouslyAllowBrowser: true, maxRetries: 0 });
await client.images.generate({ model: "gpt-image-1", prompt: "A lake" }).catch(() => {});
