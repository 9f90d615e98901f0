//! The page in a browser.

use block_cid::{Block, Blockstore, Hash};
use dag_ipld::explore::{Bounds, Model, page};
use dag_ipld::{Cid, Codec, Dag, Ipld, Map, Walk};
use serde_json::Value;
use testkit::or_skip;

use crate::browser;
use crate::random::Made;

/// A root with 30 leaves, one of them missing, and one block with two parents.
fn example() -> Model {
    let mut made = Made::default();
    let shared = made.add(Codec::DagPb, 1, &[]);
    let mut links: Vec<Cid> = (2..31).map(|n| made.add(Codec::Raw, n, &[])).collect();
    links.insert(0, made.add(Codec::DagCbor, 99, &[shared]));
    links.insert(1, shared);
    let root = made.add(Codec::DagCbor, 0, &links);
    let store = made.store();
    store.delete(&links[2]).unwrap();
    let mut model = Model::default();
    let dag = Dag::new(store);
    model
        .add(
            "an example",
            &dag,
            &[root],
            &Bounds::default(),
            &Walk::default(),
        )
        .unwrap();
    model
}

/// The page without its rules, and with a script that looks at it: it gives a value, which comes back.
fn looked_at(page: &str, script: &str) -> String {
    let (before, rest) = page.split_once("<meta http-equiv").unwrap();
    let (_, after) = rest.split_once('>').unwrap();
    let script = format!(
        "<script>document.body.dataset.seen = JSON.stringify((() => {{ {script} }})());</script></body>"
    );
    format!("{before}{after}").replace("</body>", &script)
}

