//! The style sheet.

use crate::report::plot::colour;

const SHEET: &str = "\
:root{color-scheme:light dark;--ink:#222221;--pale:#5c5c59;--page:#ffffff;--line:#ddddd9;--soft:#f5f5f2;--good:#15803d;--bad:#b91c1c}
*{box-sizing:border-box}
body{margin:0 auto;max-width:82rem;padding:1rem;font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page)}
h1{font-size:1.7rem;line-height:1.2;margin:.5rem 0}
h2{font-size:1.3rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--line)}
h3{font-size:1rem;margin:0 0 .4rem}
p,ul{max-width:48rem}
nav a{margin-right:1rem}
a{color:inherit}
.pale{color:var(--pale);font-size:.875rem}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-size:.875rem}
th,td{padding:.3rem .6rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
th.n,td.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.met{color:var(--good);font-weight:600}
.missed{color:var(--bad);font-weight:600}
.plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,32rem),1fr));gap:1rem}
figure{margin:0;padding:.8rem;border:1px solid var(--line);border-radius:.5rem;background:var(--soft);min-width:0}
svg.plot{display:block;width:100%;height:auto}
figcaption{font-size:.8125rem;color:var(--pale)}
summary{cursor:pointer;font-size:.8125rem}
@media (max-width:40rem){
.cards thead{display:none}
.cards tr{display:block;padding:.5rem 0;border-bottom:1px solid var(--line)}
.cards td{display:block;border:0;padding:.1rem 0}
.cards td:first-child{font-weight:600}
}
";

/// The style sheet of the page, for light and for dark.
pub fn sheet() -> String {
    format!(
        "{SHEET}@media (prefers-color-scheme:dark){{\n\
         :root{{--ink:#dededc;--pale:#a5a5a1;--page:#171716;--line:#3a3a38;--soft:#1f1f1e;--good:#4ade80;--bad:#f87171}}\n\
         {}}}\n",
        colour::dark()
    )
}
