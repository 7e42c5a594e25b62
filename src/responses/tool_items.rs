//! Output items of other tools than image generation: calls, requests for approval, and citations in texts.

use crate::decode::json::Value;
use crate::decode::stream::IMAGE_CALL;

/// Type of an item that asks the page to approve a call of an MCP server.
const APPROVAL_REQUEST: &str = "mcp_approval_request";

/// Statuses of calls that are still running, or that were cut off. Their arguments may be incomplete.
const UNFINISHED: [&str; 5] = ["in_progress", "incomplete", "calling", "searching", "interpreting"];

/// Kind of a tool item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A call of a tool.
    Call,
    /// A request to approve a call.
    ApprovalRequest,
}

impl Kind {
    /// Returns the kind of an item, or `None` for other items, such as messages and calls of the image generation tool.
    #[must_use]
    pub fn of(item: &Value) -> Option<Self> {
        match item.text("type")? {
            IMAGE_CALL => None,
            APPROVAL_REQUEST => Some(Self::ApprovalRequest),
            // All services name calls like this, also of tools that do not exist yet.
            kind if kind.ends_with("_call") => Some(Self::Call),
            _ => None,
        }
    }
}

/// Place of a citation: the index of the item, of the part in the item, and of the citation in the part.
pub type Place = (u64, u64, u64);

/// The tool items and citations of a response so far. Each is reported once, although the service repeats it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ToolItems {
    items: Vec<ToolItem>,
    /// Places of the reported citations, sorted.
    citations: Vec<Place>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct ToolItem {
    id: String,
    /// The id of a call that the page runs. Empty for other items.
    call_id: String,
    output_index: u64,
    /// The name of the function.
    name: Option<String>,
    is_reported: bool,
}

impl ToolItem {
    fn new(item: &Value, output_index: u64) -> Self {
        let text = |name| item.text(name).unwrap_or_default().to_owned();
        let name = item.text("name").map(Into::into);
        Self { id: text("id"), call_id: text("call_id"), output_index, name, is_reported: false }
    }

    /// Returns true for another copy of the item.
    fn is(&self, item: &Value, output_index: u64) -> bool {
        match item.text("call_id") {
            // Some gateways change the id of an item from event to event, or give all items the same id.
            Some(call_id) if !call_id.is_empty() && !self.call_id.is_empty() => self.call_id == call_id,
            _ => self.has(item.text("id").unwrap_or_default(), output_index),
        }
    }

    fn has(&self, id: &str, output_index: u64) -> bool {
        if self.id.is_empty() || id.is_empty() { self.output_index == output_index } else { self.id == id }
    }
}

impl ToolItems {
    /// Returns the number of items.
    #[must_use]
    pub fn count(&self) -> usize {
        self.items.len()
    }

    /// Returns true if the item is known.
    #[must_use]
    pub fn knows(&self, item: &Value, output_index: u64) -> bool {
        self.items.iter().any(|known| known.is(item, output_index))
    }

    /// Returns the name of the function that an item calls.
    #[must_use]
    pub fn name(&self, id: &str, output_index: u64) -> Option<&str> {
        self.items.iter().find(|item| item.has(id, output_index))?.name.as_deref()
    }

    /// Notes an item that has begun.
    pub fn begin(&mut self, item: &Value, output_index: u64) {
        if Kind::of(item).is_some() && !self.knows(item, output_index) {
            self.items.push(ToolItem::new(item, output_index));
        }
    }

    /// Returns the kind of a complete tool item that has not been reported yet, and marks it as reported.
    pub fn complete(&mut self, item: &Value, output_index: u64) -> Option<Kind> {
        let kind = Kind::of(item)?;
        if item.text("status").is_some_and(|status| UNFINISHED.contains(&status)) {
            return None;
        }
        self.begin(item, output_index);
        let known = self.items.iter_mut().find(|known| known.is(item, output_index))?;
        (!std::mem::replace(&mut known.is_reported, true)).then_some(kind)
    }

    /// Returns true if the citation has not been reported yet, and marks it as reported.
    pub fn cite(&mut self, place: Place) -> bool {
        match self.citations.binary_search(&place) {
            Ok(_) => false,
            Err(position) => {
                self.citations.insert(position, place);
                true
            }
        }
    }
}

/// Returns the citations in the texts of a message, with their places.
pub fn citations(item: &Value, output_index: u64) -> impl Iterator<Item = (Place, &Value)> {
    let parts = item.get("content").and_then(Value::as_array).filter(|_| item.text("type") == Some("message"));
    parts.unwrap_or_default().iter().zip(0_u64..).flat_map(move |(part, content_index)| {
        let annotations = part.get("annotations").and_then(Value::as_array).unwrap_or_default();
        let places = (0_u64..).map(move |index| (output_index, content_index, index));
        places.zip(annotations).filter(|(_, annotation)| annotation.as_object().is_some())
    })
}

/// Returns true if the event `name` (without `response.`) has a part of the arguments, the input or the code of a call.
/// The services spell these events differently.
#[must_use]
pub fn is_delta(name: &str) -> bool {
    name.ends_with("delta") && name.contains("_call")
}
