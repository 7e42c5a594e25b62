//! Event streams: as a client reads them, and as the specification does.

use azure_image_client::decode::sse::{Handler, Parser};

/// The name of an event, and its data.
pub type Event = (Vec<u8>, Vec<u8>);

/// Keeps the events.
#[derive(Debug, Default)]
pub struct Recorder {
    pub events: Vec<Event>,
    /// Of the event that is being read.
    pub data: Vec<u8>,
    pub handed_on: usize,
}

impl Handler for Recorder {
    type Error = std::convert::Infallible;

    fn data(&mut self, bytes: &[u8]) -> Result<(), Self::Error> {
        self.handed_on += bytes.len();
        self.data.extend_from_slice(bytes);
        Ok(())
    }

    fn dispatch(&mut self, name: &[u8]) -> Result<(), Self::Error> {
        self.events.push((name.into(), std::mem::take(&mut self.data)));
        Ok(())
    }
}

/// Reads a body as a client does.
pub fn record<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Recorder {
    let mut recorder = Recorder::default();
    let mut parser = Parser::default();
    for chunk in chunks {
        parser.push(chunk, &mut recorder).unwrap();
    }
    parser.finish(&mut recorder).unwrap();
    recorder
}

/// Of a longer name the rest is cut off.
pub const MAX_NAME_BYTES: usize = 128;

/// The specification, word for word, on a whole body; but for the end of a long name, and the end of the body.
pub fn by_the_book(body: &[u8]) -> Vec<Event> {
    let mut lines = vec![Vec::new()];
    let mut bytes = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body).iter().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\r' => {
                bytes.next_if_eq(&&b'\n');
                lines.push(Vec::new());
            }
            b'\n' => lines.push(Vec::new()),
            other => lines.last_mut().unwrap().push(*other),
        }
    }
    // The end of the body ends the line, and the event.
    lines.push(Vec::new());
    let (mut events, mut name, mut data) = (Vec::new(), Vec::new(), Vec::new());
    for line in lines {
        if line.is_empty() {
            if data.pop().is_some() {
                events.push((name.clone(), data.clone()));
            }
            name.clear();
            data.clear();
            continue;
        }
        let colon = line.iter().position(|byte| *byte == b':');
        let (field, value) = colon.map_or((&line[..], &b""[..]), |colon| (&line[..colon], &line[colon + 1..]));
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match field {
            b"event" => name = value[..value.len().min(MAX_NAME_BYTES)].to_vec(),
            b"data" => {
                data.extend_from_slice(value);
                data.push(b'\n');
            }
            _ => {}
        }
    }
    events
}
