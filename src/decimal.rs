//! Decimal numbers without floating point, which would make up most of the code size.

/// Converts a decimal number to an integer of units of `1 / scale`, rounded up and saturated: `("1.5", 1000)` is 1500.
/// Digits after the sixth decimal place are ignored.
#[must_use]
pub fn scaled(number: &str, scale: u64) -> Option<u32> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let millionths: u64 = format!("{fraction:0<6.6}").parse().ok()?;
    // Digits fail to parse only if the number exceeds 64 bits.
    let whole = whole.parse::<u64>().unwrap_or(u64::MAX).saturating_mul(scale);
    let units = whole.saturating_add(millionths.saturating_mul(scale).div_ceil(1_000_000));
    Some(u32::try_from(units).unwrap_or(u32::MAX))
}

/// Formats a number of thousandths, such as 1500 as `1.5`.
#[must_use]
pub fn of_thousandths(number: u32) -> String {
    let text = format!("{}.{:03}", number / 1000, number % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
