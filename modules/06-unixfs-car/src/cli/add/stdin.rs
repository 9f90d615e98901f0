//! Stdin, as a stream that a signal may end.
//!
//! A program that reads from a terminal or a slow pipe waits in the system, where no signal of ours
//! reaches it. So another thread reads, and here is waited for it or for the signal.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use persistent::program::stop;

/// What is read at once.
const PIECE: usize = 1 << 20;

/// What wakes the reader.
enum Event {
    Bytes(io::Result<Vec<u8>>),
    /// A signal came.
    Stop,
}

/// Reads stdin, and fails after a signal.
pub struct Stdin {
    events: Receiver<Event>,
    piece: io::Cursor<Vec<u8>>,
}

impl Stdin {
    /// Begins to read.
    pub fn new() -> Stdin {
        let (send, events) = sync_channel(2);
        let waker = send.clone();
        // If the queue is full nobody waits for it, and the flag alone is seen.
        stop::wakes(move || drop(waker.try_send(Event::Stop)));
        thread::spawn(move || {
            loop {
                let mut piece = Vec::new();
                let read = io::stdin()
                    .lock()
                    .take(PIECE as u64)
                    .read_to_end(&mut piece);
                let is_last = read.as_ref().map_or(true, |len| *len == 0);
                // If nobody listens any more, nobody reads on.
                if send.send(Event::Bytes(read.map(|_| piece))).is_err() || is_last {
                    return;
                }
            }
        });
        Stdin {
            events,
            piece: io::Cursor::default(),
        }
    }
}

impl Read for Stdin {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let read = self.piece.read(to)?;
        if read > 0 || to.is_empty() {
            return Ok(read);
        }
        match self.events.recv() {
            Ok(Event::Bytes(piece)) => self.piece = io::Cursor::new(piece?),
            Ok(Event::Stop) => return Err(io::Error::other("stopped by a signal")),
            // It has ended, and was told so before.
            Err(_) => return Ok(0),
        }
        self.piece.read(to)
    }
}
