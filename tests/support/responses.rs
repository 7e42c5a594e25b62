//! Answers of the Responses API, read as a client does.

use azure_image_client::decode::stream::Limits;
use azure_image_client::errors::{Code, Failure};
use azure_image_client::responses::events::{Event, ImageDetails, Progress, ResponseReader, Summary};

use super::{Keep, Kept};

/// What a [`ResponseReader`] reported, with the bytes of the images.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    Status(String),
    Text(String),
    Refusal(String),
    Call(u64, String),
    Partial(u64, Vec<u8>),
    Image(u64, Vec<u8>),
    Failed(u64, Code),
    /// The name of the function, and a part of its arguments.
    ToolDelta(Option<String>, String),
    /// The item, its images, and whether it belongs to an earlier event.
    Tool(serde_json::Value, Vec<Vec<u8>>, bool),
    Approval(serde_json::Value, bool),
    Citation(serde_json::Value, bool),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub seen: Vec<Seen>,
    pub failures: Vec<Failure>,
    pub details: Vec<ImageDetails>,
    pub progress: Progress,
    pub result: Result<Summary, Failure>,
}

impl Answer {
    pub fn images(&self) -> Vec<Vec<u8>> {
        self.seen
            .iter()
            .filter_map(|seen| if let Seen::Image(_, bytes) = seen { Some(bytes.clone()) } else { None })
            .collect()
    }

    pub fn count(&self, is: impl Fn(&Seen) -> bool) -> usize {
        self.seen.iter().filter(|seen| is(seen)).count()
    }

    pub fn partial_images(&self) -> usize {
        self.count(|seen| matches!(seen, Seen::Partial(..)))
    }
}

/// Reads an answer as a client does.
pub fn read_from<'a>(chunks: impl IntoIterator<Item = &'a [u8]>, from: Progress) -> Answer {
    let (mut seen, mut failures, mut all_details) = (Vec::new(), Vec::new(), Vec::new());
    let mut report = |_, event: Event<Kept>| {
        seen.push(match event {
            Event::Status(status) => Seen::Status(status),
            Event::TextDelta(text) => Seen::Text(text),
            Event::Refusal(text) => Seen::Refusal(text),
            Event::CallStatus { output_index, status, .. } => Seen::Call(output_index, status),
            Event::PartialImage { index, image, .. } => Seen::Partial(index, image.bytes),
            Event::Image { output_index, image, details, .. } => {
                all_details.push(details);
                Seen::Image(output_index, image.bytes)
            }
            Event::CallFailed { output_index, failure, .. } => {
                failures.push(failure.clone());
                Seen::Failed(output_index, failure.code)
            }
            Event::ToolCallDelta { name, delta, .. } => Seen::ToolDelta(name, delta),
            Event::ToolCall { item, images, is_earlier, .. } => {
                let images = images.into_iter().map(|image| image.bytes).collect();
                Seen::Tool(serde_json::from_str(&item).unwrap(), images, is_earlier)
            }
            Event::ApprovalRequest { item, is_earlier, .. } => {
                Seen::Approval(serde_json::from_str(&item).unwrap(), is_earlier)
            }
            Event::Citation { citation, is_earlier, .. } => {
                Seen::Citation(serde_json::from_str(&citation).unwrap(), is_earlier)
            }
        });
    };
    let mut reader = ResponseReader::resume(Keep::default(), Limits::default(), from);
    let mut failed = None;
    for chunk in chunks {
        if let Err(failure) = reader.push(chunk, &mut report) {
            failed = Some(failure);
            break;
        }
        if reader.is_complete() {
            break;
        }
    }
    let result = failed.map_or_else(|| reader.finish(&mut report), Err);
    let progress = reader.progress().clone();
    Answer { seen, failures, details: all_details, progress, result }
}

pub fn read(body: &[u8]) -> Answer {
    read_from([body], Progress::default())
}
