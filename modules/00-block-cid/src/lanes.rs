//! SHA-256 of many byte strings, sixteen side by side.
//!
//! SHA-256 of one message cannot be spread over the lanes of a vector unit, since each step needs
//! the one before. But sixteen messages can take the same step together: every `u32` of the
//! algorithm becomes sixteen of them, one a message, and an AVX-512 register holds exactly that.
//!
//! ```text
//! lane    0        1        2      …   15
//!         msg 0    msg 1    msg 2  …   msg 15     64 bytes of each, in one step
//!         msg 0    msg 16   msg 2  …   msg 15     msg 1 has ended: the lane takes the next
//! ```
//!
//! The source is plain Rust over arrays. What makes the compiler use the wide registers is that
//! [`pulp`] runs it inside a function compiled for them; for that, everything below `Job::call`
//! has to be `#[inline(always)]`. The algorithm is [FIPS
//! 180-4](https://nvlpubs.nist.gov/nistpubs/FIPS/NIST.FIPS.180-4.pdf), section 6.2, and the names
//! are the standard's.
// Every index is bounded by the loop around it and the length in the type. Iterators in place of
// the indices keep the compiler from using vector registers.
#![allow(clippy::indexing_slicing, clippy::needless_range_loop)]

use std::array::from_fn;

/// How many messages are hashed side by side.
pub(crate) const LANES: usize = 16;

/// One number of each message.
type Word = [u32; LANES];

#[rustfmt::skip]
const K: [u32; 64] = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
];

const START: [u32; 8] = [
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];

/// Which instructions run the lanes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Level {
    /// AVX-512: one register holds a number of all sixteen messages.
    #[cfg(target_arch = "x86_64")]
    V4(pulp::x86::V4),
    /// AVX2: two registers do.
    #[cfg(target_arch = "x86_64")]
    V3(pulp::x86::V3),
    /// Whatever the build is for. Slower than one message at a time; there to be compared with.
    Plain,
}

impl Level {
    /// The widest instructions of this machine, if it has any that make lanes worth it.
    pub(crate) fn best() -> Option<Level> {
        #[cfg(target_arch = "x86_64")]
        {
            let v4 = pulp::x86::V4::try_new().map(Level::V4);
            v4.or_else(|| pulp::x86::V3::try_new().map(Level::V3))
        }
        #[cfg(not(target_arch = "x86_64"))]
        None
    }

    /// Every level that this machine can run.
    pub(crate) fn all() -> Vec<Level> {
        let mut all = vec![Level::Plain];
        #[cfg(target_arch = "x86_64")]
        {
            all.extend(pulp::x86::V3::try_new().map(Level::V3));
            all.extend(pulp::x86::V4::try_new().map(Level::V4));
        }
        all
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            #[cfg(target_arch = "x86_64")]
            Level::V4(_) => "lanes, AVX-512",
            #[cfg(target_arch = "x86_64")]
            Level::V3(_) => "lanes, AVX2",
            Level::Plain => "lanes, no dispatch",
        }
    }

    /// Fewer messages than this are hashed faster one by one: the sixteen lanes together are some
    /// three times as fast as `ring` with AVX-512, and not quite twice with AVX2.
    fn worthwhile(self) -> usize {
        match self {
            #[cfg(target_arch = "x86_64")]
            Level::V4(_) => 6,
            #[cfg(target_arch = "x86_64")]
            Level::V3(_) => 10,
            Level::Plain => 2,
        }
    }
}

/// The digests of many byte strings, in their order. `one` hashes what is left when too few are
/// left to fill the lanes.
pub(crate) fn many(level: Level, inputs: &[&[u8]], one: fn(&[u8]) -> [u8; 32]) -> Vec<[u8; 32]> {
    let mut digests = vec![[0; 32]; inputs.len()];
    // The longest first, so that the lanes empty at about the same time.
    let mut order: Vec<usize> = (0..inputs.len()).collect();
    order.sort_by_key(|&i| std::cmp::Reverse(inputs[i].len()));
    let job = Job {
        inputs,
        order: &order,
        digests: &mut digests,
        worthwhile: level.worthwhile(),
    };
    let done = match level {
        #[cfg(target_arch = "x86_64")]
        Level::V4(v4) => pulp::Simd::vectorize(v4, job),
        #[cfg(target_arch = "x86_64")]
        Level::V3(v3) => pulp::Simd::vectorize(v3, job),
        Level::Plain => pulp::NullaryFnOnce::call(job),
    };
    for &i in &order[done..] {
        digests[i] = one(inputs[i]);
    }
    digests
}

