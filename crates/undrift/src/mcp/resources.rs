//! What can be read: the guide for agents, and what each rule of `lint` means.

use rmcp::model::{ReadResourceResult, Resource, ResourceContents};

/// The guide, as a team drops it into its repository.
const GUIDE: &str = include_str!("../../../../docs/agents.md");
/// Where the guide is.
const GUIDE_URI: &str = "undrift://guide";
/// What the places of rules begin with.
const RULES: &str = "undrift://rules/";

/// Everything that can be read.
pub(super) fn list() -> Vec<Resource> {
    let guide = Resource::new(GUIDE_URI, "guide")
        .with_title("Working with undrift: a guide for agents")
        .with_mime_type("text/markdown");
    let rule = |rule: &engine::Rule| {
        Resource::new(format!("{RULES}{}", rule.name), rule.name)
            .with_description(rule.finds)
            .with_mime_type("text/markdown")
    };
    std::iter::once(guide).chain(engine::lint_rules().iter().map(rule)).collect()
}

/// What is at a place.
pub(super) fn read(uri: &str) -> Option<ReadResourceResult> {
    let text = |text: &str| {
        let contents = ResourceContents::text(text, uri).with_mime_type("text/markdown");
        ReadResourceResult::new(vec![contents])
    };
    if uri == GUIDE_URI {
        return Some(text(GUIDE));
    }
    let name = uri.strip_prefix(RULES)?;
    let rule = engine::lint_rules().iter().find(|rule| rule.name == name)?;
    let engine::Rule { name, finds, why, bad, good, .. } = rule;
    Some(text(&format!(
        "# {name}\n\n{finds}\n\n{why}\n\nFound in:\n\n```sql\n{}\n```\n\nInstead:\n\n```sql\n{}\n```\n",
        bad.trim(),
        good.trim()
    )))
}
