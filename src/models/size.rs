//! Image sizes: parsing, validation, and the nearest supported size.

#![deny(clippy::arithmetic_side_effects)]

use std::cmp::Ordering;
use std::fmt;

use crate::decode::json::Value;

/// Width and height in pixels, both at least 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

impl fmt::Display for Size {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}x{}", self.width, self.height)
    }
}

impl Size {
    /// Parses a size in the format of the services, such as `1024x1024`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (width, height) = text.split_once('x')?;
        let edge = |text: &str| {
            let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
            text.parse().ok().filter(|_| is_plain)
        };
        Some(Self { width: edge(width)?, height: edge(height)? })
    }

    /// Guesses the intended size from an invalid string such as `1024*768`, `1024 × 768`, `1024`, `16:9` or
    /// `landscape`. Returns a square size if the string has no recognizable meaning.
    #[must_use]
    pub fn guess(text: &str) -> Self {
        let text = text.to_ascii_lowercase();
        let mut numbers = text
            .split(|character: char| !character.is_ascii_digit())
            .filter_map(|number| number.parse::<u32>().ok())
            .filter(|number| *number > 0);
        let (width, height) = match (numbers.next(), numbers.next()) {
            (Some(width), Some(height)) => (width, height),
            (Some(edge), None) => (edge, edge),
            _ if text.contains("landscape") => (3, 2),
            _ if text.contains("portrait") => (2, 3),
            _ => (1, 1),
        };
        if width.max(height) >= SMALLEST_EDGE {
            return Self { width, height };
        }
        // A ratio: use the common size with that orientation.
        match width.cmp(&height) {
            Ordering::Equal => Self { width: 1024, height: 1024 },
            Ordering::Greater => Self { width: 1536, height: 1024 },
            Ordering::Less => Self { width: 1024, height: 1536 },
        }
    }

    fn pixels(self) -> u64 {
        u64::from(self.width).saturating_mul(self.height.into())
    }

    fn edges(self) -> (u64, u64) {
        (self.width.into(), self.height.into())
    }

    /// Returns the aspect ratio difference to another size as a fraction; 1 if the aspect ratios are equal.
    fn distortion(self, other: Self) -> (u64, u64) {
        let one = u64::from(self.width).saturating_mul(other.height.into());
        let two = u64::from(self.height).saturating_mul(other.width.into());
        (one.max(two), one.min(two))
    }

    /// Compares the distances of two sizes from this one: by aspect ratio, then by area.
    fn nearer(self, one: Self, other: Self, pixels: u64) -> Ordering {
        let (large, small) = self.distortion(one);
        let (other_large, other_small) = self.distortion(other);
        let by_shape = large.saturating_mul(other_small).cmp(&other_large.saturating_mul(small));
        by_shape.then_with(|| one.pixels().abs_diff(pixels).cmp(&other.pixels().abs_diff(pixels)))
    }

    /// Scales a large size down, keeping its aspect ratio, so that products of its edges can be multiplied without
    /// overflow.
    fn tame(self) -> Self {
        let mut tame = self;
        while tame.width.max(tame.height) > u16::MAX.into() {
            tame = Self { width: (tame.width >> 1).max(1), height: (tame.height >> 1).max(1) };
        }
        tame
    }

    /// Divides both edges by their greatest common divisor.
    fn reduced(self) -> Self {
        let (mut divisor, mut rest) = (self.width, self.height);
        while rest > 0 {
            (divisor, rest) = (rest, divisor.checked_rem(rest).unwrap_or_default());
        }
        let reduced = |edge: u32| edge.checked_div(divisor).unwrap_or(edge);
        Self { width: reduced(self.width), height: reduced(self.height) }
    }

    /// Returns the nearest of the given sizes.
    pub fn nearest_of(self, sizes: impl Iterator<Item = Self>) -> Option<Self> {
        let wanted = self.tame();
        sizes.min_by(|one, other| wanted.nearer(*one, *other, wanted.pixels()))
    }
}

/// Minimum plausible edge of an image, in pixels. Two numbers below it are a ratio.
const SMALLEST_EDGE: u32 = 64;
/// Maximum number of additional multiples to try in each direction around the requested size.
const MAX_STEPS: u64 = 16;

/// Limits within which every size is supported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FreeSizes {
    /// Required divisor of both edges, in pixels.
    pub multiple: u64,
    /// True if the service rounds both edges down to the multiple. Otherwise it refuses other sizes.
    pub rounds: bool,
    /// Minimum edge length, in pixels.
    pub min_edge: u64,
    /// Maximum edge length, in pixels.
    pub max_edge: u64,
    /// Maximum ratio of the long edge to the short edge.
    pub max_ratio: u64,
    /// Minimum number of pixels.
    pub min_pixels: u64,
    /// Maximum number of pixels.
    pub max_pixels: u64,
    /// Number of pixels above which sizes are experimental.
    pub experimental_pixels: u64,
}

