//! What holds for any bytes at all: each function is given an input, and panics where it does not.
//!
//! The first bytes of most inputs say how the rest of them is cut. A byte that is in no text, [`STAND_IN`], stands for one that is too long, or
//! too peculiar, to come about by chance.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::fmt::Debug;
use std::net::{Ipv4Addr, Ipv6Addr};

use ::base64::Engine as _;
use ::base64::engine::general_purpose::STANDARD;
use azure_image_client::decode::assembler;
use azure_image_client::decode::base64;
use azure_image_client::decode::image_header::{Header, HeaderReader, header};
use azure_image_client::decode::json::{Error, Limits, Path, Route, UNDECIDED_BYTES, Value};
use azure_image_client::decode::stream::{self, Decoder};
use azure_image_client::errors::billing::Effect;
use azure_image_client::errors::judge::ServiceJudge;
use azure_image_client::errors::{Billed, Code, Failure};
use azure_image_client::http::credential::check_transport;
use azure_image_client::http::endpoint::{ApiVersion, Endpoint, Operation, Resource, Routes};
use azure_image_client::http::retry::{Headers, RetryPolicy};
use azure_image_client::http::secrets::Secrets;
use azure_image_client::images::input::{FileInspector, Purpose};
use azure_image_client::images::response::ImagesReader;
use azure_image_client::probe::report::{Answer, Findings};
use azure_image_client::responses::events::{Progress, ResponseReader};
use azure_image_client::responses::job::{Delivery, Job};
use imagesize::ImageType;

use crate::support::heap::{Count, asked, growth};
use crate::support::json::{parse_with, reference};
use crate::support::responses::{Seen, read_from};
use crate::support::sse::{by_the_book, record};
use crate::support::{documents_and_end, read_answer};

/// How an input is cut: the lengths of its chunks, over and over.
type Lengths = [usize; 3];

/// Splits off the lengths, each in a byte: up to 127 bytes, or beyond it up to 128 KiB.
fn lengths(input: &[u8]) -> (Lengths, &[u8]) {
    let (lengths, text) = input.split_at_checked(3).unwrap_or((&[0; 3], input));
    let length = |index: usize| match usize::from(lengths[index]) {
        short @ ..128 => short,
        long => (long - 127) * 1024,
    };
    ([length(0), length(1), length(2)], text)
}

/// A text in chunks of these lengths.
fn chunks(text: &[u8], lengths: Lengths) -> Vec<&[u8]> {
    if lengths == [0; 3] {
        return vec![text];
    }
    let (mut chunks, mut rest) = (Vec::new(), text);
    for length in lengths.into_iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (chunk, tail) = rest.split_at(length.min(rest.len()));
        chunks.push(chunk);
        rest = tail;
    }
    chunks
}

/// Longest text that is also read byte by byte.
const SHORT_BYTES: usize = 4096;

/// What comes of a text is the same however it is cut.
fn however_cut<T: PartialEq + Debug>(text: &[u8], lengths: Lengths, read: impl Fn(Vec<&[u8]>) -> T) -> T {
    let whole = read(vec![text]);
    assert_eq!(read(chunks(text, lengths)), whole, "in chunks of {lengths:?} bytes and whole");
    if text.len() <= SHORT_BYTES {
        assert_eq!(read(text.chunks(1).collect()), whole, "byte by byte and whole");
    }
    whole
}

/// Stands in an input for a text that would not come about by chance.
const STAND_IN: u8 = 0xFF;

/// Puts a text, nearly too long for a string that is not decided about, into its places, of which there are two at most.
fn lengthen(text: &[u8]) -> Vec<u8> {
    let mut parts = text.splitn(3, |byte| *byte == STAND_IN);
    let mut long = parts.next().unwrap_or_default().to_vec();
    for part in parts {
        long.resize(long.len() + UNDECIDED_BYTES - 4, b'A');
        long.extend_from_slice(part);
    }
    long
}

/// Events are what the specification says.
pub fn sse(input: &[u8]) {
    let (lengths, body) = lengths(input);
    let expected = by_the_book(body);
    assert_eq!(however_cut(body, lengths, |chunks| record(chunks).events), expected);
    assert!(record([body]).handed_on <= body.len());
}

