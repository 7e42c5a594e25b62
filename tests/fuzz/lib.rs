//! What each of the fuzz targets checks.

#[path = "../support/mod.rs"]
mod support;

pub mod checks;

// The most that an input makes the heap grow is part of what is checked.
#[global_allocator]
static ALLOCATOR: support::heap::Counting = support::heap::Counting;
