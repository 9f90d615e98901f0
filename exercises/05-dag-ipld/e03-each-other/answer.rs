//! 05-3: two objects that point at each other.

use std::collections::BTreeMap;

use cid::Cid;

use crate::blocks::Blocks;
use crate::value::{Value, map, text};

/// Which version of a name is the current one: the only thing here that changes.
pub type Names = BTreeMap<String, Cid>;

/// Tries it: ada with no friend; then, as often as it says, bob with a link to the last ada, and ada with a link to
/// that bob. The CIDs of all adas, the first without a friend.
pub fn chase(blocks: &Blocks, rounds: usize) -> Vec<Cid> {
    //~ todo: a person is a map of name and friend, and an object has to be there before its CID is
    let mut adas = vec![blocks.put(&person("ada", Value::Null))];
    for _ in 0..rounds {
        let bob = blocks.put(&person("bob", Value::Link(adas[adas.len() - 1])));
        adas.push(blocks.put(&person("ada", Value::Link(bob))));
    }
    adas
    //~ end
}

/// Makes two people friends of each other, by their names, and says in `names` where they are now.
pub fn befriend(blocks: &Blocks, names: &mut Names, one: &str, other: &str) {
    //~ todo: what can be put into a block before the other block is there?
    for (name, friend) in [(one, other), (other, one)] {
        let cid = blocks.put(&person(name, text(friend)));
        names.insert(name.to_owned(), cid);
    }
    //~ end
}

/// The person who is the friend of this one now, if both are known.
pub fn friend(blocks: &Blocks, names: &Names, who: &str) -> Option<Value> {
    //~ todo: a name leads to a CID, a CID to a block, and that has a name again
    let person = blocks.get(names.get(who)?)?;
    let Some(Value::Text(friend)) = person.entry("friend") else {
        return None;
    };
    blocks.get(names.get(friend)?)
    //~ end
}

/// Somebody.
pub fn person(name: &str, friend: Value) -> Value {
    map([("friend", friend), ("name", text(name))])
}
