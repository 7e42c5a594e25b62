// Node imports this before a program (`--import`), and writes what the program makes of WebAssembly.

for (const name of ["compile", "instantiate"]) {
  const real = WebAssembly[name];
  WebAssembly[name] = (source, ...rest) => {
    console.error(`WebAssembly.${name}: ${source.byteLength} bytes`);
    return real(source, ...rest);
  };
}
