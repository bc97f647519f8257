//! `clean`: what would become of one file, for whoever judges or decides; and the hidden child that looks into files.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use attachments::{Cleaner, Outcome, Picture, Verdict, cell};
use channels::import::read_line;
use clap::Args;
use jiff::Timestamp;

use crate::desk::pipeline::Reader;

pub(super) const EXAMPLE: &str =
    "Prints one JSON object: kind, verdict (clean, text, sealed, refused), reason, and what was written.
Of a document the words are written, anonymised, and its pictures beside them as OUT.1.jpg, OUT.2.png.

Example:
  pmm-gateway clean photo.jpg photo-clean.jpg";

#[derive(Args)]
pub(super) struct CleanArguments {
    /// The file
    file: PathBuf,
    /// Where to write what may be handed on; not written when nothing may
    out: PathBuf,
}

pub(super) fn run(file: Option<&Path>, arguments: &CleanArguments) -> anyhow::Result<ExitCode> {
    let size = std::fs::metadata(&arguments.file).map_err(|_| anyhow::anyhow!("the file cannot be opened"))?.len();
    let most = u64::try_from(attachments::limits::MAX_BYTES_IN).unwrap_or(u64::MAX);
    let bytes = if size > most {
        // Too large to be looked at, whatever is in it.
        vec![0; attachments::limits::MAX_BYTES_IN + 1]
    } else {
        std::fs::read(&arguments.file).map_err(|_| anyhow::anyhow!("the file cannot be read"))?
    };
    let Outcome { kind, verdict } = Cleaner::of_this_program(super::CHILD).clean(&bytes);
    let mut told = serde_json::json!({ "kind": kind.as_str(), "verdict": verdict.as_str(), "reason": verdict.why() });
    let write = |path: &Path, bytes: &[u8]| {
        std::fs::write(path, bytes).map_err(|_| anyhow::anyhow!("the file to write cannot be written: check the folder"))
    };
    match &verdict {
        Verdict::Clean(Picture { written, bytes }) => {
            write(&arguments.out, bytes)?;
            told["written"] = written.ending().into();
        }
        Verdict::Text { text, pictures } => {
            write(&arguments.out, anonymised(file, text)?.as_bytes())?;
            for (number, picture) in (1..).zip(pictures) {
                let mut name = arguments.out.clone().into_os_string();
                name.push(format!(".{number}.{}", picture.written.ending()));
                write(Path::new(&name), &picture.bytes)?;
            }
            told["written"] = "txt".into();
            told["pictures"] = pictures.len().into();
        }
        Verdict::Sealed(_) | Verdict::Refused(_) => {}
    }
    Ok(super::print(&format!("{told}\n")))
}

/// The words without people, as a report's would be.
fn anonymised(file: Option<&Path>, text: &str) -> anyhow::Result<String> {
    let stages = super::load_untouched(file)?.stages()?;
    let line = serde_json::json!({ "id": "clean", "text": text }).to_string();
    let line = read_line(&line, Timestamp::UNIX_EPOCH).map_err(|error| anyhow::anyhow!("{}", error.problem))?;
    Ok(stages.read(&line.inbound, None).text.text.as_str().to_owned())
}

/// The child. It has no configuration, no environment and soon no rights.
pub(super) fn run_child() -> ExitCode {
    let mut output = std::io::stdout().lock();
    let is_told = cell::run(&mut std::io::stdin().lock(), &mut output);
    drop(output.flush());
    if is_told { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
