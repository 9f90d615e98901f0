//! A node of dag-pb in the data model: the specification's logical format.
//!
//! ```text
//! {"Data": bytes, "Links": [{"Hash": link, "Name": text, "Tsize": integer}]}
//! ```
//!
//! `Data`, `Name` and `Tsize` may be absent, and nothing else may be there.

use super::{Link, Node};
use crate::error::Refused;
use crate::ipld::Map;
use crate::{Codec, Ipld, Result};

const CODEC: Codec = Codec::DagPb;

impl Node {
    /// The node in the data model.
    ///
    /// # Errors
    /// [`Error::Encode`](crate::Error::Encode) for a name that is not UTF-8.
    pub fn to_ipld(&self) -> Result<Ipld> {
        let links = self.links.iter().enumerate().map(|(n, link)| {
            let below = |refused: Refused| refused.below("Name").below(n).below("Links").by(CODEC);
            link.to_ipld().map_err(below)
        });
        let links = Ipld::List(links.collect::<Result<_>>()?);
        let mut map = Map::new();
        if let Some(data) = &self.data {
            map.insert("Data".to_owned(), Ipld::from(data.clone()));
        }
        map.insert("Links".to_owned(), links);
        Ok(Ipld::from(map))
    }

    /// The node that a value of the data model is.
    ///
    /// # Errors
    /// [`Error::Encode`](crate::Error::Encode) for a value of another shape, and for links that are not sorted by name:
    /// they would come back in another order.
    pub fn from_ipld(value: &Ipld) -> Result<Node> {
        from_ipld(value).map_err(|refused| refused.by(CODEC))
    }
}

impl Link {
    fn to_ipld(&self) -> Result<Ipld, Refused> {
        let mut map = Map::from_iter([("Hash".to_owned(), Ipld::from(self.cid))]);
        if let Some(name) = &self.name {
            let name = std::str::from_utf8(name).map_err(|_| {
                Refused::new("the name is not UTF-8, and the data model has no other text")
            })?;
            map.insert("Name".to_owned(), Ipld::from(name));
        }
        if let Some(size) = self.size {
            map.insert("Tsize".to_owned(), Ipld::Integer(size.into()));
        }
        Ok(Ipld::from(map))
    }
}

fn from_ipld(value: &Ipld) -> Result<Node, Refused> {
    let map = fields(value, &["Data", "Links"])?;
    let data = match map.get("Data") {
        None => None,
        Some(Ipld::Bytes(data)) => Some((**data).clone()),
        Some(other) => return Err(unlike("bytes", other).below("Data")),
    };
    let links = match map.get("Links") {
        Some(Ipld::List(links)) => links,
        Some(other) => return Err(unlike("a list", other).below("Links")),
        None => return Err(Refused::new("there has to be a list Links")),
    };
    let mut node = Node {
        links: Vec::with_capacity(links.len()),
        data,
    };
    for (n, value) in links.iter().enumerate() {
        let link = link(value).map_err(|refused| refused.below(n).below("Links"))?;
        if node
            .links
            .last()
            .is_some_and(|last| last.name() > link.name())
        {
            let reason = "links are sorted by the bytes of their names; this one is not";
            return Err(Refused::new(reason).below(n).below("Links"));
        }
        node.links.push(link);
    }
    Ok(node)
}

fn link(value: &Ipld) -> Result<Link, Refused> {
    let map = fields(value, &["Hash", "Name", "Tsize"])?;
    let cid = match map.get("Hash") {
        Some(Ipld::Link(cid)) => **cid,
        Some(other) => return Err(unlike("a link", other).below("Hash")),
        None => return Err(Refused::new("a link has a Hash")),
    };
    let name = match map.get("Name") {
        None => None,
        Some(Ipld::String(name)) => Some(name.clone().into()),
        Some(other) => return Err(unlike("text", other).below("Name")),
    };
    let size = match map.get("Tsize") {
        None => None,
        Some(Ipld::Integer(size)) => Some(u64::try_from(*size).map_err(|_| {
            Refused::new(format!("{size} is not from 0 to 2^64 - 1")).below("Tsize")
        })?),
        Some(other) => return Err(unlike("an integer", other).below("Tsize")),
    };
    Ok(Link { cid, name, size })
}

/// The map that a value is, with these names and no others.
fn fields<'a>(value: &'a Ipld, known: &[&str]) -> Result<&'a Map, Refused> {
    let Ipld::Map(map) = value else {
        return Err(unlike("a map", value));
    };
    match map.keys().find(|name| !known.contains(&name.as_str())) {
        None => Ok(map),
        Some(name) => {
            let reason = format!("there is no such field, only {}", known.join(", "));
            Err(Refused::new(reason).below(name))
        }
    }
}

fn unlike(expected: &str, found: &Ipld) -> Refused {
    Refused::new(format!("{expected} has to be here, not a {}", found.kind()))
}
