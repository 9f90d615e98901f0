//! Kubo has the same blocks: it counts what is counted here, and its paths lead to the same places.

use block_cid::car;
use dag_ipld::{Cid, Codec, Dag, Path, Scope, Walk};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::Value;
use testkit::kubo::{Kubo, Repo};

use crate::random::{Made, made};

/// A repository that has the blocks of these.
fn repo(kubo: &Kubo, place: &std::path::Path, dags: &[Made]) -> Repo {
    let path = place.join("all.car");
    let roots: Vec<Cid> = dags.iter().map(Made::root).collect();
    let mut writer = car::Writer::new(std::fs::File::create(&path).unwrap(), &roots).unwrap();
    for block in dags.iter().flat_map(|dag| dag.blocks.values()) {
        writer.put(block).unwrap();
    }
    writer.finish().unwrap();
    let repo = kubo.repo(&place.join("repo"));
    repo.run(["dag", "import", "--pin-roots=false", path.to_str().unwrap()]);
    repo
}

fn dags(n: usize) -> Vec<Made> {
    let mut runner = TestRunner::deterministic();
    let mut next = || made().new_tree(&mut runner).unwrap().current();
    // Not of one block alone, and not where one block has two names: Kubo counts it twice.
    let mut dags = Vec::new();
    while dags.len() < n {
        let dag = next();
        let raw = dag.blocks.len()
            > dag
                .cids
                .iter()
                .collect::<std::collections::HashSet<_>>()
                .len();
        if dag.pre().len() > 3 && !raw {
            dags.push(dag);
        }
    }
    dags
}

#[test]
fn dags_are_counted_as_by_kubo() {
    let Some(kubo) = Kubo::find("dag stat against Kubo") else {
        return;
    };
    let place = tempfile::tempdir().unwrap();
    let dags = dags(12);
    let repo = repo(&kubo, place.path(), &dags);
    let roots: Vec<String> = dags.iter().map(|dag| dag.root().to_string()).collect();
    let mut args = vec!["dag", "stat", "--progress=false", "--enc=json"];
    args.extend(roots.iter().map(String::as_str));
    let told: Value = serde_json::from_slice(&repo.run(args)).unwrap();
    let mut trial = testkit::Trial::new("kubo", "dag stat", None);
    for (dag, told) in dags.iter().zip(told["DagStats"].as_array().unwrap()) {
        trial.one();
        let stat = Dag::new(dag.store())
            .stat(&[dag.root()], &Walk::default())
            .unwrap();
        assert_eq!(told["Cid"].as_str(), Some(dag.root().to_string().as_str()));
        assert_eq!(told["NumBlocks"], stat.unique.blocks, "{told}");
        assert_eq!(told["Size"], stat.unique.bytes, "{told}");
    }
    trial.end("random DAGs");
}

#[test]
fn paths_lead_where_those_of_kubo_lead() {
    let Some(kubo) = Kubo::find("dag resolve and dag get against Kubo") else {
        return;
    };
    let place = tempfile::tempdir().unwrap();
    // A command of Kubo's takes a tenth of a second.
    let dags = dags(testkit::run::count("CAIRN_KUBO_DAGS", 2, 20));
    let repo = repo(&kubo, place.path(), &dags);
    let mut trial = testkit::Trial::new("kubo", "dag resolve and get", None);
    for made in &dags {
        let dag = Dag::new(made.store());
        let mut paths = vec![];
        for (cid, _) in made.level().into_iter().take(3) {
            let root = Path::new(cid);
            let payload = root.clone().join("payload");
            let link = root.clone().join("list").join("0");
            let fields = root
                .clone()
                .with_scope(Scope::Ipld)
                .join("Links")
                .join("0")
                .join("Hash");
            let named = root.clone().join("0").join("payload");
            paths.extend([
                root.join("none"),
                payload,
                link.join("payload"),
                fields,
                named,
            ]);
        }
        for path in paths {
            trial.one();
            let text = path.to_string();
            let theirs = repo.output(&["dag", "resolve", &text], b"");
            let ours = dag.resolve(&path).unwrap().found();
            assert_eq!(theirs.status.success(), ours.is_ok(), "{text}: {theirs:?}");
            if let Ok(place) = ours {
                let rest: String = place.remainder.iter().map(|s| format!("/{s}")).collect();
                let ours = format!("{}{rest}", place.cid);
                assert_eq!(
                    String::from_utf8_lossy(&theirs.stdout).trim(),
                    ours,
                    "{text}"
                );
                let value = dag.get(&path).unwrap().found().unwrap();
                let ours = Codec::DagJson.encode(&value).unwrap();
                assert_eq!(repo.run(["dag", "get", &text]), ours, "{text}");
            }
        }
    }
    trial.end("paths of random DAGs");
}
