//! Decodes blocks of base64 with WebAssembly SIMD instructions.

use core::arch::wasm32::{
    i8x16, i16x8, i32x4_dot_i16x8, u8x16, u8x16_add, u8x16_eq, u8x16_shr, u8x16_shuffle, u8x16_splat, u8x16_swizzle,
    u16x8_shl, u16x8_shr, u16x8_splat, u32x4_extract_lane, u64x2, u64x2_extract_lane, v128, v128_and, v128_any_true,
    v128_or,
};

use super::Error;

/// Characters per block.
pub const CHARACTERS: usize = 16;
/// Decoded bytes per block.
pub const BYTES: usize = 12;

/// Decodes each block into the corresponding element of `out`.
pub fn decode(text: &[[u8; CHARACTERS]], out: &mut [[u8; BYTES]]) -> Result<(), Error> {
    let mut wrong = u8x16_splat(0);
    // Processes four blocks per iteration for instruction-level parallelism. The size-optimized build does not unroll
    // loops.
    let (fours, rest) = text.as_chunks::<4>();
    let (fours_out, rest_out) = out.split_at_mut_checked(fours.len().saturating_mul(4)).ok_or(Error)?;
    for ([a, b, c, d], [a_out, b_out, c_out, d_out]) in fours.iter().zip(fours_out.as_chunks_mut::<4>().0) {
        wrong = v128_or(wrong, block(a, a_out));
        wrong = v128_or(wrong, block(b, b_out));
        wrong = v128_or(wrong, block(c, c_out));
        wrong = v128_or(wrong, block(d, d_out));
    }
    for (text, out) in rest.iter().zip(rest_out) {
        wrong = v128_or(wrong, block(text, out));
    }
    if v128_any_true(wrong) { Err(Error) } else { Ok(()) }
}

/// Decodes one block. Returns a vector that is nonzero where a character is outside the alphabet.
#[inline(always)]
#[expect(clippy::inline_always, reason = "otherwise the size-optimized build calls it for every block")]
#[expect(clippy::cast_possible_truncation, reason = "only the lower half is needed")]
fn block(text: &[u8; CHARACTERS], out: &mut [u8; BYTES]) -> v128 {
    let bits = u128::from_le_bytes(*text);
    let characters = u64x2(bits as u64, (bits >> 64) as u64);
    let high = u8x16_shr(characters, 4);
    let low = v128_and(characters, u8x16_splat(0x0F));
    // Maps each low nibble to the set of high nibbles that form an invalid character with it.
    let of_low = u8x16(0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x13, 0x1A, 0x1B, 0x1B, 0x1B, 0x1A);
    let of_high = u8x16(0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10);
    let wrong = v128_and(u8x16_swizzle(of_low, low), u8x16_swizzle(of_high, high));
    // Offset from a character to its six-bit value, indexed by the high nibble. `/` shares its high nibble with `+`, so
    // it uses the index below.
    let shift = i8x16(0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0);
    let is_slash = u8x16_eq(characters, u8x16_splat(b'/'));
    let sextets = u8x16_add(characters, u8x16_swizzle(shift, u8x16_add(high, is_slash)));
    // Two sextets make 12 bits, and two of those make 24. The shuffle reverses the byte order.
    let first = u16x8_shl(v128_and(sextets, u16x8_splat(0x00FF)), 6);
    let twelves = v128_or(first, u16x8_shr(sextets, 8));
    let words = i32x4_dot_i16x8(twelves, i16x8(4096, 1, 4096, 1, 4096, 1, 4096, 1));
    let bytes = u8x16_shuffle::<2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, 3, 3, 3, 3>(words, words);
    let (start, end) = out.split_at_mut(8);
    start.copy_from_slice(&u64x2_extract_lane::<0>(bytes).to_le_bytes());
    end.copy_from_slice(&u32x4_extract_lane::<2>(bytes).to_le_bytes());
    wrong
}
