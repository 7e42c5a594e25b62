//! Reading of a response body.

use std::cell::RefCell;
use std::future::poll_fn;
use std::task::Poll;

use super::connection::{Arrival, Broken, Connection};

/// Maximum number of bytes to copy into WebAssembly at once. A browser chunk can be as large as the whole body.
const SLICE_BYTES: usize = 64 * 1024;

thread_local! {
    /// Shared buffer for all bodies, because WebAssembly memory never shrinks.
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Waits for the next bytes and reads them with `work`. Returns `None` at the end.
///
/// # Errors
/// The connection fails, or the body does not consist of bytes.
pub async fn read<T>(connection: &Connection, work: impl Fn(&[u8]) -> T) -> Result<Option<T>, Broken> {
    poll_fn(|_| {
        // Taken, because `work` can run a listener of the page, which may read another body.
        let mut buffer = BUFFER.take();
        // Allocated in full, because growing a vector is slow.
        buffer.resize(SLICE_BYTES, 0);
        let result = match connection.read(&mut buffer) {
            Arrival::Pending => Poll::Pending,
            Arrival::End => Poll::Ready(Ok(None)),
            Arrival::Bytes(length) => Poll::Ready(Ok(Some(work(buffer.get(..length).unwrap_or_default())))),
            Arrival::Broken(broken) => Poll::Ready(Err(broken)),
        };
        BUFFER.set(buffer);
        result
    })
    .await
}
