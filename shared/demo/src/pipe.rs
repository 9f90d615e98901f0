//! Output that another program may stop reading.

use std::cell::Cell;
use std::io::{self, Write};
use std::rc::Rc;

/// Whether the reader of a [`Pipe`] has gone.
#[derive(Clone, Debug, Default)]
pub struct Gone(Rc<Cell<bool>>);

impl Gone {
    /// True once a write or flush found nobody reading.
    pub fn get(&self) -> bool {
        self.0.get()
    }
}

/// A writer that remembers whether its reader has gone, so that `ls | head` can be told from
/// every other broken pipe (a socket's, a child's), which stays an error.
#[derive(Debug)]
pub struct Pipe<W> {
    to: W,
    gone: Gone,
}

impl<W: Write> Pipe<W> {
    /// Writes to `to`.
    pub fn new(to: W) -> Pipe<W> {
        Pipe {
            to,
            gone: Gone::default(),
        }
    }

    /// A handle that tells whether the reader has gone, also after the pipe is lent away.
    pub fn gone(&self) -> Gone {
        self.gone.clone()
    }

    fn note<T>(&self, result: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &result
            && error.kind() == io::ErrorKind::BrokenPipe
        {
            self.gone.0.set(true);
        }
        result
    }
}

impl<W: Write> Write for Pipe<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let result = self.to.write(bytes);
        self.note(result)
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = self.to.flush();
        self.note(result)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    struct Fails(io::ErrorKind);

    impl Write for Fails {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_goes_is_noticed() {
        let mut pipe = Pipe::new(Fails(io::ErrorKind::BrokenPipe));
        let gone = pipe.gone();
        assert!(!gone.get());
        pipe.write_all(b"x").unwrap_err();
        assert!(gone.get());
    }

    #[test]
    fn other_errors_are_not_a_reader_that_goes() {
        let mut pipe = Pipe::new(Fails(io::ErrorKind::StorageFull));
        let gone = pipe.gone();
        pipe.write_all(b"x").unwrap_err();
        assert!(!gone.get());
    }
}
