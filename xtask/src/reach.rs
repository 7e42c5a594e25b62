//! Finds the functions that a module reaches only through some of its exports, by the relocations of the linker.

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::ops::Range;

/// The parts of a module that only some of the exports need.
pub struct Late {
    /// Slots of the function table.
    pub slots: HashSet<u32>,
    /// Addresses in the initial memory.
    pub data: Vec<Range<u32>>,
}

use wasmparser::{
    ConstExpr, DataKind, ElementItems, ElementKind, ExternalKind, KnownCustom, Operator, Parser, Payload,
    RelocationEntry, RelocationType, SymbolInfo, TypeRef,
};

/// Something that refers to functions or data.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Node {
    Function(u32),
    /// A data symbol, by its index in the symbol table.
    Data(u32),
}

/// Place of a data symbol.
struct Place {
    /// In the file.
    bytes: Range<usize>,
    /// In the memory.
    addresses: Range<u32>,
}

/// The parts of a linked module that tell what refers to what.
#[derive(Default)]
struct Linked<'a> {
    imported_functions: u32,
    exports: Vec<(&'a str, u32)>,
    /// The ranges of the function bodies in the file, in order.
    bodies: Vec<Range<usize>>,
    code_start: usize,
    /// The ranges of the data segments in the file, and their addresses.
    segments: Vec<(Range<usize>, u32)>,
    data_start: usize,
    symbols: Vec<SymbolInfo<'a>>,
    /// The offset of a relocation in the file, and the relocation.
    code_relocations: Vec<(usize, RelocationEntry)>,
    data_relocations: Vec<(usize, RelocationEntry)>,
    /// The function of each slot of the table.
    slots: HashMap<u32, u32>,
}

/// Returns the slots of the function table and the data that only code behind the exports `late` uses. No other code can reach them: the
/// linker knows of each place in code or data that holds a slot or an address. `module` was linked with `--emit-relocs`.
pub fn late(module: &[u8], late: &[&str]) -> Result<Late, Box<dyn Error>> {
    let linked = read(module)?;
    // `wasm-bindgen` runs the descriptions and removes them.
    let is_late = |name: &str| late.iter().any(|late| name.strip_prefix(late).is_some_and(is_hash));
    let exports = linked.exports.iter().filter(|(name, _)| !name.starts_with("__wbindgen_describe"));
    let (later, earlier): (Vec<_>, Vec<_>) = exports.partition(|(name, _)| is_late(name));
    let reached = |exports: Vec<&(&str, u32)>| {
        linked.reached(exports.into_iter().map(|(_, function)| Node::Function(*function)).collect())
    };
    let (early, late) = (reached(earlier)?, reached(later)?);
    let is_early: HashSet<u32> = early.data.iter().cloned().flatten().collect();
    let mut data: Vec<Range<u32>> = Vec::new();
    let mut addresses: Vec<u32> =
        late.data.iter().cloned().flatten().filter(|address| !is_early.contains(address)).collect();
    addresses.sort_unstable();
    addresses.dedup();
    for address in addresses {
        match data.last_mut() {
            Some(last) if last.end == address => last.end += 1,
            _ => data.push(address..address + 1),
        }
    }
    Ok(Late { slots: linked.slots.keys().copied().filter(|slot| !early.slots.contains(slot)).collect(), data })
}

/// Returns true for what `wasm-bindgen` puts behind the name of an export until it has processed the module.
fn is_hash(rest: &str) -> bool {
    rest.is_empty() || (rest.len() == 17 && rest.starts_with('_'))
}

/// Removes the relocations, which `wasm-bindgen` does not keep up to date.
pub fn without_relocations(module: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut stripped = module.get(..8).unwrap_or_default().to_vec();
    let mut at = 8;
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        let Some((_, range)) = payload.as_section() else { continue };
        let is_of_linker = matches!(&payload, Payload::CustomSection(section)
            if section.name() == "linking" || section.name().starts_with("reloc."));
        if !is_of_linker {
            stripped.extend_from_slice(module.get(at..range.end).unwrap_or_default());
        }
        at = range.end;
    }
    Ok(stripped)
}

