//! What the report is told on the command line.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::{Args as ClapArgs, ValueEnum};
use demo::Usage;

use super::load::Load;
use super::plan::Plan;
use super::subject::Subject;

/// A part of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Section {
    /// Stores by their blocks.
    Stores,
    /// Files and CARs.
    Files,
}

/// The flags of `report`.
#[derive(Clone, Debug, ClapArgs)]
pub struct Args {
    /// Measure less: under two minutes instead of under twenty
    #[arg(long, conflicts_with = "tiny")]
    pub quick: bool,
    /// Measure almost nothing; for tests of the report itself
    #[arg(long, hide = true)]
    pub tiny: bool,
    /// Folder of index.html, report.json and report.md
    #[arg(long, value_name = "DIR", default_value = "report")]
    pub out: PathBuf,
    /// Where stores are made for the time of the run: the disk that is measured
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub dir: PathBuf,
    /// Measure these only, as in `pack,raw-pack,sled`
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Measure one section alone: stores by their blocks, or files and CARs
    #[arg(long, value_name = "NAME")]
    pub section: Option<Section>,
    /// Blocks of these sizes in bytes, from 16 to 1048576
    #[arg(long, value_name = "BYTES", value_delimiter = ',')]
    pub sizes: Vec<usize>,
    /// How often each is measured, from 1 to 100
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=100))]
    pub rounds: Option<u8>,
    /// Also measure stores of 10,000 to 1,000,000 blocks of 256 B, which takes as long again
    #[arg(long)]
    pub slope: bool,
    /// Print what has changed since the run that wrote this report.json
    #[arg(long, value_name = "OLD.json")]
    pub compare: Option<PathBuf>,
    /// Measure nothing; write the page of the run that wrote this report.json
    #[arg(long, value_name = "report.json", conflicts_with_all = ["quick", "slope", "only", "sizes", "rounds", "dir"])]
    pub from: Option<PathBuf>,
    /// Take the section that this run has not from the one that wrote this report.json, and say so
    #[arg(long, value_name = "OTHER.json")]
    pub with: Option<PathBuf>,
}

impl Args {
    /// What they ask for, with stores in `dir`.
    ///
    /// # Errors
    /// [`Usage`] for a name that nothing has, or a size that no block has.
    pub fn plan(&self, dir: PathBuf) -> Result<Plan> {
        let mut plan = match (self.quick, self.tiny) {
            (true, _) => Plan::quick(dir),
            (_, true) => Plan::tiny(dir),
            _ => Plan::full(dir),
        };
        if !self.only.is_empty() {
            plan.subjects.clear();
            for name in &self.only {
                let subject: Subject = name.trim().parse().map_err(Usage::new)?;
                if !plan.subjects.contains(&subject) {
                    plan.subjects.push(subject);
                }
            }
        }
        if !self.sizes.is_empty() {
            plan.sizes.clone_from(&self.sizes);
            plan.sizes.sort_unstable();
            plan.sizes.dedup();
            for size in &plan.sizes {
                ensure!(
                    (16..=1 << 20).contains(size),
                    Usage::new(format!("a block has from 16 to 1048576 bytes, not {size}"))
                );
            }
        }
        plan.stores = self.section != Some(Section::Files);
        if self.section == Some(Section::Stores) {
            plan.files = None;
        }
        if self.slope {
            plan.slope = match self.tiny {
                true => vec![100, 300],
                false => vec![10_000, 100_000, 1_000_000],
            };
        }
        if let Some(rounds) = self.rounds {
            plan.rounds = rounds.into();
        }
        let other = plan.subjects.iter().find(|s| Subject::OTHERS.contains(s));
        if let Some(other) = other {
            let said = format!("the {other} is measured in every run; --only names stores");
            return Err(Usage::new(said).into());
        }
        if plan.load == Load::FULL && plan.rounds < 5 {
            // Fewer rounds are a look, whatever they measure.
            plan.effort = format!("{} rounds", plan.rounds);
        }
        Ok(plan)
    }
}