/// One message in a lane.
struct Lane<'a> {
    /// Which input it is; `None` if the lane is idle.
    input: Option<usize>,
    /// What is being read: the message, and then its tail.
    source: &'a [u8],
    /// Where the next 64 bytes begin.
    at: usize,
    /// Whether the tail comes next, or is being read.
    tail: Tail,
}

/// The end of a message: what does not fill 64 bytes, a one bit, zeros, the length in bits.
struct Tail {
    bytes: [u8; 128],
    /// 64 or 128; 0 once it has been read.
    len: usize,
}

impl Tail {
    #[inline(always)]
    fn of(message: &[u8]) -> Tail {
        let rest = &message[message.len() / 64 * 64..];
        let mut bytes = [0; 128];
        bytes[..rest.len()].copy_from_slice(rest);
        bytes[rest.len()] = 0x80;
        let len = if rest.len() < 56 { 64 } else { 128 };
        bytes[len - 8..len].copy_from_slice(&(message.len() as u64 * 8).to_be_bytes());
        Tail { bytes, len }
    }
}

struct Job<'a, 'b> {
    inputs: &'a [&'a [u8]],
    order: &'a [usize],
    digests: &'b mut [[u8; 32]],
    worthwhile: usize,
}

impl pulp::NullaryFnOnce for Job<'_, '_> {
    /// How many messages of the order have been hashed.
    type Output = usize;

    #[inline(always)]
    fn call(self) -> usize {
        let mut lanes: [Lane<'_>; LANES] = from_fn(|_| Lane {
            input: None,
            source: &[],
            at: 0,
            tail: Tail {
                bytes: [0; 128],
                len: 0,
            },
        });
        let mut state: [Word; 8] = from_fn(|i| [START[i]; LANES]);
        let mut taken = 0;
        loop {
            let busy = lanes.iter().filter(|lane| lane.input.is_some()).count();
            let left = self.order.len() - taken;
            if left > 0 && busy + left >= self.worthwhile {
                for (l, lane) in lanes.iter_mut().enumerate() {
                    if lane.input.is_none() && taken < self.order.len() {
                        let input = self.order[taken];
                        let message = self.inputs[input];
                        *lane = Lane {
                            input: Some(input),
                            source: &message[..message.len() / 64 * 64],
                            at: 0,
                            tail: Tail::of(message),
                        };
                        taken += 1;
                        (0..8).for_each(|i| state[i][l] = START[i]);
                    }
                }
            } else if busy == 0 {
                return taken;
            }
            // As many steps as no lane ends in: first through whole messages, …
            let steps = lanes
                .iter()
                .filter(|lane| lane.input.is_some() && lane.at < lane.source.len())
                .map(|lane| (lane.source.len() - lane.at) / 64)
                .min();
            let in_tail = lanes
                .iter()
                .any(|lane| lane.input.is_some() && lane.at >= lane.source.len());
            let steps = if in_tail { 1 } else { steps.unwrap_or(0) };
            for _ in 0..steps {
                let w = load(&lanes);
                compress(&mut state, w);
                for lane in &mut lanes {
                    lane.at += 64;
                }
            }
            // … and a lane whose tail has been read gives its digest.
            for (l, lane) in lanes.iter_mut().enumerate() {
                let Some(input) = lane.input else { continue };
                if lane.at >= lane.source.len() + lane.tail.len {
                    for i in 0..8 {
                        self.digests[input][i * 4..i * 4 + 4]
                            .copy_from_slice(&state[i][l].to_be_bytes());
                    }
                    lane.input = None;
                }
            }
        }
    }
}

