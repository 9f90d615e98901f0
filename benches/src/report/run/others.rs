//! Files and CARs: what the programs of others make of them.

use std::path::Path;

use anyhow::{Result, ensure};
use demo::units;

use super::Run;
use super::files::Input;
use crate::report::peers::{Helia, Ipfs};
use crate::report::subject::Subject;

/// The peers that are here.
pub(super) struct Peers {
    ipfs: Option<Ipfs>,
    helia: Option<Helia>,
}

impl Run<'_> {
    /// Whoever is not here is told to be absent, and why.
    pub(super) fn peers(&mut self) -> Peers {
        let (ipfs, helia) = (Ipfs::find(), Helia::find());
        if let Err(error) = &ipfs {
            for subject in [Subject::Ipfs, Subject::IpfsQuick] {
                self.absent
                    .insert(subject.to_string(), format!("{error:#}"));
            }
        }
        if let Err(error) = &helia {
            let name = Subject::Helia.to_string();
            self.absent.insert(name, format!("{error:#}"));
        }
        let (ipfs, helia) = (ipfs.ok(), helia.ok());
        if let Some(ipfs) = &ipfs {
            self.versions
                .insert("ipfs".to_owned(), ipfs.version.clone());
        }
        if let Some(helia) = &helia {
            let name = "ipfs-unixfs-importer".to_owned();
            self.versions.insert(name, helia.version.clone());
        }
        Peers { ipfs, helia }
    }

    /// What others make of the same file. One that fails is not measured, and that is told.
    pub(super) fn others(&mut self, round: usize, input: &Input, peers: &Peers) -> Result<()> {
        let size = input.size as u64;
        let rate = |seconds: f64| size as f64 / f64::from(1 << 20) / seconds.max(1e-3);
        if let Some(ipfs) = &peers.ipfs {
            for subject in [Subject::Ipfs, Subject::IpfsQuick] {
                self.say(subject, input.size, round);
                let dir = self.folder()?;
                self.settle()?;
                let tried = || -> Result<Vec<(&str, f64)>> {
                    let repo = ipfs.repo(&dir.path().join("repo"), subject)?;
                    let start = repo.start()?;
                    let (root, add) = repo.add(&input.file)?;
                    same(&input.root, &root, "ipfs add")?;
                    let (cat, export) = (repo.cat(&root)?, repo.export(&root)?);
                    let new = ipfs.repo(&dir.path().join("new"), subject)?;
                    let import = new.import(&input.car)?;
                    let jobs = [
                        ("files.add", add),
                        ("files.cat", cat),
                        ("files.export", export),
                        ("files.import", import),
                    ];
                    let rates = jobs.map(|(what, wall)| (what, rate(wall - start)));
                    Ok([&rates[..], &[("start", start * 1e3)]].concat())
                };
                match tried() {
                    Ok(found) => {
                        for (what, value) in found {
                            self.figures.add(subject, size, what, round, value);
                        }
                    }
                    Err(error) => self.failed(subject, &error),
                }
            }
        }
        if let Some(helia) = &peers.helia {
            self.say(Subject::Helia, input.size, round);
            let tried = helia.add(&input.file).and_then(|(root, seconds)| {
                same(&input.root, &root, "the JavaScript importer")?;
                Ok(rate(seconds))
            });
            match tried {
                Ok(rate) => self
                    .figures
                    .add(Subject::Helia, size, "files.add", round, rate),
                Err(error) => self.failed(Subject::Helia, &error),
            }
        }
        Ok(())
    }

    /// And of small files.
    pub(super) fn small_of_others(
        &mut self,
        folder: &Path,
        files: u64,
        root: Option<&str>,
        peers: &Peers,
    ) -> Result<()> {
        let place = self.folder()?;
        let mut found: Vec<(Subject, Result<(String, f64)>)> = Vec::new();
        if let Some(ipfs) = &peers.ipfs {
            for subject in [Subject::Ipfs, Subject::IpfsQuick] {
                self.progress
                    .say(&format!("{} files, {subject}", units::count(files)));
                let repo = ipfs.repo(&place.path().join(subject.to_string()), subject);
                let added = repo.and_then(|repo| {
                    let start = repo.start()?;
                    let (root, wall) = repo.add(folder)?;
                    Ok((root, wall - start))
                });
                found.push((subject, added));
            }
        }
        if let Some(helia) = &peers.helia {
            found.push((Subject::Helia, helia.add(folder)));
        }
        for (subject, added) in found {
            let added = added.and_then(|(said, seconds)| {
                same(root.unwrap_or(&said), &said, &subject.to_string())?;
                Ok(files as f64 / seconds.max(1e-3))
            });
            match added {
                Ok(rate) => self.figures.add(subject, files, "small.add", 0, rate),
                Err(error) => self.failed(subject, &error),
            }
        }
        Ok(())
    }

    fn failed(&mut self, subject: Subject, error: &anyhow::Error) {
        self.absent
            .insert(subject.to_string(), format!("{error:#}"));
    }
}

/// Nothing is quick that makes something else.
pub(super) fn same(wanted: &str, found: &str, who: &str) -> Result<()> {
    ensure!(
        wanted == found,
        "{who}: the root is {found}, and not {wanted}"
    );
    Ok(())
}
