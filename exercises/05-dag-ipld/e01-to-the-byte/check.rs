use crate::answer::{DEPTH, decode, encode};
use crate::value::{Value, list, map, text};

/// A value has to be these bytes, and these bytes the value.
fn both(what: &str, value: &Value, hex: &str, why: &str) {
    say::bytes(
        &format!("encode({what})"),
        &encode(value),
        &unhex::of(hex),
        why,
    );
    let yours = decode(&unhex::of(hex));
    say::same(&format!("decode({hex})"), &yours, &Ok(value.clone()), why);
}

/// Bytes that have to be refused.
fn refused(what: &str, hex: &str, why: &str) {
    refuses(what, &unhex::of(hex), why);
}

fn refuses(what: &str, bytes: &[u8], why: &str) {
    if let Ok(value) = decode(bytes) {
        let json = value.json();
        let value: String = json.chars().take(60).collect();
        say::wrong(format!(
            "{what}\nbytes   {}\nyours   taken, as {value}\nwanted  refused\nWhy it matters: {why}",
            say::hex(bytes)
        ));
    }
}

/// integers, at each edge of their length
#[test]
fn a1_integers() {
    let why = "each number has one shortest form; a longer one is another CID.";
    // RFC 8949, appendix A; dasl-testing, integer_range.json.
    for (number, hex) in [
        (0, "00"),
        (23, "17"),
        (24, "1818"),
        (255, "18ff"),
        (256, "190100"),
        (65_535, "19ffff"),
        (65_536, "1a00010000"),
        (4_294_967_295, "1affffffff"),
        (4_294_967_296, "1b0000000100000000"),
        (18_446_744_073_709_551_615, "1bffffffffffffffff"),
        (-1, "20"),
        (-24, "37"),
        (-25, "3818"),
        (-256, "38ff"),
        (-257, "390100"),
        (-18_446_744_073_709_551_616, "3bffffffffffffffff"),
    ] {
        both(&number.to_string(), &Value::Int(number), hex, why);
    }
}

/// null, true, bytes, a text and a list
#[test]
fn a2_simple() {
    let why = "that is most of what there is.";
    both("null", &Value::Null, "f6", why);
    both("true", &Value::Bool(true), "f5", why);
    both("false", &Value::Bool(false), "f4", why);
    both("the byte a1", &Value::Bytes(vec![0xa1]), "41a1", why);
    both("\"𐅑\"", &text("𐅑"), "64f0908591", why);
    let nested = list([Value::Int(3), list([]), text("a")]);
    both("[3,[],\"a\"]", &nested, "8303806161", why);
}

/// the keys of a map: the shorter first, and only then by the alphabet
#[test]
fn b1_order() {
    let why = "without an order, one map has many CIDs. The head, with the length, comes before the letters.";
    let three = map([
        ("b", Value::Int(1)),
        ("aa", Value::Int(2)),
        ("a", Value::Int(0)),
    ]);
    both(
        "{\"b\":1,\"aa\":2,\"a\":0}",
        &three,
        "a361610061620162616102",
        why,
    );
}

/// the map of ipld/codec-fixtures that has something of everything
#[test]
fn c1_fixture() {
    let hex = "ae636f6e651b0016db6db6db6db763736978206374656e3b0016db6db6db6db76374776f1a0001000064666976650064666f757202\
               646e696e653aa5f702b365656967687438ff65736576656e226574687265651901f466656c6576656e426131667477656c76656fc4\
               8c6175657320c39f76c49b74652168666f75727465656ea4616664666f7572616f016174026274680368746869727465656e84020304\
               6466697665";
    let why = "Go, JavaScript and Rust write these bytes for it.";
    let value = say::ok(
        "decode of map-with_complex_entries",
        decode(&unhex::of(hex)),
    );
    say::same(
        "the entry \"six\"",
        &value.entry("six"),
        &Some(&Value::Int(-1)),
        why,
    );
    let yours = encode(&value);
    say::bytes(
        "encode of map-with_complex_entries",
        &yours,
        &unhex::of(hex),
        why,
    );
    let wanted = "bafyreia3jgnpn6w3wpvdc7qlyv7rkqjmxrrdaqohtgmwwje5mbpcef6hkq";
    let yours = blocks::named(0x71, &yours).to_string();
    cids::same("its CID", &yours, "theirs", wanted, why);
}

