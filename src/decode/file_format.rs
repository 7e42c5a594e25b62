//! Detects the format of a file that a page passes as an image, to name it in messages.

/// A file format.
#[derive(Debug, PartialEq, Eq)]
pub struct FileFormat {
    /// Name with its article, for example `a PNG`.
    pub name: &'static str,
    /// Media type. Only formats that some browser displays have one.
    pub media_type: Option<&'static str>,
}

const fn image(name: &'static str, media_type: &'static str) -> FileFormat {
    FileFormat { name, media_type: Some(media_type) }
}

const fn other(name: &'static str) -> FileFormat {
    FileFormat { name, media_type: None }
}

static PNG: FileFormat = image("a PNG", "image/png");
static JPEG: FileFormat = image("a JPEG", "image/jpeg");
static WEBP: FileFormat = image("a WebP", "image/webp");
static GIF: FileFormat = image("a GIF", "image/gif");
static AVIF: FileFormat = image("an AVIF", "image/avif");
static HEIC: FileFormat = image("a HEIC", "image/heic");
static BMP: FileFormat = image("a BMP", "image/bmp");
static ICO: FileFormat = image("an ICO", "image/x-icon");
static CUR: FileFormat = image("a CUR", "image/x-icon");
static SVG: FileFormat = image("an SVG", "image/svg+xml");
static TIFF: FileFormat = image("a TIFF", "image/tiff");
static JXL: FileFormat = image("a JPEG XL", "image/jxl");
static JP2: FileFormat = image("a JPEG 2000", "image/jp2");
static RAW: FileFormat = other("a camera raw file");
static PSD: FileFormat = other("a Photoshop file");
static PDF: FileFormat = other("a PDF");
static POSTSCRIPT: FileFormat = other("a PostScript file");
static MP4: FileFormat = other("an MP4 video");
static MOV: FileFormat = other("a QuickTime video");
static WEBM: FileFormat = other("a WebM or Matroska video");
static AVI: FileFormat = other("an AVI video");
static WAV: FileFormat = other("a WAV file");
static ZIP: FileFormat = other("a ZIP archive or an Office document");
static GZIP: FileFormat = other("a gzip archive");
static HTML: FileFormat = other("an HTML page");
static XML: FileFormat = other("an XML document");
static JSON: FileFormat = other("a JSON document");
static TEXT: FileFormat = other("a text file");

/// Formats by their first bytes.
static SIGNATURES: [(&[u8], &FileFormat); 25] = [
    (b"\x89PNG\r\n\x1A\n", &PNG),
    (b"\xFF\xD8\xFF", &JPEG),
    (b"GIF87a", &GIF),
    (b"GIF89a", &GIF),
    (b"II*\0\x10\0\0\0CR", &RAW),
    (b"II*\0", &TIFF),
    (b"MM\0*", &TIFF),
    (b"II+\0", &TIFF),
    (b"MM\0+", &TIFF),
    (b"\0\0\x01\0", &ICO),
    (b"\0\0\x02\0", &CUR),
    (b"\xFF\x0A", &JXL),
    (b"\0\0\0\x0CJXL \r\n\x87\n", &JXL),
    (b"\0\0\0\x0CjP  \r\n\x87\n", &JP2),
    (b"\xFF\x4F\xFF\x51", &JP2),
    (b"8BPS", &PSD),
    (b"%PDF-", &PDF),
    (b"%!PS", &POSTSCRIPT),
    (b"PK\x03\x04", &ZIP),
    (b"\x1F\x8B", &GZIP),
    (b"\x1A\x45\xDF\xA3", &WEBM),
    (b"IIRO", &RAW),
    (b"IIU\0", &RAW),
    (b"FUJIFILMCCD-RAW", &RAW),
    (b"\0\0\x01\xBA", &MP4),
];

/// Detects the format from the start of the file.
#[must_use]
pub fn file_format(beginning: &[u8]) -> Option<&'static FileFormat> {
    let signature = SIGNATURES.iter().find(|(signature, _)| beginning.starts_with(signature));
    signature.map(|(_, format)| *format).or_else(|| container(beginning)).or_else(|| text(beginning))
}