fn read(module: &[u8]) -> Result<Linked<'_>, Box<dyn Error>> {
    let mut linked = Linked::default();
    let mut relocations = Vec::new();
    let mut sections = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        if let Some((id, range)) = payload.as_section() {
            sections.push((id, range.start));
        }
        match payload {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    if matches!(import?.ty, TypeRef::Func(_)) {
                        linked.imported_functions += 1;
                    }
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export?;
                    if export.kind == ExternalKind::Func {
                        linked.exports.push((export.name, export.index));
                    }
                }
            }
            Payload::ElementSection(elements) => {
                for element in elements {
                    let element = element?;
                    let ElementKind::Active { offset_expr, .. } = element.kind else { continue };
                    let ElementItems::Functions(functions) = element.items else { continue };
                    for (slot, function) in (u32::try_from(constant(&offset_expr)?)?..).zip(functions) {
                        linked.slots.insert(slot, function?);
                    }
                }
            }
            Payload::CodeSectionStart { range, .. } => linked.code_start = range.start,
            Payload::CodeSectionEntry(body) => linked.bodies.push(body.range()),
            Payload::DataSection(data) => {
                linked.data_start = data.range().start;
                for segment in data {
                    let segment = segment?;
                    let DataKind::Active { offset_expr, .. } = segment.kind else { return Err("passive data".into()) };
                    let address = u32::try_from(constant(&offset_expr)?)?;
                    linked.segments.push((segment.range.end - segment.data.len()..segment.range.end, address));
                }
            }
            Payload::CustomSection(section) => match section.as_known() {
                KnownCustom::Linking(linking) => {
                    for subsection in linking {
                        if let wasmparser::Linking::SymbolTable(symbols) = subsection? {
                            linked.symbols = symbols.into_iter().collect::<Result<_, _>>()?;
                        }
                    }
                }
                KnownCustom::Reloc(entries) => {
                    let section = entries.section_index();
                    let entries = entries.entries().into_iter().collect::<Result<Vec<_>, _>>()?;
                    relocations.push((section, entries));
                }
                _ => {}
            },
            _ => {}
        }
    }
    if linked.symbols.is_empty() {
        return Err("the module has no symbols: it was not linked with --emit-relocs".into());
    }
    for (section, entries) in relocations {
        let (id, _) = sections.get(section as usize).ok_or("a relocation of a section that does not exist")?;
        let (start, list) = match id {
            10 => (linked.code_start, &mut linked.code_relocations),
            11 => (linked.data_start, &mut linked.data_relocations),
            _ => continue,
        };
        list.extend(entries.into_iter().map(|entry| (start + entry.offset as usize, entry)));
    }
    linked.code_relocations.sort_by_key(|(offset, _)| *offset);
    linked.data_relocations.sort_by_key(|(offset, _)| *offset);
    Ok(linked)
}

fn constant(expression: &ConstExpr<'_>) -> Result<i32, Box<dyn Error>> {
    match expression.get_operators_reader().read()? {
        Operator::I32Const { value } => Ok(value),
        _ => Err("a segment without a constant place".into()),
    }
}

impl Linked<'_> {
    /// Returns the slots and data that are reachable from the roots.
    fn reached(&self, roots: Vec<Node>) -> Result<Late, Box<dyn Error>> {
        let mut slots_of: HashMap<u32, Vec<u32>> = HashMap::new();
        for (slot, function) in &self.slots {
            slots_of.entry(*function).or_default().push(*slot);
        }
        let mut slots = HashSet::new();
        let mut data = Vec::new();
        let mut seen: HashSet<Node> = roots.iter().copied().collect();
        let mut open = roots;
        while let Some(node) = open.pop() {
            if let Node::Data(index) = node
                && let Some(place) = self.place_of(index)?
            {
                data.push(place.addresses);
            }
            for (_, entry) in self.relocations_of(node)? {
                let symbol = self.symbols.get(entry.index as usize);
                let next = match (entry.ty, symbol) {
                    (
                        RelocationType::TypeIndexLeb | RelocationType::GlobalIndexLeb | RelocationType::TableNumberLeb,
                        _,
                    ) => continue,
                    (RelocationType::FunctionIndexLeb, Some(SymbolInfo::Func { index, .. })) => Node::Function(*index),
                    (
                        RelocationType::TableIndexSleb | RelocationType::TableIndexI32,
                        Some(SymbolInfo::Func { index, .. }),
                    ) => {
                        slots.extend(slots_of.get(index).into_iter().flatten());
                        Node::Function(*index)
                    }
                    (
                        RelocationType::MemoryAddrLeb | RelocationType::MemoryAddrSleb | RelocationType::MemoryAddrI32,
                        Some(SymbolInfo::Data { .. }),
                    ) => Node::Data(entry.index),
                    (kind, _) => return Err(format!("a relocation of an unknown kind: {kind:?}").into()),
                };
                if seen.insert(next) {
                    open.push(next);
                }
            }
        }
        Ok(Late { slots, data })
    }

    /// Returns the place of a data symbol. An undefined one has none.
    fn place_of(&self, index: u32) -> Result<Option<Place>, Box<dyn Error>> {
        let Some(SymbolInfo::Data { symbol: Some(place), .. }) = self.symbols.get(index as usize) else {
            return Ok(None);
        };
        let (segment, address) = self.segments.get(place.index as usize).ok_or("data without a segment")?;
        let (start, first) = (segment.start + place.offset as usize, address + place.offset);
        Ok(Some(Place { bytes: start..start + place.size as usize, addresses: first..first + place.size }))
    }

    fn relocations_of(&self, node: Node) -> Result<&[(usize, RelocationEntry)], Box<dyn Error>> {
        Ok(match node {
            Node::Function(index) => match index.checked_sub(self.imported_functions) {
                None => &[],
                Some(index) => {
                    let body = self.bodies.get(index as usize).ok_or("a function without a body")?;
                    within(&self.code_relocations, body)
                }
            },
            Node::Data(index) => match self.place_of(index)? {
                Some(place) => within(&self.data_relocations, &place.bytes),
                None => &[],
            },
        })
    }
}

fn within<'a>(relocations: &'a [(usize, RelocationEntry)], range: &Range<usize>) -> &'a [(usize, RelocationEntry)] {
    let start = relocations.partition_point(|(offset, _)| *offset < range.start);
    let end = relocations.partition_point(|(offset, _)| *offset < range.end);
    relocations.get(start..end).unwrap_or_default()
}
