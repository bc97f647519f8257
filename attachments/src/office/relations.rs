//! What a part of a document refers to: other parts, by an id of its own.

use std::collections::HashMap;

use crate::outcome::Reason;
use crate::package::Package;
use crate::xml::{Element, Visitor, walk};

/// The parts that one part refers to.
#[derive(Default)]
pub(super) struct Relations {
    base: String,
    targets: HashMap<String, String>,
}

impl Relations {
    /// Reads the relations of `part`; a part without any has none.
    ///
    /// # Errors
    /// [`Reason`] when they are damaged.
    pub(super) fn of(package: &mut Package<'_>, part: &str) -> Result<Self, Reason> {
        let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
        let mut relations = Self { base: folder.to_owned(), targets: HashMap::new() };
        let member = format!("{folder}/_rels/{file}.rels");
        let member = member.trim_start_matches('/');
        if package.has(member) {
            walk(&package.read_text(member)?, &mut relations)?;
        }
        Ok(relations)
    }

    /// The member that an id stands for. What lies outside the package is nobody's.
    pub(super) fn target(&self, id: &str) -> Option<&str> {
        self.targets.get(id).map(String::as_str)
    }
}

impl Visitor for Relations {
    fn begin(&mut self, path: &[String], element: &Element<'_>) -> Result<(), Reason> {
        if path.last().is_some_and(|name| name == "Relationship")
            && element.attribute("TargetMode").as_deref() != Some("External")
            && let (Some(id), Some(target)) = (element.attribute("Id"), element.attribute("Target"))
        {
            self.targets.insert(id, resolved(&self.base, &target));
        }
        Ok(())
    }

    fn end(&mut self, _: &[String]) -> Result<(), Reason> {
        Ok(())
    }

    fn words(&mut self, _: &[String], _: &str) -> Result<(), Reason> {
        Ok(())
    }
}

/// A member's name out of a folder and a way from there. It is looked up in the package and opens no file.
fn resolved(base: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut names: Vec<&str> = base.split('/').filter(|name| !name.is_empty()).collect();
    for name in target.split('/') {
        match name {
            "." | "" => {}
            ".." => drop(names.pop()),
            name => names.push(name),
        }
    }
    names.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relation_leads_to_a_member_and_nowhere_else() {
        assert_eq!(resolved("word", "media/image1.jpg"), "word/media/image1.jpg");
        assert_eq!(resolved("ppt/slides", "../media/image1.jpg"), "ppt/media/image1.jpg");
        assert_eq!(resolved("word", "/word/media/a.png"), "word/media/a.png");
        assert_eq!(resolved("word", "../../../etc/passwd"), "etc/passwd");
    }
}