/// Returns the format with this name.
#[must_use]
pub fn format_named(name: &str) -> Option<&'static FileFormat> {
    let by_text = [&WEBP, &AVIF, &HEIC, &BMP, &SVG, &MOV, &AVI, &WAV, &HTML, &XML, &JSON, &TEXT];
    SIGNATURES.iter().map(|(_, format)| *format).chain(by_text).find(|format| format.name == name)
}

/// Detects formats whose type follows a length.
fn container(beginning: &[u8]) -> Option<&'static FileFormat> {
    match (beginning.get(..4)?, beginning.get(4..8)?, beginning.get(8..12)?) {
        (b"RIFF", _, b"WEBP") => Some(&WEBP),
        (b"RIFF", _, b"AVI ") => Some(&AVI),
        (b"RIFF", _, _) => Some(&WAV),
        (_, b"ftyp", brand) => Some(match brand {
            b"avif" | b"avis" => &AVIF,
            b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" => &HEIC,
            // The brand of both. The compatible brands follow.
            b"mif1" | b"msf1" | b"miaf" => {
                let brands = beginning.get(16..64.min(beginning.len())).unwrap_or_default();
                if brands.chunks_exact(4).any(|brand| brand == b"avif" || brand == b"avis") { &AVIF } else { &HEIC }
            }
            b"crx " => &RAW,
            b"qt  " => &MOV,
            _ => &MP4,
        }),
        // The length of the second header.
        ([b'B', b'M', ..], ..)
            if matches!(beginning.get(14..18), Some([12 | 16 | 40 | 52 | 56 | 64 | 108 | 124, 0, 0, 0])) =>
        {
            Some(&BMP)
        }
        _ => None,
    }
}

/// Maximum length of the markup before the first element, in bytes.
const MAX_PROLOG_BYTES: usize = 1 << 16;

/// Detects formats that consist of text.
fn text(beginning: &[u8]) -> Option<&'static FileFormat> {
    let beginning = beginning.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(beginning);
    let is_text = |byte: &u8| *byte >= b' ' || matches!(byte, b'\t' | b'\n' | b'\x0C' | b'\r' | 0x1B);
    if beginning.is_empty() || !beginning.iter().take(1024).all(is_text) {
        return None;
    }
    let mut rest = beginning.get(..MAX_PROLOG_BYTES).unwrap_or(beginning).trim_ascii_start();
    loop {
        let Some(markup) = rest.strip_prefix(b"<") else {
            return Some(if rest.starts_with(b"{") || rest.starts_with(b"[") { &JSON } else { &TEXT });
        };
        let end: &[u8] = match markup {
            [b'?', ..] => b"?>",
            [b'!', b'-', b'-', ..] => b"-->",
            [b'!', rest @ ..] if rest.iter().take_while(|byte| **byte != b'>').any(|byte| *byte == b'[') => b"]>",
            [b'!', declared @ ..] => {
                if declared.to_ascii_lowercase().starts_with(b"doctype html") {
                    return Some(&HTML);
                }
                b">"
            }
            _ => return Some(element(markup)),
        };
        let Some(place) = markup.windows(end.len()).position(|window| window == end) else { return Some(&XML) };
        rest = markup.get(place.saturating_add(end.len())..).unwrap_or_default().trim_ascii_start();
    }
}

/// Returns the format of a document with this first element. Its name may have a prefix.
fn element(markup: &[u8]) -> &'static FileFormat {
    let length = markup.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b":-_".contains(byte)).count();
    let name = markup.get(..length).unwrap_or_default();
    match name.rsplit(|byte| *byte == b':').next() {
        Some(b"svg") => &SVG,
        Some(local) if local.eq_ignore_ascii_case(b"html") || local.eq_ignore_ascii_case(b"body") => &HTML,
        _ => &XML,
    }
}
