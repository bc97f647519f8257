//! `forget`: destroys what leads back to a reporter.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use crate::audit::{Audit, Entry, Wish};
use crate::case::Reference;
use crate::clock::{Clock, SystemClock};

pub(super) const EXAMPLE: &str = "Examples:
  pmm-gateway forget K7MQ-4XPD
  pmm-gateway forget K7MQ-4XPD --same-reporter

It cannot be undone. Copies of the store open it until the next new epoch; `pmm-gateway roll` begins one now.";

#[derive(Args)]
pub(super) struct ForgetArguments {
    /// The case's reference
    #[arg(value_parser = super::reference)]
    reference: Reference,
    /// Every case of the same reporter that is still linked, too
    #[arg(long)]
    same_reporter: bool,
}

pub(super) fn run(file: Option<&Path>, arguments: &ForgetArguments) -> anyhow::Result<ExitCode> {
    let config = super::load_untouched(file)?;
    super::needs_store(&config)?;
    super::runtime()?.block_on(async {
        let store = config.open_store(Arc::new(SystemClock))?.store;
        let own = &arguments.reference;
        if store.get(own).await?.is_none() {
            anyhow::bail!("there is no case with this reference");
        }
        let cases = if arguments.same_reporter { store.same_reporter(own).await? } else { vec![own.clone()] };
        let mut n_cases = 0;
        for case in &cases {
            super::attachments::forget_originals(&config, case).await?;
            n_cases += u64::from(store.forget(case).await?);
        }
        if n_cases == 0 {
            return Ok(super::print("There was nothing left to forget.\n"));
        }
        let entry = Entry::Forgotten { n_cases, wish: Wish::Desk };
        Audit::in_folder(&config.data_dir).append(&entry, SystemClock.now())?;
        let what = if n_cases == 1 { "1 case".to_owned() } else { format!("{n_cases} cases") };
        Ok(super::print(&format!("Forgotten: contact, original and link of {what}. Nobody can answer any more.\n")))
    })
}