/// Nothing is too large or too deep.
const NO_LIMITS: Limits = Limits { max_kept_bytes: usize::MAX, max_depth: usize::MAX };

/// `serde_json` accepts what ours accepts, with the same value.
pub fn json(input: &[u8]) {
    let (lengths, text) = lengths(input);
    let text = &lengthen(text);
    let read =
        |limits, route: fn(Path<'_>) -> Route| however_cut(text, lengths, |chunks| parse_with(chunks, limits, route));
    let keep = |limits| read(limits, |_| Route::Keep).map(|(value, _)| value);

    let kept = keep(NO_LIMITS);
    match (&kept, reference(text)) {
        (Ok(value), expected) => {
            assert_eq!(Some(value), expected.as_ref());
            assert_eq!(Value::parse(value.to_json().as_bytes(), NO_LIMITS).as_ref(), Ok(value), "written and read");
        }
        (Err(Error::Syntax(offset)), None) => assert!(*offset < text.len()),
        (Err(Error::Incomplete), None) => {}
        (Err(error), expected) => panic!("{error:?} and {expected:?}"),
    }

    // A limit refuses what breaks it, and changes nothing else. Where something else is wrong, it may be broken before.
    let is_text = std::str::from_utf8(text).is_ok();
    let limit = |limits, error, breaks: fn(&Value) -> bool| {
        let limited = keep(limits);
        match &kept {
            Ok(value) if !breaks(value) => assert_eq!(limited, kept),
            // What is no text counts as it came, and has become longer.
            Ok(_) if is_text => assert_eq!(limited, Err(error)),
            _ => assert!(limited == kept || limited == Err(error), "{limited:?}"),
        }
    };
    limit(Limits { max_depth: 3, ..NO_LIMITS }, Error::TooDeep, |value| depth(value) > 3);
    limit(Limits { max_kept_bytes: 1000, ..NO_LIMITS }, Error::TooLarge, |value| cost(value) > 1000);

    let streamed = read(NO_LIMITS, |path| {
        if path.is(&["s"]) || path.is(&["s", "*"]) {
            Route::Stream
        } else if path.is(&["l"]) {
            Route::StreamIfLong(UNDECIDED_BYTES)
        } else {
            Route::Keep
        }
    });
    match streamed {
        Ok((value, strings)) => {
            // The control characters of a string that is streamed out are for its reader to refuse.
            let text: Vec<u8> = text.iter().copied().map(without_control).collect();
            let expected = reference(&text).map(|value| with_strings(value, &[]));
            assert_eq!(Some(with_strings(value, &strings)), expected);
        }
        Err(_) => assert!(kept.is_err()),
    }
}

/// How many arrays and objects are within each other.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(elements) => 1 + elements.iter().map(depth).max().unwrap_or_default(),
        Value::Object(members) => 1 + members.iter().map(|(_, value)| depth(value)).max().unwrap_or_default(),
        _ => 0,
    }
}

/// What counts towards the limit of what is kept.
fn cost(value: &Value) -> usize {
    let inner = match value {
        Value::Number(text) => text.len(),
        Value::String(text) => text.len(),
        Value::Array(elements) => elements.iter().map(cost).sum(),
        Value::Object(members) => members.iter().map(|(name, value)| name.len() + cost(value)).sum(),
        Value::Null | Value::Bool(_) | Value::Streamed(_) => 0,
    };
    inner + 2 * size_of::<(String, Value)>()
}

/// What stands for a control character, within strings and outside.
fn without_control(byte: u8) -> u8 {
    match byte {
        b'\t' | b'\r' | b'\n' => b' ',
        ..b' ' => b'?',
        other => other,
    }
}

