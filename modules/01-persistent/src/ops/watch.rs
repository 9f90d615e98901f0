//! How a long operation is watched, and stopped.

/// Whoever watches an operation. It is called from the operation's own threads.
pub trait Watch: Sync {
    /// How much there is to do, once that is known; it may become known better later.
    fn expect(&self, blocks: u64, bytes: u64) {
        let _ = (blocks, bytes);
    }

    /// So many blocks and bytes more are done.
    fn did(&self, blocks: u64, bytes: u64) {
        let _ = (blocks, bytes);
    }

    /// Whether to stop. Asked often, so it has to be cheap.
    fn stops(&self) -> bool {
        false
    }
}

/// Watches nothing, and never stops.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Watch for Silent {}

impl<W: Watch + ?Sized> Watch for &W {
    fn expect(&self, blocks: u64, bytes: u64) {
        (**self).expect(blocks, bytes);
    }
    fn did(&self, blocks: u64, bytes: u64) {
        (**self).did(blocks, bytes);
    }
    fn stops(&self) -> bool {
        (**self).stops()
    }
}
