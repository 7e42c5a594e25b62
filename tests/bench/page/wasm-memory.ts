// How much memory WebAssembly has, which no package tells.

const memories: WebAssembly.Memory[] = [];

const { instantiateStreaming } = WebAssembly;
WebAssembly.instantiateStreaming = async (...parameters) => {
  const source = await instantiateStreaming(...parameters);
  const { memory } = source.instance.exports;
  if (memory instanceof WebAssembly.Memory) memories.push(memory);
  return source;
};

/** In bytes. It never shrinks, so this is the most that was ever needed. */
export function wasmMemory(): number {
  return memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0);
}
