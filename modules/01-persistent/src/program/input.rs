//! What is read, as a stream that a signal may end.
//!
//! A program that reads from a terminal or a slow pipe waits in the system, where no signal of ours
//! reaches it. So another thread reads, and here is waited for it or for the signal.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use super::stop;

/// What is read at once, in bytes.
const PIECE: usize = 256 << 10;

/// What wakes the reader.
enum Event {
    Bytes(io::Result<Vec<u8>>),
    /// A signal came.
    Stop,
}

/// Reads a stream, and fails after a signal: [`stop::check`] says so then.
#[derive(Debug)]
pub struct Input {
    events: Receiver<Event>,
    piece: io::Cursor<Vec<u8>>,
    /// Nothing comes any more: what wakes the reader is still there, so that the wait would not end.
    ended: bool,
}

impl Input {
    /// Begins to read stdin.
    pub fn stdin() -> Input {
        Input::new(|| Ok(io::stdin()))
    }

    /// Begins to read a file; `-` is stdin. A pipe without a writer is waited for when it is opened.
    pub fn open(path: &Path) -> Input {
        if path == Path::new("-") {
            return Input::stdin();
        }
        let path = path.to_owned();
        Input::new(|| File::open(path))
    }

    /// Begins to read what is opened.
    fn new<R: Read>(open: impl FnOnce() -> io::Result<R> + Send + 'static) -> Input {
        let (send, events) = sync_channel(2);
        let waker = send.clone();
        // If the queue is full nobody waits for it, and the flag alone is seen.
        stop::wakes(move || drop(waker.try_send(Event::Stop)));
        thread::spawn(move || match open() {
            Ok(from) => read(from, &send),
            // If nobody listens any more, nobody is to be told.
            Err(error) => drop(send.send(Event::Bytes(Err(error)))),
        });
        Input {
            events,
            piece: io::Cursor::default(),
            ended: false,
        }
    }
}

fn read(mut from: impl Read, to: &SyncSender<Event>) {
    loop {
        let mut piece = vec![0; PIECE];
        let read = match from.read(&mut piece) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read,
        };
        let is_last = read.as_ref().map_or(true, |len| *len == 0);
        let read = read.map(|len| {
            piece.truncate(len);
            piece
        });
        // If nobody listens any more, nobody reads on.
        if to.send(Event::Bytes(read)).is_err() || is_last {
            return;
        }
    }
}

impl Read for Input {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let read = self.piece.read(to)?;
        if read > 0 || to.is_empty() || self.ended {
            return Ok(read);
        }
        let piece = match self.events.recv() {
            Ok(Event::Bytes(piece)) => piece,
            Ok(Event::Stop) => Err(io::Error::other("stopped by a signal")),
            Err(_) => Ok(Vec::new()),
        };
        self.ended = piece.as_ref().map_or(true, Vec::is_empty);
        self.piece = io::Cursor::new(piece?);
        self.piece.read(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_that_has_ended_says_so_each_time() {
        let mut input = Input::new(|| Ok(&b"abc"[..]));
        let mut bytes = Vec::new();
        input.read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes, b"abc");
        for _ in 0..3 {
            assert_eq!(input.read(&mut [0; 8]).unwrap(), 0);
        }
        let mut absent = Input::new(|| Err::<&[u8], _>(io::Error::other("absent")));
        assert!(absent.read(&mut [0; 8]).is_err());
        assert_eq!(absent.read(&mut [0; 8]).unwrap(), 0);
    }
}
