//! Splits a module into two: one that a page loads first, and one that is loaded when a call needs it. Both share the memory and the
//! table.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::error::Error;
use std::ops::Range;

use walrus::ir::{self, Visitor};
use walrus::{
    ConstExpr, DataKind, ElementItems, ElementKind, ExportItem, FunctionId, FunctionKind, GlobalKind, ImportKind,
    ImportedFunction, LocalFunction, Module, RefType, TableId,
};

use crate::reach::Late;

/// Name of the first module in the imports of the second one.
const FIRST: &str = "b";

/// Splits a module. The second one has the functions that are reachable only from the exports `gates` and through the `late` slots of the
/// function table. It imports the rest from the first one.
pub fn split(bytes: &[u8], late: &Late, gates: &[&str]) -> Result<(Vec<u8>, Vec<u8>), Box<dyn Error>> {
    let mut first = Module::from_buffer(bytes)?;
    let mut second = Module::from_buffer(bytes)?;
    let early: HashSet<usize> = early_functions(&first, &late.slots, gates)?.into_iter().map(|id| id.index()).collect();

    // The first module: without the gates and the late slots.
    for name in gates {
        let id =
            first.exports.iter().find(|export| export.name == *name).ok_or_else(|| format!("no export {name}"))?.id();
        first.exports.delete(id);
    }
    set_slots(&mut first, |slot| !late.slots.contains(&slot))?;

    // The second one: only the gates and the late slots.
    let others = second.exports.iter().filter(|export| !gates.contains(&export.name.as_str()));
    for id in others.map(walrus::Export::id).collect::<Vec<_>>() {
        second.exports.delete(id);
    }
    second.start = None;
    set_slots(&mut second, |slot| late.slots.contains(&slot))?;
    move_data(&mut first, &mut second, &late.data)?;
    share(&mut first, &mut second, &early, fingerprint(bytes))?;
    for module in [&mut first, &mut second] {
        walrus::passes::gc::run(module);
    }
    // Exports that the second module does not use are removed.
    let used: HashSet<String> =
        second.imports.iter().filter(|import| import.module == FIRST).map(|import| import.name.clone()).collect();
    let unused = first.exports.iter().filter(|export| is_shared(&export.name) && !used.contains(&export.name));
    for id in unused.map(walrus::Export::id).collect::<Vec<_>>() {
        first.exports.delete(id);
    }
    walrus::passes::gc::run(&mut first);
    Ok((first.emit_wasm(), second.emit_wasm()))
}

/// Names that start with a digit are those of the shared functions.
fn is_shared(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_digit())
}

/// Returns the functions that are reachable without the gates and the late slots.
fn early_functions(
    module: &Module,
    late: &HashSet<u32>,
    gates: &[&str],
) -> Result<HashSet<FunctionId>, Box<dyn Error>> {
    let mut open: Vec<FunctionId> = module.start.into_iter().collect();
    open.extend(module.exports.iter().filter(|export| !gates.contains(&export.name.as_str())).filter_map(|export| {
        match export.item {
            ExportItem::Function(id) => Some(id),
            _ => None,
        }
    }));
    open.extend(slots(module)?.1.into_iter().filter(|(slot, _)| !late.contains(slot)).map(|(_, id)| id));
    let mut seen: HashSet<FunctionId> = open.iter().copied().collect();
    while let Some(id) = open.pop() {
        let FunctionKind::Local(function) = &module.funcs.get(id).kind else { continue };
        for called in functions_in(function) {
            if seen.insert(called) {
                open.push(called);
            }
        }
    }
    Ok(seen)
}

fn functions_in(function: &LocalFunction) -> Vec<FunctionId> {
    struct Found(Vec<FunctionId>);
    impl<'instr> Visitor<'instr> for Found {
        fn visit_function_id(&mut self, function: &FunctionId) {
            self.0.push(*function);
        }
    }
    let mut found = Found(Vec::new());
    ir::dfs_in_order(&mut found, function, function.entry_block());
    found.0
}

/// Returns the function table and its slots.
fn slots(module: &Module) -> Result<(TableId, BTreeMap<u32, FunctionId>), Box<dyn Error>> {
    let table =
        module.tables.iter().find(|table| table.element_ty == RefType::FUNCREF).ok_or("no function table")?.id();
    let mut slots = BTreeMap::new();
    for element in module.elements.iter() {
        let ElementKind::Active { table: of, offset: ConstExpr::Value(ir::Value::I32(start)) } = element.kind else {
            return Err("a segment of the table without a constant place".into());
        };
        let ElementItems::Functions(functions) = &element.items else {
            return Err("a segment without functions".into());
        };
        if of == table {
            slots.extend((u32::try_from(start)?..).zip(functions.iter().copied()));
        }
    }
    Ok((table, slots))
}

