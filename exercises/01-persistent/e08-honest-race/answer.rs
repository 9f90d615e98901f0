//! 01-8: a benchmark that somebody who likes another engine accepts.

/// An engine in a race.
pub trait Engine {
    /// Its name.
    fn name(&self) -> String;
    /// Takes a value, and may leave it in memory.
    fn put(&mut self, key: u64, value: &[u8]);
    /// Makes everything durable that was put.
    fn sync(&mut self);
    /// How many keys it has.
    fn count(&mut self) -> u64;
}

/// Microseconds since some moment.
pub trait Clock {
    /// Now.
    fn now(&self) -> u64;
}

/// What one engine took for a round of puts, in microseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The engine.
    pub name: String,
    /// The median of its rounds.
    pub median: u64,
    /// The shortest.
    pub low: u64,
    /// The longest.
    pub high: u64,
}

/// What is put under key `n`: bytes that no other value has, and that no engine can make shorter.
pub fn value(n: u64, len: usize) -> Vec<u8> {
    //~ todo: any generator of random numbers that begins with n
    let mut state = n.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(1);
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        // SplitMix64.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bytes.extend_from_slice(&(z ^ (z >> 31)).to_le_bytes());
    }
    bytes.truncate(len);
    bytes
    //~ end
}

/// Races the engines: `rounds` rounds, in each of which every engine gets `puts` values of `len` bytes under keys
/// it never had. An odd number of rounds. An engine that lost puts is an error that names it.
pub fn race(
    engines: &mut [Box<dyn Engine>],
    clock: &dyn Clock,
    rounds: u64,
    puts: u64,
    len: usize,
) -> Result<Vec<Line>, String> {
    //~ todo: in turns, with the sync inside the clock; then count
    let mut times = vec![Vec::new(); engines.len()];
    for round in 0..rounds {
        for (engine, times) in engines.iter_mut().zip(&mut times) {
            let keys = round * puts..(round + 1) * puts;
            // Made before the clock starts: what is measured is the engine.
            let values: Vec<(u64, Vec<u8>)> = keys.map(|key| (key, value(key, len))).collect();
            let start = clock.now();
            for (key, value) in &values {
                engine.put(*key, value);
            }
            engine.sync();
            times.push(clock.now() - start);
        }
    }
    let mut lines = Vec::new();
    for (engine, mut times) in engines.iter_mut().zip(times) {
        let (name, has, wanted) = (engine.name(), engine.count(), rounds * puts);
        if has != wanted {
            return Err(format!("{name} has {has} of {wanted} values"));
        }
        times.sort_unstable();
        let at = |place: usize| times.get(place).copied().unwrap_or_default();
        lines.push(Line {
            name,
            median: at(times.len() / 2),
            low: at(0),
            high: at(times.len().saturating_sub(1)),
        });
    }
    Ok(lines)
    //~ end
}

/// The name of the fastest, if that can be said: all its rounds were shorter than all of every other.
pub fn winner(lines: &[Line]) -> Option<&str> {
    //~ todo: intervals that overlap decide nothing
    let first = lines.iter().min_by_key(|line| line.high)?;
    let others = lines.iter().filter(|line| *line != first);
    others
        .map(|line| line.low)
        .all(|low| low > first.high)
        .then_some(first.name.as_str())
    //~ end
}

/// One round of a benchmark that somebody else published.
#[derive(Clone, Debug)]
pub struct Run {
    /// The engine.
    pub engine: &'static str,
    /// How many values were put, and how many of them were different.
    pub puts: u64,
    /// See there.
    pub different: u64,
    /// Whether the clock was stopped before the sync.
    pub stopped_before_sync: bool,
    /// What the engine had at the end.
    pub found: u64,
}

/// What is wrong with a benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Values were put twice, and an engine may notice.
    SameData,
    /// What was measured is not durable.
    NotDurable,
    /// All rounds of one engine, and then all of the next: who comes last has the warm or the tired machine.
    NotInTurns,
    /// An engine lost what it was given.
    Lost,
}

/// The faults of a benchmark, from its runs in the order in which they were made; each once, sorted.
pub fn faults(runs: &[Run]) -> Vec<Fault> {
    //~ todo: four questions
    let mut faults = Vec::new();
    if runs.iter().any(|run| run.different < run.puts) {
        faults.push(Fault::SameData);
    }
    if runs.iter().any(|run| run.stopped_before_sync) {
        faults.push(Fault::NotDurable);
    }
    let neighbours = |pair: &[Run]| matches!(pair, [a, b] if a.engine == b.engine);
    let several = runs
        .iter()
        .any(|run| Some(run.engine) != runs.first().map(|run| run.engine));
    if several && runs.windows(2).any(neighbours) {
        faults.push(Fault::NotInTurns);
    }
    if runs.iter().any(|run| run.found < run.puts) {
        faults.push(Fault::Lost);
    }
    faults
    //~ end
}
