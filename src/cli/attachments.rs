//! `cases attachments`, `cases release-attachment`, `cases attachment`: files that came with reports, for whoever decides on
//! them.

use std::io::Write;

use channels::FilesSecret;
use clap::Subcommand;

use crate::case::{Attachment, AttachmentState, Reference};
use crate::clock::SystemRng;
use crate::config::Config;
use crate::files::{self, FOLDER, Files, Listed, Wanted};

#[derive(Subcommand)]
pub(super) enum Action {
    /// List what came with a case.
    Attachments {
        /// The case's reference
        #[arg(value_parser = super::reference)]
        reference: Reference,
    },
    /// Let mediators have an attachment, once you have looked at it.
    ReleaseAttachment {
        /// The case's reference
        #[arg(value_parser = super::reference)]
        reference: Reference,
        /// Its number in the case
        number: u32,
    },
    /// Write a released attachment to standard output: `cases attachment K7MQ-4XPD 1 > photo.jpg`.
    Attachment {
        /// The case's reference
        #[arg(value_parser = super::reference)]
        reference: Reference,
        /// Its number in the case
        number: u32,
        /// A picture of a document, counted from 1, instead of its words
        #[arg(long, value_name = "N")]
        picture: Option<u32>,
        /// Also if it is not released: for the operator who decides on it
        #[arg(long)]
        unreleased: bool,
        /// What the reporter sent, with everything that names its maker: for an operator with the right to it
        #[arg(long, conflicts_with = "picture")]
        original: bool,
    },
}

pub(super) async fn run(config: &Config, action: Action) -> anyhow::Result<String> {
    let Some((files, secret)) = open(config)? else {
        return match action {
            Action::Attachments { .. } => Ok("No attachments.\n".to_owned()),
            Action::ReleaseAttachment { .. } | Action::Attachment { .. } => anyhow::bail!("there are no attachments here"),
        };
    };
    match action {
        Action::Attachments { reference } => {
            let listed = files.list(&reference).await?;
            Ok(if listed.is_empty() { "No attachments.\n".to_owned() } else { listed.iter().map(line).collect() })
        }
        Action::ReleaseAttachment { reference, number } => {
            files.release(&reference, number).await?;
            Ok("Released: mediators may have it now.\n".to_owned())
        }
        Action::Attachment { reference, number, picture, unreleased, original } => {
            let wanted = match (original, picture) {
                (true, _) => Wanted::Original,
                (false, Some(number)) => Wanted::Picture(number),
                (false, None) => Wanted::Main,
            };
            let bytes = if original || unreleased {
                files.read(&reference, number, wanted, &secret).await?
            } else {
                files.read_released(&reference, number, wanted, &secret).await?
            };
            std::io::stdout().write_all(&bytes).map_err(|_| anyhow::anyhow!("standard output takes no more"))?;
            Ok(String::new())
        }
    }
}

/// Which attachments of a case are released; none when that cannot be found out now.
pub(super) async fn released(config: &Config, reference: &Reference) -> Vec<u32> {
    let Ok(Some((files, _))) = open(config) else { return Vec::new() };
    let listed = files.list(reference).await.unwrap_or_default();
    listed.iter().filter(|file| file.is_released).map(|file| file.attachment.number).collect()
}

/// Destroys the originals of a case's attachments, when a reporter is forgotten.
pub(super) async fn forget_originals(config: &Config, reference: &Reference) -> anyhow::Result<()> {
    if let Some((files, _)) = open(config)? {
        files.forget_originals(reference).await?;
    }
    Ok(())
}

/// Opens what is there; makes nothing.
fn open(config: &Config) -> anyhow::Result<Option<(Files, FilesSecret)>> {
    if !config.data_dir.join(FOLDER).exists() {
        return Ok(None);
    }
    let secret = files::open_or_make(&config.data_dir, &SystemRng)?;
    Ok(Some((config.open_files(secret.public())?, secret)))
}

fn line(file: &Listed) -> String {
    let mut text = described(file.attachment, file.is_released);
    if let Some(written) = &file.written {
        text.push_str(&format!(" [{written}"));
        if file.n_pictures > 0 {
            text.push_str(&format!(" and {} pictures", file.n_pictures));
        }
        text.push(']');
    }
    text + "\n"
}

/// An attachment as a person reads it.
pub(super) fn described(attachment: Attachment, is_released: bool) -> String {
    let state = match (&attachment.state, is_released) {
        (AttachmentState::Waiting, true) => "released".to_owned(),
        (AttachmentState::Waiting, false) => "waits for an operator".to_owned(),
        (AttachmentState::Sealed(notice), _) => format!("kept sealed ({})", notice.as_str().replace('_', " ")),
        (AttachmentState::Refused(reason), _) => format!("refused: {reason}"),
    };
    let size = attachment.size.as_str().replace('_', " ");
    format!("{:<3} {:<16} {:<14} {size:<11} {state}", attachment.number, attachment.name(), attachment.kind.as_str())
}
