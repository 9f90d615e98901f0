use cid::Cid;

use crate::answer::{Stop, get};
use crate::blocks::Blocks;
use crate::value::{Value, list, map, text};

/// Ada's profile, which links to her post and her city.
struct World {
    blocks: Blocks,
    root: Cid,
    post: Cid,
    city: Cid,
}

fn world() -> World {
    let blocks = Blocks::default();
    let city = blocks.put(&map([("name", text("London"))]));
    let post = blocks.put(&map([
        ("title", text("On the Engine")),
        ("tags", list([text("engine"), text("notes")])),
        ("written in", Value::Link(city)),
    ]));
    let root = blocks.put(&map([
        ("name", text("Ada Lovelace")),
        ("posts", list([Value::Link(post)])),
        ("years", map([("0", text("born")), ("-1", text("before"))])),
    ]));
    World {
        blocks,
        root,
        post,
        city,
    }
}

impl World {
    fn leads(&self, path: &str, wanted: Value, why: &str) {
        let yours = get(&self.blocks, &self.root, path);
        self.is(path, yours, Ok(wanted), why);
    }

    fn stops(&self, path: &str, wanted: Stop, why: &str) {
        let yours = get(&self.blocks, &self.root, path);
        self.is(path, yours, Err(wanted), why);
    }

    fn is(&self, path: &str, yours: Result<Value, Stop>, wanted: Result<Value, Stop>, why: &str) {
        if yours != wanted {
            say::wrong(format!(
                "get(root, {path:?})\nyours   {}\nwanted  {}\nWhy it matters: {why}",
                self.told(yours),
                self.told(wanted)
            ));
        }
    }

    fn told(&self, end: Result<Value, Stop>) -> String {
        match end {
            Ok(value) => value.json(),
            Err(Stop::NoEntry { so_far, name }) => format!("no entry {name:?} in {so_far:?}"),
            Err(Stop::Missing { cid, so_far, rest }) => {
                let names = [
                    (self.root, "root"),
                    (self.post, "post"),
                    (self.city, "city"),
                ];
                let name = names.iter().find(|(known, _)| known.to_string() == cid);
                let name = name.map_or("another", |(_, name)| name);
                format!("the block of the {name} is missing, at {so_far:?}, with {rest:?} left")
            }
        }
    }
}

/// an entry of the first block
#[test]
fn a1_field() {
    let world = world();
    let why = "the first name of the path is looked up in the block of the CID.";
    world.leads("name", text("Ada Lovelace"), why);
    world.leads(
        "years/0",
        text("born"),
        "in a map, 0 is a name as any other.",
    );
}

/// an index into a list, and over the link there into the next block
#[test]
fn a2_links() {
    let world = world();
    let why =
        "a link is followed without a name of its own: a path does not show where blocks end.";
    world.leads("posts/0/title", text("On the Engine"), why);
    world.leads("posts/0/tags/1", text("notes"), why);
    world.leads("posts/0/written in/name", text("London"), why);
}

/// a path that ends at a link ends in the block behind it; one without names is the block itself
#[test]
fn b1_ends() {
    let world = world();
    let why = "`ipfs dag get` shows the block, and not the link to it.";
    let city = map([("name", text("London"))]);
    world.leads("posts/0/written in", city.clone(), why);
    let yours = get(&world.blocks, &world.city, "");
    world.is("", yours, Ok(city), "the empty path is where one stands.");
}

/// slashes at the ends and in a row
#[test]
fn b2_slashes() {
    let world = world();
    let why = "/posts/0/ and posts//0 are typed, and mean the same.";
    world.leads("/posts//0/title/", text("On the Engine"), why);
}

/// an index is written in one way
#[test]
fn b3_index() {
    let world = world();
    let why = "two paths to one place are two keys in a cache, and one of them is not in the list of blocked paths.";
    for name in ["00", "+0", "-1", "1", "0x0", " 0"] {
        let stop = Stop::NoEntry {
            so_far: "posts".into(),
            name: name.into(),
        };
        world.stops(&format!("posts/{name}"), stop, why);
    }
}

/// a block that is missing: which, how far one came, and what is left
#[test]
fn d1_missing() {
    let world = world();
    world.blocks.lose(&world.city);
    let missing = |cid: Cid, so_far: &str, rest: &str| Stop::Missing {
        cid: cid.to_string(),
        so_far: so_far.into(),
        rest: rest.into(),
    };
    let why = "with that one can fetch the block, and go on from there.";
    let stop = missing(world.city, "posts/0/written in", "name");
    world.stops("posts/0/written in/name", stop, why);
    let stop = missing(world.city, "posts/0/written in", "");
    world.stops("posts/0/written in", stop, why);
    world.leads(
        "posts/0/title",
        text("On the Engine"),
        "the city is not on this path.",
    );
    world.blocks.lose(&world.root);
    world.stops("name", missing(world.root, "", "name"), why);
}

/// a name that is not there, and a name in a text
#[test]
fn d2_no_entry() {
    let world = world();
    let stop = |so_far: &str, name: &str| Stop::NoEntry {
        so_far: so_far.into(),
        name: name.into(),
    };
    let why = "the block is here and proven: nobody on the network has such an entry. That is another answer than \"missing\".";
    world.stops("posts/0/author", stop("posts/0", "author"), why);
    world.stops("name/first", stop("name", "first"), why);
    world.stops("posts/title", stop("posts", "title"), why);
}
