use crate::exercise::{Exercise, Mark, Mutant};

pub const EXERCISE: Exercise = Exercise {
    id: "05-3",
    file: "e03_each_other",
    title: "Two objects that point at each other",
    minutes: 20,
    stretch: false,
    marks: &[Mark::Works],
    goal: "\
Ada's profile links to bob's, and bob's to ada's. Try it, and see why it cannot be:

    ada 0          bob 1 ──► ada 0          ada 1 ──► bob 1          bob 2 ──► ada 1          …

Then solve it as the web of content addresses does everywhere: with something that may change, a name. The friend
of ada is no CID but \"bob\", and a table says which block is bob now.",
    hints: [
        "To link to a block one needs its CID. From what is a CID made, and when?",
        "In `chase`, each ada is made after the bob she links to, and he after the ada before: put, and use the CID that \
         comes back. In `befriend` no CID is needed at all: \"bob\" can be written before bob is there.",
        "`chase`: begin with `person(\"ada\", Value::Null)`; in each round put a bob with `Value::Link` of the last ada, \
         and an ada with the link of that bob. `befriend`: for both, put `person(name, text(friend))` and insert the CID \
         into `names`. `friend`: `names.get(who)?`, then `blocks.get`, then the entry \"friend\" if it is a `Value::Text`, and \
         the same two steps for that name.",
    ],
    debrief: "\
That is the A in DAG: acyclic, by arithmetic and not by a rule. A walk over a DAG needs no check for cycles; it needs one for
blocks that are reached twice, since there may be many paths to one block.

So something has to change that is not content: IPNS and DNSLink name a CID, git has branches, and a pin list says
what to keep. Put the least into it: here two names, and everything else stays provable.

Another way is to put both people into one block. What changes together may live together.",
    answer: include_str!("answer.rs"),
    check: include_str!("check.rs"),
    messages: include_str!("messages.txt"),
    mutants: &[
        Mutant {
            name: "bob links to the first ada, each time",
            find: "Value::Link(adas[adas.len() - 1])",
            replace: "Value::Link(adas[0])",
            killed_by: "a1",
        },
        Mutant {
            name: "one round too few",
            find: "for _ in 0..rounds {",
            replace: "for _ in 1..rounds {",
            killed_by: "a1",
        },
        Mutant {
            name: "forgets the link, and so comes to an end",
            find: "adas.push(blocks.put(&person(\"ada\", Value::Link(bob))));",
            replace: "adas.push(blocks.put(&person(\"ada\", if adas.len() > 9 { Value::Null } else { Value::Link(bob) })));",
            killed_by: "a2",
        },
        Mutant {
            name: "only one of the two is a friend",
            find: "[(one, other), (other, one)]",
            replace: "[(one, other), (other, other)]",
            killed_by: "a3",
        },
        Mutant {
            name: "says the name of the friend, and not who that is",
            find: "    blocks.get(names.get(friend)?)\n",
            replace: "    Some(text(friend))\n",
            killed_by: "a3",
        },
        Mutant {
            name: "a friend is made from the name, and not looked up",
            find: "    blocks.get(names.get(friend)?)\n",
            replace: "    names.get(friend).map(|_| self::person(friend, text(who)))\n",
            killed_by: "a4",
        },
    ],
};