impl FreeSizes {
    /// Reads the limits from the catalog rules. Missing limits do not apply.
    #[must_use]
    pub fn read(rules: &Value) -> Self {
        let number = |name, missing| rules.get(name).and_then(Value::as_u64).unwrap_or(missing).max(1);
        Self {
            multiple: number("multiple", 1),
            rounds: rules.get("rounds").and_then(Value::as_bool) == Some(true),
            min_edge: number("minEdge", 1),
            max_edge: number("maxEdge", u16::MAX.into()),
            max_ratio: number("maxRatio", u64::MAX),
            min_pixels: number("minPixels", 1),
            max_pixels: number("maxPixels", u64::MAX),
            experimental_pixels: number("experimentalPixels", u64::MAX),
        }
    }

    /// Returns a description of each limit that the size violates. Empty if the size is supported.
    #[must_use]
    pub fn broken_by(&self, size: Size) -> Vec<String> {
        let Self { multiple, min_edge, max_edge, max_ratio, min_pixels, max_pixels, .. } = self;
        let (is_multiple, fits, is_shapely) = self.shape(size);
        let pixels = size.pixels();
        let is_small = !self.is_large(size);
        [
            (!is_multiple).then(|| format!("width and height must be multiples of {multiple}")),
            is_small.then(|| format!("width and height must be at least {min_edge}")),
            (!fits).then(|| format!("the longest edge must be at most {max_edge}")),
            (!is_shapely).then(|| format!("the long edge must be at most {max_ratio} times the short one")),
            (pixels < *min_pixels).then(|| format!("it must have at least {min_pixels} pixels")),
            (pixels > *max_pixels).then(|| format!("it must have at most {max_pixels} pixels")),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Returns `true` if the size is supported.
    #[must_use]
    pub fn allow(&self, size: Size) -> bool {
        self.shape(size) == (true, true, true)
            && self.is_large(size)
            && (self.min_pixels..=self.max_pixels).contains(&size.pixels())
    }

    /// Returns the size that the service uses for a requested one.
    #[must_use]
    pub fn rounded(&self, size: Size) -> Size {
        let multiple = u32::try_from(self.multiple).unwrap_or(1).max(1);
        let round = |edge: u32| edge.checked_div(multiple).unwrap_or(edge).max(1).saturating_mul(multiple);
        if self.rounds { Size { width: round(size.width), height: round(size.height) } } else { size }
    }

    /// Returns `true` if the long edge has the maximum length.
    #[must_use]
    pub fn is_longest(&self, size: Size) -> bool {
        u64::from(size.width.max(size.height)) == self.max_edge
    }

    fn is_large(&self, size: Size) -> bool {
        u64::from(size.width.min(size.height)) >= self.min_edge
    }

    /// Returns `true` if the size is supported but experimental.
    #[must_use]
    pub fn is_experimental(&self, size: Size) -> bool {
        self.allow(size) && size.pixels() > self.experimental_pixels
    }

    fn shape(&self, size: Size) -> (bool, bool, bool) {
        let (width, height) = size.edges();
        let is_multiple = |edge: u64| edge.checked_rem(self.multiple) == Some(0);
        let (long, short) = (width.max(height), width.min(height));
        (is_multiple(width) && is_multiple(height), long <= self.max_edge, long <= short.saturating_mul(self.max_ratio))
    }

    /// Returns the nearest supported size. Scales the requested size to the limits, then selects the nearby multiples
    /// with the closest aspect ratio. Returns `None` if no size satisfies the limits.
    #[must_use]
    pub fn nearest(&self, wanted: Size) -> Option<Size> {
        let wanted = wanted.tame();
        let (width, height) = self.scaled(wanted);
        let pixels = width.saturating_mul(height);
        let below = |edge: u64| edge.checked_div(self.multiple).unwrap_or(edge);
        let above = |edge: u64| edge.div_ceil(self.multiple.max(1));
        (0..=MAX_STEPS).find_map(|steps| {
            let around = |edge: u64| below(edge).saturating_sub(steps).max(1)..=above(edge).saturating_add(steps);
            let edge = |count: u64| u32::try_from(count.saturating_mul(self.multiple)).ok();
            let mut nearest = None;
            for width in around(width).filter_map(edge) {
                for height in around(height).filter_map(edge) {
                    let size = Size { width, height };
                    if self.allow(size) && nearest.is_none_or(|other| wanted.nearer(size, other, pixels).is_lt()) {
                        nearest = Some(size);
                    }
                }
            }
            nearest
        })
    }

    /// Scales the requested size to the limits for ratio, edge length and number of pixels.
    fn scaled(&self, wanted: Size) -> (u64, u64) {
        let (width, height) = wanted.edges();
        let width = width.min(height.saturating_mul(self.max_ratio));
        let height = height.min(width.saturating_mul(self.max_ratio));
        let times = |edge: u64, by: u64, of: u64| edge.saturating_mul(by).checked_div(of).unwrap_or(edge).max(1);
        let long = width.max(height);
        let (width, height) = if long > self.max_edge {
            (times(width, self.max_edge, long), times(height, self.max_edge, long))
        } else {
            (width, height)
        };
        let short = width.min(height);
        let (width, height) = if short < self.min_edge {
            (times(width, self.min_edge, short), times(height, self.min_edge, short))
        } else {
            (width, height)
        };
        let pixels = width.saturating_mul(height);
        let legal = pixels.min(self.max_pixels).max(self.min_pixels);
        let (width, height) = if legal == pixels {
            (width, height)
        } else {
            (times(legal, width, height).isqrt().max(1), times(legal, height, width).isqrt().max(1))
        };
        // With a minimum edge, an extreme ratio has too many pixels.
        let longest = self.max_pixels.checked_div(self.min_edge).unwrap_or(u64::MAX).max(self.min_edge);
        let within = |edge: u64| edge.max(self.min_edge).min(longest);
        if width.min(height) < self.min_edge { (within(width), within(height)) } else { (width, height) }
    }
}

/// Ratio of width to height.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AspectRatio(Size);

impl fmt::Display for AspectRatio {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.0.width, self.0.height)
    }
}

