//! The build steps that are Rust: `cargo run -p xtask -- bindgen IN.wasm OUT_DIR`.
//!
//! `wasm-bindgen` runs through its library, because the library builds in half a minute, is pinned by
//! `Cargo.lock` to the version that the crate uses, and needs no binary to be downloaded.

mod reach;
mod split;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use walrus::Module;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["bindgen", input, output] => match bindgen(input, output) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("xtask: wasm-bindgen failed on {input}: {error}");
                ExitCode::FAILURE
            }
        },
        _ => {
            eprintln!("usage: cargo run -p xtask -- bindgen IN.wasm OUT_DIR");
            ExitCode::from(2)
        }
    }
}

/// The exports of `src/wasm/other_calls.rs`, whose code is in the second module.
const LATER: [&str; 11] = [
    "__wbg_inspector_free",
    "client_describeEndpoint",
    "client_embedsImages",
    "client_encodeBase64",
    "client_estimate",
    "client_inspector",
    "client_provideJudge",
    "client_start",
    "client_validate",
    "inspector_finish",
    "inspector_read",
];

/// Writes the JavaScript glue, its types and the processed module of `input` into `output`.
fn bindgen(input: &str, output: &str) -> Result<(), Box<dyn std::error::Error>> {
    let linked = fs::read(input)?;
    let stem = Path::new(input).file_stem().unwrap_or_default().to_string_lossy();
    Bindgen::new()
        .input_bytes(&stem, reach::without_relocations(&linked)?)
        .web(true)?
        .typescript(true)
        // The facade knows where the module is: one place, for bundlers to find and for errors to name.
        .omit_default_module_path(true)
        .remove_producers_section(true)
        // After a panic the facade makes a fresh instance; this is the only way to get one.
        .reset_state_function(true)
        .generate(output)?;
    let glue = Path::new(output).join(format!("{stem}.js"));
    let first = Path::new(output).join(format!("{stem}_bg.wasm"));
    shorten(&glue, &first)?;
    let (early, later) = split::split(&fs::read(&first)?, &reach::late(&linked, &LATER)?, &LATER)?;
    fs::write(first, early)?;
    fs::write(Path::new(output).join(format!("{stem}_more.wasm")), later)?;
    guard(&glue)
}

/// Shortens the names of the imports, and of the closures among the exports. Only the glue uses them, and both files
/// contain them.
fn shorten(glue: &Path, module: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let mut text = fs::read_to_string(glue)?;
    let mut wasm = Module::from_file(module)?;
    let mut replace = |from: &str, to: &str| {
        if text.matches(from).count() == 0 {
            return Err(format!("{from} does not stand in the glue: wasm-bindgen has changed"));
        }
        text = text.replace(from, to);
        Ok(())
    };
    for (index, import) in wasm.imports.iter_mut().enumerate() {
        let name = short(index);
        replace(&format!("        {}: function(", import.name), &format!("        {name}: function("))
            .or_else(|_| replace(&format!("        {}: ", import.name), &format!("        {name}: ")))?;
        if index == 0 {
            replace(&format!("\"{}\": import0", import.module), "a: import0")?;
        }
        import.module = "a".into();
        import.name = name;
    }
    let closures = wasm.exports.iter_mut().filter(|export| export.name.starts_with("wasm_bindgen__"));
    for (index, export) in closures.enumerate() {
        let name = short(index);
        replace(&format!("wasm.{}(", export.name), &format!("wasm.{name}("))?;
        export.name = name;
    }
    wasm.emit_wasm_file(module)?;
    fs::write(glue, text)?;
    Ok(())
}

/// Returns a name of letters: a, b, …, z, ba, bb, …
fn short(index: usize) -> String {
    let letter = char::from(b'a' + (index % 26) as u8);
    if index < 26 { letter.into() } else { format!("{}{letter}", short(index / 26)) }
}

/// Where the glue takes the exports of an instance: at the start, and behind a defect.
const TAKEN: [&str; 2] = ["wasm = instance.exports;", "wasm = wasmInstance.exports;"];

/// The property descriptor of the instance number of an object. It must not inherit `get` from a polluted `Object.prototype`.
const DESCRIPTOR: &str = "{ value: __wbg_instance_id, writable: true }";

/// Links the second module to the present instance of the first one.
const EXTEND: &str = "
export async function extend(module) {
    const first = wasmInstance;
    const { exports } = await WebAssembly.instantiate(module, { __proto__: null, ...__wbg_get_imports(), b: first.exports });
    if (first === wasmInstance) extended(exports);
}
";

const EXTEND_TYPE: &str = "
/** Adds the functions of the second module, unless the first one has been started again meanwhile. */
export function extend(module: WebAssembly.Module): Promise<void>;
";

/// Lets the glue call the exports through `guarded` of `js/core/guard.ts`, so that no trap goes unheard: `wasm-bindgen` itself tells of
/// none.
fn guard(glue: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let mut text = fs::read_to_string(glue)?;
    for taken in TAKEN {
        if text.matches(taken).count() != 1 {
            return Err(format!("{taken} does not stand in the glue once: wasm-bindgen has changed").into());
        }
        let exports = taken.trim_start_matches("wasm = ").trim_end_matches(';');
        text = text.replace(taken, &format!("wasm = guarded({exports});"));
    }
    if !text.contains(DESCRIPTOR) {
        return Err(format!("{DESCRIPTOR} does not stand in the glue: wasm-bindgen has changed").into());
    }
    text = text.replace(DESCRIPTOR, "{ __proto__: null, value: __wbg_instance_id, writable: true }");
    fs::write(glue, format!("import {{ extended, guarded }} from \"../core/guard.js\";\n{text}{EXTEND}"))?;
    let mut types = fs::OpenOptions::new().append(true).open(glue.with_extension("d.ts"))?;
    types.write_all(EXTEND_TYPE.as_bytes())?;
    Ok(())
}
