//! The program over blocks that are made to mislead it, or to make it stumble.

use block_cid::{Block, Cid, Multihash, to_v0};
use dag_ipld::{Codec, Ipld};
use testkit::{Ended, Place};

fn place() -> Place {
    Place::new(env!("CARGO_BIN_EXE_05-dag-ipld"))
}

fn link(cid: impl ToString) -> String {
    format!(r#"{{"/":"{}"}}"#, cid.to_string())
}

fn put(place: &Place, json: &str) -> String {
    let ended = place.feed(json.as_bytes(), &["put"]).good();
    ended.out.trim().to_owned()
}

/// As `cbor`, which says more than JSON does.
fn put_cbor(place: &Place, value: &Ipld) -> String {
    let bytes = Codec::Cbor.encode(value).unwrap();
    let args = ["put", "--input-codec", "cbor", "--store-codec", "cbor"];
    place.feed(&bytes, &args).good().out.trim().to_owned()
}

fn ends(place: &Place, code: i32, args: &[&str]) -> Ended {
    let ended = place.run(args);
    assert_eq!(ended.code, Some(code), "{args:?}: {ended:?}");
    ended
}

/// Links as they are in every DAG of Filecoin, and others that Kubo takes.
#[test]
fn one_link_that_no_store_can_follow_stops_nothing() {
    let place = place();
    let good = put(&place, "1");
    let poseidon = Cid::new_v1(0x55, Multihash::wrap(0xb401, &[7; 32]).unwrap());
    let short = Cid::new_v1(0x55, Multihash::wrap(0x12, &[7; 10]).unwrap());
    let list = [&good, &poseidon.to_string(), &short.to_string(), &good].map(link);
    let root = put(&place, &format!("[{}]", list.join(",")));
    let stat = ends(&place, 1, &["stat", &root]);
    assert!(stat.out.contains("links           4"), "{stat:?}");
    assert!(stat.out.contains("faulty          2"), "{stat:?}");
    let said = format!("{poseidon} is the first; what is below is not counted; block");
    assert!(stat.err.contains(&said), "{stat:?}");
    assert!(
        stat.err.contains("hash 0xb401 cannot name a block"),
        "{stat:?}"
    );
    let tree = ends(&place, 1, &["tree", &root]).out;
    let line = format!("├─ 1  {poseidon}  cannot be had: hash 0xb401 ");
    assert!(tree.contains(&line), "{tree}");
    assert!(tree.ends_with(&format!("└─ 3  {good}  above\n")), "{tree}");
    let other = put(&place, &format!("[{}]", list[..2].join(",")));
    let diff = ends(&place, 1, &["diff", &root, &other]);
    assert!(diff.out.contains(&format!("- 2  {short}\n")), "{diff:?}");
    assert!(
        diff.err.contains("2 blocks missing or not to be read"),
        "{diff:?}"
    );
    let get = place.run(&["get", &format!("{root}/1")]);
    get.bad(1, &[&format!("block {poseidon} cannot be had")]);
}

/// A part of a block is no DAG: nothing is said of it that holds for the whole.
#[test]
fn a_path_into_a_block_is_refused_where_blocks_are_meant() {
    let place = place();
    let leaf = put(&place, "7");
    let root = put(
        &place,
        &format!(r#"{{"m":{{"l":[1,2],"n":null}},"to":{}}}"#, link(&leaf)),
    );
    let (list, null) = (format!("{root}/m/l"), format!("{root}/m/n"));
    for args in [
        &["diff", &list, &null][..],
        &["diff", &root, &null],
        &["stat", &list],
        &["tree", &list],
        &["explore", &list],
    ] {
        let said = format!("is a part of block {root}");
        place.run(args).bad(1, &[&said]);
    }
    // Through a link, it is a block.
    let to = format!("{root}/to");
    assert!(
        ends(&place, 0, &["stat", &to])
            .out
            .contains("all, each once           1")
    );
    ends(&place, 0, &["diff", &to, &leaf]);
}

/// root → a → x → y, and root → x: by the first way x is two links away, and by the other one.
#[test]
fn a_limit_on_depth_cuts_off_no_block_that_is_nearer() {
    let place = place();
    let y = put(&place, r#""y""#);
    let x = put(&place, &format!(r#"{{"y":{}}}"#, link(&y)));
    let a = put(&place, &format!(r#"{{"x":{}}}"#, link(&x)));
    let root = put(&place, &format!(r#"{{"a":{},"x":{}}}"#, link(&a), link(&x)));
    let tree = |depth: &str| ends(&place, 0, &["tree", "--depth", depth, &root]).out;
    let (top, node) = ("dag-cbor, 87 B", "dag-cbor, 44 B");
    assert_eq!(tree("0"), format!("{root}  {top}, 2 links below\n"));
    assert_eq!(
        tree("1"),
        format!(
            "{root}  {top}\n├─ a  {a}  {node}, 1 link below\n└─ x  {x}  {node}, 1 link below\n"
        )
    );
    let whole = format!(
        "{root}  {top}\n├─ a  {a}  {node}\n│  └─ x  {x}  below\n└─ x  {x}  {node}\n   \
         └─ y  {y}  dag-cbor, 2 B\n"
    );
    assert_eq!(tree("2"), whole);
    assert_eq!(tree("9"), whole);
}

#[test]
fn a_block_is_taken_apart_once_whatever_the_version_of_its_cid() {
    let place = place();
    let leaf = put(&place, "1");
    let node = format!(
        r#"{{"Links":[{{"Hash":{},"Name":"n","Tsize":1}}]}}"#,
        link(&leaf)
    );
    let args = ["put", "--store-codec", "dag-pb"];
    let v1 = place.feed(node.as_bytes(), &args).good().out;
    let v1: Cid = v1.trim().parse().unwrap();
    let v0 = to_v0(&v1).unwrap();
    let root = put(&place, &format!("[{},{}]", link(v0), link(v1)));
    let tree = ends(&place, 0, &["tree", &root]).out;
    assert!(tree.ends_with(&format!("└─ 1  {v1}  above\n")), "{tree}");
    assert_eq!(tree.matches("─ n  ").count(), 1, "{tree}");
}

#[test]
fn what_json_cannot_say_is_told_as_it_is() {
    let place = place();
    let map = |x, z: Ipld| Ipld::from([("x", Ipld::Float(x)), ("z", z)]);
    let before = put_cbor(
        &place,
        &map(f64::INFINITY, Ipld::from([("/", "hi".into())])),
    );
    let after = put_cbor(&place, &map(f64::NAN, Ipld::Integer(2)));
    let diff = ends(&place, 1, &["diff", &before, &after]).out;
    let said = "~ x  Infinity → NaN\n~ z  {\"/\": \"hi\"} → 2\n";
    assert!(diff.starts_with(said), "{diff}");
}

#[test]
fn a_slash_in_a_name_is_no_step() {
    let place = place();
    let leaf = put(&place, "1");
    let root = put(
        &place,
        &format!(r#"{{"a":{{"b":{0}}},"a/b":{0}}}"#, link(&leaf)),
    );
    let tree = ends(&place, 0, &["tree", &root]).out;
    assert!(
        tree.contains("─ a/b  ") && tree.contains(r"─ a\u{2f}b  "),
        "{tree}"
    );
}

/// A name may be as long as a block, and there may be a line for each link below it.
#[test]
fn long_names_make_short_lines() {
    let place = place();
    let long = "n".repeat(1 << 20);
    let leaf = put(&place, "1");
    let root = put(
        &place,
        &format!(r#"{{"{long}":[{0},{0}],"x":1}}"#, link(&leaf)),
    );
    let tree = ends(&place, 0, &["tree", &root]).out;
    assert!(
        tree.contains("nnn…nnn") && tree.contains("nnn/1  "),
        "{tree}"
    );
    assert!(tree.len() < 2000, "{}", tree.len());
    for args in [
        &["get", &format!("{root}/none")][..],
        &["get", "--output-codec", "json", &root],
    ] {
        let ended = ends(&place, 1, args);
        assert!(ended.err.contains("nnn"), "{}", ended.err);
        assert!(ended.err.len() < 2000, "{}", ended.err.len());
    }
}

#[test]
fn the_bytes_of_any_block_can_be_had_as_raw() {
    let place = place();
    let root = put(&place, r#"{"a":[1]}"#);
    let hash = *root.parse::<Cid>().unwrap().hash();
    let git = Cid::new_v1(0x78, hash).to_string();
    place
        .run(&["get", &git])
        .bad(1, &["git-raw", "take the block as raw"]);
    for cid in [&root, &git] {
        let bytes = ends(&place, 0, &["get", "--output-codec", "raw", cid]).bytes;
        assert_eq!(
            Cid::new_v1(0x71, *Block::raw(bytes).cid().hash()).to_string(),
            root
        );
    }
    // What is within one is a value, and no block.
    let within = format!("{root}/a");
    let args = ["get", "--output-codec", "raw", &within];
    place.run(&args).bad(1, &["raw is bytes, not a list"]);
    let absent = Block::raw("absent").cid().to_string();
    let args = ["get", "--output-codec", "raw", &absent];
    place.run(&args).bad(1, &[&absent]);
    place
        .run(&["get", "--output-codec", "nope", &root])
        .bad(2, &["dag-json, cbor and json"]);
}

#[test]
fn two_dags_are_not_the_same_while_a_block_is_missing() {
    let place = place();
    put(&place, "1");
    let absent = Block::raw("absent").cid().to_string();
    let diff = ends(&place, 1, &["diff", &absent, &absent]);
    assert!(diff.err.contains("1 block missing"), "{diff:?}");
}