/// Common aspect ratios, to avoid ratios such as 85:48.
const COMMON_RATIOS: [(u32, u32); 9] = [(1, 1), (5, 4), (4, 3), (7, 5), (3, 2), (7, 4), (16, 9), (2, 1), (7, 3)];
/// Maximum difference to a common aspect ratio, as 1 / n.
const NEAR: u64 = 100;

impl AspectRatio {
    /// Parses a ratio such as `16:9`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (width, height) = text.split_once(':')?;
        Size::parse(&format!("{width}x{height}")).map(Self)
    }

    /// Returns the ratio of height to width.
    #[must_use]
    pub fn inverse(self) -> Self {
        Self(Size { width: self.0.height, height: self.0.width })
    }

    /// Returns a common size with about this ratio.
    #[must_use]
    pub fn to_size(self) -> Size {
        let Size { width, height } = self.0;
        let edge = |one: u32, other: u32| {
            let square = u64::from(one).saturating_mul(1 << 20).checked_div(other.into()).unwrap_or_default();
            let edge = square.isqrt().saturating_add(8).checked_div(16).unwrap_or_default().saturating_mul(16);
            u32::try_from(edge).unwrap_or(u32::MAX).max(16)
        };
        Size { width: edge(width, height), height: edge(height, width) }
    }
}

/// Limits of a model that takes an aspect ratio instead of a size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AspectRatios {
    /// The widest ratio. The tallest is its inverse.
    pub max_ratio: AspectRatio,
    /// Approximate number of pixels of an image.
    pub pixels: u64,
}

impl AspectRatios {
    /// Reads the limits from the catalog rules.
    #[must_use]
    pub fn read(rules: &Value) -> Option<Self> {
        let pixels = rules.get("pixels").and_then(Value::as_u64).unwrap_or(1 << 20);
        Some(Self { max_ratio: AspectRatio::parse(rules.text("maxRatio")?)?, pixels })
    }

    /// Returns the aspect ratio of a size, as a common ratio if one is near.
    #[must_use]
    pub fn of(&self, size: Size) -> AspectRatio {
        let size = size.tame();
        let common = COMMON_RATIOS
            .into_iter()
            .flat_map(|(long, short)| [Size { width: long, height: short }, Size { width: short, height: long }]);
        let nearest = size.nearest_of(common).filter(|ratio| {
            let (large, small) = size.distortion(*ratio);
            large.saturating_sub(small).saturating_mul(NEAR) <= small
        });
        AspectRatio(nearest.unwrap_or_else(|| size.reduced()))
    }

    /// Returns `true` if the ratio is within the limits.
    #[must_use]
    pub fn allow(&self, ratio: AspectRatio) -> bool {
        let (ratio, most) = (ratio.0.tame(), self.max_ratio.0);
        let (long, short) = (ratio.width.max(ratio.height), ratio.width.min(ratio.height));
        u64::from(long).saturating_mul(most.height.into()) <= u64::from(short).saturating_mul(most.width.into())
    }

    /// Returns the nearest ratio within the limits.
    #[must_use]
    pub fn nearest(&self, ratio: AspectRatio) -> AspectRatio {
        if self.allow(ratio) {
            ratio
        } else if ratio.0.width >= ratio.0.height {
            self.max_ratio
        } else {
            self.max_ratio.inverse()
        }
    }
}
