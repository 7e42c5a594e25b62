// Node imports this before a program (`--import`), and writes what the program makes of WebAssembly.

for (const name of ["compile", "instantiate"]) {
  const real = WebAssembly[name];
  WebAssembly[name] = (source, ...rest) => {
    // Not by the console, which development servers pass on to the page.
    process.stderr.write(`WebAssembly.${name}: ${source.byteLength} bytes\n`);
    return real(source, ...rest);
  };
}