/// A value with the strings that were streamed out of it, and without control characters.
fn with_strings(value: Value, strings: &[String]) -> Value {
    let plain = |text: String| String::from_utf8(text.into_bytes().into_iter().map(without_control).collect()).unwrap();
    match value {
        Value::String(text) => Value::String(plain(text)),
        Value::Streamed(index) => Value::String(plain(strings[index].clone())),
        Value::Array(elements) => {
            Value::Array(elements.into_iter().map(|element| with_strings(element, strings)).collect())
        }
        Value::Object(members) => Value::Object(
            members.into_iter().map(|(name, value)| (plain(name), with_strings(value, strings))).collect(),
        ),
        other => other,
    }
}

/// The crate `base64` decodes what ours decodes, to the same bytes.
pub fn base64(input: &[u8]) {
    let (lengths, text) = lengths(input);
    let decoded = however_cut(text, lengths, |chunks| {
        let (mut decoder, mut out) = (base64::Decoder::default(), Vec::new());
        for chunk in chunks {
            decoder.push(chunk, &mut out)?;
        }
        decoder.finish(&mut out)?;
        Ok(out)
    });
    assert_eq!(decoded, STANDARD.decode(text).map_err(|_| base64::Error));
}

/// Some answers break these.
const TIGHT: stream::Limits = stream::Limits { max_event_bytes: 4096, max_image_bytes: 64, max_nesting: 4 };

/// An answer means the same however it is cut, and what is made of it is small.
pub fn stream(input: &[u8]) {
    let (lengths, body) = lengths(input);
    let body = lengthen(body);
    for limits in [stream::Limits::default(), TIGHT] {
        let _ = however_cut(&body, lengths, |chunks| documents_and_end(chunks, limits));
    }
    let answer = however_cut(&body, lengths, |chunks| read_answer(chunks, 2));
    // A partial image is never taken for the image.
    assert!(answer.result.is_err() || !answer.images.is_empty());
    costs_little(&body, |limits, chunks| {
        let mut decoder = Decoder::new(Count::default(), limits);
        for chunk in chunks {
            let pushed = decoder.push(chunk);
            while decoder.next_document().is_some() {}
            if pushed.is_err() {
                break;
            }
        }
    });
    costs_little(&body, |limits, chunks| {
        let mut reader = ImagesReader::new(Count::default(), limits, u32::MAX);
        reader.set_judge(Some(&ServiceJudge));
        for chunk in chunks {
            if reader.push(chunk, &mut |_| {}).is_err() || reader.is_complete() {
                break;
            }
        }
    });
}

/// An answer over and over, in chunks.
type Repeated<'a, 'b> = &'a mut dyn Iterator<Item = &'b [u8]>;

/// The memory that an answer takes depends on the limits, and not on its length; what is copied grows with its length, and no faster.
fn costs_little<'a>(body: &'a [u8], read: impl Fn(stream::Limits, Repeated<'_, 'a>)) {
    const CHUNK_BYTES: usize = 256;
    const BYTES: usize = 32 * 1024;
    // The memory for a large piece is there from the first image on.
    assembler::Assembler::new(Count::default(), 3).push(b"AAAA");
    let times = 2 + BYTES / (body.len() + 1);
    let repeated = |times| std::iter::repeat_n(body, times).flat_map(|body| body.chunks(CHUNK_BYTES));

    let (growth, ()) = growth(|| read(TIGHT, &mut repeated(times)));
    let undecided = if body.len() > UNDECIDED_BYTES { 3 * UNDECIDED_BYTES } else { 0 };
    // The documents of one chunk, beside what the one that is being read may take.
    let most = 3 * TIGHT.max_event_bytes + 64 * CHUNK_BYTES + undecided;
    assert!(growth < most, "{growth} bytes, and not {most}");

    let asked = |times| asked(|| read(stream::Limits::default(), &mut repeated(times)));
    let (once, more) = (asked(times), asked(8 * times));
    assert!(more < 16 * once + (1 << 20), "{once} bytes are asked for, and {more} for eight times the answer");
}

