//! The page.

use block_cid::hash::sha2_256;
use data_encoding::BASE64;

use super::Model;

/// The page without its data.
const TEMPLATE: &str = include_str!("page.html");

/// Where the data goes, and where the rules of what may run.
const DATA: &str = "{{DATA}}";
const RULES: &str = "{{RULES}}";

/// The page that shows the model.
///
/// What comes from blocks is data and stays data: it stands in an element that no browser runs, `<` in
/// it is written otherwise, so that nothing in it ends that element, and the script makes text of it,
/// never markup. Beside that the page names, by their hash, the one script and the one style that may
/// run in it, and forbids all else, all connections too.
pub fn page(model: &Model) -> String {
    let data = model.json().to_string().replace('<', "\\u003c");
    let rules = format!(
        "default-src 'none'; script-src {}; style-src {}",
        source("<script>", "</script>"),
        source("<style>", "</style>"),
    );
    // The data last, and once: what is in it is not looked through.
    TEMPLATE.replacen(RULES, &rules, 1).replacen(DATA, &data, 1)
}

/// What stands between two tags of the template, as a policy names it.
fn source(open: &str, close: &str) -> String {
    let rest = TEMPLATE.split_once(open).map_or("", |(_, rest)| rest);
    let text = rest.split_once(close).map_or("", |(text, _)| text);
    format!(
        "'sha256-{}'",
        BASE64.encode(sha2_256(text.as_bytes()).digest())
    )
}