/// a link is tag 42, and bytes with a zero before the CID
#[test]
fn c2_link() {
    // ipld/codec-fixtures, cid-bafkreiebzrn….
    let cid = "bafkreiebzrnroamgos2adnbpgw5apo3z4iishhbdx77gldnbk57d4zdio4";
    let link = Value::Link(cid.try_into().unwrap());
    let hex = "d82a5825000155122081cc5b17018674b401b42f35ba07bb79e211239c23bffe658da1577e3e646877";
    let why = "the zero says \"binary\", as a letter says which base a text has.";
    both(cid, &link, hex, why);
    let map = map([("link", link)]);
    both("a map with it", &map, &format!("a1646c696e6b{hex}"), why);
}

/// numbers and lengths that are longer than they need to be
#[test]
fn d1_longer() {
    // dasl-testing, short_form.json and cid.json.
    for (what, hex) in [
        ("1 in one byte more", "1801"),
        ("1 in eight bytes", "1b0000000000000001"),
        ("-1 in two bytes", "390000"),
        ("an empty text with a length of its own", "7800"),
        ("a list with a length of two bytes", "990000"),
        ("a map with a length of one byte", "b801616100"),
        (
            "the tag 42 in two bytes",
            "d9002a582500015512205891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03",
        ),
    ] {
        refused(
            what,
            hex,
            "two ways to write it are two CIDs for one value.",
        );
    }
}

/// maps that are out of order, have a key twice, or a key that is no text
#[test]
fn d2_maps() {
    let why = "whoever takes it reads another map than the next one does.";
    // dasl-testing, map_keys.json; ipld/codec-fixtures, duplicate-keys.json.
    refused("keys out of order", "a2616201616100", why);
    refused(
        "keys by the alphabet, \"aa\" before \"b\"",
        "a262616101616200",
        why,
    );
    refused("a key twice", "a3636261720363666f6f0163666f6f02", why);
    refused("a key that is a number", "a10000", why);
}

/// what the data model does not have: other tags, lengths to come, undefined, halves of a link
#[test]
fn d3_unknown() {
    let why =
        "a decoder that lets it through hands its reader a value that nobody can write again.";
    // dasl-testing: indefinite.json, simple.json, integer_range.json, cid.json.
    for (what, hex) in [
        ("a list of unknown length", "9fff"),
        ("a text of unknown length", "7fff"),
        ("undefined", "f7"),
        ("a simple value that is not assigned", "e0"),
        ("a bignum", "c249010000000000000000"),
        ("a link to one zero byte", "d82a4100"),
        ("a link without the zero byte", "d82a450155120000"),
        (
            "a link whose digest has a byte less than it says",
            "d82a582400015512205891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be",
        ),
        ("a text that is not UTF-8", "61ff"),
    ] {
        refused(what, hex, why);
    }
}

/// the end too early, and something after it
#[test]
fn d4_ends() {
    let whole = unhex::of("a2616182010261624568656c6c6f");
    say::ok("decode of a whole map", decode(&whole));
    for end in 0..whole.len() {
        let what = format!("the first {end} of {} bytes", whole.len());
        refuses(&what, &whole[..end], "connections break in the middle.");
    }
    let longer = [&whole[..], &[0]].concat();
    refuses(
        "a map and a zero",
        &longer,
        "a block is one value, and all of it is hashed.",
    );
}

/// small bytes with great claims: billions of entries, and lists in lists
#[test]
fn d5_claims() {
    let why = "nine bytes from a stranger must not take the memory, or the stack.";
    refused("a list of 2^64 - 1 entries", "9bffffffffffffffff", why);
    refused("a list of 2^40 entries", "9b0000010000000000", why);
    refused("a map of 2^60 entries", "bb1000000000000000", why);
    refused("a text of 2^63 bytes", "7b8000000000000000", why);
    let deep = |levels: usize| [vec![0x81; levels], vec![0xf6]].concat();
    say::ok("lists in lists, 100 levels", decode(&deep(100)));
    refuses(
        &format!("lists in lists, {} levels", DEPTH + 1),
        &deep(DEPTH + 1),
        why,
    );
    refuses("lists in lists, 200,000 levels", &deep(200_000), why);
}