/// A response means the same however its answer is cut, also where another answer goes on.
pub fn responses(input: &[u8]) {
    let (lengths, body) = lengths(input);
    let body = lengthen(body);
    let answer = however_cut(&body, lengths, |chunks| read_from(chunks, Progress::default()));
    let failure = answer.result.as_ref().map_or_else(Some, |summary| summary.failure.as_ref());
    if let Some(failure) = failure
        && answer.seen.iter().any(|seen| matches!(seen, Seen::Image(..)))
    {
        assert_eq!(failure.billed, Billed::Yes, "what was delivered costs");
    }
    let (before, behind) = body.split_at(lengths[0].min(body.len()));
    let progress = read_from([before], Progress::default()).progress;
    however_cut(behind, lengths, |chunks| read_from(chunks, progress.clone()));
    let reloaded = Progress::of("resp_1", Some(lengths[1] as u64));
    however_cut(&body, lengths, |chunks| read_from(chunks, reloaded.clone()));
    costs_little(&body, |limits, chunks| {
        let mut reader = ResponseReader::new(Count::default(), limits);
        let mut job = Job::new(Delivery::Background, true, 0);
        for chunk in chunks {
            let pushed = reader.push(chunk, &mut |_, _| {});
            job.heard(reader.progress(), 0);
            if pushed.is_err() || reader.is_complete() {
                break;
            }
        }
    });
}

/// What no message may repeat.
const SECRET: &str = "aSecretThatNobodyMayEverRepeat00";

fn with_secret(input: &[u8]) -> Vec<u8> {
    let parts: Vec<&[u8]> = input.split(|byte| *byte == STAND_IN).collect();
    parts.join(SECRET.as_bytes())
}

/// Whatever the service answers is a failure that hides the secret, is not endless, and is repeated only where that is free.
pub fn errors(input: &[u8]) {
    let (status, rest) = input.split_at_checked(2).unwrap_or((&[144, 1], input));
    let status = u16::from_le_bytes([status[0], status[1]]);
    let rest = with_secret(rest);
    // The headers stand behind the body.
    let mut parts = rest.split(|byte| *byte == 0);
    let body = parts.next().unwrap_or_default();
    let mut header = || parts.next().and_then(|text| std::str::from_utf8(text).ok());
    let headers = Headers { retry_after_ms: header(), retry_after: header() };
    // Of a response that is being made.
    let job = Job::resume(header().unwrap_or("resp_1"), None, false, 0);
    let judged_well = |failure| judged_well(failure, &job);

    let failure = Failure::from_answer(status, body, headers);
    assert_eq!(failure.status, Some(status));
    assert_ne!(failure.billed, Billed::Yes, "nothing was delivered");
    judged_well(failure);

    let Ok(value) = Value::parse(body, NO_LIMITS) else { return };
    for name in ["", "error", "response.failed"] {
        let failure = Failure::from_event(name, &value);
        assert!(failure.is_some() || name != "error");
        failure.into_iter().for_each(judged_well);
    }
    Failure::withheld(&value).into_iter().for_each(judged_well);
}

/// More than the longest that is said of any failure, in bytes.
const LONGEST_MESSAGE: usize = 30_000;

fn judged_well(mut failure: Failure, job: &Job) {
    let wait = |effect| RetryPolicy::default().wait(&failure, effect, 0, u32::MAX);
    assert!(wait(Effect::Generate).is_none() || (failure.code == Code::RateLimit && failure.billed == Billed::No));
    assert!(wait(Effect::Read).is_none_or(|wait| wait <= RetryPolicy::default().max_retry_delay_ms + 100));
    assert!(wait(Effect::Read).is_none() || failure.retryable);
    RetryPolicy::default().explain(&mut failure, Effect::Generate, 3);
    failure = failure.of(Effect::Generate);
    job.explain(&mut failure);
    assert!(failure.message.len() < LONGEST_MESSAGE, "{} bytes", failure.message.len());
    let mut secrets = Secrets::default();
    secrets.add(SECRET);
    failure.redact(&secrets);
    // Not the text of the JSON, where an escape such as `\u001a` ends in a letter that may look like the secret's first.
    let mut shown = format!("{failure:?}{:?}", serde_json::to_value(&failure).unwrap());
    for (generation, models) in [(&failure, None), (&failure, Some(&failure))] {
        let answer =
            |failure: Option<&Failure>| failure.map_or(Answer::NotAsked, |failure| Answer::Failure(failure.clone()));
        let (generation, models) = (answer(Some(generation)), answer(models));
        let findings = Findings {
            credential: None,
            deployment: None,
            generation,
            models,
            answers: None,
            is_origin_readable: false,
            online: true,
            is_gateway: false,
        };
        shown.push_str(&format!("{:?}", findings.report()));
    }
    assert!(!shown.contains(&SECRET[..12]), "{shown}");
}