/// Keeps some of the slots of the function table.
fn set_slots(module: &mut Module, keep: impl Fn(u32) -> bool) -> Result<(), Box<dyn Error>> {
    let (table, slots) = slots(module)?;
    for id in module.elements.iter().map(walrus::Element::id).collect::<Vec<_>>() {
        module.elements.delete(id);
    }
    module.tables.get_mut(table).elem_segments.clear();
    let mut runs: Vec<(u32, Vec<FunctionId>)> = Vec::new();
    for (slot, function) in slots.into_iter().filter(|(slot, _)| keep(*slot)) {
        match runs.last_mut() {
            Some((start, functions)) if *start + u32::try_from(functions.len())? == slot => functions.push(function),
            _ => runs.push((slot, vec![function])),
        }
    }
    for (start, functions) in runs {
        let offset = ConstExpr::Value(ir::Value::I32(i32::try_from(start)?));
        let id = module.elements.add(ElementKind::Active { table, offset }, ElementItems::Functions(functions));
        module.tables.get_mut(table).elem_segments.insert(id);
    }
    Ok(())
}

/// Moves data from the first module to the second one, whose other data is removed.
fn move_data(first: &mut Module, second: &mut Module, late: &[Range<u32>]) -> Result<(), Box<dyn Error>> {
    for id in second.data.iter().map(walrus::Data::id).collect::<Vec<_>>() {
        second.data.delete(id);
    }
    second.memories.iter_mut().for_each(|memory| memory.data_segments.clear());
    let memory = second.memories.iter().next().ok_or("no memory")?.id();
    for id in first.data.iter().map(walrus::Data::id).collect::<Vec<_>>() {
        let data = first.data.get_mut(id);
        let DataKind::Active { offset: ConstExpr::Value(ir::Value::I32(start)), .. } = data.kind else {
            return Err("data without a constant place".into());
        };
        let start = u32::try_from(start)?;
        for range in late {
            let Some(at) = range.start.checked_sub(start) else { continue };
            let Some(bytes) = data.value.get_mut(at as usize..(range.end - start) as usize) else { continue };
            let offset = ConstExpr::Value(ir::Value::I32(i32::try_from(range.start)?));
            let id = second.data.add(DataKind::Active { memory, offset }, bytes.to_vec());
            second.memories.get_mut(memory).data_segments.insert(id);
            // A new memory is zero, so that these bytes are left out of the file.
            bytes.fill(0);
        }
    }
    Ok(())
}

/// Exports the memory, the tables, the globals and the early functions from the first module, and imports them into the second one.
fn share(
    first: &mut Module,
    second: &mut Module,
    early: &HashSet<usize>,
    fingerprint: u64,
) -> Result<(), Box<dyn Error>> {
    let mut count = 0;
    let mut name = || {
        count += 1;
        count.to_string()
    };
    for (memory, of_second) in first.memories.iter().map(walrus::Memory::id).zip(second.memories.iter_mut()) {
        // Modules of different builds must not share a memory.
        let name = format!("{fingerprint:x}");
        let name = format!("0{name}");
        first.exports.add(&name, memory);
        of_second.import = Some(second.imports.add(FIRST, &name, ImportKind::Memory(of_second.id())));
    }
    for (table, of_second) in first.tables.iter().map(walrus::Table::id).zip(second.tables.iter_mut()) {
        let name = name();
        first.exports.add(&name, table);
        of_second.import = Some(second.imports.add(FIRST, &name, ImportKind::Table(of_second.id())));
    }
    let globals: HashMap<usize, _> = first.globals.iter().map(|global| (global.id().index(), global.id())).collect();
    for id in second.globals.iter().map(walrus::Global::id).collect::<Vec<_>>() {
        let Some(global) = globals.get(&id.index()) else { continue };
        let name = name();
        first.exports.add(&name, *global);
        second.globals.get_mut(id).kind = GlobalKind::Import(second.imports.add(FIRST, &name, ImportKind::Global(id)));
    }
    for (function, of_second) in first.funcs.iter().map(walrus::Function::id).zip(second.funcs.iter_mut()) {
        let FunctionKind::Local(local) = &of_second.kind else { continue };
        if !early.contains(&function.index()) {
            continue;
        }
        let name = name();
        first.exports.add(&name, function);
        let import = second.imports.add(FIRST, &name, ImportKind::Function(of_second.id()));
        of_second.kind = FunctionKind::Import(ImportedFunction { import, ty: local.ty() });
    }
    Ok(())
}

/// FNV-1a.
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