/// What is in an attribute of the body.
fn attribute(dom: &str, name: &str) -> Option<String> {
    let (_, rest) = dom.split_once(&format!(" {name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    Some(
        value
            .replace("&quot;", "\"")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&"),
    )
}

/// What the script sees on a page that loaded without an error.
fn seen(browser: &std::path::PathBuf, page: &str, hash: &str, script: &str) -> Value {
    let dom = browser::dom(browser, &looked_at(page, script), hash);
    assert_eq!(attribute(&dom, "data-error"), None);
    assert_eq!(attribute(&dom, "data-ready").as_deref(), Some("yes"));
    let seen = attribute(&dom, "data-seen").expect("the script ran");
    serde_json::from_str(&seen).unwrap()
}

#[test]
fn the_page_loads_as_it_is_and_hashes_the_block_itself() {
    let Some(browser) = or_skip("the page in a browser", browser::find()) else {
        return;
    };
    let mut made = Made::default();
    let leaf = made.add(Codec::Raw, 1, &[]);
    made.add(Codec::DagCbor, 2, &[leaf]);
    let mut model = Model::default();
    let dag = Dag::new(made.store());
    model
        .add(
            "it",
            &dag,
            &[made.root()],
            &Bounds::default(),
            &Walk::default(),
        )
        .unwrap();
    let page = page(&model);
    for hash in ["", "#dag"] {
        let dom = browser::dom(&browser, &page, hash);
        assert_eq!(attribute(&dom, "data-error"), None);
        assert_eq!(
            attribute(&dom, "data-ready").as_deref(),
            Some("yes"),
            "{dom}"
        );
        assert!(dom.contains(">✔ hashed here, just now"), "{hash}");
        // Its style is the one that it names.
        assert!(dom.contains(&leaf.to_string()));
    }
    // What stands in the page beside its own script does not run.
    let other = "<script>document.body.dataset.broken = 'yes';</script></body>";
    let dom = browser::dom(&browser, &page.replace("</body>", other), "");
    assert_eq!(attribute(&dom, "data-ready").as_deref(), Some("yes"));
    assert_eq!(attribute(&dom, "data-broken"), None);
}

#[test]
fn the_tree_folds_with_counts_and_the_dag_has_each_block_once() {
    let Some(browser) = or_skip("the views of the page", browser::find()) else {
        return;
    };
    let page = page(&example());
    let tree = "
        const rows = () => [...document.querySelectorAll('#view .block')].length;
        const first = rows(), more = [...document.querySelectorAll('#view .more')].map(b => b.textContent);
        document.querySelector('#view .more').click();
        const all = rows(), fold = document.querySelector('#view button.fold');
        const open = fold.getAttribute('aria-expanded');
        fold.click();
        return { first, more, all, open, closed: fold.getAttribute('aria-expanded'),
          missing: document.querySelectorAll('#view .block.missing').length,
          dashed: getComputedStyle(document.querySelector('#view .block.missing')).borderTopStyle,
          shared: [...document.querySelectorAll('#view .row')].filter(r => r.textContent.includes('2 links here')).length };";
    let tree = seen(&browser, &page, "", tree);
    // The root, 12 of its 31 links, and what is below the first of them.
    assert_eq!(tree["first"], 1 + 12 + 1);
    assert_eq!(tree["more"], serde_json::json!(["… 19 more"]));
    assert_eq!(tree["all"], 1 + 31 + 1);
    assert_eq!(
        (&tree["open"], &tree["closed"]),
        (&"true".into(), &"false".into())
    );
    assert_eq!(tree["missing"], 1);
    assert_eq!(tree["dashed"], "dashed");
    assert_eq!(tree["shared"], 2, "a tree has it under each parent");

    let dag = "
        const count = () => [...document.querySelectorAll('#view g[data-block]')].map(g => g.dataset.block);
        const first = count(), fold = document.querySelector('#view g.fold'), said = fold.getAttribute('aria-label');
        fold.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter' }));
        const all = count(), edges = document.querySelectorAll('#view path[data-from]').length;
        document.querySelectorAll('#view g[data-block]')[2].dispatchEvent(new KeyboardEvent('keydown', { key: ' ' }));
        return { first: first.length, said, all: all.length, once: new Set(all).size, edges,
          dash: getComputedStyle(document.querySelector('#view .missing rect')).strokeDasharray,
          selected: document.querySelector('#view .sel').dataset.block, cid: document.getElementById('cid').textContent };";
    let model = example();
    let dag = seen(&browser, &page, "#dag", dag);
    assert_eq!(
        (&dag["first"], &dag["said"]),
        (&13.into(), &"19 more".into())
    );
    assert_eq!((&dag["all"], &dag["once"]), (&32.into(), &32.into()));
    assert_eq!(dag["edges"], 31 + 1);
    assert_ne!(dag["dash"], "none");
    let selected: usize = dag["selected"].as_str().unwrap().parse().unwrap();
    assert_eq!(dag["cid"], model.blocks[selected].cid.to_string());
}

#[test]
fn a_byte_shows_its_field_and_a_field_its_bytes() {
    let Some(browser) = or_skip("hovering on the page", browser::find()) else {
        return;
    };
    let mut made = Made::default();
    let leaf = made.add(Codec::Raw, 1, &[]);
    let root = made.add(Codec::DagCbor, 2, &[leaf]);
    let mut model = Model::default();
    let dag = Dag::new(made.store());
    model
        .add("it", &dag, &[root], &Bounds::default(), &Walk::default())
        .unwrap();
    let script = "
        const lit = () => ({ bytes: [...document.querySelectorAll('[data-byte].on')].map(b => Number(b.dataset.byte)),
          fields: [...document.querySelectorAll('[data-field].on')].map(f => f.textContent) });
        const over = node => { node.dispatchEvent(new MouseEvent('mouseenter')); return lit(); };
        const byte = over(document.querySelector('[data-byte=\"10\"]'));
        const rows = [...document.querySelectorAll('[data-field]')];
        rows[2].focus();
        return { byte, focused: lit(), rows: rows.map(r => r.textContent) };";
    let seen = seen(&browser, &page(&model), "", script);
    // a2 64 list 81 d8 2a …: byte 10 is in the link, which has bytes 7 to 47.
    let link: Vec<u32> = (7..48).collect();
    assert_eq!(seen["byte"]["bytes"], serde_json::json!(link));
    let field = seen["byte"]["fields"][0].as_str().unwrap();
    assert!(
        field.starts_with("7–47") && field.contains(&leaf.to_string()),
        "{field}"
    );
    let list: Vec<u32> = (6..48).collect();
    assert_eq!(seen["focused"]["bytes"], serde_json::json!(list));
    assert_eq!(
        seen["rows"].as_array().unwrap().len(),
        model.blocks[0].fields.len()
    );
}

#[test]
fn two_dags_are_overlaid_with_what_they_share() {
    let Some(browser) = or_skip("two DAGs on the page", browser::find()) else {
        return;
    };
    let mut made = Made::default();
    let same = made.add(Codec::Raw, 1, &[]);
    let (old, new) = (made.add(Codec::Raw, 2, &[]), made.add(Codec::Raw, 3, &[]));
    let before = made.add(Codec::DagCbor, 4, &[same, old]);
    let after = made.add(Codec::DagCbor, 5, &[same, new]);
    let dag = Dag::new(made.store());
    let mut model = Model::default();
    for (label, root) in [("before", before), ("after", after)] {
        model
            .add(label, &dag, &[root], &Bounds::default(), &Walk::default())
            .unwrap();
    }
    let script = "
        const marked = name => [...document.querySelectorAll('#view g.' + name)].map(g => Number(g.dataset.block));
        return { one: marked('d1'), two: marked('d2'), both: marked('d3'), said: document.getElementById('shared').textContent };";
    let seen = seen(&browser, &page(&model), "#dag", script);
    let at = |cid: &Cid| model.blocks.iter().position(|b| b.cid == *cid).unwrap();
    let sorted = |value: &Value| {
        let mut list: Vec<u64> = value
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_u64)
            .collect();
        list.sort_unstable();
        list
    };
    let expected = |cids: &[Cid]| {
        let mut list: Vec<u64> = cids.iter().map(|cid| at(cid) as u64).collect();
        list.sort_unstable();
        list
    };
    assert_eq!(sorted(&seen["one"]), expected(&[before, old]));
    assert_eq!(sorted(&seen["two"]), expected(&[after, new]));
    assert_eq!(sorted(&seen["both"]), expected(&[same]));
    let all: usize = made.blocks.values().map(Block::len).sum();
    let share = 100.0 * made.blocks[&same].len() as f64 / all as f64;
    let said = seen["said"].as_str().unwrap();
    assert!(
        said.starts_with(&format!("{share:.1} % of all bytes")),
        "{said}"
    );
}