/// An endpoint leads where it says, and nowhere else.
pub fn endpoint(input: &[u8]) {
    let input = String::from_utf8_lossy(&with_secret(input)).into_owned();
    let mut lines = input.split('\n');
    let mut line = || lines.next().unwrap_or_default();
    let (url, version, id) = (line(), line(), line());
    let version = match version {
        "" => ApiVersion::Default,
        "-" => ApiVersion::None,
        version => ApiVersion::Is(version.into()),
    };
    let endpoint = match Endpoint::parse(url, version) {
        Ok(endpoint) => endpoint,
        Err(failure) => {
            assert_eq!(failure.code, Code::InvalidRequest);
            // Origin and path are told, so that a person sees what was understood.
            let told = url.split(['?', '#']).next().unwrap_or_default();
            let (_, told) = told.split_once("://").unwrap_or_default();
            let authority = told.split('/').next().unwrap_or_default();
            let is_told = told.contains(SECRET) && !authority.contains('@');
            assert!(!failure.message.contains(SECRET) || is_told, "{failure:?}");
            return;
        }
    };

    let (scheme, authority) = endpoint.origin().split_once("://").unwrap();
    assert!(matches!(scheme, "https" | "http") && !authority.is_empty() && !authority.contains(['/', '?', '#', '@']));
    if let Some(is_loopback) = is_loopback(authority) {
        assert_eq!(endpoint.is_loopback(), is_loopback, "{authority}");
    }
    assert_eq!(check_transport(&endpoint, None).is_ok(), scheme == "https" || endpoint.is_loopback());

    let root = format!("{}/", endpoint.origin());
    let generations = endpoint.url(Operation::Generations, id, &[]);
    assert!(generations.starts_with(&root) && endpoint.models_url(&[]).starts_with(&root));
    for (resource, end) in [
        (Resource::Response(id), ""),
        (Resource::ResponseCancel(id), "/cancel"),
        (Resource::Conversation(id), ""),
        (Resource::File(id), ""),
        (Resource::Agent(id), ""),
        (Resource::AgentVersions(id), "/versions"),
        (Resource::AgentVersion("a", id), ""),
    ] {
        let Ok(url) = endpoint.resource_url(resource, &[], &[]) else { continue };
        assert!(url.starts_with(&root), "{url}");
        let path = url.split('?').next().unwrap().strip_suffix(end).unwrap();
        let segment = path.rsplit('/').next().unwrap();
        assert!(!matches!(segment, "" | "." | "..") && decode(segment) == id, "{url}");
    }

    let version = match endpoint.routes() {
        Routes::V1 { api_version: None } => ApiVersion::None,
        _ => ApiVersion::Default,
    };
    // What stands before the routes may look like the routes of another endpoint, and is then taken for them.
    if !id.is_empty() && generations.matches("/openai").count() <= 1 {
        let again = Endpoint::parse(&generations, version).unwrap();
        assert_eq!(again.url(Operation::Generations, id, &[]), generations);
    }
}

/// As the standard library has it. `None` for what is no host as a browser's `URL` writes it.
fn is_loopback(authority: &str) -> Option<bool> {
    let (host, _) = authority.rsplit_once(':').filter(|(_, port)| !port.contains(']')).unwrap_or((authority, ""));
    if let Some(address) = host.strip_prefix('[') {
        let address = address.strip_suffix(']')?;
        let ip: Ipv6Addr = address.parse().ok()?;
        return (ip.to_string() == address).then(|| ip.is_loopback());
    }
    let host = host.to_ascii_lowercase();
    if host.contains([':', '[', ']']) {
        return None;
    }
    // What ends in a number is an address.
    if host.trim_end_matches('.').rsplit('.').next()?.starts_with(|digit: char| digit.is_ascii_digit()) {
        return host.parse().ok().map(|ip: Ipv4Addr| ip.is_loopback());
    }
    Some(host == "localhost" || host.ends_with(".localhost"))
}

