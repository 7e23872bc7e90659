//! What can be read: the guide for agents, and what each code of an error or a finding means.

use rmcp::model::{ReadResourceResult, Resource, ResourceContents};

/// The guide, as a team drops it into its repository.
const GUIDE: &str = include_str!("../../../../docs/agents.md");
/// Where the guide is.
const GUIDE_URI: &str = "undrift://guide";
/// What the places of codes begin with.
const CODES: &str = "undrift://codes/";

/// Everything that can be read.
pub(super) fn list() -> Vec<Resource> {
    let guide = Resource::new(GUIDE_URI, "guide")
        .with_title("Working with undrift: a guide for agents")
        .with_mime_type("text/markdown");
    let code = |topic: engine::Topic| {
        Resource::new(format!("{CODES}{}", topic.code), topic.code)
            .with_description(topic.about)
            .with_mime_type("text/markdown")
    };
    std::iter::once(guide).chain(engine::topics().into_iter().map(code)).collect()
}

/// What is at a place.
pub(super) fn read(uri: &str) -> Option<ReadResourceResult> {
    let text = |text: String| {
        let contents = ResourceContents::text(text, uri).with_mime_type("text/markdown");
        ReadResourceResult::new(vec![contents])
    };
    if uri == GUIDE_URI {
        return Some(text(GUIDE.to_owned()));
    }
    let topic = engine::topic(uri.strip_prefix(CODES)?)?;
    Some(text(format!("# {}\n\n{}", topic.code, topic.markdown())))
}