#[test]
fn hostile_names_are_shown_and_do_nothing() {
    let Some(browser) = or_skip("hostile names on the page", browser::find()) else {
        return;
    };
    let mut made = Made::default();
    let leaf = made.add(Codec::Raw, 1, &[]);
    let broken = "document.body.dataset.broken = 'yes'";
    let names = [
        format!("</script><script>{broken}</script>"),
        format!("<img src=x onerror=\"{broken}\">"),
        "photo\u{202e}gpj.exe\u{1b}[2J\u{2028}".to_owned(),
    ];
    let entries: Map = names
        .iter()
        .map(|name| (name.clone(), Ipld::from(leaf)))
        .collect();
    let value = Codec::DagCbor.encode(&Ipld::from(entries)).unwrap();
    let block = Block::new(Codec::DagCbor.code(), Hash::SHA2_256, value).unwrap();
    let store = made.store();
    store.put(&block).unwrap();
    let mut model = Model::default();
    let (dag, roots) = (Dag::new(store), [*block.cid()]);
    model
        .add(
            &names[0],
            &dag,
            &roots,
            &Bounds::default(),
            &Walk::default(),
        )
        .unwrap();
    let page = page(&model);
    for hash in ["", "#dag"] {
        let dom = browser::dom(&browser, &page, hash);
        assert_eq!(attribute(&dom, "data-ready").as_deref(), Some("yes"));
        assert_eq!(attribute(&dom, "data-broken"), None);
        let script = "return { images: document.images.length, scripts: document.scripts.length,
            text: document.body.innerText, title: document.title };";
        // Without the rules, too: there is nothing that they would have to stop.
        let seen = seen(&browser, &page, hash, script);
        assert_eq!((&seen["images"], &seen["scripts"]), (&0.into(), &3.into()));
        let text = seen["text"].as_str().unwrap();
        assert!(
            text.contains(r"photo\u{202e}gpj.exe\u{1b}[2J\u{2028}"),
            "{text}"
        );
        assert!(!text.contains('\u{202e}') && !text.contains('\u{1b}'));
        assert_eq!(seen["title"], names[0]);
    }
}