/// Undoes percent-encoding.
fn decode(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((byte, tail)) = rest.split_first() {
        if *byte == b'%' {
            let digits = std::str::from_utf8(&tail[..2]).unwrap();
            bytes.push(u8::from_str_radix(digits, 16).unwrap());
            rest = &tail[2..];
        } else {
            bytes.push(*byte);
            rest = tail;
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// An image has the type and size that the crate `imagesize` sees, however it is cut.
pub fn image(input: &[u8]) {
    let (lengths, file) = lengths(input);
    let found = however_cut(file, lengths, |chunks| {
        let mut reader = HeaderReader::default();
        for chunk in chunks {
            reader.read(chunk);
        }
        (reader.header(), reader.coded_size(), reader.traits())
    });
    let (found, coded, traits) = found;
    assert_eq!(header(file), found);
    let turned = |header: Header| Header { width: header.height, height: header.width, ..header };
    let coded = found.zip(coded).map(|(header, (width, height))| Header { width, height, ..header });
    assert_eq!(found, if traits.orientation > 4 { coded.map(turned) } else { coded });
    // The orientation can follow the dimensions.
    let beginning = header(&file[..lengths[0].min(file.len())]);
    assert!([None, found, coded].contains(&beginning), "a beginning says the same or nothing");
    assert!(found.is_some() || !traits.has_alpha, "only a known file has alpha");
    // Some bytes can be omitted.
    let mut inspector = FileInspector::default();
    let (mut place, piece) = (0, lengths[0].max(1));
    while let Some(rest) = file.get(place..).filter(|rest| !rest.is_empty()) {
        let piece = &rest[..piece.min(rest.len())];
        let Some(skipped) = inspector.read(piece) else { break };
        place = place.saturating_add(piece.len()).saturating_add(usize::try_from(skipped).unwrap());
    }
    assert_eq!(inspector.finish(Purpose::Edit, false).media_type, found.map(|header| header.media_type));
    // Of damaged files each of the two takes some that the other does not.
    if let (Some(coded), Some(other)) = (coded, by_another(file)) {
        // It does not skip bytes between segments.
        assert!(
            coded == other || (coded.media_type == "image/jpeg" && !has_only_segments(file)),
            "{coded:?} {other:?}"
        );
    }
}

/// A JPEG without stray bytes before its dimensions.
fn has_only_segments(jpeg: &[u8]) -> bool {
    let mut rest = &jpeg[2..];
    loop {
        let skip = match rest {
            [0xFF, 0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF, high, low, ..] => {
                return u16::from_be_bytes([*high, *low]) >= 8;
            }
            [0xFF, 0xFF, ..] => 1,
            [0xFF, 0x01 | 0xD0..=0xD7, ..] => 2,
            [0xFF, 0x00 | 0xD8..=0xDA, ..] => return false,
            [0xFF, _, high, low, ..] => match u16::from_be_bytes([*high, *low]) {
                0 | 1 => return false,
                length => usize::from(length) + 2,
            },
            _ => return false,
        };
        rest = rest.get(skip..).unwrap_or_default();
    }
}

fn by_another(file: &[u8]) -> Option<Header> {
    let media_type = match imagesize::image_type(file).ok()? {
        ImageType::Gif => "image/gif",
        ImageType::Jpeg => "image/jpeg",
        ImageType::Png => "image/png",
        ImageType::Webp => "image/webp",
        _ => return None,
    };
    let size = imagesize::blob_size(file).ok()?;
    // It takes the scale of a lossy WebP, two bits, for a part of the size.
    let bits = if media_type == "image/webp" && file[12..16] == *b"VP8 " { 0x3FFF } else { usize::MAX };
    let pixels = |number: usize| u32::try_from(number & bits).ok();
    Some(Header { media_type, width: pixels(size.width)?, height: pixels(size.height)? })
}