/// The next 64 bytes of each lane, as sixteen big-endian numbers.
#[inline(always)]
fn load(lanes: &[Lane<'_>; LANES]) -> [Word; 16] {
    let mut w = [[0; LANES]; 16];
    for (l, lane) in lanes.iter().enumerate() {
        let bytes: &[u8] = if lane.at < lane.source.len() {
            &lane.source[lane.at..lane.at + 64]
        } else {
            // An idle lane reads the old tail again and again; nobody asks for its digest.
            let at = (lane.at - lane.source.len()).min(64);
            &lane.tail.bytes[at..at + 64]
        };
        for i in 0..16 {
            w[i][l] = u32::from_be_bytes([
                bytes[i * 4],
                bytes[i * 4 + 1],
                bytes[i * 4 + 2],
                bytes[i * 4 + 3],
            ]);
        }
    }
    w
}

/// One step of all lanes: 64 bytes of each message into its state.
#[inline(always)]
fn compress(state: &mut [Word; 8], mut w: [Word; 16]) {
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    for t in 0..64 {
        let i = t % 16;
        if t >= 16 {
            let (w15, w2, w7) = (w[(t + 1) % 16], w[(t + 14) % 16], w[(t + 9) % 16]);
            w[i] = from_fn(|l| {
                w[i][l]
                    .wrapping_add(small(w15[l], 7, 18, 3))
                    .wrapping_add(w7[l])
                    .wrapping_add(small(w2[l], 17, 19, 10))
            });
        }
        let t1: Word = from_fn(|l| {
            let choice = (e[l] & f[l]) ^ (!e[l] & g[l]);
            h[l].wrapping_add(big(e[l], 6, 11, 25))
                .wrapping_add(choice)
                .wrapping_add(K[t])
                .wrapping_add(w[i][l])
        });
        let t2: Word = from_fn(|l| {
            let majority = (a[l] & b[l]) ^ (a[l] & c[l]) ^ (b[l] & c[l]);
            big(a[l], 2, 13, 22).wrapping_add(majority)
        });
        (h, g, f) = (g, f, e);
        e = from_fn(|l| d[l].wrapping_add(t1[l]));
        (d, c, b) = (c, b, a);
        a = from_fn(|l| t1[l].wrapping_add(t2[l]));
    }
    let worked = [a, b, c, d, e, f, g, h];
    for (sum, word) in state.iter_mut().zip(worked) {
        *sum = from_fn(|l| sum[l].wrapping_add(word[l]));
    }
}

/// The standard's lower-case sigma.
#[inline(always)]
fn small(x: u32, r1: u32, r2: u32, s: u32) -> u32 {
    x.rotate_right(r1) ^ x.rotate_right(r2) ^ (x >> s)
}

/// The standard's upper-case sigma.
#[inline(always)]
fn big(x: u32, r1: u32, r2: u32, r3: u32) -> u32 {
    x.rotate_right(r1) ^ x.rotate_right(r2) ^ x.rotate_right(r3)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use sha2::Digest as _;

    fn one(bytes: &[u8]) -> [u8; 32] {
        sha2::Sha256::digest(bytes).into()
    }

    /// `one` for tests that must not fall back on it.
    fn never(_: &[u8]) -> [u8; 32] {
        [0; 32]
    }

    /// Bytes that do not repeat soon.
    fn message(n: usize, len: usize) -> Vec<u8> {
        (0..len)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 7 ^ n.wrapping_mul(97)) as u8)
            .collect()
    }

    /// FIPS 180-4 examples and the empty message, in every lane at every level.
    #[test]
    fn known_answers_come_out_of_every_lane() {
        let two = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
        let million = vec![b'a'; 1_000_000];
        let known: [(&[u8], &str); 4] = [
            (
                b"",
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            ),
            (
                b"abc",
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ),
            (
                two,
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
            ),
            (
                &million,
                "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
            ),
        ];
        for level in Level::all() {
            for (bytes, wanted) in known {
                for digest in many(level, &[bytes; LANES], never) {
                    let got = data_encoding::HEXLOWER.encode(&digest);
                    assert_eq!(got, wanted, "{} bytes by {}", bytes.len(), level.name());
                }
            }
        }
    }

    /// Every length around the places where the padding changes, so that lanes end in turn.
    #[test]
    fn lanes_agree_with_sha2_at_every_length() {
        let messages: Vec<Vec<u8>> = (0..400).map(|n| message(n, n)).collect();
        let inputs: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
        for level in Level::all() {
            let got = many(level, &inputs, one);
            for (input, got) in inputs.iter().zip(got) {
                assert_eq!(got, one(input), "{} bytes by {}", input.len(), level.name());
            }
        }
    }

    /// Too few messages to fill the lanes, and one that is much longer than the others.
    #[test]
    fn uneven_work_is_done_all_the_same() {
        for count in 0..40 {
            let messages: Vec<Vec<u8>> = (0..count)
                .map(|n| message(n, if n == 3 { 70_000 } else { n * 31 }))
                .collect();
            let inputs: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
            let wanted: Vec<[u8; 32]> = inputs.iter().map(|input| one(input)).collect();
            for level in Level::all() {
                assert_eq!(
                    many(level, &inputs, one),
                    wanted,
                    "{count} by {}",
                    level.name()
                );
            }
        }
    }
}
