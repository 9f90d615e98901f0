//! Calls that fail on demand.

/// A kind of call to a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Call {
    /// Opening a file or a folder.
    Open,
    /// Opening a file that is made, at least if it is absent.
    Create,
    /// Looking what a path, or an open file, is.
    Look,
    /// Listing a folder.
    List,
    /// Reading from a file.
    Read,
    /// Writing to a file.
    Write,
    /// Cutting or filling a file.
    SetLen,
    /// Making a folder.
    CreateDir,
    /// Removing a file or a folder.
    Remove,
    /// Renaming, or exchanging two names.
    Rename,
    /// Flushing a file.
    SyncFile,
    /// Flushing a folder.
    SyncFolder,
    /// Flushing everything.
    SyncAll,
}

/// Every call.
pub const ALL: &[Call] = &[
    Call::Open,
    Call::Create,
    Call::Look,
    Call::List,
    Call::Read,
    Call::Write,
    Call::SetLen,
    Call::CreateDir,
    Call::Remove,
    Call::Rename,
    Call::SyncFile,
    Call::SyncFolder,
    Call::SyncAll,
];

/// Every call that flushes.
pub const FLUSHES: &[Call] = &[Call::SyncFile, Call::SyncFolder, Call::SyncAll];

/// The device could not read or write.
pub const EIO: i32 = 5;

/// A signal came before anything was done.
pub const EINTR: i32 = 4;

/// There is no room.
pub const ENOSPC: i32 = 28;

/// What happens in place of the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It fails with this number of the system's and does nothing. A flush that fails so has lost
    /// what it was to write; see [`crash`](crate::crash).
    Error(i32),
    /// Of a read or a write only the first half is done. Others are done as usual.
    Short,
    /// The process is killed before it; see [`CrashDisk::kill`](crate::crash::CrashDisk::kill).
    Kill,
}

/// What becomes of a call.
pub(super) enum Verdict {
    Done,
    Short,
    Fails(i32),
    Kill,
}

/// A fault to come.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The calls that it is about.
    pub calls: &'static [Call],
    /// How many of them go well first.
    pub after: u64,
    /// How many of them it strikes then; `u64::MAX` is for good.
    pub times: u64,
    /// What happens to those.
    pub how: How,
}

/// What shall fail, and what was called.
#[derive(Debug, Default)]
pub(super) struct Faults {
    planned: Vec<Fault>,
    called: Vec<Call>,
    struck: u64,
}

impl Faults {
    pub(super) fn plan(&mut self, fault: Fault) {
        self.planned.push(fault);
    }

    pub(super) fn forget(&mut self) {
        self.planned.clear();
    }

    pub(super) fn struck(&self) -> u64 {
        self.struck
    }

    pub(super) fn count(&self, calls: &[Call]) -> u64 {
        self.called
            .iter()
            .filter(|call| calls.contains(call))
            .count() as u64
    }

    /// Notes a call, and says what becomes of it.
    pub(super) fn call(&mut self, call: Call) -> Verdict {
        self.called.push(call);
        for fault in self.planned.iter_mut().filter(|f| f.calls.contains(&call)) {
            if fault.after > 0 {
                fault.after -= 1;
            } else if fault.times > 0 {
                fault.times -= 1;
                self.struck += 1;
                return match fault.how {
                    How::Error(number) => Verdict::Fails(number),
                    How::Short => Verdict::Short,
                    How::Kill => Verdict::Kill,
                };
            }
        }
        Verdict::Done
    }
}