#[test]
fn a_slider_shows_another_dag_of_the_same_content() {
    let Some(browser) = or_skip("the sliders of the page", browser::find()) else {
        return;
    };
    let mut made = Made::default();
    let leaves: Vec<Cid> = (1..5).map(|n| made.add(Codec::Raw, n, &[])).collect();
    let halves = [&leaves[..2], &leaves[2..]].map(|half| made.add(Codec::DagCbor, 9, half));
    let [wide, deep] = [&leaves[..], &halves].map(|links| made.add(Codec::DagCbor, 8, links));
    let dag = Dag::new(made.store());
    let (bounds, walk) = (Bounds::default(), Walk::default());
    let mut model = Model::default();
    model.add("it", &dag, &[wide], &bounds, &walk).unwrap();
    for (root, links, shape) in [(&wide, "4", "flat"), (&deep, "2", "flat")] {
        let choices = [("links", links), ("shape", shape)];
        model.vary(&choices, &dag, root, &bounds, &walk).unwrap();
    }
    let script = "
        const seen = () => ({ cid: document.getElementById('cid').textContent, said: document.getElementById('shared').textContent,
          stat: document.getElementById('dags').textContent, count: document.querySelectorAll('#view [data-block]').length,
          named: [...document.querySelectorAll('#variants output')].map(o => o.textContent),
          parents: document.querySelector('#details').textContent.includes('Linked from 0 places') });
        const slide = (of, to) => { const s = document.querySelector(`[data-choice=${of}]`); s.value = to; s.dispatchEvent(new Event('input')); return seen(); };
        return { first: seen(), second: slide('links', 1), back: slide('links', 0), same: slide('shape', 5) };";
    let page = page(&model);
    for (hash, deep_rows) in [("", 7), ("#dag", 7)] {
        let seen = seen(&browser, &page, hash, script);
        let (first, second) = (&seen["first"], &seen["second"]);
        assert_eq!(first["cid"], wide.to_string());
        assert_eq!(first["named"], serde_json::json!(["4", "flat"]));
        assert_eq!((&first["said"], &first["count"]), (&"".into(), &5.into()));
        assert!(first["stat"].as_str().unwrap().starts_with("5 blocks"));
        assert_eq!(second["cid"], deep.to_string());
        assert_eq!(second["named"], serde_json::json!(["2", "flat"]));
        assert_eq!(second["count"], deep_rows);
        assert!(second["stat"].as_str().unwrap().starts_with("7 blocks"));
        let said = second["said"].as_str().unwrap();
        assert!(said.starts_with("4 blocks of the 7 shown"), "{said}");
        assert_eq!((&seen["back"], &seen["same"]), (first, first));
    }
}

/// All blocks are empty or lie in their CID: there are no bytes to compare with.
#[test]
fn a_dag_without_bytes_is_shown() {
    let Some(browser) = or_skip("a page of nothing", browser::find()) else {
        return;
    };
    let empty = Block::raw("");
    let twice = Ipld::List(vec![Ipld::from(*empty.cid()); 2]);
    let value = Codec::DagCbor.encode(&twice).unwrap();
    let root = Block::new(Codec::DagCbor.code(), Hash::IDENTITY, value).unwrap();
    let store = Made::default().store();
    store.put(&empty).unwrap();
    let mut model = Model::default();
    let (bounds, walk) = (Bounds::default(), Walk::default());
    model
        .add("it", &Dag::new(store), &[*root.cid()], &bounds, &walk)
        .unwrap();
    let script = "return [...document.querySelectorAll('#view .block')].length;";
    assert_eq!(seen(&browser, &page(&model), "", script), 2);
}
